"""Linkerd's routes keep what the rules say: against a proxy that picks one route for a call, as Linkerd's does."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pulumi_multimesh.linkerd.policies import namespace_policies
from pulumi_multimesh.plan.linkerd_routes import KUBELET, Route, clashes, needs_routes, pattern, routes
from pulumi_multimesh.plan.security import Rule, Target, security

METHODS = ("GET", "POST", "PUT")
PATHS = ("/", "/*", "/v1", "/v1/*", "/v1/a", "/v1/a/*", "/v1/", "/v10", "/v2/*", "/health")
CALLS = ("/", "/v1", "/v1/", "/v1/a", "/v1/a/b", "/v1/b", "/v10", "/v2", "/v2/x", "/health", "/health/live", "/other")
CALLERS = ("web/front", "web/admin", "monitoring")


def rule(callers: Sequence[str], methods: Sequence[str] = (), paths: Sequence[str] = ()) -> Rule:
    return Rule(Target("web", "api"), tuple(callers), tuple(methods), tuple(paths), ("8080",), None, {})


RULES = st.lists(
    st.builds(
        rule,
        st.lists(st.sampled_from(CALLERS), min_size=1, unique=True),
        st.lists(st.sampled_from(METHODS), unique=True),
        st.lists(st.sampled_from(PATHS), unique=True),
    ),
    min_size=1,
    max_size=4,
)


def is_meant(path: str, asked: str) -> bool:
    """Whether a rule's path is for what is asked; a prefix is for its base as well, which is Linkerd's own way."""
    if not path.endswith("/*"):
        return path == asked
    base = path[:-2]
    return asked.rstrip("/") == base or asked.startswith(f"{base}/")


def meant(rules: Sequence[Rule], probed: Sequence[str], method: str, asked: str) -> set[str]:
    """Who may make a call: whoever any rule lets in."""
    found = {
        caller
        for each in rules
        if (not each.methods or method in each.methods)
        and (not each.paths or any(is_meant(path, asked) for path in each.paths))
        for caller in each.callers
    }
    return found | ({KUBELET} if method == "GET" and asked in probed else set())


def length(route: Route, asked: str) -> int | None:
    """How much of the path the route matches; None where it is not for it (linkerd2-proxy, http/match/path.rs)."""
    base = route.pattern.base
    if not route.pattern.is_prefix:
        return len(base) if base == asked else None
    if base == "/":
        return 1
    rest = asked.rstrip("/").removeprefix(base)
    fits = asked.rstrip("/").startswith(base) and (not rest or rest.startswith("/"))
    return len(base) if fits else None


def taken(found: Sequence[Route], method: str, asked: str) -> list[Route]:
    """The routes that no other goes before: by length of the path, then by whether they name the method."""
    ranked = [
        ((matched, bool(route.methods)), route)
        for route in found
        if (matched := length(route, asked)) is not None and (not route.methods or method in route.methods)
    ]
    best = max((rank for rank, _ in ranked), default=None)
    return [route for rank, route in ranked if rank == best]


@given(RULES, st.lists(st.sampled_from(["/health", "/v1/a", "/live"]), unique=True, max_size=2))
def test_a_call_is_let_in_as_the_rules_say_together(rules: list[Rule], probed: list[str]) -> None:
    assume(needs_routes(rules))
    assume(not clashes(rules, probed))
    found = routes(rules, probed)
    for asked in (*CALLS, *probed):
        for method in (*METHODS, "DELETE"):
            chosen = taken(found, method, asked)
            assert len(chosen) <= 1, "nothing would say which"
            assert {caller for route in chosen for caller in route.callers} == meant(rules, probed, method, asked)


@given(RULES)
def test_a_clash_is_a_path_and_all_below_it_with_other_callers(rules: list[Rule]) -> None:
    patterns = {path for each in rules for path in each.paths} | {"/*" for each in rules if not each.paths}
    for base in clashes(rules):
        assert {base, f"{base.rstrip('/')}/*"} <= patterns


def test_no_route_without_a_rule_about_http() -> None:
    assert routes([rule(["web/front"])], ["/health"]) == ()


def test_a_rule_for_the_whole_port_holds_beside_one_about_http() -> None:
    found = routes([rule(["monitoring"]), rule(["web/front"], ["GET"], ["/v1/*"])], ["/health"])
    assert [(route.pattern.base, route.methods, route.callers) for route in found] == [
        ("/", (), ("monitoring",)),
        ("/health", (), ("monitoring",)),
        ("/health", ("GET",), ("monitoring", KUBELET)),
        ("/v1", (), ("monitoring",)),
        ("/v1", ("GET",), ("monitoring", "web/front")),
    ]


@pytest.mark.parametrize("path", ["*/admin", "/v1*", "/v1/a*"])
def test_no_pattern_for_what_is_not_by_whole_segments(path: str) -> None:
    assert pattern(path) is None


def policies(*rules: dict[str, Any], probes: Sequence[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """By kind, of one namespace."""
    found = namespace_policies(security({"security": {"allow": rules}}), "web", "cluster.local", {"web/api": probes})
    return {kind: [dict(each) for each in found if each["kind"] == kind] for kind in {each["kind"] for each in found}}


def test_the_resources_of_a_route() -> None:
    asked = {"callers": ["web/front"], "to": "web/api", "ports": ["8080"], "methods": ["GET"], "paths": ["/v1/*"]}
    found = policies(asked, probes=["/health"])
    (server,) = found["Server"]
    probe, called = found["HTTPRoute"]
    assert probe["spec"]["parentRefs"] == [{"group": "policy.linkerd.io", "kind": "Server", "name": server["name"]}]
    assert called["spec"]["rules"] == [{"matches": [{"path": {"type": "PathPrefix", "value": "/v1"}, "method": "GET"}]}]
    assert probe["spec"]["rules"] == [{"matches": [{"path": {"type": "Exact", "value": "/health"}, "method": "GET"}]}]
    (tls,), (network,) = found["MeshTLSAuthentication"], found["NetworkAuthentication"]
    assert tls["spec"]["identities"] == ["front.web.serviceaccount.identity.linkerd.cluster.local"]
    assert network["spec"] == {"networks": [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}]}
    targets = {each["name"]: each["spec"] for each in found["AuthorizationPolicy"]}
    assert targets[called["name"]]["requiredAuthenticationRefs"][0]["name"] == tls["name"]
    assert targets[probe["name"]]["requiredAuthenticationRefs"][0]["name"] == network["name"]
    assert {spec["targetRef"]["kind"] for spec in targets.values()} == {"HTTPRoute"}


def test_another_caller_changes_no_route() -> None:
    asked = {"callers": ["web/front"], "to": "web/api", "ports": ["8080"], "paths": ["/v1/*"]}
    one, two = policies(asked), policies({**asked, "callers": ["web/front", "web/admin"]})
    assert one["HTTPRoute"] == two["HTTPRoute"]
    assert one["MeshTLSAuthentication"] != two["MeshTLSAuthentication"]


def test_a_rule_of_a_route_has_no_more_matches_than_its_schema_takes() -> None:
    methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]
    found = policies({"callers": ["a"], "to": "web/api", "ports": ["80"], "methods": methods})
    (route,) = found["HTTPRoute"]
    assert [len(each["matches"]) for each in route["spec"]["rules"]] == [8, 1]
