"""Who may call whom in Linkerd's words.

Owns: Server, HTTPRoute, AuthorizationPolicy and what they ask of callers. Does not own: what was decided
(plan/security.py, plan/linkerd_routes.py), and the resources (policy_resources.py).

A port that a Server is for takes no calls but those that a policy allows; all others follow the default. A port that
has routes takes no calls but theirs, and no longer answers the kubelet by itself (linkerd2, policy-controller/k8s/index
/src/inbound/index.rs).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_multimesh.plan import linkerd_names
from pulumi_multimesh.plan.linkerd_routes import KUBELET, Pattern, Route, needs_routes, routes
from pulumi_multimesh.plan.security import ANYBODY, Rule, SecurityPlan, Target
from pulumi_multimesh.policy_resources import Policy

_GROUP = "policy.linkerd.io"
DENY, MESHED, ANYBODY_AT_ALL = "deny", "all-authenticated", "all-unauthenticated"
"""Default policies of Linkerd: nobody; whoever is in the mesh; everybody, with an identity or without."""

_MOST_MATCHES = 8
"""Of one rule of a route (linkerd2, charts/linkerd-crds/templates/policy/httproute.yaml)."""


def default_policy(security: SecurityPlan) -> str:
    """The whole mesh's: without rules only who is in the mesh is let in, so that nothing is taken in plain text."""
    return DENY if security.deny_by_default else MESHED


def namespace_policies(
    security: SecurityPlan, namespace: str, trust_domain: str, probes: Mapping[str, Sequence[str]] | None = None
) -> list[Policy]:
    """The rules of a namespace: a Server for each port of an app, named by both, and who may call it.

    `probes`: paths that the kubelet asks, by target.
    """
    found: list[Policy] = []
    for app, rules in sorted(security.rules_for(namespace).items(), key=lambda item: item[0] or ""):
        probed = (probes or {}).get(Target(namespace, app).text, ())
        for port in sorted({port for rule in rules for port in rule.ports}, key=int):
            here = [rule for rule in rules if port in rule.ports]
            found += _port(f"{app or 'all'}-{port}", app, port, _Port(here, probed, trust_domain))
    return found


def scrape_policies(trust_domain: str) -> list[Policy]:
    """What lets viz's Prometheus read the metrics of a namespace's proxies where the default denies.

    `linkerd viz allow-scrapes` lets it in likewise. The kubelet's probes of the proxy come at the same port.
    """
    name = linkerd_names.ADMIN_PORT
    routes_of_it = [
        Route(Pattern("/metrics", is_prefix=False), ("GET",), (f"{linkerd_names.VIZ}/{linkerd_names.PROMETHEUS}",)),
        *(Route(Pattern(path, is_prefix=False), ("GET",), (KUBELET,)) for path in ("/live", "/ready")),
    ]
    server = _policy("v1beta3", "Server", name, {"podSelector": {}, "port": name, "proxyProtocol": "HTTP/1"})
    return [server, *(policy for route in routes_of_it for policy in _route(name, route, trust_domain))]


@dataclass(frozen=True)
class _Port:
    """What is known of one port of an app."""

    rules: Sequence[Rule]
    probed: Sequence[str]
    trust_domain: str


def _port(name: str, app: str | None, port: str, of: _Port) -> Iterator[Policy]:
    selector: dict[str, Any] = {"matchLabels": {"app": app}} if app else {}
    yield _policy("v1beta3", "Server", name, {"podSelector": selector, "port": int(port)})
    of_all = sorted({caller for rule in of.rules if not needs_routes([rule]) for caller in rule.callers})
    if of_all:
        yield from _let_in(name, "Server", of_all, of.trust_domain)
    for route in routes(of.rules, of.probed):
        yield from _route(name, route, of.trust_domain)


def _route(server: str, route: Route, trust_domain: str) -> Iterator[Policy]:
    """Named by what it is for, so that another caller changes no route."""
    form = "PathPrefix" if route.pattern.is_prefix else "Exact"
    told = f"{form} {route.pattern.base} {','.join(route.methods)}"
    name = f"{server}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
    path = {"path": {"type": form, "value": route.pattern.base}}
    matches = [{**path, "method": method} for method in route.methods] or [path]
    yield _policy(
        "v1beta3",
        "HTTPRoute",
        name,
        {
            "parentRefs": [{"group": _GROUP, "kind": "Server", "name": server}],
            "rules": [
                {"matches": matches[first : first + _MOST_MATCHES]} for first in range(0, len(matches), _MOST_MATCHES)
            ],
        },
    )
    yield from _let_in(name, "HTTPRoute", route.callers, trust_domain)


def _let_in(name: str, kind: str, callers: Sequence[str], trust_domain: str) -> Iterator[Policy]:
    """Those callers, and to a probe whoever asks: the kubelet has no identity."""
    if KUBELET in callers:
        how, spec = "NetworkAuthentication", {"networks": [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}]}
    else:
        identities = ["*"] if ANYBODY in callers else [_identity(caller, trust_domain) for caller in callers]
        how, spec = "MeshTLSAuthentication", {"identities": identities}
    yield _policy("v1alpha1", how, name, spec)
    yield _policy(
        "v1alpha1",
        "AuthorizationPolicy",
        name,
        {
            "targetRef": {"group": _GROUP, "kind": kind, "name": name},
            "requiredAuthenticationRefs": [{"group": _GROUP, "kind": how, "name": name}],
        },
    )


def _policy(version: str, kind: str, name: str, spec: dict[str, Any]) -> Policy:
    return {"api_version": f"{_GROUP}/{version}", "kind": kind, "name": name, "spec": spec}


def _identity(caller: str, trust_domain: str) -> str:
    namespace, slash, account = caller.partition("/")
    return linkerd_names.workload_identity(account if slash else "*", namespace, trust_domain)
