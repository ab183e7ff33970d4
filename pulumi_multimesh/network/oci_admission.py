"""What a flat mesh lets into an OKE cluster: the peers' pods and nodes, at any port.

Owns: the rules. Does not own: the groups that they are added to and the groups' other rules (clusters/oke_rules.py).
"""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_oci import core


def admit(
    name: str, groups: Mapping[str, pulumi.Input[str]], ranges: Sequence[str], opts: pulumi.ResourceOptions
) -> list[core.NetworkSecurityGroupSecurityRule]:
    """Let these ranges reach whatever has an interface in the groups, which are ids by what is in them.

    A pod may listen at any port, the mesh guards who calls. A group has at most 120 rules. `opts` has the provider.
    """
    return [
        core.NetworkSecurityGroupSecurityRule(
            f"{name}-{group}-{cidr.replace('.', '-').replace('/', '-')}",
            network_security_group_id=group_id,
            direction="INGRESS",
            protocol="all",
            source=cidr,
            source_type="CIDR_BLOCK",
            stateless=False,
            description=f"{group}-from-{cidr}",
            opts=opts,
        )
        for group, group_id in sorted(groups.items(), key=lambda each: each[0])
        for cidr in sorted(ranges)
    ]
