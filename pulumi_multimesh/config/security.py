"""The keys of who may call whom.

Owns: the keys under `security`. Does not own: whether values are right (plan/rules/security.py).
"""

from typing import Required, TypedDict


class AllowArgs(TypedDict, total=False):
    """Who may call a workload, and with what; all that is named has to hold."""

    callers: Required[list[str]]
    """Identities: `NAMESPACE/SERVICE-ACCOUNT`, `NAMESPACE` for all of its accounts, or `*` for any of the mesh."""
    to: Required[str]
    """`NAMESPACE`, or `NAMESPACE/APP` for its pods with the label `app: APP`."""
    methods: list[str]
    """HTTP methods; all unless given."""
    paths: list[str]
    """HTTP paths: whole ones, or with a `*` at the beginning or the end; all unless given."""
    ports: list[str]
    """Ports of the pods, such as `"8080"`; all unless given."""
    token: str
    """The name of an issuer whose valid token a call must bear beside the caller's identity; none unless given."""
    claims: dict[str, str]
    """Of the token: claims and the value that each must have, or have among others."""


class IssuerArgs(TypedDict, total=False):
    """Who issues JSON Web Tokens."""

    issuer: Required[str]
    """Its name in the claim `iss`."""
    audiences: list[str]
    """Names in the claim `aud` of which one must be there; any unless given."""
    jwks_uri: str
    """Where its public keys are, by https; istiod fetches them. Or `jwks`."""
    jwks: str
    """Its public keys themselves, as a JSON Web Key Set."""


class PlainTextArgs(TypedDict, total=False):
    """A namespace that takes calls without mTLS for a while: from anybody, whatever the callers of its rules are.

    Where calls are denied, by a rule or by default, such a caller may call what the rules for that target allow others:
    the same methods, paths and ports; without any rule of the namespace, all of it.
    """

    until: Required[str]
    """The last day, as `2027-03-31`, at most a year away; the day after, `pulumi up` refuses."""
    reason: Required[str]
    """Why, for whoever reviews it."""


class ZoneArgs(TypedDict):
    """A zone: namespaces that belong together, in every cluster."""

    namespaces: list[str]
    """Each in one zone only; they call each other on all ports."""


class CrossingArgs(TypedDict, total=False):
    """Who may cross from outside a zone into it."""

    callers: Required[list[str]]
    """Zones, `ingress` for the mesh's ingress gateway, or `*` for anybody, with an identity or without."""
    to: Required[str]
    """The zone."""
    ports: list[str]
    """Ports of the pods, such as `"8080"`; all unless given."""


class SignOnArgs(TypedDict, total=False):
    """One sign-on for calls from outside, in all clusters: whom ingress gateways ask before they pass a call on."""

    service: Required[str]
    """`NAMESPACE/SERVICE` that is asked over HTTP: of oauth2-proxy, or anything that answers as it does."""
    port: int
    """The Service's port; 80, that of oauth2-proxy's chart, unless given."""
    hosts: list[str]
    """Hosts for which alone one signs on: `shop.example.com`, or `*.example.com`; every host unless given."""
    open_hosts: list[str]
    """In place of `hosts`: those for everybody, while one signs on for every other; none unless given."""
    public_paths: list[str]
    """Paths for everybody, such as `/health`; none unless given."""
    headers: list[str]
    """Headers of the answer that workloads get, and that no call from outside brings in itself, whatever its host.

    oauth2-proxy's `x-auth-request-…` and `authorization` unless given; `authorization` is the caller's own where the
    answer has none.
    """


class SecurityArgs(TypedDict, total=False):
    """Who may call whom; rules of a namespace are made when it is enrolled."""

    default: str
    """`deny`: no call that no rule allows. `allow` (unless given): any call to a workload that no rule is for."""
    allow: list[AllowArgs]
    """The rules; a workload that any is for takes no other calls."""
    issuers: dict[str, IssuerArgs]
    """Issuers of tokens, by a name for rules."""
    plain_text: dict[str, PlainTextArgs]
    """Exceptions from mTLS, by namespace; none unless given."""
    zones: dict[str, ZoneArgs]
    """Zones by name; a namespace in one takes no calls but its zone's and what may cross. None unless given."""
    crossings: list[CrossingArgs]
    """What may cross between zones, and into them from outside; nothing unless given."""
    sign_on: SignOnArgs
    """Who comes from outside has to sign on; nobody unless given."""
