"""Every value that the library sets for Linkerd and Consul is one that the pinned charts have, by lists of keys."""

import copy
import json
from typing import Any

import chart_keys
import pytest
from mocked_engine import Run

import pulumi_multimesh as multimesh
from pulumi_multimesh import versions

RELEASE = "kubernetes:helm.sh/v3:Release"
KUBECONFIG = json.dumps(
    {
        "clusters": [
            {"name": "old", "cluster": {"server": "https://198.18.0.9", "certificate-authority-data": "Q0E="}}
        ],
        "users": [{"name": "old", "user": {"token": "t"}}],
        "contexts": [{"name": "old", "context": {"cluster": "old", "user": "old"}}],
        "current-context": "old",
    }
)
_FLEET: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"]}},
    "aks": {"azure-eu": {"region": "westeurope", "network_mode": "pod-subnet"}},
    "oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..a", "region": "eu-frankfurt-1"}},
    "existing": {"old": {"kubeconfig": KUBECONFIG, "egress_ips": ["203.0.113.7"]}},
    "api_access": {"office": "203.0.113.0/24"},
}
_PRIVATE = {key: value for key, value in _FLEET.items() if key != "existing"}
_LINKERD = {"linkerd-crds", "linkerd-control-plane", "linkerd-multicluster"}
_SHOWN = {*_LINKERD, "linkerd-viz"}
VARIANTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "linkerd": ({**_FLEET, "linkerd": {}}, _LINKERD),
    "small linkerd": ({**_FLEET, "linkerd": {"high_availability": False, "gateway_api": ["gcp-eu"]}}, _LINKERD),
    "linkerd on private roads": ({**_PRIVATE, "linkerd": {}, "connectivity": "vpn"}, _LINKERD),
    "flat linkerd": (
        {**_PRIVATE, "linkerd": {}, "connectivity": "vpn", "flat": True, "pki": {"workload_minutes": 60}},
        _LINKERD,
    ),
    "linkerd with viz": ({**_FLEET, "linkerd": {"viz": True}}, _SHOWN),
    "small linkerd with viz": ({**_FLEET, "linkerd": {"viz": True, "high_availability": False}}, _SHOWN),
    "linkerd alone": (
        {"gke": _FLEET["gke"], "linkerd": {}, "api_access": _FLEET["api_access"]},
        _LINKERD - {"linkerd-multicluster"},
    ),
    "consul": ({**_FLEET, "consul": {"machines": ["gcp-eu", "aws-us"], "exports": ["web/api"]}}, {"consul"}),
    "consul on private roads": ({**_PRIVATE, "consul": {"servers": 5}, "connectivity": "vpn"}, {"consul"}),
    "federated consul": ({**_FLEET, "consul": {"topology": "federation", "primary": "aws-us"}}, {"consul"}),
    "consul with the Gateway API's kinds": ({**_FLEET, "consul": {"gateway_api": ["gcp-eu", "old"]}}, {"consul"}),
    "consul alone": ({"gke": _FLEET["gke"], "consul": {}, "api_access": _FLEET["api_access"]}, {"consul"}),
    "the first of a federation": (
        {
            "gke": _FLEET["gke"],
            "consul": {"topology": "federation", "primary": "gcp-eu"},
            "api_access": _FLEET["api_access"],
        },
        {"consul"},
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_charts_know_every_value(variant: str, run: Run) -> None:
    args, charts = VARIANTS[variant]

    def program() -> None:
        given: Any = copy.deepcopy(args)
        multimesh.MultiCloudMesh("shop", given).enrol("web")

    releases = [each for each in run(program).of(RELEASE) if each.inputs["chart"] != "aws-load-balancer-controller"]
    assert {release.inputs["chart"] for release in releases} == charts
    found = {release.name: chart_keys.wrong(release.inputs["chart"], release.inputs["values"]) for release in releases}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    for release in releases:
        assert release.inputs["chart"] != "consul" or chart_keys.refused(release.inputs["values"]) == [], release.name


@pytest.mark.parametrize(
    ("chart", "version"),
    [
        ("linkerd-crds", versions.LINKERD.version),
        ("linkerd-control-plane", versions.LINKERD.version),
        ("linkerd-multicluster", versions.LINKERD.version),
        ("linkerd-viz", versions.LINKERD.version),
        ("consul", versions.CONSUL.version),
    ],
)
def test_the_lists_are_of_the_pinned_versions(chart: str, version: str) -> None:
    assert chart_keys.head(chart).startswith(f"# {chart} {version}: ")


@pytest.mark.parametrize(
    ("chart", "values", "found"),
    [
        ("linkerd-control-plane", {"identityTrustDomains": "a"}, ["identityTrustDomains is not known"]),
        (
            "linkerd-control-plane",
            {"controllerReplicas": "three"},
            ["controllerReplicas is 'three' and should be a number"],
        ),
        ("linkerd-control-plane", {"identity": {"issuer": {"schema": "x"}}}, ["identity.issuer.schema is not known"]),
        (
            "linkerd-multicluster",
            {"controllers": [{"link": {"name": "a"}}]},
            ["controllers[].link.name is not known"],
        ),
        (
            "consul",
            {"meshGateway": {"wanAddress": {"static": True}}},
            ["meshGateway.wanAddress.static is True and should be a text"],
        ),
        ("consul", {"server": {"replicas": 3}}, []),
        ("linkerd-viz", {"tap": {"externalSecrets": True}}, ["tap.externalSecrets is not known"]),
        ("linkerd-crds", {"installGatewayAPI": True}, []),
    ],
)
def test_this_test_can_fail(chart: str, values: dict[str, Any], found: list[str]) -> None:
    assert chart_keys.wrong(chart, values) == found


@pytest.mark.parametrize("joined", ["peering", "federation"])
def test_what_is_joined_needs_a_gateway(joined: str) -> None:
    values: dict[str, Any] = {
        "global": {joined: {"enabled": True}, "tls": {"enabled": True}},
        "connectInject": {"enabled": True},
        "meshGateway": {"enabled": False},
    }
    assert chart_keys.refused(values) == [f"{joined} without a mesh gateway"]
