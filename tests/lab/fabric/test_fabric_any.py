"""What holds of every verdict, whatever is wrong with a four-cloud mesh."""

import functools
from collections.abc import Sequence
from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landscape import make_place, open_pods
from landscape_records import Landscape, Place
from landscape_vpn import add_gateway, join
from vpn_faults import CHANGES, Spot

from multimesh_lab.fabric.model import FLOWS, TRANSIT, Verdict
from multimesh_lab.fabric.reachability import Fabric
from multimesh_lab.providers.store import Record
from pulumi_multimesh.plan.vpn import layout

CLOUDS = ("gcp", "aws", "azure", "oci")
SPOTS = [
    (one, other, index)
    for pair in combinations(CLOUDS, 2)
    for one, other in (pair, pair[::-1])
    for index in range(len(layout(one, other)))
]
SPOILS = [(*spot, what) for spot in SPOTS for what in ("key", "peer_inside", "peer_asn", "session")]
Spoil = tuple[str, str, int, str]


@functools.cache
def mesh() -> tuple[tuple[Record, ...], dict[str, Place]]:
    """Four networks, each two joined, with open firewalls; built once, as building takes longer than judging."""
    land = Landscape()
    places = {cloud: make_place(land, cloud, cloud, number) for number, cloud in enumerate(CLOUDS, 1)}
    for place in places.values():
        add_gateway(land, place)
        open_pods(land, place, tuple(other for other in places.values() if other != place))
    for one, other in combinations(places.values(), 2):
        join(land, one, other)
    return tuple(land.records), places


def spoiled(spoils: Sequence[Spoil]) -> list[Record]:
    """The mesh with these ingredients altered."""
    records, places = mesh()
    land = Landscape()
    for record in records:
        land.put(record)
    for one, other, index, what in spoils:
        CHANGES[what][one].apply(land, Spot(places[one], places[other], index))
    return land.records


def verdicts(records: Sequence[Record]) -> list[Verdict]:
    fabric = Fabric(records)
    return [verdict for flow in FLOWS for verdict in fabric.table(flow)]


some_spoils = st.lists(st.sampled_from(SPOILS), max_size=12, unique=True)


@settings(max_examples=50)
@given(some_spoils)
def test_a_verdict_is_of_one_piece(spoils: list[Spoil]) -> None:
    fabric = Fabric(spoiled(spoils))
    up = {tunnel.name for tunnel in fabric.tunnels if tunnel.is_up}
    for flow in FLOWS:
        for verdict in fabric.table(flow):
            if verdict.allowed:
                assert any(not road.there for road in verdict.roads)
                assert any(not road.back for road in verdict.roads)
                # Whatever is in use leads through tunnels that are up.
                assert all(set(road.tunnels) <= up and road.tunnels for road in verdict.in_use)
            else:
                assert verdict.reasons
                assert verdict.in_use == ()
            down = {name for road in verdict.roads for name in road.tunnels} - up
            assert all(any(reason.startswith(f"{name}: ") for reason in verdict.reasons) for name in down)


@settings(max_examples=25)
@given(some_spoils, some_spoils)
def test_what_is_spoiled_further_opens_nothing(some: list[Spoil], more: list[Spoil]) -> None:
    allowed = {(each.source, each.destination, each.flow) for each in verdicts(spoiled(some)) if each.allowed}
    worse = [*some, *(each for each in more if each not in some)]
    left = {(each.source, each.destination, each.flow) for each in verdicts(spoiled(worse)) if each.allowed}
    assert left <= allowed


@settings(max_examples=15)
@given(st.sampled_from(["key", "peer_inside", "session"]), st.sets(st.sampled_from(SPOTS)))
def test_nothing_passes_with_every_tunnel_faulty(what: str, also: set[tuple[str, str, int]]) -> None:
    one_side = [spot for spot in SPOTS if CLOUDS.index(spot[0]) < CLOUDS.index(spot[1])]
    everywhere = [(*spot, what) for spot in one_side]
    found = verdicts(spoiled([*everywhere, *((*spot, "peer_asn") for spot in also)]))
    assert not any(verdict.allowed for verdict in found)


@settings(max_examples=15)
@given(some_spoils, st.randoms(use_true_random=False))
def test_the_order_of_the_records_means_nothing(spoils: list[Spoil], chance: Random) -> None:
    records = spoiled(spoils)
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert verdicts(shuffled) == verdicts(records)


@pytest.mark.parametrize("pair", list(combinations(CLOUDS, 2)))
def test_a_mesh_outlives_two_clouds_falling_out(pair: tuple[str, str]) -> None:
    """All that joins two clouds is down: AWS or Azure passes their packets on, unless it is those two."""
    one, other = pair
    found = verdicts(spoiled([(one, other, index, "key") for index in range(len(layout(one, other)))]))
    cut = [verdict for verdict in found if not verdict.allowed]
    through = [verdict for verdict in found if {road.kind for road in verdict.in_use} == {TRANSIT}]
    assert len(found) == 12 * len(FLOWS)
    for road in (road for verdict in through for road in verdict.in_use):
        hops = {"~".join(sorted(hop)) for hop in pairwise(road.name.split(" → "))}
        assert {name.partition(" of ")[2] for name in road.tunnels} == hops
    assert (len(cut), len(through)) == ((2 * len(FLOWS), 0) if pair == ("aws", "azure") else (0, 2 * len(FLOWS)))


def test_one_tunnel_of_each_pair_cut_leaves_all_twelve() -> None:
    cut = [(one, other, 0, "key") for one, other in combinations(CLOUDS, 2)]
    found = verdicts(spoiled(cut))
    assert len(found) == 12 * len(FLOWS)
    assert all(verdict.allowed and len(verdict.reasons) == 1 for verdict in found)
