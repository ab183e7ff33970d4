"""From inventories to the kernel's plan, without a kernel."""

from dataclasses import replace
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from landscape import Landscape, Place, azure_place, make_place, open_pods
from landscape_peering import peer_aws, peer_azure, peer_gcp
from landscape_vpn import add_gateway, join
from vpn_faults import CHANGES, Spot

from multimesh_lab.fabric.model import GATEWAY_FLOW, POD_FLOW
from multimesh_lab.fabric.wiring_intent import Lab, ends, key, networks, wiring
from multimesh_lab.fabric.wiring_numbers import Numbers
from multimesh_lab.fabric.wiring_plan import Flow, Forwarding, Hidden, Router, Wiring
from multimesh_lab.fabric.wiring_state import roads_of
from multimesh_lab.network import SLOTS, Plan

A, B = Plan(1), Plan(2)


def _plan(land: Landscape, *places: Place, tunnels: bool = True, forwardings: tuple[Forwarding, ...] = ()) -> Wiring:
    """With the clusters in slots 1, 2, … in this order."""
    roads = roads_of(land.records)
    lab = Lab({place.cluster: slot for slot, place in enumerate(places, 1)}, (), forwardings, tunnels)
    return wiring(roads, lab, Numbers().of(networks(roads, lab), map(key, ends(roads))))


def _router(found: Wiring, slot: int) -> Router:
    (router,) = (router for router in found.routers if slot in router.slots)
    return router


def _two(one: str, other: str) -> tuple[Landscape, Place, Place]:
    land = Landscape()
    return land, make_place(land, one, "one", 1), make_place(land, other, "two", 2)


def _joined(one: str, other: str) -> tuple[Landscape, Place, Place]:
    land, *places = _two(one, other)
    for place in places:
        add_gateway(land, place)
    join(land, places[0], places[1])
    return land, places[0], places[1]


class TestAlone:
    def test_networks_that_nothing_joins_have_routers_and_no_way(self) -> None:
        found = _plan(*_two("gcp", "aws"))
        assert [(router.slots, router.ends, router.wires, router.installed) for router in found.routers] == [
            ((1,), (), (), ()),
            ((2,), (), (), ()),
        ]
        assert found.flows == ()

    def test_clusters_that_the_lab_does_not_have_are_nowhere(self) -> None:
        land, _, _ = _two("gcp", "aws")
        assert _plan(land).routers == ()

    def test_every_cluster_shows_the_addresses_that_it_declared(self) -> None:
        found = _plan(*_two("gcp", "aws"))
        assert {(face.slot, face.range, face.address) for face in found.faces} == {
            (1, A.subnet, "10.1.0.10"),
            (1, A.pods, "10.1.64.10"),
            (2, B.subnet, "10.2.0.10"),
            (2, B.pods, "10.2.0.10"),
        }


class TestVpn:
    @pytest.mark.parametrize(("one", "other"), list(combinations(("gcp", "aws", "azure", "oci"), 2)))
    def test_both_sides_announce_and_install_each_others_ranges(self, one: str, other: str) -> None:
        found = _plan(*_joined(one, other))
        for near, far in ((A, B), (B, A)):
            router = _router(found, near.slot)
            assert router.ends
            for end in router.ends:
                assert set(end.advertised) == {near.subnet, near.internal, near.pods}
            assert set(router.installed) == {far.subnet, far.internal, far.pods}
        assert set(found.flows) >= {Flow(1, 2, GATEWAY_FLOW), Flow(2, 1, GATEWAY_FLOW)}

    def test_ends_are_as_their_own_cloud_declares_them(self) -> None:
        land, one, other = _joined("gcp", "aws")
        CHANGES["key"]["gcp"].apply(land, Spot(one, other, 0))
        found = _plan(land, one, other)
        keys = {end.at.own_public: end.at.key for end in _router(found, 2).ends}
        changed = [end for end in _router(found, 1).ends if end.at.key != keys[end.at.peer_public]]
        assert len(changed) == 1

    def test_a_range_that_is_not_announced_is_not_announced(self) -> None:
        land, one, other = _joined("gcp", "aws")
        land.change("gcp router", "one", bgp__advertisedGroups=[], bgp__advertisedIpRanges=[{"range": "10.1.0.0/20"}])
        for end in _router(_plan(land, one, other), 1).ends:
            assert set(end.advertised) == {A.subnet, A.internal}

    def test_what_no_route_leads_to_is_not_installed(self) -> None:
        """Without propagation a VPC's packets do not go to its gateway, whatever that has learned."""
        land, one, other = _joined("gcp", "aws")
        for record in land.records:
            if record.type.endswith(":VpnGatewayRoutePropagation"):
                land.drop(record.type, record.name)
        found = _plan(land, one, other)
        assert _router(found, 2).installed == ()
        assert found.flows == ()

    def test_amazon_and_azure_pass_on_what_they_learn(self) -> None:
        found = _plan(*_joined("gcp", "aws"))
        assert {end.passes_on for end in _router(found, 1).ends} == {False}
        assert {end.passes_on for end in _router(found, 2).ends} == {True}

    def test_two_ends_with_the_same_addresses_are_one(self) -> None:
        """Packets could not tell them apart."""
        land, one, other = _joined("gcp", "azure")
        before = len(_router(_plan(land, one, other), 1).ends)
        tunnel = land.find("gcp vPNTunnel", "one-two-0")
        land.add(tunnel.type, "again", "again", **{**tunnel.outputs, "name": "again"})
        assert len(_router(_plan(land, one, other), 1).ends) == before

    def test_without_tunnels_an_open_road_is_a_wire(self) -> None:
        land, one, other = _joined("gcp", "azure")
        found = _plan(land, one, other, tunnels=False)
        assert {router.ends for router in found.routers} == {()}
        (wire,) = _router(found, 1).wires
        assert wire.router == _router(found, 2).number
        assert B.internal in wire.routes
        for index in (0, 1):
            CHANGES["key"]["gcp"].apply(land, Spot(one, other, index))
        assert _router(_plan(land, one, other, tunnels=False), 1).wires == ()


class TestPeering:
    @pytest.mark.parametrize(("cloud", "join_them"), [("gcp", peer_gcp), ("aws", peer_aws), ("azure", peer_azure)])
    def test_a_wire_with_the_routes_of_both_sides(self, cloud: str, join_them: object) -> None:
        land, one, other = _two(cloud, cloud)
        assert callable(join_them)
        join_them(land, one, other)
        found = _plan(land, one, other)
        for near, far in ((A, B), (B, A)):
            (wire,) = _router(found, near.slot).wires
            assert {far.internal, far.subnet} <= set(wire.routes)

    def test_no_wire_while_one_side_is_missing(self) -> None:
        land, one, other = _two("gcp", "gcp")
        peer_gcp(land, one, other)
        land.drop("gcp networkPeering", "one-two")
        assert {router.wires for router in _plan(land, one, other).routers} == {()}

    def test_no_route_to_what_the_network_has_no_route_to(self) -> None:
        land, one, other = _two("aws", "aws")
        peer_aws(land, one, other)
        for zone in (0, 1):
            land.drop("aws route", f"one-two-two-{zone}")
        found = _plan(land, one, other)
        assert {wire.routes for router in found.routers for wire in router.wires} == {()}

    def test_the_hubs_gateway_serves_a_peered_network(self) -> None:
        land = Landscape()
        hub, spoke = azure_place(land, "hub", 1), azure_place(land, "spoke", 2)
        far = make_place(land, "aws", "far", 3)
        for place in (hub, far):
            add_gateway(land, place)
        join(land, hub, far)
        peer_azure(land, hub, spoke)
        land.change("azure virtualNetworkPeering", "hub-spoke", allowGatewayTransit=True)
        land.change("azure virtualNetworkPeering", "spoke-hub", useRemoteGateways=True)
        found = _plan(land, hub, spoke, far)
        (wire,) = _router(found, 2).wires
        assert Plan(3).internal in wire.routes
        assert {B.internal, B.subnet} <= set(_router(found, 1).ends[0].advertised)
        assert {B.internal, B.subnet} <= set(_router(found, 3).installed)


class TestPods:
    def test_pods_behind_their_node_are_hidden_and_no_flow_leads_to_them(self) -> None:
        land = Landscape()
        one, other = azure_place(land, "one", 1, overlay=True), make_place(land, "gcp", "two", 2)
        for place in (one, other):
            add_gateway(land, place)
        join(land, one, other)
        open_pods(land, other, (one,))
        found = _plan(land, one, other)
        assert found.hidden == (Hidden(1),)
        assert {flow.to for flow in found.flows} == {GATEWAY_FLOW}
        assert A.pods not in _router(found, 2).installed

    def test_pods_of_eks_keep_their_addresses_inside_their_vpc_only(self) -> None:
        land, one, other = _joined("gcp", "aws")
        assert _plan(land, one, other).hidden == (Hidden(2, (B.subnet, B.internal, B.pods)),)

    def test_open_firewalls_make_a_flow(self) -> None:
        land, one, other = _joined("gcp", "azure")
        assert Flow(2, 1, POD_FLOW) not in _plan(land, one, other).flows
        open_pods(land, one, (other,))
        assert Flow(2, 1, POD_FLOW) in _plan(land, one, other).flows


class TestForwardings:
    def test_whom_a_balancer_admits_is_translated(self) -> None:
        land, one, other = _joined("gcp", "aws")
        entry = Forwarding("198.19.102.1", "TCP", 15443, 30001, 2, ("10.1.0.0/20",))
        found = _router(_plan(land, one, other, forwardings=(entry,)), 2).forwardings
        assert found == (replace(entry, sources=(str(A.subnet), str(A.internal))),)

    def test_ranges_of_nobody_in_the_lab_admit_nobody(self) -> None:
        land, one, other = _joined("gcp", "aws")
        entry = Forwarding("198.19.102.1", "TCP", 15443, 30001, 2, ("172.20.0.0/16",))
        (found,) = _router(_plan(land, one, other, forwardings=(entry,)), 2).forwardings
        assert found.sources == ("0.0.0.0/32",)


class TestNumbers:
    def test_who_has_one_keeps_it(self) -> None:
        first = Numbers().of(["b", "c"], ["x", "y"])
        second = first.of(["a", "c"], ["w", "x", "y"])
        assert (first.routers, second.routers) == ({"b": 1, "c": 2}, {"a": 3, "c": 2})
        assert second.ends == {"x": 1, "y": 2, "w": 3}
        assert second.of(["a", "b", "c"], []).routers == {"a": 3, "b": 1, "c": 2}

    def test_networks_of_the_lab_overlap_nowhere(self) -> None:
        ranges = [each for plan in map(Plan, SLOTS) for each in (plan.subnet, plan.internal, plan.pods)]
        ranges.append(IPv4Network("198.19.255.0/24"))
        assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))
