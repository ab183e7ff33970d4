"""What roads cost: each thing once, and the slowest of them in time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from configurations import existing
from test_links import FOUR, TWO_OF_EACH

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.estimate import PRICES, Estimate, Price, estimate
from pulumi_multimesh.plan.mesh_plan import MeshPlan

BOTH_AZURE: dict[str, Any] = {"azure-eu": {"region": "westeurope"}, "azure-us": {"region": "eastus"}}


def planned(**more: Any) -> MeshPlan:
    return plan("shop", {**FOUR, **more})


def of(**more: Any) -> Estimate:
    return estimate(planned(**more))


def pair(first: str, second: str) -> dict[str, Any]:
    listed = [{"first": first, "second": second}]
    return {"connectivity": "vpn", "links": {"topology": "list", "pairs": listed}}


def counts(found: Estimate) -> dict[str, int]:
    return {item.what: item.count for item in found.items}


def dollars(found: Estimate, word: str) -> float:
    """A month, of the items that have the word."""
    return sum(item.dollars for item in found.items if word in item.what)


def priced(**changes: float) -> Mapping[str, Price]:
    """The table with other prices, by their keys with underscores."""
    return {
        **PRICES,
        **{key.replace("_", " "): replace(PRICES[key.replace("_", " ")], dollars=changes[key]) for key in changes},
    }


def test_public_gateways_cost_a_balancer_in_each_cloud_and_its_addresses() -> None:
    assert counts(of()) == {
        "AWS load balancers (public)": 1,
        "AWS public addresses of balancers": 3,
        "Google Cloud load balancers (public)": 1,
        "Azure load balancers (public)": 1,
        "Azure public addresses of balancers": 1,
        "Oracle Cloud load balancers (public)": 1,
    }
    assert dollars(of(), "load balancers") == pytest.approx((0.0225 + 2 * 0.025) * 730, abs=0.02)
    assert dollars(of(), "addresses") == pytest.approx(4 * 3.65)
    assert of().minutes == 3


def test_google_and_aws_are_four_tunnels_and_two_connections() -> None:
    found = of(**pair("gcp-eu", "aws-us"))
    assert counts(found) == {
        "AWS VPN connections": 2,
        "AWS public addresses of VPN connections": 4,
        "Google Cloud VPN tunnels": 4,
        "AWS load balancers (internal)": 1,
        "Google Cloud load balancers (internal)": 1,
    }
    assert dollars(found, "VPN connections") + dollars(found, "tunnels") == pytest.approx(219 + 4 * 3.65)
    assert dollars(found, "AWS VPN connections") + dollars(found, "tunnels") == pytest.approx(219)
    assert found.dollars == pytest.approx(sum(item.dollars for item in found.items))
    assert found.minutes == 8


@pytest.mark.parametrize(
    ("first", "second", "tunnels_and_connections", "azures_gateway", "minutes"),
    [
        ("gcp-eu", "azure-eu", 73, True, 46),
        ("aws-us", "azure-eu", 73, True, 46),
        ("gcp-eu", "oci-eu", 146, False, 5),
        ("azure-eu", "oci-eu", 0, True, 46),
        ("aws-us", "oci-eu", 73, False, 16),
    ],
)
def test_pairs(first: str, second: str, tunnels_and_connections: float, azures_gateway: bool, minutes: float) -> None:
    found = of(**pair(first, second))
    items = {item.what: item.dollars for item in found.items}
    billed = items.get("AWS VPN connections", 0) + items.get("Google Cloud VPN tunnels", 0)
    assert billed == pytest.approx(tunnels_and_connections)
    assert items.get("Azure VPN gateways", 0) == pytest.approx(138.7 if azures_gateway else 0)
    assert found.minutes == minutes


def test_oracles_end_of_a_vpn_is_there_and_free() -> None:
    for other in ("gcp-eu", "azure-eu", "aws-us"):
        found = of(**pair(other, "oci-eu"))
        assert counts(found)["Oracle Cloud IPSec connections"] == 2
        assert dollars(found, "Oracle") == 0


def test_azures_gateway_counts_once_and_is_what_is_waited_for() -> None:
    found = of(connectivity="vpn")
    assert counts(found)["Azure VPN gateways"] == 1
    assert counts(found)["Azure public addresses of VPN gateways"] == 2
    assert found.minutes == 46


def test_a_shared_gateway_is_paid_once_and_its_user_waits_for_it() -> None:
    assert counts(of(connectivity="vpn", aks=BOTH_AZURE))["Azure VPN gateways"] == 2
    shared = of(connectivity="vpn", aks=BOTH_AZURE, links={"gateways_of": {"azure-us": "azure-eu"}})
    assert counts(shared)["Azure VPN gateways"] == 1
    assert counts(shared)["Azure peerings"] == 1
    assert shared.minutes == 47


def test_azure_bills_tunnels_from_the_eleventh_on() -> None:
    beyond = "Azure VPN tunnels beyond ten of a gateway"
    # 4 with AWS, 2 with Google Cloud, 4 with Oracle Cloud.
    assert beyond not in counts(of(connectivity="vpn"))
    more = estimate(plan("shop", {**TWO_OF_EACH, "connectivity": "vpn"}))
    assert counts(more)[beyond] == 6


def test_peering_is_free_and_quick() -> None:
    aws = {"aws-us": {"region": "us-east-1"}, "aws-eu": {"region": "eu-central-1"}}
    args = {"eks": aws, "istio": {}, "api_access": FOUR["api_access"], "connectivity": "peering"}
    found = estimate(plan("shop", args))
    assert counts(found) == {"AWS peerings": 1, "AWS load balancers (internal)": 2}
    assert dollars(found, "peerings") == 0
    assert found.minutes == 3
    assert estimate(plan("shop", {**args, "flat": True})).minutes == 1
    assert found.transfer == {}


def test_transfer_is_told_of_the_clouds_that_roads_leave() -> None:
    assert of(**pair("gcp-eu", "aws-us")).transfer == {"aws": 0.09, "gcp": 0.12}
    assert set(of().transfer) == {"aws", "gcp", "azure", "oci"}


def test_a_flat_mesh_has_no_balancers() -> None:
    routable = {"azure-eu": {"region": "westeurope", "network_mode": "pod-subnet"}}
    assert not any("balancers" in what for what in counts(of(connectivity="vpn", flat=True, aks=routable)))


def test_a_cluster_alone_has_no_roads() -> None:
    found = estimate(plan("shop", {"gke": FOUR["gke"], "istio": {}, "api_access": FOUR["api_access"]}))
    assert found.items == ()
    assert found.minutes == 0


def test_of_a_cluster_outside_the_clouds_nothing_is_guessed() -> None:
    found = estimate(
        plan("shop", {"existing": {"one": existing(), "two": existing(egress_ips=["203.0.113.8"])}, "istio": {}})
    )
    assert found.items == ()
    assert found.transfer == {}


def test_other_prices() -> None:
    found = estimate(planned(**pair("gcp-eu", "aws-us")), priced(aws_connection=0.04, gcp_tunnel=0))
    assert dollars(found, "AWS VPN connections") == pytest.approx(2 * 0.04 * 730)
    assert dollars(found, "tunnels") == 0


def test_a_table_that_lacks_a_price_is_refused() -> None:
    with pytest.raises(KeyError, match="aws connection"):
        estimate(planned(**pair("gcp-eu", "aws-us")), {key: PRICES[key] for key in PRICES if key != "aws connection"})


def test_as_plain_values_each_price_says_where_it_is_from() -> None:
    told = of(**pair("gcp-eu", "aws-us")).as_dict()
    assert told["as_of"] == "2026-07"
    assert told["dollars"] == pytest.approx(sum(item["dollars"] for item in told["items"]))
    assert told["items"][0] == {
        "what": "AWS VPN connections",
        "count": 2,
        "dollars": 73,
        "source": "AWS VPN pricing",
        "checked": False,
    }
