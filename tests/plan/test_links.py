"""Who is joined to whom by which road, and who reads whom."""

from typing import Any

import pytest
from configurations import changed, existing

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.mesh_plan import MeshPlan, RemoteSecretPlan

OKE = {"compartment_id": "ocid1.compartment.oc1..aaaa", "region": "eu-frankfurt-1"}
FOUR: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "aks": {"azure-eu": {"region": "westeurope"}},
    "oke": {"oci-eu": OKE},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
}
TWO_OF_EACH: dict[str, Any] = {
    **FOUR,
    "gke": {**FOUR["gke"], "gcp-us": {"project": "acme-dev", "region": "us-east4"}},
    "eks": {**FOUR["eks"], "aws-eu": {"region": "eu-central-1"}},
}


def planned(base: dict[str, Any], **more: Any) -> MeshPlan:
    return plan("shop", {**base, **more})


def roads(found: MeshPlan) -> dict[tuple[str, str], str]:
    return {(link.first, link.second): link.road for link in found.links}


def test_every_two_clusters_are_joined_by_public_gateways_unless_told_otherwise():
    assert roads(planned(FOUR)) == dict.fromkeys(
        [
            ("aws-us", "azure-eu"),
            ("aws-us", "gcp-eu"),
            ("aws-us", "oci-eu"),
            ("azure-eu", "gcp-eu"),
            ("azure-eu", "oci-eu"),
            ("gcp-eu", "oci-eu"),
        ],
        "gateways",
    )


def test_both_ends_of_a_link_read_each_other():
    found = plan("shop", changed({}))
    assert found.remote_secrets == (RemoteSecretPlan("aws-us", "gcp-eu"), RemoteSecretPlan("gcp-eu", "aws-us"))


def test_ten_clusters_have_forty_five_links_and_ninety_secrets():
    found = plan("shop", {"existing": {f"c{number}": existing() for number in range(10)}, "istio": {}})
    assert len(found.links) == 45
    assert len(set(found.remote_secrets)) == 90


def test_a_cluster_alone_has_no_link():
    found = plan("shop", {"existing": {"c": existing()}, "istio": {}})
    assert (found.links, found.remote_secrets) == ((), ())


def test_private_roads_are_peerings_inside_a_cloud_and_vpns_between_clouds():
    found = roads(planned(TWO_OF_EACH, connectivity="vpn"))
    assert found.pop(("aws-eu", "aws-us")) == "peering"
    assert found.pop(("gcp-eu", "gcp-us")) == "peering"
    assert set(found.values()) == {"vpn"}
    assert len(found) == 13


def test_clusters_in_one_network_need_no_road():
    network = {"network": "main", "subnetwork": "nodes", "egress_ips": ["203.0.113.7"]}
    ranges = {"nodes": "10.1.0.0/20", "pods": "10.2.0.0/16", "services": "10.3.0.0/20"}
    more = {"nodes": "10.5.0.0/20", "pods": "10.6.0.0/16", "services": "10.7.0.0/20"}
    first = {"project": "acme-dev", "region": "europe-west4", "network": network, "ranges": ranges}
    second = {**first, "network": {**network, "subnetwork": "others"}, "ranges": more}
    found = planned({**FOUR, "eks": {}, "aks": {}, "oke": {}}, gke={"a": first, "b": second}, connectivity="peering")
    assert roads(found) == {("a", "b"): "same-network"}
    assert found.networks["a"].clusters == ("a", "b")
    assert found.networks["a"].ranges == ("10.1.0.0/20", "10.2.0.0/16", "10.5.0.0/20", "10.6.0.0/16")
    assert found.peerings == ()


def test_spokes_are_joined_with_the_hub_alone():
    found = planned(FOUR, connectivity="vpn", links={"topology": "hub-and-spokes", "hub": "aws-us"})
    assert set(roads(found)) == {("aws-us", "azure-eu"), ("aws-us", "gcp-eu"), ("aws-us", "oci-eu")}
    assert set(found.peers("gcp-eu")) == {"aws-us"}


def test_with_transit_spokes_reach_each_other_through_the_hub_without_a_vpn_of_their_own():
    wish = {"topology": "hub-and-spokes", "hub": "aws-us", "transit": True}
    found = planned(FOUR, connectivity="vpn", links=wish)
    assert len(found.links) == 6
    assert {link.via for link in found.links if link.road == "transit"} == {"aws-us"}
    assert [(vpn.first, vpn.second) for vpn in found.vpns] == [
        ("aws-us", "azure-eu"),
        ("aws-us", "gcp-eu"),
        ("aws-us", "oci-eu"),
    ]


def test_listed_pairs_and_no_others():
    pairs = [{"first": "gcp-eu", "second": "aws-us"}, {"first": "azure-eu", "second": "oci-eu"}]
    found = planned(FOUR, connectivity="vpn", links={"topology": "list", "pairs": pairs})
    assert set(roads(found)) == {("aws-us", "gcp-eu"), ("azure-eu", "oci-eu")}
    assert len(found.remote_secrets) == 4


@pytest.mark.parametrize(
    ("flat", "networks"), [(False, {"network-gcp-eu", "network-aws-us"}), (True, {"network-flat"})]
)
def test_a_flat_mesh_is_one_network(flat: bool, networks: set[str]):
    found = plan("shop", changed({"flat": flat, "connectivity": "vpn"}))
    assert {cluster.network for cluster in found.clusters.values()} == networks


def test_a_pair_has_one_vpn_whose_ends_are_the_networks():
    found = planned(FOUR, connectivity="vpn")
    assert len(found.vpns) == 6
    assert {name: network.gateway for name, network in found.networks.items()} == {
        name: name for name in found.networks
    }


def test_a_network_served_by_anothers_gateway_has_no_vpn_of_its_own():
    base = {**FOUR, "aks": {"azure-eu": {"region": "westeurope"}, "azure-us": {"region": "eastus"}}}
    found = planned(base, connectivity="vpn", links={"gateways_of": {"azure-us": "azure-eu"}})
    assert found.networks["azure-us"].gateway == "azure-eu"
    assert found.networks["azure-us"].asn is None
    assert len(found.vpns) == 6
    assert found.peerings[0].transit == "azure-eu"
    assert roads(found)["aws-us", "azure-us"] == "vpn"
    assert found.clusters["azure-us"].ranges.vpn_gateway is None
    assert found.clusters["azure-eu"].ranges.vpn_gateway is not None
