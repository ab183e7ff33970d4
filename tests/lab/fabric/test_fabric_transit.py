"""Through third networks: by gateways that pass on what they learned, and by peerings that share a gateway."""

import pytest
from fabric_verdicts import both_ways
from landscape import azure_place, gcp_place, make_place
from landscape_peering import peer_azure, peer_gcp
from landscape_records import Landscape, Place
from landscape_vpn import add_gateway, join

from multimesh_lab.fabric.model import TRANSIT, VPN, Verdict


class Hub:
    """Two places, each with a VPN to a third, and none to each other."""

    def __init__(self, one: str, hub: str, other: str) -> None:
        self.land = Landscape()
        self.one, self.hub, self.other = (
            make_place(self.land, cloud, name, number)
            for number, (cloud, name) in enumerate(((one, "first"), (hub, "hub"), (other, "last")), 1)
        )
        for place in (self.one, self.hub, self.other):
            add_gateway(self.land, place)
        join(self.land, self.one, self.hub)
        join(self.land, self.hub, self.other)
        for place, far in ((self.one, self.other), (self.other, self.one)):
            if place.cloud == "oci":
                self._send(place, far)

    def _send(self, place: Place, far: Place) -> None:
        for side in ("private", "public"):
            rules = self.land.find("oci routeTable", f"{place.name}-{side}").outputs["routeRules"]
            drg = self.land.find("oci drg", place.name).id
            more = [{"destination": cidr, "networkEntityId": drg} for cidr in far.ranges]
            self.land.change("oci routeTable", f"{place.name}-{side}", routeRules=[*rules, *more])

    def verdicts(self) -> tuple[Verdict, Verdict]:
        return both_ways(self.land, self.one, self.other)


@pytest.mark.parametrize(
    ("one", "hub", "other"),
    [("gcp", "aws", "azure"), ("gcp", "azure", "aws"), ("oci", "aws", "gcp"), ("gcp", "azure", "oci")],
)
def test_aws_and_azure_pass_on_what_they_have_learned(one: str, hub: str, other: str) -> None:
    built = Hub(one, hub, other)
    there, back = built.verdicts()
    for found, name in ((there, "first → hub → last"), (back, "last → hub → first")):
        assert found.allowed
        assert found.reasons == ()
        assert [(road.kind, road.name) for road in found.in_use] == [(TRANSIT, name)]
        assert {tunnel.split(" of ")[1] for tunnel in found.in_use[0].tunnels} == {"first~hub", "hub~last"}


@pytest.mark.parametrize(
    ("hub", "keeper"), [("gcp", "Google Cloud's routers announce"), ("oci", "Oracle Cloud's DRGs announce")]
)
def test_google_cloud_and_oracle_cloud_keep_what_they_have_learned(hub: str, keeper: str) -> None:
    found, _ = Hub("aws", hub, "azure").verdicts()
    assert not found.allowed
    assert found.reasons == (
        "no road joins first and last: neither a peering nor a VPN",
        f"both have a VPN to hub, but {keeper} nothing that they have learned",
    )


def test_two_oracle_gateways_refuse_each_others_routes() -> None:
    found, _ = Hub("oci", "aws", "oci").verdicts()
    assert not found.allowed
    assert found.reasons[0] == "no road joins first and last: neither a peering nor a VPN"
    refused = [reason for reason in found.reasons if "its own number 31898 is in the path already" in reason]
    assert refused[-1] == "oci drg first refuses 10.3.64.0/18 of last: its own number 31898 is in the path already"
    assert len(refused) == 6


def test_a_hub_without_a_tunnel_to_one_side_leads_nowhere() -> None:
    built = Hub("gcp", "aws", "azure")
    for interface in (0, 1):
        built.land.drop("aws vpnConnection", f"hub-last-{interface}")
    assert not any(found.allowed for found in built.verdicts())


def test_a_third_network_takes_over_when_the_direct_vpn_is_down() -> None:
    land = Landscape()
    places = [make_place(land, cloud, cloud, number) for number, cloud in enumerate(("gcp", "aws", "azure"), 1)]
    for place in places:
        add_gateway(land, place)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        join(land, places[one], places[other])
    direct, _ = both_ways(land, places[0], places[2])
    assert {road.kind for road in direct.in_use} == {VPN}
    for index in (0, 1):
        land.change("gcp vPNTunnel", f"gcp-azure-{index}", sharedSecret="kother")
    found, _ = both_ways(land, places[0], places[2])
    assert found.allowed
    assert [(road.kind, road.name) for road in found.in_use] == [(TRANSIT, "gcp → aws → azure")]
    assert len(found.reasons) == 2
    assert all("the pre-shared keys differ" in reason for reason in found.reasons)


def test_packets_and_their_answers_may_take_different_roads() -> None:
    land = Landscape()
    gcp, aws, azure = (
        make_place(land, cloud, cloud, number) for number, cloud in enumerate(("gcp", "aws", "azure"), 1)
    )
    for place in (gcp, aws, azure):
        add_gateway(land, place)
    for one, other in ((gcp, aws), (gcp, azure), (aws, azure)):
        join(land, one, other)
    for index in (0, 1):
        land.change("gcp routerPeer", f"gcp-azure-{index}", advertiseMode="CUSTOM")
    there, back = both_ways(land, gcp, azure)
    for found in (there, back):
        assert found.allowed
        direct = [road for road in found.in_use if road.kind == VPN]
        through = [road for road in found.in_use if road.kind == TRANSIT]
        assert (len(direct), len(through)) == (2, 1)
    assert all(not road.there and road.back for road in there.roads if road.kind == VPN)
    assert all(road.there and not road.back for road in back.roads if road.kind == VPN)


def spokes(cloud: str) -> tuple[Landscape, Place, Place, Place]:
    """A place without a VPN, peered with one that has a VPN to AWS."""
    land = Landscape()
    maker, peer = {"gcp": (gcp_place, peer_gcp), "azure": (azure_place, peer_azure)}[cloud]
    hub, spoke = maker(land, "hub", 1), maker(land, "spoke", 2)
    far = make_place(land, "aws", "far", 3)
    for place in (hub, far):
        add_gateway(land, place)
    join(land, hub, far)
    peer(land, hub, spoke)
    return land, hub, spoke, far


def test_azure_network_uses_the_gateway_of_one_that_it_is_peered_with() -> None:
    land, _, spoke, far = spokes("azure")
    land.change("azure virtualNetworkPeering", "hub-spoke", allowGatewayTransit=True)
    land.change("azure virtualNetworkPeering", "spoke-hub", useRemoteGateways=True)
    for found in both_ways(land, spoke, far):
        assert found.allowed
        assert [road.name for road in found.in_use] == [f"tunnel {each} of far~hub" for each in range(4)]
    land.change("azure virtualNetworkPeering", "hub-spoke", allowGatewayTransit=False)
    for found in both_ways(land, spoke, far):
        assert not found.allowed
        shared = "azure virtualNetworkPeering hub-spoke.allowGatewayTransit is off: hub shares no gateway"
        assert shared in found.reasons
        # The gateway announces the networks that use it.
        assert any("hub announces 10.1.0.0/16, not 10.2." in reason for reason in found.reasons)


def test_azure_spoke_that_does_not_ask_for_the_gateway() -> None:
    land, _, spoke, far = spokes("azure")
    land.change("azure virtualNetworkPeering", "hub-spoke", allowGatewayTransit=True)
    reason = "azure virtualNetworkPeering spoke-hub.useRemoteGateways is off: spoke uses no gateway of hub"
    for found in both_ways(land, spoke, far):
        assert not found.allowed
        assert reason in found.reasons


def test_google_network_takes_vpn_routes_over_a_peering_that_exchanges_them() -> None:
    land, _, spoke, far = spokes("gcp")
    land.change("gcp networkPeering", "hub-spoke", exportCustomRoutes=True)
    land.change("gcp networkPeering", "spoke-hub", importCustomRoutes=True)
    ranges = [{"range": cidr} for cidr in spoke.ranges]
    land.change("gcp router", "hub", bgp__advertisedIpRanges=ranges)
    assert all(found.allowed for found in both_ways(land, spoke, far))
    land.change("gcp networkPeering", "hub-spoke", exportCustomRoutes=False)
    for found in both_ways(land, spoke, far):
        assert not found.allowed
        assert found.reasons == (
            "gcp networkPeering hub-spoke.exportCustomRoutes is off: hub keeps what its VPN learns",
        )
    land.change("gcp networkPeering", "hub-spoke", exportCustomRoutes=True)
    land.change("gcp networkPeering", "spoke-hub", importCustomRoutes=False)
    for found in both_ways(land, spoke, far):
        assert not found.allowed
        assert found.reasons == (
            "gcp networkPeering spoke-hub.importCustomRoutes is off: spoke takes no VPN routes over it",
        )


def test_google_router_does_not_announce_a_peered_network_by_itself() -> None:
    land, _, spoke, far = spokes("gcp")
    land.change("gcp networkPeering", "hub-spoke", exportCustomRoutes=True)
    land.change("gcp networkPeering", "spoke-hub", importCustomRoutes=True)
    for found in both_ways(land, spoke, far):
        assert not found.allowed
        assert all("hub announces 10.1.0.0/20, 10.1.64.0/18, not 10.2." in reason for reason in found.reasons)


def test_a_network_peered_with_one_that_has_a_vpn_gets_nothing_of_it_by_itself() -> None:
    land, hub, spoke, far = spokes("gcp")
    assert all(found.allowed for found in both_ways(land, hub, far))
    assert all(found.allowed for found in both_ways(land, hub, spoke))
    assert not any(found.allowed for found in both_ways(land, spoke, far))


def test_a_network_with_a_vpn_of_its_own_is_told_nothing_of_its_neighbours() -> None:
    land, _, spoke, far = spokes("gcp")
    add_gateway(land, spoke)
    join(land, spoke, far)
    land.change("gcp vPNTunnel", "spoke-far-0", sharedSecret="kother")
    for found in both_ways(land, spoke, far):
        assert found.allowed
        assert [road.name for road in found.roads] == [f"tunnel {each} of far~spoke" for each in range(4)]
        assert len(found.reasons) == 1
