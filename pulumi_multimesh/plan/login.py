"""Who logs in to which cluster how: an OIDC provider, and the clouds' own logins beside it.

Owns: what was decided, and its defaults. Does not own: whether the declaration is right (rules/login.py), and how a
cloud is told (clusters/).
"""

from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.cluster_fields import CLUSTER_KINDS
from pulumi_multimesh.plan.reading import Record

TAKES_OIDC = ("eks", "oke")
"""Kinds of clusters made here whose API servers take the tokens of a provider that the user names."""
USERNAME_CLAIM, GROUPS_CLAIM, PREFIX = "sub", "groups", "oidc:"
"""What is taken unless given; `sub` is the one claim that OpenID Connect never gives to another person."""


@dataclass(frozen=True)
class LoginPlan:
    """An OIDC provider, and the clusters that take its tokens."""

    issuer: str
    client_id: str
    username_claim: str
    groups_claim: str
    prefix: str
    """Before names of users and groups."""
    required_claims: dict[str, str]
    clusters: tuple[str, ...]
    """Sorted."""


@dataclass(frozen=True)
class Way:
    """One login of a cluster."""

    by: str
    """Whose login it is, in words."""
    groups: str
    """Which groups it brings, in words."""


def login(args: Record) -> LoginPlan | None:
    """The provider of a declaration; None unless there is one."""
    access = reading.record(args, "access")
    if "login" not in access:
        return None
    wish = reading.record(access, "login")
    taking = [name for _, name, _ in reading.clusters(args, *TAKES_OIDC)]
    return LoginPlan(
        issuer=reading.text(wish, "issuer") or "",
        client_id=reading.text(wish, "client_id") or "",
        username_claim=reading.text(wish, "username_claim") or USERNAME_CLAIM,
        groups_claim=reading.text(wish, "groups_claim") or GROUPS_CLAIM,
        prefix=reading.text(wish, "prefix") or PREFIX,
        required_claims=reading.text_table(wish, "required_claims"),
        clusters=tuple(sorted(reading.texts(wish, "clusters") if "clusters" in wish else taking)),
    )


def ways(args: Record, provider: LoginPlan | None) -> dict[str, tuple[Way, ...]]:
    """By cluster, in the order of the names: its logins, the cloud's own first."""
    found = {
        name: (_own(kind, wish), *([_theirs(provider)] if provider and name in provider.clusters else []))
        for kind in CLUSTER_KINDS
        for _, name, wish in reading.clusters(args, kind)
    }
    return dict(sorted(found.items()))


def _theirs(provider: LoginPlan) -> Way:
    return Way(provider.issuer, f"{provider.prefix}GROUP, of the claim {provider.groups_claim}")


def _own(kind: str, wish: Record) -> Way:
    match kind:
        case "gke":
            group = reading.text(wish, "security_group")
            return Way("Google", f"addresses, of groups in {group}" if group else "none: no security_group")
        case "eks":
            groups = ", ".join(reading.record(wish, "groups"))
            return Way("IAM of AWS", f"by role: {groups}" if groups else "none: no groups")
        case "aks":
            return Way("Microsoft Entra ID", "object ids")
        case "oke":
            return Way("IAM of Oracle", "OCIDs")
        case _:
            return Way("its own", "its own")
