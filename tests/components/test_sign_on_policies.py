"""The sign-on as Istio's resources and istiod's settings, and beside what else istiod is told."""

import copy
from typing import Any

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
POLICY = "kubernetes:security.istio.io/v1:AuthorizationPolicy"


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
            "rules": [
                {"to": [{"operation": {"hosts": ["shop.example.com", "shop.example.com:*"], "notPaths": ["/health"]}}]}
            ],
        }


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
    assert all("extensionProviders" not in values["meshConfig"] for values in istiods(engine).values())
