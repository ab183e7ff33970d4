"""What roads cost: each thing once, and the slowest of them in time."""

from typing import Any

import pytest
from test_links import FOUR

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.estimate import Estimate, estimate


def of(**more: Any) -> Estimate:
    return estimate(plan("shop", {**FOUR, **more}))


def pair(first: str, second: str) -> dict[str, Any]:
    listed = [{"first": first, "second": second}]
    return {"connectivity": "vpn", "links": {"topology": "list", "pairs": listed}}


def counts(found: Estimate) -> dict[str, int]:
    return {item.what: item.count for item in found.items}


def test_public_gateways_cost_their_balancers_alone() -> None:
    assert counts(of()) == {"public load balancers of gateways": 4}
    assert of().dollars == pytest.approx(73)


def test_google_and_aws_are_four_tunnels_and_two_connections() -> None:
    found = of(**pair("gcp-eu", "aws-us"))
    assert counts(found) == {
        "AWS VPN connections": 2,
        "Google Cloud VPN tunnels": 4,
        "internal load balancers of gateways": 2,
    }
    roads = [item.dollars for item in found.items if "balancers" not in item.what]
    assert sum(roads) == pytest.approx(219)
    assert found.minutes == 8


def test_oracles_end_of_a_vpn_is_free() -> None:
    assert "Google Cloud VPN tunnels" in counts(of(**pair("gcp-eu", "oci-eu")))
    assert not any("Oracle" in what for what in counts(of(**pair("gcp-eu", "oci-eu"))))


def test_aws_and_oracle_take_longer_as_they_are_told_of_each_other_afterwards() -> None:
    assert of(**pair("aws-us", "oci-eu")).minutes > of(**pair("gcp-eu", "aws-us")).minutes


def test_azures_gateway_counts_once_and_is_what_is_waited_for() -> None:
    found = of(connectivity="vpn")
    assert counts(found)["Azure VPN gateways"] == 1
    assert found.minutes == 46


def test_a_shared_gateway_is_paid_once() -> None:
    aks = {"azure-eu": {"region": "westeurope"}, "azure-us": {"region": "eastus"}}
    assert counts(of(connectivity="vpn", aks=aks))["Azure VPN gateways"] == 2
    shared = of(connectivity="vpn", aks=aks, links={"gateways_of": {"azure-us": "azure-eu"}})
    assert counts(shared)["Azure VPN gateways"] == 1


def test_a_flat_mesh_has_no_balancers() -> None:
    routable = {"azure-eu": {"region": "westeurope", "network_mode": "pod-subnet"}}
    assert not any("balancers" in what for what in counts(of(connectivity="vpn", flat=True, aks=routable)))
