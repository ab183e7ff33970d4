"""Who of IAM logs in to an EKS cluster: administrators, and roles in groups of Kubernetes.

Owns: access entries. Does not own: the creator's own right, which EKS gives (eks.py), and what a group may do.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from pulumi_multimesh.config import EksGroupArgs

_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


@dataclass
class _Principal:
    """A role or user, of whom EKS has one entry, whatever it is for."""

    arn: pulumi.Input[str]
    is_admin: bool
    groups: list[str] = field(default_factory=list[str])


def access_entries(
    cluster: aws.eks.Cluster,
    parent: pulumi.Resource,
    name: str,
    region: str,
    admins: Sequence[pulumi.Input[str]],
    groups: Mapping[str, EksGroupArgs],
    tags: Mapping[str, str],
) -> list[pulumi.Resource]:
    """An entry for each principal, with EKS's administrator policy on the whole cluster for `admins`."""
    made: list[pulumi.Resource] = []
    for key, principal in _principals(admins, groups).items():
        called, else_called = f"{name}-admin-{key}", f"{name}-group-{key}"
        if not principal.is_admin:
            called, else_called = else_called, called
        entry = aws.eks.AccessEntry(
            called,
            region=region,
            cluster_name=cluster.name,
            principal_arn=principal.arn,
            kubernetes_groups=sorted(principal.groups) or None,
            tags=dict(tags),
            # Who becomes an administrator keeps the entry: EKS has no second one while the first is there.
            opts=pulumi.ResourceOptions(parent=parent, aliases=[pulumi.Alias(name=else_called)]),
        )
        made.append(entry)
        if principal.is_admin:
            made.append(
                aws.eks.AccessPolicyAssociation(
                    called,
                    region=region,
                    cluster_name=cluster.name,
                    principal_arn=entry.principal_arn,
                    policy_arn=_ADMIN,
                    access_scope={"type": "cluster"},
                    opts=pulumi.ResourceOptions(parent=parent),
                )
            )
    return made


def _principals(admins: Sequence[pulumi.Input[str]], groups: Mapping[str, EksGroupArgs]) -> dict[str, _Principal]:
    """Each principal once, by the name in its ARN, so that a list in another order changes nothing.

    By place, where the ARN is an output, which cannot be told apart from the others before it is known.
    """
    every = (*admins, *(arn for each in groups.values() for arn in each["roles"]))
    keys = _keys({arn for arn in every if isinstance(arn, str)})
    found: dict[str, _Principal] = {}
    for place, arn in enumerate(admins):
        found[keys[arn] if isinstance(arn, str) else str(place)] = _Principal(arn, is_admin=True)
    for group, each in groups.items():
        for place, arn in enumerate(each["roles"]):
            key = keys[arn] if isinstance(arn, str) else f"{group}-{place}"
            found.setdefault(key, _Principal(arn, is_admin=False)).groups.append(group)
    return dict(sorted(found.items()))


def _keys(arns: set[str]) -> dict[str, str]:
    """By ARN: the name in it, with the account before it where two accounts have that name."""
    named = {arn: arn.rpartition(":")[2].replace("/", "-") for arn in arns}
    often = Counter(named.values())
    return {arn: key if often[key] == 1 else f"{arn.split(':')[4]}-{key}" for arn, key in named.items()}
