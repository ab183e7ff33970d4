"""The four clouds' peerings: traffic passes, and each single ingredient that is missing is named."""

from collections.abc import Callable
from itertools import combinations

import pytest
from landscape import aws_place, azure_place, gcp_place, oci_place
from landscape_peering import peer_aws, peer_azure, peer_gcp, peer_oci, peer_oci_locally, peer_oci_regions
from landscape_records import Landscape, Place

from multimesh_lab.fabric.model import GATEWAY_FLOW, PEERING, SAME_NETWORK, Verdict
from multimesh_lab.fabric.reachability import Fabric

Built = tuple[Landscape, Place, Place]


def gcp() -> Built:
    land = Landscape()
    one, other = gcp_place(land, "east", 1), gcp_place(land, "west", 2)
    peer_gcp(land, one, other)
    return land, one, other


def aws() -> Built:
    land = Landscape()
    one, other = aws_place(land, "east", 1), aws_place(land, "west", 2)
    peer_aws(land, one, other)
    return land, one, other


def azure() -> Built:
    land = Landscape()
    one, other = azure_place(land, "east", 1), azure_place(land, "west", 2)
    peer_azure(land, one, other)
    return land, one, other


def oci() -> Built:
    land = Landscape()
    one = oci_place(land, "east", 1)
    other = oci_place(land, "west", 2, drg=land.find("oci drg", "east").id)
    peer_oci(land, one, other)
    return land, one, other


def oci_regions() -> Built:
    land = Landscape()
    one, other = oci_place(land, "east", 1), oci_place(land, "west", 2, "us-ashburn-1")
    peer_oci_regions(land, one, other)
    return land, one, other


def oci_locally() -> Built:
    land = Landscape()
    one, other = oci_place(land, "east", 1), oci_place(land, "west", 2)
    peer_oci_locally(land, one, other)
    return land, one, other


BUILDERS = [gcp, aws, azure, oci, oci_regions, oci_locally]


def both_ways(built: Built) -> list[Verdict]:
    land, one, other = built
    fabric = Fabric(land.records)
    ends = (one.cluster, other.cluster)
    return [fabric.verdict(*pair, GATEWAY_FLOW) for pair in (ends, (ends[1], ends[0]))]


def closed(built: Built, *reasons: str) -> None:
    """Nothing passes either way, for exactly these reasons, in whatever order."""
    for found in both_ways(built):
        assert not found.allowed
        assert sorted(found.reasons) == sorted(reasons)


@pytest.mark.parametrize("build", BUILDERS)
def test_a_peering_passes_both_ways(build: Callable[[], Built]) -> None:
    for found in both_ways(build()):
        assert found.allowed
        assert found.reasons == ()
        assert [(road.kind, road.name) for road in found.in_use] == [(PEERING, "peering east~west")]


@pytest.mark.parametrize(("own", "peer"), [("east", "west"), ("west", "east")])
def test_one_side_of_google_clouds_is_missing(own: str, peer: str) -> None:
    built = gcp()
    built[0].drop("gcp networkPeering", f"{own}-{peer}")
    closed(built, f"peering east~west: there is no gcp networkPeering from {own} to {peer}; it takes one on each side")


def test_aws_peering_that_nobody_accepted() -> None:
    built = aws()
    built[0].change("aws vpcPeeringConnection", "east-west", acceptStatus="pending-acceptance")
    fault = "aws vpcPeeringConnection east-west.acceptStatus is pending-acceptance, not active"
    closed(built, f"peering east~west: {fault}")


def test_what_its_accepter_says_of_an_aws_peering_counts_for_nothing() -> None:
    built = aws()
    built[0].change("aws vpcPeeringConnection", "east-west", acceptStatus="rejected")
    accepter = {"vpcPeeringConnectionId": "pcx-east-west", "acceptStatus": "active"}
    built[0].add(
        "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter", "east-west", "pcx-east-west", **accepter
    )
    fault = "aws vpcPeeringConnection east-west.acceptStatus is rejected, not active"
    closed(built, f"peering east~west: {fault}")


@pytest.mark.parametrize("own", ["east", "west"])
@pytest.mark.parametrize("zone", [0, 1])
def test_one_aws_route_is_missing(own: str, zone: int) -> None:
    built = aws()
    built[0].drop("aws route", f"east-west-{own}-{zone}")
    targets = {"east": ["10.2.0.0/18", "10.2.64.0/18"], "west": ["10.1.0.0/18", "10.1.64.0/18"]}[own]
    closed(
        built,
        *(
            f"aws routeTable {own}-private-{zone} has no route for {target} to vpcPeeringConnection east-west "
            "(route.vpcPeeringConnectionId)"
            for target in targets
        ),
    )


def test_an_aws_route_that_leads_elsewhere() -> None:
    built = aws()
    built[0].change("aws route", "east-west-east-1", vpcPeeringConnectionId="pcx-other")
    for found in both_ways(built):
        assert not found.allowed
        assert found.reasons[0].endswith("(route.vpcPeeringConnectionId), it goes to pcx-other")


def test_aws_routes_within_the_table_itself() -> None:
    built = aws()
    land = built[0]
    land.drop("aws route", "east-west-east-0")
    inline = {"cidrBlock": "10.2.0.0/16", "vpcPeeringConnectionId": "pcx-east-west"}
    land.change("aws routeTable", "east-private-0", routes=[inline])
    assert all(found.allowed for found in both_ways(built))


def test_aws_subnet_with_the_vpcs_main_table() -> None:
    built = aws()
    built[0].drop("aws routeTableAssociation", "east-private-0")
    for found in both_ways(built):
        assert not found.allowed
        assert found.reasons[0].startswith("aws routeTable rtb-east has no route for 10.2.0.0/18 to ")


@pytest.mark.parametrize(("own", "peer"), [("east", "west"), ("west", "east")])
def test_one_side_of_azures_is_missing(own: str, peer: str) -> None:
    built = azure()
    built[0].drop("azure virtualNetworkPeering", f"{own}-{peer}")
    fault = f"there is no azure virtualNetworkPeering from {own} to {peer}; it takes one on each side"
    closed(built, f"peering east~west: {fault}")


def test_azure_peering_without_access() -> None:
    built = azure()
    built[0].change("azure virtualNetworkPeering", "west-east", allowVirtualNetworkAccess=False)
    closed(built, "peering east~west: azure virtualNetworkPeering west-east.allowVirtualNetworkAccess is false")


def test_azure_route_of_the_users_own() -> None:
    built = azure()
    land = built[0]
    detour = {"name": "inspect", "addressPrefix": "10.2.0.0/16", "nextHopType": "VirtualAppliance"}
    table = land.add("azure-native:network:RouteTable", "detour", "/tables/detour", routes=[detour])
    land.change("azure subnet", "east-nodes", routeTable={"id": table.upper()})
    reasons = [
        f"azure routeTable detour sends {each} to VirtualAppliance instead" for each in ("10.2.0.0/20", "10.2.64.0/18")
    ]
    there, back = both_ways(built)
    assert (there.allowed, there.reasons) == (False, (reasons[0],))
    # The other side sends from its pods too, whom the answers must reach.
    assert (back.allowed, back.reasons) == (False, tuple(reasons))


@pytest.mark.parametrize("build", [oci, oci_regions, oci_locally])
@pytest.mark.parametrize("side", ["private", "public"])
def test_one_oracle_route_is_missing(build: Callable[[], Built], side: str) -> None:
    built = build()
    rules = built[0].find("oci routeTable", f"east-{side}").outputs["routeRules"]
    built[0].change("oci routeTable", f"east-{side}", routeRules=rules[:1])
    for found in both_ways(built):
        # What is spoiled is the way of requests to one side and that of answers to the other.
        is_source = found.source == built[1].cluster
        assert found.allowed is (side == "public" if is_source else side == "private")
        for reason in found.reasons:
            assert reason.startswith(f"oci routeTable east-{side} of subnet east-")
            assert " has no rule that sends 10.2." in reason
            assert reason.endswith("(routeRules)")


def test_oracle_route_to_something_else() -> None:
    built = oci_locally()
    land = built[0]
    rules = land.find("oci routeTable", "east-private").outputs["routeRules"]
    changed = [
        {**rule, "networkEntityId": "ocid1.other"} if rule["destination"] == "10.2.32.0/24" else rule for rule in rules
    ]
    land.change("oci routeTable", "east-private", routeRules=changed)
    there, _ = both_ways(built)
    assert there.reasons[0] == (
        "oci routeTable east-private of subnet east-nodes sends 10.2.32.0/24 to ocid1.other, not to "
        "localPeeringGateway east-west (routeRules)"
    )


@pytest.mark.parametrize(
    ("build", "kind"), [(oci_regions, "remotePeeringConnection"), (oci_locally, "localPeeringGateway")]
)
@pytest.mark.parametrize(("own", "peer"), [("east", "west"), ("west", "east")])
def test_one_side_of_oracles_is_missing(build: Callable[[], Built], kind: str, own: str, peer: str) -> None:
    built = build()
    built[0].drop(f"oci {kind}", f"{own}-{peer}")
    closed(built, f"peering east~west: oci {kind} {peer}-{own}.peerId joins it to none of {own}")


def test_oracle_peering_that_names_nobody() -> None:
    built = oci_regions()
    built[0].change("oci remotePeeringConnection", "east-west", peerId=None)
    closed(built, "peering east~west: oci remotePeeringConnection east-west.peerId joins it to none of west")


def test_without_its_drg_attachment_a_vcn_is_joined_to_nothing() -> None:
    built = oci()
    built[0].drop("oci drgAttachment", "west")
    closed(built, "no road joins east and west: neither a peering nor a VPN")


@pytest.mark.parametrize("build", [gcp, aws, azure])
def test_peering_leads_no_further(build: Callable[[], Built]) -> None:
    land, one, other = build()
    makers = {"gcp": (gcp_place, peer_gcp), "aws": (aws_place, peer_aws), "azure": (azure_place, peer_azure)}
    make, peer = makers[one.cloud]
    third = make(land, "far", 3)
    peer(land, other, third)
    found = Fabric(land.records).verdict(one.cluster, third.cluster, GATEWAY_FLOW)
    assert not found.allowed
    assert found.reasons == (
        "no road joins east and far: neither a peering nor a VPN",
        "both are peered with west, but a peering leads no further than to its other side",
    )
    assert Fabric(land.records).verdict(other.cluster, third.cluster, GATEWAY_FLOW).allowed


def test_three_vcns_on_one_drg_reach_each_other() -> None:
    land, one, other = oci()
    third = oci_place(land, "far", 3, drg=land.find("oci drg", "east").id)
    for first, second in ((one, third), (other, third)):
        peer_oci(land, first, second)
    fabric = Fabric(land.records)
    for first, second in combinations((one, other, third), 2):
        assert fabric.verdict(first.cluster, second.cluster, GATEWAY_FLOW).allowed


def test_a_vcn_with_a_gateway_for_each_neighbour() -> None:
    land, one, other = oci_locally()
    third = oci_place(land, "far", 3)
    peer_oci_locally(land, other, third)
    fabric = Fabric(land.records)
    assert {peering.name: peering.faults for peering in fabric.peerings} == {
        "peering east~west": (),
        "peering far~west": (),
    }
    found = fabric.verdict(one.cluster, third.cluster, GATEWAY_FLOW)
    assert found.reasons == (
        "no road joins east and far: neither a peering nor a VPN",
        "both are peered with west, but a peering leads no further than to its other side",
    )


def test_clusters_of_one_network_need_no_road() -> None:
    land = Landscape()
    one = gcp_place(land, "east", 1)
    record = land.find("gcp cluster", "east")
    path = record.id.replace("/east", "/second")
    land.add(record.type, "second", path, **{**record.outputs, "name": "second"})
    found = Fabric(land.records).verdict(one.cluster, f"gcp/{path}", GATEWAY_FLOW)
    assert found.allowed
    assert [road.kind for road in found.in_use] == [SAME_NETWORK]
