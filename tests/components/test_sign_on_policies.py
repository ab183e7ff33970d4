"""The sign-on as Istio's resources and istiod's settings, and beside what else istiod is told."""

import copy
import re
from typing import Any

import pytest
from mocked_engine import Run

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {"ingress": {}},
    "api_access": {"office": "203.0.113.0/24"},
}
WISH: dict[str, Any] = {
    "service": "sign-on/oauth2-proxy",
    "hosts": ["shop.example.com"],
    "public_paths": ["/health"],
}
SHOP = ["shop.example.com", "shop.example.com:*", "shop.example.com.", "shop.example.com.:*"]
POLICY = "kubernetes:security.istio.io/v1:AuthorizationPolicy"
PATCH = "kubernetes:networking.istio.io/v1alpha3:EnvoyFilter"


def mesh(**changes: Any) -> None:
    multimesh.MultiCloudMesh("shop", {**copy.deepcopy(ARGS), **changes})  # type: ignore[typeddict-item]


def istiods(engine: Any) -> dict[str, dict[str, Any]]:
    """The values of each istiod by its release."""
    releases = engine.of("kubernetes:helm.sh/v3:Release")
    return {r.name: r.inputs["values"] for r in releases if r.inputs["chart"] == "istiod"}


def test_every_ingress_asks_before_it_passes_a_call_on(run: Run) -> None:
    engine = run(lambda: mesh(security={"sign_on": WISH}))
    policies = {r.name: r.inputs for r in engine.of(POLICY)}
    assert sorted(policies) == [f"shop-{name}-istio-authorizationpolicy-sign-on" for name in ("aws-us", "gcp-eu")]
    for policy in policies.values():
        assert policy["metadata"]["namespace"] == "istio-system"
        assert policy["spec"] == {
            "selector": {"matchLabels": {"istio": "ingressgateway"}},
            "action": "CUSTOM",
            "provider": {"name": "sign-on"},
            "rules": [{"to": [{"operation": {"hosts": SHOP, "notPaths": ["/health"]}}]}],
        }


RULES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "every host": ({}, [{}]),
    "but for paths": ({"public_paths": ["/health"]}, [{"to": [{"operation": {"notPaths": ["/health"]}}]}]),
    "but for hosts": (
        {"open_hosts": ["www.example.com"]},
        [{"to": [{"operation": {"notHosts": ["www.example.com"]}}]}],
    ),
    # Istio reads a `*` at one end only, so that `*.example.com:*` would be nobody's host.
    "a wildcard": (
        {"hosts": ["*.example.com"]},
        [{"to": [{"operation": {"hosts": ["*.example.com", "*.example.com."]}}]}],
    ),
}


@pytest.mark.parametrize("case", RULES)
def test_which_calls_are_asked_about(run: Run, case: str) -> None:
    wish, rules = RULES[case]
    engine = run(lambda: mesh(security={"sign_on": {"service": "sign-on/oauth2-proxy", **wish}}))
    assert [policy.inputs["spec"]["rules"] for policy in engine.of(POLICY)] == [rules, rules]


def patches(engine: Any) -> list[dict[str, Any]]:
    return [found.inputs for found in engine.of(PATCH) if "sign-on" in found.name]


def patch(engine: Any) -> dict[str, Any]:
    """What gateways' connection managers are told, the same in both clusters."""
    one, other = patches(engine)
    assert one == other
    assert (one["metadata"]["namespace"], one["spec"]["workloadSelector"]) == (
        "istio-system",
        {"labels": {"istio": "ingressgateway"}},
    )
    assert one["metadata"]["annotations"] == {"galley.istio.io/analyze-suppress": "IST0133"}
    (config,) = one["spec"]["configPatches"]
    assert (config["applyTo"], config["match"]["context"]) == ("NETWORK_FILTER", "GATEWAY")
    return config["patch"]["value"]["typed_config"]


def removed(found: dict[str, Any]) -> list[str]:
    (extension,) = found["early_header_mutation_extensions"]
    mutations = extension["typed_config"]["mutations"]
    return [each["remove_on_match"]["key_matcher"]["safe_regex"]["regex"] for each in mutations]


def test_what_only_the_sign_on_says_is_taken_from_every_call(run: Run) -> None:
    found = removed(patch(run(lambda: mesh(security={"sign_on": WISH}))))
    assert len(found) == 3
    for header in ("x-auth-request-email", "x-auth-request-groups", "x-auth-request-user"):
        for name in (header, header.replace("-", "_"), header.replace("-", "_", 1)):
            assert [bool(re.fullmatch(each, name)) for each in found].count(True) == 1, name
    # The service is asked with them.
    for name in ("authorization", "cookie", "x-auth-request-users", "x-auth-request"):
        assert not any(re.fullmatch(each, name) for each in found), name


def test_no_header_of_its_own_is_no_removal(run: Run) -> None:
    wish = {"service": "sign-on/oauth2-proxy", "headers": ["authorization"]}
    assert "early_header_mutation_extensions" not in patch(run(lambda: mesh(security={"sign_on": wish})))


@pytest.mark.parametrize(("wish", "does"), [({}, False), ({"hosts": ["a.b"]}, True), ({"open_hosts": ["a.b"]}, True)])
def test_hosts_are_written_in_one_way_where_they_are_compared(run: Run, wish: dict[str, Any], does: bool) -> None:
    found = patch(run(lambda: mesh(security={"sign_on": {"service": "sign-on/oauth2-proxy", **wish}})))
    assert ("strip_trailing_host_dot" in found, "strip_any_host_port" in found) == (does, does)


def test_istiods_know_who_is_asked_and_refuse_when_it_does_not_answer(run: Run) -> None:
    for values in istiods(run(lambda: mesh(security={"sign_on": WISH}))).values():
        (provider,) = values["meshConfig"]["extensionProviders"]
        asked = provider["envoyExtAuthzHttp"]
        assert (provider["name"], asked["service"], asked["port"], asked["failOpen"]) == (
            "sign-on",
            "oauth2-proxy.sign-on.svc.cluster.local",
            80,
            False,
        )


def test_it_stands_beside_a_provider_of_traces(run: Run) -> None:
    tracing = {"service": "otel.monitoring.svc.cluster.local", "port": 4317}
    istio = {"ingress": {}, "tracing": tracing}
    for values in istiods(run(lambda: mesh(istio=istio, security={"sign_on": WISH}))).values():
        assert len(values["meshConfig"]["extensionProviders"]) == 2


def test_nothing_asked_nothing_told(run: Run) -> None:
    engine = run(mesh)
    assert engine.of(POLICY) == []
    assert patches(engine) == []
    assert all("extensionProviders" not in values["meshConfig"] for values in istiods(engine).values())
