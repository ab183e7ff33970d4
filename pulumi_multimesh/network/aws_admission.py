"""What a flat mesh lets in on AWS: the peers' pods and nodes, at any port of what has a security group.

Owns: the rules. Does not own: the group, which is EKS's own (clusters/eks.py), nor those of load balancers, which their
controller writes itself.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws


def admit(
    name: str,
    region: str,
    security_group_id: pulumi.Input[str],
    ranges: Sequence[str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Let these ranges reach all that has the group: a pod may listen at any port, the mesh guards who calls."""
    for cidr in ranges:
        # Named by the range, so that one more range leaves the other rules where they are.
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-{cidr.replace('.', '-').replace('/', '-')}",
            region=region,
            security_group_id=security_group_id,
            ip_protocol="-1",
            cidr_ipv4=cidr,
            description="Peers of the mesh",
            tags=dict(tags),
            opts=opts,
        )
