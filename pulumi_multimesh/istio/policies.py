"""Who may call whom in Istio's words.

Owns: AuthorizationPolicy, RequestAuthentication and PeerAuthentication of a plan. Does not own: what was decided
(plan/security.py), and the resources (policy_resources.py).

A workload that any policy allows something takes nothing else, and one without any takes everything; so an empty policy
in the root namespace, which allows nothing to anybody, is the default that denies. Istio, "Authorization Policy".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_multimesh.istio import east_west_gateway, ingress_gateway, ingress_patch
from pulumi_multimesh.istio.analysis import A_PATCH
from pulumi_multimesh.istio.gateway_chart import selector
from pulumi_multimesh.istio.sign_on import PROVIDER, sign_on_spec
from pulumi_multimesh.istio.zone_policies import zone_policy_spec
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.security import (
    ANYBODY,
    PLAIN_TEXT_REASON,
    PLAIN_TEXT_UNTIL,
    Issuer,
    Rule,
    SecurityPlan,
)
from pulumi_multimesh.policy_resources import Policy

_SECURITY = "security.istio.io/v1"
_WITHOUT_IDENTITY: dict[str, Any] = {"from": [{"source": {"notPrincipals": ["*"]}}]}
"""Who calls without mTLS: without such a rule an exception would let nobody in where others are denied.

That is anybody: whoever has an identity can leave it out. So it opens no more than the rules beside it do.
"""
NO_KEYS_FROM = "127.0.0.0/8,169.254.0.0/16,168.63.129.16/32,::1/128,fe80::/10,fd00:ec2::/32"
"""Where issuers' keys are not fetched: istiod itself, and the clouds' metadata servers, which answer whoever asks."""


def open_gateways(plan: MeshPlan, cluster: str) -> list[Policy]:
    """What gateways let through, in a cluster's root namespace: nothing is said unless calls are denied by default.

    Gateways pass on what is addressed to others, who decide for themselves: an east-west gateway cannot read it, and
    who comes in at an ingress gateway calls with that gateway's identity.
    """
    if not plan.security.deny_by_default:
        return []
    served = {cluster, *plan.remotes_of(cluster), *plan.remotes_of(plan.clusters[cluster].served_by)}
    ingress = plan.of_istio.ingress
    there = {
        east_west_gateway.GATEWAY: not plan.flat and any(plan.mesh_peers(name) for name in served),
        ingress_gateway.GATEWAY: ingress is not None and not served.isdisjoint(ingress.clusters),
    }
    return [
        _policy("AuthorizationPolicy", gateway, {"selector": {"matchLabels": selector(gateway)}, "rules": [{}]})
        for gateway, is_there in there.items()
        if is_there
    ]


def sign_on_policies(plan: MeshPlan) -> list[Policy]:
    """Whom ingress gateways ask, in the root namespace, before any other policy; and what they take from calls."""
    wished = plan.security.sign_on
    if wished is None:
        return []
    patch: Policy = {
        "api_version": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "name": ingress_patch.NAME,
        "spec": ingress_patch.ingress_patch_spec(wished),
        "annotations": A_PATCH,
    }
    return [patch, _policy("AuthorizationPolicy", PROVIDER, sign_on_spec(wished))]


def default_policies(plan: SecurityPlan) -> list[Policy]:
    """The default that denies, in the root namespace, once gateways are open; nothing where calls are allowed."""
    return [_policy("AuthorizationPolicy", "default-deny", {})] if plan.deny_by_default else []


def namespace_policies(mesh: MeshPlan, namespace: str) -> list[Policy]:
    """What lies in a namespace of workloads; one policy for each target, so that a further rule changes only that."""
    plan, trust_domain = mesh.security, mesh.trust.trust_domain
    found: list[Policy] = []
    exception = plan.plain_text.get(namespace)
    # Read by audits, which see the cluster and not the configuration.
    told = {} if exception is None else {PLAIN_TEXT_UNTIL: exception.until, PLAIN_TEXT_REASON: exception.reason}
    if exception is not None:
        found.append(_policy("PeerAuthentication", "plain-text", {"mtls": {"mode": "PERMISSIVE"}}, told))
    found += _zone_policies(mesh, namespace)
    targets = plan.rules_for(namespace)
    if exception is not None and plan.deny_by_default and not targets:
        targets = {None: ()}
    for app, rules in targets.items():
        name = "allow" if app is None else f"allow-{app}"
        chosen: dict[str, Any] = {} if app is None else {"selector": {"matchLabels": {"app": app}}}
        allowed = [_rule(rule, plan.issuers, trust_domain) for rule in rules]
        if exception is not None:
            allowed.append(_without_identity(rules))
        spec = {**chosen, "action": "ALLOW", "rules": allowed}
        found.append(_policy("AuthorizationPolicy", name, spec, told))
        tokens = sorted({rule.token for rule in rules if rule.token is not None})
        if tokens:
            known = [_jwt(plan.issuers[token]) for token in tokens]
            found.append(_policy("RequestAuthentication", name, {**chosen, "jwtRules": known}))
    return found


def _zone_policies(mesh: MeshPlan, namespace: str) -> list[Policy]:
    zones = mesh.security.zones
    zone = zones.zone_of(namespace)
    gateway = f"{mesh.trust.trust_domain}/ns/{mesh.control_plane.namespace}/sa/{ingress_gateway.GATEWAY}"
    spec = None if zone is None else zone_policy_spec(zones, zone, gateway)
    return [] if spec is None else [_policy("AuthorizationPolicy", "zone", spec)]


def _policy(kind: str, name: str, spec: dict[str, Any], annotations: dict[str, str] | None = None) -> Policy:
    found: Policy = {"api_version": _SECURITY, "kind": kind, "name": name, "spec": spec}
    if annotations:
        found["annotations"] = annotations
    return found


def _without_identity(rules: Sequence[Rule]) -> dict[str, Any]:
    """Who calls without mTLS a target with these rules, none of which asks for a token (rules/security.py)."""
    operations = [_operation(rule) for rule in rules]
    if not all(operations):
        return _WITHOUT_IDENTITY
    distinct = [each for position, each in enumerate(operations) if each not in operations[:position]]
    return {**_WITHOUT_IDENTITY, **({"to": [{"operation": each} for each in distinct]} if distinct else {})}


def _operation(rule: Rule) -> dict[str, list[str]]:
    """What a call may be; any where it is empty."""
    named = (("methods", rule.methods), ("paths", rule.paths), ("ports", rule.ports))
    return {key: list(values) for key, values in named if values}


def _rule(rule: Rule, issuers: Mapping[str, Issuer], trust_domain: str) -> dict[str, Any]:
    bears: dict[str, Any] = {}
    if rule.token is not None:
        bears["requestPrincipals"] = [f"{issuers[rule.token].issuer}/*"]
    found: dict[str, Any] = {"from": [{"source": {**who, **bears}} for who in _sources(rule.callers, trust_domain)]}
    operation = _operation(rule)
    if operation:
        found["to"] = [{"operation": operation}]
    if rule.claims:
        found["when"] = [
            {"key": f"request.auth.claims[{claim}]", "values": [value]} for claim, value in sorted(rule.claims.items())
        ]
    return found


def _sources(callers: Sequence[str], trust_domain: str) -> list[dict[str, Any]]:
    """Either of these: identities by their SPIFFE names, which hold in every cluster, and whole namespaces."""
    if ANYBODY in callers:
        return [{"principals": ["*"]}]
    accounts = [f"{trust_domain}/ns/{each.replace('/', '/sa/')}" for each in callers if "/" in each]
    namespaces = [each for each in callers if "/" not in each]
    either = {"principals": accounts, "namespaces": namespaces}
    return [{key: values} for key, values in either.items() if values]


def _jwt(issuer: Issuer) -> dict[str, Any]:
    found: dict[str, Any] = {"issuer": issuer.issuer}
    if issuer.audiences:
        found["audiences"] = list(issuer.audiences)
    if issuer.jwks_uri is not None:
        found["jwksUri"] = issuer.jwks_uri
    if issuer.jwks is not None:
        found["jwks"] = issuer.jwks
    return found
