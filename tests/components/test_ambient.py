"""An ambient mesh: what replaces sidecars and their gateway, and what is refused."""

import copy
import json
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run

import pulumi_multimesh as multimesh
from pulumi_multimesh.plan.build import plan

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {"data_plane": "ambient"},
    "api_access": {"office": "203.0.113.0/24"},
}
RELEASE = "kubernetes:helm.sh/v3:Release"
GATEWAY = "kubernetes:gateway.networking.k8s.io/v1:Gateway"


def mesh(istio: dict[str, Any] | None = None, **changes: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), **changes}
    args["istio"] |= istio or {}
    return multimesh.MultiCloudMesh("shop", args)


def values(engine: Engine, chart: str) -> dict[str, Any]:
    return {r.name: r.inputs["values"] for r in engine.of(RELEASE) if r.inputs["chart"] == chart}


def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run) -> None:
    known = run(lambda: mesh())
    unknown = run(lambda: mesh(), preview=True)
    assert known.names() == unknown.names()


def test_each_cluster_has_the_proxies_of_nodes_and_no_gateway_of_sidecars(run: Run) -> None:
    engine = run(lambda: mesh())
    charts = sorted(r.inputs["chart"] for r in engine.of(RELEASE) if "shop-gcp-eu" in r.name)
    assert charts == ["base", "cni", "istiod", "ztunnel"]
    ztunnels = values(engine, "ztunnel")
    assert ztunnels["shop-aws-us-ambient-ztunnel"] == {
        "multiCluster": {"clusterName": "aws-us"},
        "network": "network-aws-us",
        "istioNamespace": "istio-system",
    }
    for name, istiod in values(engine, "istiod").items():
        assert istiod["profile"] == "ambient", name
        assert istiod["env"] == {"AMBIENT_ENABLE_MULTI_NETWORK": "true"}, name


def test_gke_is_told_apart(run: Run) -> None:
    """Its nodes keep CNI programs elsewhere, and critical pods need a quota."""
    engine = run(lambda: mesh())
    platforms = {name: value.get("global") for name, value in values(engine, "cni").items()}
    assert platforms == {"shop-aws-us-ambient-cni": None, "shop-gcp-eu-ambient-cni": {"platform": "gke"}}


def test_the_gateway_ends_tunnels_and_admits_peers_alone(run: Run) -> None:
    engine = run(lambda: mesh())
    gateways = {r.name: r.inputs for r in engine.of(GATEWAY)}
    assert sorted(gateways) == ["shop-aws-us-eastwest-gateway", "shop-gcp-eu-eastwest-gateway"]
    inputs = gateways["shop-aws-us-eastwest-gateway"]
    assert inputs["metadata"]["labels"] == {"topology.istio.io/network": "network-aws-us"}
    (listener,) = inputs["spec"]["listeners"]
    assert (listener["port"], listener["protocol"]) == (15008, "HBONE")
    options = {
        r.inputs["metadata"]["name"]: r.inputs["data"]
        for r in engine.of("kubernetes:core/v1:ConfigMap")
        if r.name == "shop-aws-us-eastwest-options"
    }
    told = options[inputs["spec"]["infrastructure"]["parametersRef"]["name"]]
    assert json.loads(told["service"])["spec"]["loadBalancerSourceRanges"]
    assert json.loads(told["horizontalPodAutoscaler"]) == {"spec": {"minReplicas": 2, "maxReplicas": 5}}
    assert json.loads(told["podDisruptionBudget"]) == {"spec": {"minAvailable": 1}}


def test_a_cluster_alone_has_no_gateway(run: Run) -> None:
    engine = run(lambda: mesh(eks={}))
    assert not engine.of(GATEWAY)
    assert len(values(engine, "ztunnel")) == 1


def test_namespaces_are_enrolled_by_the_label_of_ambient(run: Run) -> None:
    engine = run(lambda: mesh().enrol("sample"))
    labels = [
        r.inputs["metadata"]["labels"]
        for r in engine.of("kubernetes:core/v1:Namespace")
        if r.inputs["metadata"]["name"] == "sample"
    ]
    assert labels == [{"istio.io/dataplane-mode": "ambient"}] * 2


def test_the_plan_says_what_the_clusters_must_have() -> None:
    assert any("gateway.networking.k8s.io" in note for note in plan("shop", ARGS).notes)


@pytest.mark.parametrize(
    ("istio", "changes", "said"),
    [
        ({"topology": "primary-remote", "primary": "gcp-eu"}, {}, "cannot be had with topology: primary-remote"),
        ({"topology": "external", "management": "gcp-eu"}, {}, "cannot be had with topology: external"),
        ({}, {"flat": True, "connectivity": "vpn"}, "cannot be had in a flat mesh"),
        ({"scopes": {"web": {"calls": ["payments"]}}}, {}, "istio.scopes has no effect"),
        ({"values": {"gateway": {}}}, {}, "istio.values.gateway is not a chart of the mesh"),
        ({"data_plane": "proxyless"}, {}, "is not a known data plane"),
    ],
)
def test_what_ambient_cannot_do_is_refused(run: Run, istio: dict[str, Any], changes: dict[str, Any], said: str) -> None:
    def program() -> None:
        with pytest.raises(pulumi.RunError, match=said):
            mesh(istio, **changes)

    assert run(program).resources == []
