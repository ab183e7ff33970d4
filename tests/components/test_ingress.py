"""Ingress gateways: where they are, whom they admit, and that nothing is there unless asked for."""

import copy
from typing import Any

import pulumi
import pytest
from mocked_engine import Run

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
RELEASE = "kubernetes:helm.sh/v3:Release"


def ingress(run: Run, wish: dict[str, Any] | None, **istio: Any) -> dict[str, dict[str, Any]]:
    def program() -> None:
        args: Any = {**copy.deepcopy(ARGS), "istio": istio if wish is None else {**istio, "ingress": wish}}
        multimesh.MultiCloudMesh("shop", args)

    found = [r for r in run(program).of(RELEASE) if "ingress" in r.name]
    return {release.name: release.inputs for release in found}


def test_none_unless_asked_for(run: Run) -> None:
    assert ingress(run, None) == {}


def test_one_in_each_cluster_for_everybody(run: Run) -> None:
    found = ingress(run, {})
    assert sorted(found) == ["shop-aws-us-ingress-gateway", "shop-gcp-eu-ingress-gateway"]
    for release in found.values():
        assert (release["chart"], release["name"]) == ("gateway", "istio-ingressgateway")
        assert "loadBalancerSourceRanges" not in release["values"]["service"]
        assert release["values"]["autoscaling"] == {"minReplicas": 2, "maxReplicas": 5}
        assert release["values"]["podDisruptionBudget"] == {"minAvailable": 1}


def test_where_and_for_whom(run: Run) -> None:
    admitted = {"office": "203.0.113.0/24", "cdn": "198.51.100.0/24"}
    wish = {"clusters": ["aws-us"], "admitted": admitted, "private": True, "min_replicas": 1}
    ((name, release),) = ingress(run, wish).items()
    assert name == "shop-aws-us-ingress-gateway"
    service = release["values"]["service"]
    assert service["loadBalancerSourceRanges"] == ["198.51.100.0/24", "203.0.113.0/24"]
    assert service["annotations"]["service.beta.kubernetes.io/aws-load-balancer-scheme"] == "internal"
    assert "podDisruptionBudget" not in release["values"]


def test_its_proxies_are_of_the_default_revision(run: Run) -> None:
    found = ingress(run, {}, revisions={"default": {}, "next": {"default_in": ["gcp-eu"]}}, default="default")
    revisions = {name: release["values"].get("revision") for name, release in found.items()}
    assert revisions == {"shop-aws-us-ingress-gateway": None, "shop-gcp-eu-ingress-gateway": "next"}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"clusters": ["moon"]}, r"istio\.ingress\.clusters\[0\]"),
        ({"admitted": {"office": "203.0.113.1/24"}}, r"istio\.ingress\.admitted\.office"),
        ({"min_replicas": 0}, r"istio\.ingress\.min_replicas"),
    ],
)
def test_faults(run: Run, wish: dict[str, Any], said: str) -> None:
    with pytest.raises(pulumi.RunError, match=said):
        ingress(run, wish)
