"""A pair that is joined has a road, or the plan is refused with the reason."""

from typing import Any

import pytest
from test_links import FOUR

from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.validate import validate

NAMED_EKS: dict[str, Any] = {
    "region": "us-east-1",
    "network": {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-1", "subnet-2"], "egress_ips": ["203.0.113.7"]},
    "ranges": {"nodes": "10.1.0.0/16"},
}
HUB = {"topology": "hub-and-spokes", "transit": True}


def faults(**more: Any) -> dict[str, Fault]:
    """By path; the base has none."""
    found = validate("shop", {**FOUR, **more})
    assert len({fault.path for fault in found}) == len(found), found
    return {fault.path: fault for fault in found}


def test_the_base_is_sound():
    assert not faults()
    assert not faults(connectivity="vpn")


@pytest.mark.parametrize(
    ("path", "problem", "more"),
    [
        ("connectivity", "is not a known road", {"connectivity": "tunnel"}),
        ("links.topology", "is not a known topology", {"links": {"topology": "ring"}}),
        ("links.hub", "has no effect", {"links": {"hub": "aws-us"}}),
        ("links.pairs", "has no effect", {"links": {"pairs": [{"first": "aws-us", "second": "gcp-eu"}]}}),
        ("links.pairs", "is missing or empty", {"links": {"topology": "list"}}),
        ("links.hub", "is missing", {"links": {"topology": "hub-and-spokes"}}),
        ("links.hub", "is not a cluster of the mesh", {"links": {"topology": "hub-and-spokes", "hub": "aws"}}),
        (
            "links.pairs[0].second",
            "is not a cluster of the mesh",
            {"links": {"topology": "list", "pairs": [{"first": "aws-us", "second": "gcp"}]}},
        ),
        (
            "links.pairs[0]",
            "joins a cluster with itself",
            {"links": {"topology": "list", "pairs": [{"first": "aws-us", "second": "aws-us"}]}},
        ),
        (
            "links.pairs[1]",
            "is the same pair as links.pairs[0]",
            {
                "links": {
                    "topology": "list",
                    "pairs": [{"first": "aws-us", "second": "gcp-eu"}, {"first": "gcp-eu", "second": "aws-us"}],
                }
            },
        ),
        ("links.transit", "has no effect without a VPN", {"links": {**HUB, "hub": "aws-us"}}),
        ("links.transit", "passes nothing on", {"connectivity": "vpn", "links": {**HUB, "hub": "gcp-eu"}}),
        ("links.transit", "passes nothing on", {"connectivity": "vpn", "links": {**HUB, "hub": "oci-eu"}}),
        (
            "links.transit",
            "aws-eu is peered with aws-us",
            {
                "connectivity": "vpn",
                "links": {**HUB, "hub": "aws-us"},
                "eks": {"aws-us": {"region": "us-east-1"}, "aws-eu": {"region": "eu-central-1"}},
                "aks": {},
                "oke": {},
            },
        ),
        (
            "links.transit",
            "both gateways have Oracle's number",
            {
                "connectivity": "vpn",
                "links": {**HUB, "hub": "aws-us"},
                "oke": {"oci-eu": FOUR["oke"]["oci-eu"], "oci-uk": {**FOUR["oke"]["oci-eu"], "region": "uk-london-1"}},
            },
        ),
        ("flat", "needs private roads", {"flat": True, "aks": {}}),
        ("aks.azure-eu.network_mode", "hides pods behind their nodes", {"flat": True, "connectivity": "vpn"}),
        (
            "eks.aws-us.network.private_route_table_ids",
            "is missing",
            {"connectivity": "vpn", "eks": {"aws-us": NAMED_EKS}},
        ),
        ("links.gateways_of.azure-eu", "has no effect without a VPN", {"links": {"gateways_of": {"azure-eu": "x"}}}),
        (
            "links.gateways_of.azure-eu",
            "is not an AKS cluster",
            {"connectivity": "vpn", "links": {"gateways_of": {"azure-eu": "gcp-eu"}}},
        ),
        (
            "links.gateways_of.azure-eu",
            "is served by itself",
            {"connectivity": "vpn", "links": {"gateways_of": {"azure-eu": "azure-eu"}}},
        ),
        (
            "addresses.asns.gcp-eu",
            "is not a number that a gateway may have",
            {"addresses": {"asns": {"gcp-eu": "65515"}}},
        ),
        ("addresses.asns.gcp-eu", "is not a number that a gateway may have", {"addresses": {"asns": {"gcp-eu": "1"}}}),
        ("addresses.asns.oci-eu", "cannot be given to Oracle's", {"addresses": {"asns": {"oci-eu": "64530"}}}),
        ("addresses.asns.nobody", "is not a cluster of the mesh", {"addresses": {"asns": {"nobody": "64530"}}}),
        (
            "addresses.asns.gcp-eu",
            "is also that of aws-us",
            {"addresses": {"asns": {"gcp-eu": "64530", "aws-us": "64530"}}},
        ),
    ],
)
def test_what_is_wrong_is_told_once_with_a_remedy(path: str, problem: str, more: dict[str, Any]):
    found = faults(**more)
    assert set(found) == {path}
    assert problem in found[path].problem
    assert found[path].allowed
    assert found[path].remedy


def test_peering_leaves_no_pair_of_two_clouds_without_a_word():
    found = [fault for fault in validate("shop", {**FOUR, "connectivity": "peering"}) if fault.path == "connectivity"]
    assert len(found) == 6
    assert "leaves aws-us (aws) and azure-eu (azure) without a road" in str(found[0])


def test_a_cluster_that_is_there_has_no_private_road():
    found = faults(connectivity="vpn", existing={"old": {"egress_ips": ["203.0.113.9"]}})
    assert set(found) == {"existing.old"}


def test_a_flat_mesh_takes_routable_pods():
    routable = {"azure-eu": {"region": "westeurope", "network_mode": "pod-subnet"}}
    assert not faults(flat=True, connectivity="vpn", aks=routable)


def test_a_named_vpc_with_its_route_tables_is_sound():
    network = {**NAMED_EKS["network"], "private_route_table_ids": ["rtb-1"]}
    assert not faults(connectivity="vpn", eks={"aws-us": {**NAMED_EKS, "network": network}})


def test_the_range_of_a_gateway_is_one_only_where_there_is_one():
    pinned = {"azure-eu": {"region": "westeurope", "ranges": {"vpn_gateway": "10.200.0.0/27"}}}
    assert not faults(connectivity="vpn", aks=pinned)
    assert "is not a range of an AKS cluster" in faults(aks=pinned)["aks.azure-eu.ranges.vpn_gateway"].problem
    small = {"azure-eu": {"region": "westeurope", "ranges": {"vpn_gateway": "10.200.0.0/28"}}}
    assert "is too small" in faults(connectivity="vpn", aks=small)["aks.azure-eu.ranges.vpn_gateway"].problem
