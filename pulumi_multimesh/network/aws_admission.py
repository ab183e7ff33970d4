"""What a flat mesh admits on AWS: the peers' ranges at a security group.

Owns: the rules. Does not own: the group, nor which peers there are.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws


def admit(
    name: str,
    region: str,
    security_group_id: pulumi.Input[str],
    peers: Mapping[str, Sequence[str]],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Admit everything from the peers' ranges, which are CIDR strings by the peers' names, to what has the group.

    Pods of a flat mesh call each other's pods at whatever port they serve, so ports and protocols are not chosen here.
    """
    for peer, ranges in peers.items():
        for cidr in ranges:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-{peer}-{cidr.replace('.', '-').replace('/', '-')}",
                region=region,
                security_group_id=security_group_id,
                ip_protocol="-1",
                cidr_ipv4=cidr,
                description=f"{peer} of the mesh",
                tags=dict(tags),
                opts=opts,
            )
