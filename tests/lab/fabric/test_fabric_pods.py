"""Flat meshes: pods reach pods only where their addresses are routable and every firewall on the way is open."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
from landscape import azure_place, make_place, open_pods
from landscape_records import KINDS, Landscape, Place
from landscape_vpn import add_gateway, join

from multimesh_lab.fabric.model import GATEWAY_FLOW, POD_FLOW, Verdict
from multimesh_lab.fabric.reachability import Fabric

PAIRS = list(combinations(("gcp", "aws", "azure", "oci"), 2))


def flat(one: str, other: str, *, is_open: bool = True) -> tuple[Landscape, Place, Place]:
    """Two places joined by VPN, with open firewalls."""
    land = Landscape()
    first, second = make_place(land, one, f"{one}-one", 1), make_place(land, other, f"{other}-two", 2)
    for place in (first, second):
        add_gateway(land, place)
    join(land, first, second)
    for place, peer in ((first, second), (second, first)) if is_open else ():
        open_pods(land, place, (peer,))
    return land, first, second


def verdicts(land: Landscape, one: Place, other: Place) -> tuple[Verdict, Verdict]:
    fabric = Fabric(land.records)
    return fabric.verdict(one.cluster, other.cluster, POD_FLOW), fabric.verdict(other.cluster, one.cluster, POD_FLOW)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_open_pods_reach_each_other(one: str, other: str) -> None:
    for found in verdicts(*flat(one, other)):
        assert found.allowed
        assert found.reasons == ()


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_firewalls_count_for_pods_alone(one: str, other: str) -> None:
    land, first, second = flat(one, other, is_open=False)
    assert Fabric(land.records).verdict(first.cluster, second.cluster, GATEWAY_FLOW).allowed
    to_second, to_first = verdicts(land, first, second)
    for found, cloud in ((to_second, other), (to_first, one)):
        assert found.allowed is (cloud == "azure")


def test_without_googles_rule() -> None:
    land, one, other = flat("aws", "gcp")
    land.drop("gcp firewall", "gcp-two-mesh")
    found, _ = verdicts(land, one, other)
    assert not found.allowed
    assert found.reasons == tuple(
        f"no gcp firewall of gcp-two lets tcp from {cidr} reach the nodes of gcp-two (sourceRanges, allows, targetTags)"
        for cidr in ("10.1.0.0/18", "10.1.64.0/18")
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"disabled": True},
        {"sourceRanges": ["10.1.0.0/20"]},
        {"targetTags": ["other"]},
        {"allows": [{"protocol": "udp"}]},
        {"allows": [{"protocol": "tcp", "ports": ["443"]}]},
        {"direction": "EGRESS"},
        {"network": "projects/demo/global/networks/other"},
        {"destinationRanges": ["10.9.0.0/16"]},
        {"targetTags": None, "targetServiceAccounts": ["other@demo.iam.gserviceaccount.com"]},
    ],
)
def test_googles_rule_that_does_not_fit(changed: Mapping[str, Any]) -> None:
    land, one, other = flat("azure", "gcp")
    land.change("gcp firewall", "gcp-two-mesh", **changed)
    found, back = verdicts(land, one, other)
    assert not found.allowed
    assert found.reasons == (
        "no gcp firewall of gcp-two lets tcp from 10.1.64.0/18 reach the nodes of gcp-two (sourceRanges, allows, "
        "targetTags)",
    )
    assert back.allowed


@pytest.mark.parametrize("changed", [{"targetTags": None}, {"allows": [{"protocol": "all"}]}, {"priority": 0}])
def test_googles_rule_that_fits_in_another_way(changed: Mapping[str, Any]) -> None:
    land, one, other = flat("azure", "gcp")
    land.change("gcp firewall", "gcp-two-mesh", **changed)
    assert verdicts(land, one, other)[0].allowed


@pytest.mark.parametrize(("priority", "is_open"), [(999, False), (1000, False), (1001, True)])
def test_googles_denial_goes_by_its_number(priority: int, is_open: bool) -> None:
    land, one, other = flat("azure", "gcp")
    rule = {"sourceRanges": ["10.1.64.0/24"], "denies": [{"protocol": "tcp"}], "priority": priority}
    land.add(KINDS["gcp"]["firewall"], "shut", "shut", network=other.network, **rule)
    found, _ = verdicts(land, one, other)
    assert found.allowed is is_open
    if not is_open:
        assert found.reasons == ("gcp firewall shut.denies stops tcp from 10.1.64.0/18",)


def test_googles_denial_on_the_way_out() -> None:
    land, one, other = flat("gcp", "azure")
    rule = {"direction": "EGRESS", "denies": [{"protocol": "all"}], "destinationRanges": ["0.0.0.0/0"]}
    land.add(KINDS["gcp"]["firewall"], "shut", "shut", network=one.network, **rule)
    found, back = verdicts(land, one, other)
    assert (found.allowed, found.reasons) == (False, ("gcp firewall shut.denies stops tcp to 10.2.64.0/18",))
    assert back.allowed  # answers belong to what was let in


@pytest.mark.parametrize(
    "changed",
    [
        {"cidrIpv4": "10.1.0.0/16", "ipProtocol": "udp"},
        {"cidrIpv4": "10.1.0.0/20"},
        {"securityGroupId": "sg-other"},
        {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443},
    ],
)
def test_awss_rule_that_does_not_fit(changed: Mapping[str, Any]) -> None:
    land, one, other = flat("azure", "aws")
    land.change("aws securityGroupIngressRule", "aws-two-mesh-0", **changed)
    found, _ = verdicts(land, one, other)
    assert not found.allowed
    assert found.reasons == (
        "no ingress rule of aws securityGroup eks-cluster-sg-aws-two admits tcp from 10.1.64.0/18 (azure-one) to the "
        "nodes of aws-two (securityGroupIngressRule.cidrIpv4, ipProtocol)",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"ipProtocol": "tcp", "fromPort": 0, "toPort": 65535},
        {"cidrIpv4": "10.1.0.0/16"},
        {"cidrIpv4": None, "prefixListId": None, "referencedSecurityGroupId": "sg-other", "ipProtocol": "udp"},
    ],
)
def test_awss_rules_in_other_forms(changed: Mapping[str, Any]) -> None:
    land, one, other = flat("azure", "aws")
    land.change("aws securityGroupIngressRule", "aws-two-mesh-0", **changed)
    if "referencedSecurityGroupId" in changed:
        inline = [{"protocol": "-1", "cidrBlocks": ["10.0.0.0/8"]}]
        land.change("aws securityGroup", "eks-cluster-sg-aws-two", ingress=inline)
    assert verdicts(land, one, other)[0].allowed


def test_aws_rule_as_a_resource_of_the_older_kind() -> None:
    land, one, other = flat("azure", "aws")
    land.drop("aws securityGroupIngressRule", "aws-two-mesh-0")
    rule = {"type": "ingress", "protocol": "-1", "cidrBlocks": ["10.1.64.0/18"], "securityGroupId": "sg-aws-two"}
    land.add("aws:ec2/securityGroupRule:SecurityGroupRule", "older", "sgrule-1", **rule)
    assert verdicts(land, one, other)[0].allowed
    land.change("aws:ec2/securityGroupRule:SecurityGroupRule", "older", type="egress")
    assert not verdicts(land, one, other)[0].allowed


def test_nodes_with_groups_of_their_launch_template() -> None:
    land, one, other = flat("azure", "aws")
    template = land.add("aws:ec2/launchTemplate:LaunchTemplate", "own", "lt-1", vpcSecurityGroupIds=["sg-own"])
    land.change("aws nodeGroup", "aws-two-main", launchTemplate={"id": template})
    found, _ = verdicts(land, one, other)
    assert not found.allowed
    assert found.reasons[0].startswith("no ingress rule of aws securityGroup sg-own admits tcp from 10.1.64.0/18")


def test_without_oracles_rules() -> None:
    land, one, other = flat("azure", "oci")
    kind = "oci networkSecurityGroupSecurityRule"
    land.drop(kind, "oci-two-pods-to-anywhere")
    there, back = verdicts(land, one, other)
    assert there.allowed  # answers belong to what was let in
    assert (back.allowed, back.reasons) == (
        False,
        (
            "no egress rule of oci networkSecurityGroup oci-two-pods admits tcp to 10.1.64.0/18 (azure-one) at the "
            "pods of oci-two (networkSecurityGroupSecurityRule.destination)",
        ),
    )
    land.drop(kind, "oci-two-mesh-0")
    there, _ = verdicts(land, one, other)
    assert (there.allowed, there.reasons) == (
        False,
        (
            "no ingress rule of oci networkSecurityGroup oci-two-pods admits tcp from 10.1.64.0/18 (azure-one) at the "
            "pods of oci-two (networkSecurityGroupSecurityRule.source)",
        ),
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"protocol": "17"},
        {"source": "10.1.64.0/20"},
        {"networkSecurityGroupId": "ocid1.other"},
        {"tcpOptions": {"destinationPortRange": {"min": 443, "max": 443}}},
    ],
)
def test_oracles_rule_that_does_not_fit(changed: Mapping[str, Any]) -> None:
    land, one, other = flat("azure", "oci")
    land.change("oci networkSecurityGroupSecurityRule", "oci-two-mesh-0", **changed)
    assert not verdicts(land, one, other)[0].allowed


def test_oracles_security_list_of_the_pods_subnet() -> None:
    land, one, other = flat("azure", "oci")
    land.drop("oci networkSecurityGroupSecurityRule", "oci-two-mesh-0")
    rules = [{"protocol": "all", "source": "10.1.0.0/16", "sourceType": "CIDR_BLOCK"}]
    land.add("oci:Core/securityList:SecurityList", "list", "ocid1.list", ingressSecurityRules=rules)
    land.change("oci subnet", "oci-two-pods", securityListIds=["ocid1.list"])
    assert verdicts(land, one, other)[0].allowed


def test_overlay_pods_have_no_address_that_others_know() -> None:
    land = Landscape()
    one, other = azure_place(land, "azure-one", 1, overlay=True), make_place(land, "gcp", "gcp-two", 2)
    for place in (one, other):
        add_gateway(land, place)
    join(land, one, other)
    open_pods(land, other, (one,))
    reason = (
        "azure managedCluster azure-one.networkProfile.networkPluginMode is overlay: no other network knows its pods' "
        "addresses"
    )
    for found in verdicts(land, one, other):
        assert (found.allowed, found.reasons) == (False, (reason,))
    # A gateway is reached all the same: what pods send comes from their nodes.
    fabric = Fabric(land.records)
    assert fabric.verdict(one.cluster, other.cluster, GATEWAY_FLOW).allowed
    assert fabric.verdict(other.cluster, one.cluster, GATEWAY_FLOW).allowed


def test_flannels_pods_have_no_address_that_others_know() -> None:
    land, one, other = flat("azure", "oci")
    land.change("oci cluster", "oci-two", clusterPodNetworkOptions=[{"cniType": "FLANNEL_OVERLAY"}])
    found, _ = verdicts(land, one, other)
    assert not found.allowed
    assert (
        "oci cluster oci-two.clusterPodNetworkOptions.cniType is flannel's: no other network knows its pods' addresses"
        in (found.reasons)
    )


@pytest.mark.parametrize("flow", [GATEWAY_FLOW, POD_FLOW])
def test_a_cluster_without_nodes_sends_nothing(flow: str) -> None:
    land, one, other = flat("oci", "aws")
    land.drop("oci nodePool", "oci-one-main")
    found = Fabric(land.records).verdict(one.cluster, other.cluster, flow)
    assert not found.allowed
    assert found.reasons[0].startswith("oci-one has no node pool, so ")


def test_a_cluster_without_a_subnet_for_load_balancers_is_not_reached() -> None:
    land, one, other = flat("azure", "oci")
    land.change("oci cluster", "oci-two", options={})
    found = Fabric(land.records).verdict(one.cluster, other.cluster, GATEWAY_FLOW)
    assert found.reasons == ("oci-two has no subnet for internal load balancers",)
    assert not found.allowed
