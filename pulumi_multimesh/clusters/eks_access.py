"""Who administers an EKS cluster.

Owns: access entries. Does not own: the creator's own right, which EKS gives (eks.py).
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


def administrators(
    cluster: aws.eks.Cluster,
    parent: pulumi.Resource,
    name: str,
    region: str,
    admins: Sequence[pulumi.Input[str]],
    tags: Mapping[str, str],
) -> list[pulumi.Resource]:
    """An entry for each role or user, with EKS's administrator policy on the whole cluster."""
    made: list[pulumi.Resource] = []
    for key, principal in _by_name(admins).items():
        entry = aws.eks.AccessEntry(
            f"{name}-admin-{key}",
            region=region,
            cluster_name=cluster.name,
            principal_arn=principal,
            tags=dict(tags),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        made.append(
            aws.eks.AccessPolicyAssociation(
                f"{name}-admin-{key}",
                region=region,
                cluster_name=cluster.name,
                principal_arn=entry.principal_arn,
                policy_arn=_ADMIN,
                access_scope={"type": "cluster"},
                opts=pulumi.ResourceOptions(parent=parent),
            )
        )
    return made


def _by_name(admins: Sequence[pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """By the name in the ARN, so that a list in another order changes nothing; by place, where the ARN is an output."""
    return {
        principal.rpartition(":")[2].replace("/", "-") if isinstance(principal, str) else str(place): principal
        for place, principal in enumerate(admins)
    }
