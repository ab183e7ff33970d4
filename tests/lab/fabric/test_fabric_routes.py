"""Routes over VPN: what is announced, and what is taken."""

from collections.abc import Mapping
from typing import Any

import pytest
from fabric_verdicts import both_ways
from landscape import make_place, oci_place
from landscape_records import Landscape, Place
from landscape_vpn import add_gateway, join

from multimesh_lab.fabric.reachability import Fabric


def joined(one: str, other: str) -> tuple[Landscape, Place, Place]:
    land = Landscape()
    places = [
        make_place(land, cloud, f"{cloud}-{end}", number)
        for number, (cloud, end) in enumerate(((one, "one"), (other, "two")), 1)
    ]
    for place in places:
        add_gateway(land, place)
    join(land, *places)
    return land, places[0], places[1]


@pytest.mark.parametrize("zone", [0, 1])
def test_an_aws_table_that_takes_no_routes_from_the_gateway(zone: int) -> None:
    land, one, other = joined("aws", "oci")
    land.drop("aws vpnGatewayRoutePropagation", f"aws-one-{zone}")
    there, back = both_ways(land, one, other)
    table = (
        f"aws routeTable aws-one-private-{zone} takes no routes from vpnGateway aws-one (vpnGatewayRoutePropagation)"
    )
    assert (there.allowed, there.reasons) == (False, (f"{table}: none for 10.2.32.0/24",))
    assert (back.allowed, back.reasons) == (
        False,
        (f"{table}: none for 10.2.0.0/20", f"{table}: none for 10.2.64.0/18"),
    )


def test_an_aws_table_that_names_its_gateways_itself() -> None:
    land, one, other = joined("aws", "oci")
    land.drop("aws vpnGatewayRoutePropagation", "aws-one-0")
    land.change("aws routeTable", "aws-one-private-0", propagatingVgws=["vgw-aws-one"])
    assert all(found.allowed for found in both_ways(land, one, other))


@pytest.mark.parametrize(("cidr", "is_open"), [("10.2.0.0/16", False), ("10.0.0.0/8", True), ("10.2.32.0/24", False)])
def test_a_static_aws_route_goes_before_a_learned_one_unless_that_is_narrower(cidr: str, is_open: bool) -> None:
    land, one, other = joined("aws", "azure")
    static = {"routeTableId": "rtb-aws-one-private-0", "destinationCidrBlock": cidr, "natGatewayId": "nat-9"}
    land.add("aws:ec2/route:Route", "detour", "r-detour", **static)
    found, _ = both_ways(land, one, other)
    # Azure announces its network's 10.2.0.0/16; load balancers are in 10.2.0.0/20, which the /24 does not hold.
    expected = is_open or cidr == "10.2.32.0/24"
    assert found.allowed is expected
    if not expected:
        assert found.reasons == (
            f"aws routeTable aws-one-private-0 sends 10.2.0.0/20 to nat-9 by its route for {cidr}",
        )


def test_a_static_aws_route_to_the_gateway_needs_no_propagation() -> None:
    land, one, other = joined("aws", "oci")
    land.drop("aws vpnGatewayRoutePropagation", "aws-one-0")
    static = {
        "routeTableId": "rtb-aws-one-private-0",
        "destinationCidrBlock": "10.2.0.0/16",
        "gatewayId": "vgw-aws-one",
    }
    land.add("aws:ec2/route:Route", "static", "r-static", **static)
    assert all(found.allowed for found in both_ways(land, one, other))


@pytest.mark.parametrize(
    ("changed", "announced"),
    [
        ({"bgp__advertisedGroups": [], "bgp__advertisedIpRanges": [{"range": "10.1.0.0/20"}]}, "10.1.0.0/20"),
        ({"bgp__advertisedGroups": [], "bgp__advertisedIpRanges": []}, "nothing"),
    ],
)
def test_a_google_router_that_does_not_announce_pods(changed: Mapping[str, Any], announced: str) -> None:
    land, one, other = joined("gcp", "azure")
    land.change("gcp router", "gcp-one", **changed)
    there, back = both_ways(land, one, other)
    missing = "gcp-one announces {}, not {} of gcp-one (gcp router gcp-one.bgp.advertisedIpRanges)"
    lost = ["10.1.64.0/18"] if announced != "nothing" else ["10.1.0.0/20", "10.1.64.0/18"]
    expected = [
        f"tunnel {each} of azure-two~gcp-one: {missing.format(announced, cidr)}" for each in (0, 1) for cidr in lost
    ]
    assert (there.allowed, list(there.reasons)) == (False, expected)
    assert back.allowed is (announced != "nothing")


def test_a_google_session_of_its_own_mode() -> None:
    land, one, other = joined("gcp", "azure")
    land.change(
        "gcp routerPeer", "gcp-one-azure-two-1", advertiseMode="CUSTOM", advertisedIpRanges=[{"range": "10.9.0.0/16"}]
    )
    there, back = both_ways(land, one, other)
    for found in (there, back):
        assert found.allowed
        assert [road.name for road in found.in_use] == [f"tunnel {each} of azure-two~gcp-one" for each in (0, 1)]
    # The second tunnel carries what the first one announces for it: there, and back by the first.
    assert there.roads[1].there == ()
    assert all("routerPeer gcp-one-azure-two-1.advertisedIpRanges" in reason for reason in there.reasons)


def test_a_default_google_router_announces_primary_and_secondary_ranges() -> None:
    land, one, other = joined("gcp", "azure")
    land.change("gcp router", "gcp-one", bgp={"asn": 64513})
    assert all(found.allowed for found in both_ways(land, one, other))


def test_a_regional_google_network_learns_and_announces_in_the_routers_region_only() -> None:
    land, one, other = joined("gcp", "azure")
    land.change("gcp network", "gcp-one", routingMode="REGIONAL")
    assert all(found.allowed for found in both_ways(land, one, other))
    land.change("gcp router", "gcp-one", region="us-east1")
    for kind, names in (("vPNTunnel", 2), ("routerInterface", 2), ("routerPeer", 2)):
        for index in range(names):
            land.change(f"gcp {kind}", f"gcp-one-azure-two-{index}", region="us-east1")
    land.change("gcp haVpnGateway", "gcp-one", region="us-east1")
    found, _ = both_ways(land, one, other)
    assert not found.allowed
    assert found.reasons[0] == (
        "gcp network gcp-one.routingMode is REGIONAL: what gcp router gcp-one learns in us-east1 does not reach "
        "10.1.0.0/20 elsewhere"
    )


def test_an_azure_subnet_that_takes_no_learned_routes() -> None:
    land, one, other = joined("azure", "gcp")
    table = land.add("azure-native:network:RouteTable", "closed", "/tables/closed", disableBgpRoutePropagation=True)
    land.change("azure subnet", "azure-one-pods", routeTable={"id": table})
    found, back = both_ways(land, one, other)
    assert found.reasons == (
        "azure routeTable closed.disableBgpRoutePropagation keeps 10.2.0.0/20 from azure-one-pods",
    )
    assert not found.allowed
    assert back.allowed  # load balancers are in the nodes' subnet


@pytest.mark.parametrize("other", ["gcp", "aws", "azure"])
@pytest.mark.parametrize(("side", "part"), [("private", "nodes"), ("public", "lb")])
def test_an_oracle_table_without_the_rule(other: str, side: str, part: str) -> None:
    land, one, peer = joined("oci", other)
    rules = land.find("oci routeTable", f"oci-one-{side}").outputs["routeRules"]
    land.change("oci routeTable", f"oci-one-{side}", routeRules=rules[:1])
    found = both_ways(land, one, peer)[0 if side == "private" else 1]
    assert not found.allowed
    assert found.reasons[0].startswith(
        f"oci routeTable oci-one-{side} of subnet oci-one-{part} has no rule that sends 10.2."
    )
    assert found.reasons[0].endswith(" to drg oci-one (routeRules)")


def test_a_vcn_without_its_attachment() -> None:
    land, one, other = joined("oci", "gcp")
    land.drop("oci drgAttachment", "oci-one")
    name = f"gcp-two~{land.find('oci drg', 'oci-one').id}"
    nowhere = tuple(f"tunnel {each} of {name}: oci drg oci-one is attached to no network" for each in range(4))
    for found in both_ways(land, one, other):
        assert not found.allowed
        assert found.reasons == ("no road joins gcp-two and oci-one: neither a peering nor a VPN", *nowhere)


def test_an_aws_gateway_without_its_vpc() -> None:
    land, one, other = joined("aws", "oci")
    land.change("aws vpnGateway", "aws-one", vpcId=None)
    for found in both_ways(land, one, other):
        assert not found.allowed
        assert found.reasons[0] == "no road joins aws-one and oci-two: neither a peering nor a VPN"
        assert found.reasons[1].endswith(": aws vpnGateway aws-one is attached to no VPC (vpcId)")
    attachment = {"vpcId": one.network, "vpnGatewayId": "vgw-aws-one"}
    land.add("aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment", "aws-one", "attached", **attachment)
    assert all(found.allowed for found in both_ways(land, one, other))


def test_a_drg_can_announce_whole_vcns() -> None:
    land, one, other = joined("oci", "gcp")
    details = land.find("oci drgAttachment", "oci-one").outputs["networkDetails"]
    land.change("oci drgAttachment", "oci-one", networkDetails={**details, "vcnRouteType": "VCN_CIDRS"})
    land.change("oci vcn", "oci-one", cidrBlocks=["10.1.0.0/16"])
    tunnel = Fabric(land.records).tunnels[0]
    assert next(end for end in tunnel.ends if end.cloud == "oci").advertised == ("10.1.0.0/16",)
    assert all(found.allowed for found in both_ways(land, one, other))


def test_the_narrowest_range_that_is_announced_counts() -> None:
    land, one, other = joined("aws", "gcp")
    land.change("gcp router", "gcp-two", bgp__advertisedIpRanges=[{"range": "10.2.0.0/16"}])
    # Narrower than the /16 that is announced as well, wider than the subnet's own /20.
    static = {"routeTableId": "rtb-aws-one-private-0", "destinationCidrBlock": "10.2.0.0/19", "natGatewayId": "nat-9"}
    land.add("aws:ec2/route:Route", "detour", "r-detour", **static)
    assert both_ways(land, one, other)[0].allowed


def test_vcns_on_one_drg_share_its_vpn() -> None:
    land, one, other = joined("oci", "gcp")
    drg = land.find("oci drg", "oci-one").id
    second = oci_place(land, "oci-second", 3, drg=drg)
    for side in ("private", "public"):
        rules = [{"destination": cidr, "networkEntityId": drg} for cidr in other.ranges]
        land.change("oci routeTable", f"oci-second-{side}", routeRules=rules)
    assert all(found.allowed for found in both_ways(land, second, other))
    assert all(found.allowed for found in both_ways(land, one, other))
