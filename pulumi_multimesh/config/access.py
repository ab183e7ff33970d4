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
    """The group that access entries name, such as one of `eks.NAME.groups`."""
    aks: str
    """The object id of a group of Microsoft Entra ID."""
    oke: str
    """The OCID of a group of Oracle's IAM."""
    existing: str
    """As the cluster's own login has it."""


class LoginArgs(TypedDict, total=False):
    """An OIDC provider whose tokens the API servers of EKS and OKE take, beside their cloud's own logins."""

    issuer: Required[str]
    """The provider's address, as its tokens have it in `iss`: https, and public as its certificate's authority is."""
    client_id: Required[str]
    """For whom tokens are issued (`aud`): a public client, of which no secret is needed."""
    username_claim: str
    """The claim that names the user; `sub` unless given, which alone never passes to somebody else."""
    groups_claim: str
    """The claim with the list of groups; `groups` unless given."""
    prefix: str
    """Before names of users and groups, so that no token names those of another login; `oidc:` unless given."""
    required_claims: dict[str, str]
    """Claims that a token must have with these values; none unless given."""
    clusters: list[str]
    """EKS and OKE clusters that take it; all of them unless given. `[]`: none, which turns it off where it was on."""


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
    login: LoginArgs
    """An OIDC provider for the API servers of EKS and OKE; the clouds' own logins alone unless given."""
