"""Checks of who may call whom in an Istio mesh.

Owns: AuthorizationPolicy and RequestAuthentication. Does not own: mTLS (istio_mtls.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.istio_installed import istiods
from pulumi_multimesh.checks.item import UNREAD, Item, admit_everybody, at, is_empty, items, text, texts
from pulumi_multimesh.checks.mesh_defaults import ALLOWING_POLICIES, consul_allowing, linkerd_policies
from pulumi_multimesh.plan.security import PLAIN_TEXT_UNTIL, last_day

_POLICY = "kubernetes:security.istio.io:AuthorizationPolicy"
_TOKENS = "kubernetes:security.istio.io:RequestAuthentication"
_POLICY_SOURCE = "https://istio.io/latest/docs/reference/config/security/authorization-policy/"
_TOKENS_SOURCE = "https://istio.io/latest/docs/reference/config/security/request_authentication/"
_IDENTITIES = ("principals", "namespaces", "serviceAccounts", "requestPrincipals", "ipBlocks", "remoteIpBlocks")
_ADDRESSES = ("ipBlocks", "remoteIpBlocks")


def _action(item: Item) -> str:
    return text(item.properties, "spec", "action") or "ALLOW"


def _is_gateways(item: Item) -> bool:
    """Whether it is for a gateway's pods, which pass on what others decide."""
    return "gateway" in text(item.properties, "spec", "selector", "matchLabels", "istio")


def _anybody(item: Item) -> Iterable[str]:
    if item.group == "policy.linkerd.io":
        yield from _anybody_linkerd(item)
        return
    if _action(item) != "ALLOW" or _is_gateways(item):
        return
    # A declared exception from mTLS, whose end another check keeps, is for callers without an identity.
    until = last_day(text(item.properties, "metadata", "annotations", PLAIN_TEXT_UNTIL))
    known = (*_IDENTITIES, "notPrincipals") if until is not None and until >= date.today() else _IDENTITIES
    for number, rule in enumerate(items(item.properties, "spec", "rules")):
        sources = items(rule, "from")
        named = sources and all(any(_names(at(each, "source"), key) for key in known) for each in sources)
        if not named and at(rule, "from") is not UNREAD:
            yield f"spec.rules[{number}] names no caller, so that it lets anybody in"


def _anybody_linkerd(item: Item) -> Iterable[str]:
    if item.kind == "ServerAuthorization":
        if at(item.properties, "spec", "client", "unauthenticated") is True:
            yield "spec.client.unauthenticated is true, so that it lets anybody in"
    elif is_empty(item.properties, "spec", "requiredAuthenticationRefs"):
        yield "spec.requiredAuthenticationRefs names nobody, so that it lets anybody in"


def _names(source: object, key: str) -> bool:
    """Whether it says somebody by that key, and not everybody."""
    found = at(source, key)
    return bool(found) and not (key in _ADDRESSES and admit_everybody(texts(source, key)))


def _no_default(found: Sequence[Item]) -> Iterator[tuple[Item, str]]:
    for istiod in istiods(found):
        denied = any(
            item.kind == "AuthorizationPolicy"
            and item.namespace == istiod.namespace
            and is_empty(item.properties, "spec", "selector")
            and is_empty(item.properties, "spec", "rules")
            and _action(item) == "ALLOW"
            for item in found
        )
        if not denied:
            yield istiod.item, "lets any identity of the mesh call any workload that no policy is for"
    for item, policy in linkerd_policies(found):
        if policy in ALLOWING_POLICIES:
            yield item, f"has the default policy {policy}: any identity of the mesh may call what no Server is for"
    yield from consul_allowing(found)


def _asked_for_nowhere(found: Sequence[Item]) -> Iterator[tuple[Item, str]]:
    asking = [item for item in found if item.kind == "AuthorizationPolicy" and _asks_for_token(item)]
    for item in found:
        if item.kind == "RequestAuthentication" and not any(_is_over(policy, item) for policy in asking):
            yield item, "checks tokens that are sent, and nothing asks for one: a call without any passes"


def _asks_for_token(policy: Item) -> bool:
    for rule in items(policy.properties, "spec", "rules"):
        sources = [at(each, "source") for each in items(rule, "from")]
        keys = "notRequestPrincipals" if _action(policy) == "DENY" else "requestPrincipals"
        if any(at(source, keys) for source in sources):
            return True
        if any(text(each, "key").startswith("request.auth.") for each in items(rule, "when")):
            return True
    return False


def _is_over(policy: Item, tokens: Item) -> bool:
    """Whether the policy is for pods that the token's rule is for."""
    if policy.namespace not in (tokens.namespace, "istio-system"):
        return False
    chosen = _labels(policy)
    wanted = _labels(tokens)
    return not chosen or not wanted or chosen == wanted


def _labels(item: Item) -> Mapping[str, str]:
    found = at(item.properties, "spec", "selector", "matchLabels")
    return cast("Mapping[str, str]", found) if isinstance(found, Mapping) else {}


def _keys_by_http(item: Item) -> Iterable[str]:
    for number, rule in enumerate(items(item.properties, "spec", "jwtRules")):
        if text(rule, "jwksUri").startswith("http://"):
            yield f"spec.jwtRules[{number}].jwksUri is {text(rule, 'jwksUri')}"


def _any_audience(item: Item) -> Iterable[str]:
    for number, rule in enumerate(items(item.properties, "spec", "jwtRules")):
        if at(rule, "audiences") is not UNREAD and not texts(rule, "audiences"):
            issuer = text(rule, "issuer")
            yield f"spec.jwtRules[{number}] takes tokens that {issuer} gave out for any other application"


def _outside(item: Item) -> Iterable[str]:
    hosts: list[Any] = texts(item.properties, "spec", "hosts")
    if "*" in hosts:
        yield "spec.hosts has *: whatever is called outside the mesh is allowed"


CHECKS = (
    Check(
        id="istio-allow-anybody",
        level=Level.MANDATORY,
        title="A rule that allows names whom it allows.",
        why="A rule without a source is for callers without any identity too, so that the workload is open to whoever "
        "reaches it, whatever other rules say.",
        remedy="Name identities or namespaces under `from`, as `security.allow` does with `callers`; `*` there still "
        "asks for an identity of the mesh. Callers without one are for the days of an exception from mTLS "
        f"(`security.plain_text`), whose annotation `{PLAIN_TEXT_UNTIL}` has a day that is not over.",
        source=_POLICY_SOURCE,
        types=(
            _POLICY,
            "kubernetes:policy.linkerd.io:AuthorizationPolicy",
            "kubernetes:policy.linkerd.io:ServerAuthorization",
        ),
        look=_anybody,
    ),
    Check(
        id="istio-default-allow",
        level=Level.ADVISORY,
        title="What no rule allows is denied.",
        why="Without a default a workload that was forgotten, or is new, takes calls of every identity of the mesh.",
        remedy="Write `security.default: deny` once the rules that are needed are there.",
        source=f"{_POLICY_SOURCE}#AuthorizationPolicy",
        types=(
            _POLICY,
            "kubernetes:helm.sh/v3:Release",
            "kubernetes:apps:Deployment",
            "kubernetes::ConfigMap",
            "kubernetes:consul.hashicorp.com:ServiceIntentions",
        ),
        survey=_no_default,
    ),
    Check(
        id="istio-token-not-required",
        level=Level.MANDATORY,
        title="Where tokens are checked, a policy asks for one.",
        why="A `RequestAuthentication` refuses wrong tokens only; a call without a token is none of its business.",
        remedy="Add an `AuthorizationPolicy` with `requestPrincipals`, or declare the rule as `security.allow` with "
        "`token`.",
        source=_TOKENS_SOURCE,
        types=(_POLICY, _TOKENS),
        survey=_asked_for_nowhere,
    ),
    Check(
        id="istio-token-keys-by-http",
        level=Level.MANDATORY,
        title="Keys of token issuers come by https.",
        why="Whoever is on the way could hand out keys of their own and sign any token with them.",
        remedy="Give an address with https, or the keys themselves as `jwks`.",
        source=_TOKENS_SOURCE,
        types=(_TOKENS,),
        look=_keys_by_http,
    ),
    Check(
        id="istio-token-any-audience",
        level=Level.ADVISORY,
        title="A token is for the application that it is sent to.",
        why="An issuer gives tokens to many applications; without an audience each of them can call with what it was "
        "sent.",
        remedy="Name the `audiences` of the issuer.",
        source="RFC 7519 §4.1.3",
        types=(_TOKENS,),
        look=_any_audience,
    ),
    Check(
        id="istio-any-host-outside",
        level=Level.ADVISORY,
        title="What may be called outside the mesh is named.",
        why="A workload that was taken over can send what it finds anywhere.",
        remedy="Name the hosts that are needed, one `ServiceEntry` for each purpose.",
        source="https://istio.io/latest/docs/reference/config/networking/service-entry/",
        types=("kubernetes:networking.istio.io:ServiceEntry",),
        look=_outside,
    ),
)
