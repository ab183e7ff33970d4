"""Rules of the clusters' login: the OIDC provider, and which clusters can take one.

Owns: values under `access.login`. Does not own: what follows from them (plan/login.py), and what a cloud's own login
calls a group (access.py).
"""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.login import TAKES_OIDC
from pulumi_multimesh.plan.reading import Record

_PATH = "access.login"
_DISCOVERY = "/.well-known/openid-configuration"
_ISSUER = "an https address as the provider's tokens have it in iss, without user, query and fragment"
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9-]*:")
"""One that ends where the name begins: of "sys" a group "tem:masters" would make Kubernetes' own."""
_TAKEN = ("system:", "eks:", "aws:", "amazon:", "iam:", "arn:", "kube:")
"""Prefixes of other logins: Kubernetes, "Authenticating"; Amazon EKS, "Set a custom username for EKS access entries",
and the ARNs by which IAM's users are called there."""
_LONGEST_CLAIM, _LONGEST_VALUE = 63, 253
"""Amazon EKS API, OidcIdentityProviderConfigRequest, requiredClaims."""
_NOT_TAKEN = {
    "gke": (
        "is a GKE cluster, which takes Google's logins: its own OIDC service is deprecated in favour of Workforce "
        "Identity Federation, which is the organisation's and not a cluster's",
        "have Google's groups by  gke.{name}.security_group",
    ),
    "aks": (
        "is an AKS cluster, which takes the logins of Microsoft Entra ID already",
        "name groups by their object id:  access.groups: {{GROUP: {{aks: …}}}}",
    ),
    "existing": (
        "is not made here, so its API server is not told either",
        "tell it yourself, and name groups as it calls them:  access.groups: {{GROUP: {{existing: …}}}}",
    ),
}
"""By kind: why a cluster takes no provider, and what to do instead."""


def login_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the login."""
    access = reading.record(args, "access")
    if "login" not in access:
        return
    wish = reading.record(access, "login")
    yield from _issuer_faults(reading.text(wish, "issuer"))
    yield from _text_faults(wish)
    yield from _prefix_faults(reading.text(wish, "prefix"))
    yield from _claim_faults(reading.text_table(wish, "required_claims"))
    yield from _cluster_faults(args, wish)


def _issuer_faults(issuer: str | None) -> Iterator[Fault]:
    if issuer is None:
        return
    where, remedy = f"{_PATH}.issuer", "write it like  https://login.example.com"
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        yield Fault(where, issuer, "is not an address", _ISSUER, remedy)
        return
    if not issuer.startswith("https://") or not host or re.search(r"\s", issuer):
        # Amazon EKS API, OidcIdentityProviderConfigRequest; Oracle's, OpenIdConnectTokenAuthenticationConfig.
        yield Fault(where, issuer, "is not an https address", _ISSUER, remedy)
    elif problem := _refused_part(parts):
        yield Fault(where, issuer, f"has {problem}, which API servers refuse in an issuer", _ISSUER, "leave it out")
    elif issuer.endswith(_DISCOVERY):
        problem = "is the address of the provider's description, and not the issuer"
        yield Fault(where, issuer, problem, _ISSUER, f"write  {issuer.removesuffix(_DISCOVERY)}")
    elif _is_inner(host):
        problem = "is an address that no API server of a cloud reaches"
        yield Fault(where, issuer, problem, "an address that is reached from the internet", remedy)


def _refused_part(parts: SplitResult) -> str | None:
    """Kubernetes, ValidateAuthenticationConfiguration (apiserver/pkg/apis/apiserver/validation)."""
    if parts.username is not None or parts.password is not None:
        return "a user"
    return "a query" if parts.query else "a fragment" if parts.fragment else None


def _is_inner(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # RFC 2544's range is not among them: it is no network's own, and the lab stands in it.
    return address.is_loopback or address.is_link_local or any(address in net for net in _INNER)


_INNER = [ipaddress.ip_network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
"""RFC 1918 and RFC 4193."""


def _text_faults(wish: Record) -> Iterator[Fault]:
    for key, what in (
        ("client_id", "the client's id at the provider"),
        ("username_claim", "a claim's name"),
        ("groups_claim", "a claim's name"),
    ):
        value = reading.text(wish, key)
        if value is not None and (not value or re.search(r"\s", value)):
            yield Fault(
                f"{_PATH}.{key}", value, "is empty or has a space in it", what, "write it as the provider has it"
            )


def _prefix_faults(prefix: str | None) -> Iterator[Fault]:
    if prefix is None:
        return
    where, allowed = f"{_PATH}.prefix", 'letters, digits and dashes, and a colon at the end, such as "oidc:"'
    if prefix.lower().startswith(_TAKEN):
        problem = "is a prefix of another login, whose users and groups the provider's tokens could then name"
        yield Fault(where, prefix, problem, allowed, 'leave it out for "oidc:"')
    elif not _PREFIX.fullmatch(prefix):
        problem = "does not keep the provider's names apart from those of other logins"
        yield Fault(where, prefix, problem, allowed, 'leave it out for "oidc:"')


def _claim_faults(claims: dict[str, str]) -> Iterator[Fault]:
    for claim, value in claims.items():
        if not 1 <= len(claim) <= _LONGEST_CLAIM or not 1 <= len(value) <= _LONGEST_VALUE:
            allowed = f"a claim of 1 to {_LONGEST_CLAIM} characters with a value of 1 to {_LONGEST_VALUE}"
            problem = "has a length that EKS does not take"
            yield Fault(f"{_PATH}.required_claims.{claim}", value, problem, allowed, "shorten it, or remove it")


def _cluster_faults(args: Record, wish: Record) -> Iterator[Fault]:
    kinds = {name: kind for kind, name, _ in reading.clusters(args)}
    taking = sorted(name for name, kind in kinds.items() if kind in TAKES_OIDC)
    allowed = f"EKS and OKE clusters of the mesh: {', '.join(taking) or 'there is none'}"
    if not taking and "clusters" not in wish:
        problem = "is taken by no cluster here: GKE and AKS take their cloud's own logins"
        yield Fault(_PATH, None, problem, allowed, "remove it")
    named = reading.texts(wish, "clusters")
    for position, name in enumerate(named):
        where = f"{_PATH}.clusters[{position}]"
        if name not in kinds:
            yield Fault(where, name, "is not a cluster of the mesh", allowed, "remove it, or correct the name")
        elif kinds[name] not in TAKES_OIDC:
            problem, remedy = _NOT_TAKEN[kinds[name]]
            yield Fault(where, name, problem, allowed, f"remove it; {remedy.format(name=name)}")
        elif name in named[:position]:
            yield Fault(where, name, "is named twice", allowed, "name it once")
