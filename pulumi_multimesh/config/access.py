"""The keys of who may do what in the clusters.

Owns: the keys under `access`. Does not own: whether values are right (plan/rules/access.py), and a cloud's own logins.
"""

from typing import Required, TypedDict


class TeamArgs(TypedDict, total=False):
    """An application team."""

    groups: Required[list[str]]
    """Its groups."""
    namespaces: Required[list[str]]
    """Where it may deploy; its right is made when the namespace is enrolled."""


class GroupNamesArgs(TypedDict, total=False):
    """What a group is called by the clusters of a kind; its own name unless given."""

    gke: str
    """A Google group's address, such as `shop-dev@example.com`."""
    eks: str
    """The group that access entries or the OIDC provider name."""
    aks: str
    """The object id of a group of Microsoft Entra ID."""
    oke: str
    """The OCID of a group of Oracle's IAM."""
    existing: str
    """As the cluster's own login has it."""


class AccessArgs(TypedDict, total=False):
    """Groups and what they may do in every cluster, by Kubernetes' own roles; nothing is made unless given."""

    operators: list[str]
    """Groups that run the mesh: its resources everywhere, its pods and their logs; no Secrets."""
    readers: list[str]
    """Groups that may look at workloads and the mesh's resources; no Secrets, no logs."""
    teams: dict[str, TeamArgs]
    """Application teams by name."""
    groups: dict[str, GroupNamesArgs]
    """What groups are called by the clusters of a kind: `{shop-dev: {gke: shop-dev@example.com}}`."""
