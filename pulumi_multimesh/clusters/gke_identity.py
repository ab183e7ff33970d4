"""Who the nodes of a GKE cluster are.

Owns: the nodes' service account and its rights. Does not own: workloads' identities, which belong to the workloads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from pulumi_multimesh.plan import names

_LONGEST_ID = 30
"""Google's limit for an account's id."""


@dataclass(frozen=True)
class NodeIdentity:
    """The account, and the rights without which nodes neither report nor pull."""

    account: gcp.serviceaccount.Account
    rights: Sequence[pulumi.Resource]


def node_identity(parent: pulumi.Resource, name: str, project: str, registries: Sequence[str]) -> NodeIdentity:
    """An account of their own, since the project's default one may do far too much."""
    child = pulumi.ResourceOptions(parent=parent)
    account = gcp.serviceaccount.Account(
        f"{name}-nodes",
        project=project,
        account_id=names.bounded(f"{name}-nodes", _LONGEST_ID),
        display_name=f"Nodes of {name}",
        opts=child,
    )
    rights = [
        gcp.projects.IAMMember(
            f"{name}-nodes",
            project=project,
            role="roles/container.defaultNodeServiceAccount",
            member=account.member,
            opts=child,
        )
    ]
    rights += [
        gcp.projects.IAMMember(
            f"{name}-pulls-{registry}",
            project=registry,
            role="roles/artifactregistry.reader",
            member=account.member,
            opts=child,
        )
        for registry in sorted(set(registries))
    ]
    return NodeIdentity(account, rights)
