"""The six VPNs: traffic passes, and each single ingredient that is altered or removed is reported for what it is."""

from itertools import combinations

import pytest
from landscape import make_place
from landscape_records import Landscape, Place
from landscape_vpn import add_gateway, asn, join
from vpn_faults import CHANGES, SESSION_FAULTS, Spot, remove

from multimesh_lab.fabric.model import FLOWS, GATEWAY_FLOW, Verdict
from multimesh_lab.fabric.reachability import Fabric, table, tunnels, verdict
from pulumi_multimesh.plan.vpn import layout

CLOUDS = ("gcp", "aws", "azure", "oci")
PAIRS = list(combinations(CLOUDS, 2))
SIDES = [(own, other) for pair in PAIRS for own, other in (pair, pair[::-1])]
SPOILED = -1
"""The tunnel that is altered: the last, so that no test passes because the first is taken."""


def agrees(own: str, other: str, what: str) -> bool:
    """Whether the altered proposal is one that Google Cloud, which accepts nearly all, accepts as well."""
    return other == "gcp" and (what == "ike" or (what == "esp" and own != "azure"))


class Vpn:
    """Two places, joined."""

    def __init__(self, one: str, other: str) -> None:
        self.land = Landscape()
        self.one = make_place(self.land, one, f"{one}-one", 1)
        self.other = make_place(self.land, other, f"{other}-two", 2)
        for place in (self.one, self.other):
            add_gateway(self.land, place)
        join(self.land, self.one, self.other)
        self.count = len(layout(one, other))
        self.name = "~".join(sorted((self.one.name, self.other.name)))

    def spot(self, index: int) -> Spot:
        return Spot(self.one, self.other, index % self.count)

    def far_spot(self, index: int) -> Spot:
        return Spot(self.other, self.one, index % self.count)

    def beside(self, index: int) -> list[int]:
        """The tunnels of the same AWS connection, which share a customer gateway."""
        spot = self.spot(index)
        return [each for each in range(self.count) if self.spot(each).words["c"] == spot.words["c"]]

    def tunnel(self, index: int) -> str:
        return f"tunnel {index % self.count} of {self.name}"

    def in_order(self, one: str, other: str) -> str:
        """Words of the two ends in the order of their networks' names."""
        return f"{one}, {other}" if self.one.name < self.other.name else f"{other}, {one}"

    def verdicts(self) -> tuple[Verdict, Verdict]:
        fabric, one, other = Fabric(self.land.records), self.one.cluster, self.other.cluster
        return fabric.verdict(one, other, GATEWAY_FLOW), fabric.verdict(other, one, GATEWAY_FLOW)

    def fails_over(self, reasons: tuple[str, ...], lost: set[int]) -> None:
        """Both ways still pass, by the other tunnels, and the reasons are these."""
        for found in self.verdicts():
            assert found.reasons == reasons
            assert found.allowed
            remaining = [self.tunnel(each) for each in range(self.count) if each not in lost]
            assert [road.name for road in found.in_use] == remaining

    def is_cut(self, reasons: set[str]) -> None:
        """Nothing passes either way, for these reasons among others."""
        for found in self.verdicts():
            assert not found.allowed
            assert found.in_use == ()
            assert reasons <= set(found.reasons)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_vpn_passes_both_ways_by_all_its_tunnels(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    for found in vpn.verdicts():
        assert found.allowed
        assert found.reasons == ()
        assert [road.name for road in found.in_use] == [vpn.tunnel(each) for each in range(vpn.count)]
    assert [tunnel.faults for tunnel in tunnels(vpn.land.records)] == [()] * vpn.count


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_another_key_at_one_end(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    spot, far = vpn.spot(SPOILED), vpn.far_spot(SPOILED)
    CHANGES["key"][one].apply(vpn.land, spot)
    words = vpn.in_order(spot.declared("key"), far.declared("key"))
    reason = f"{vpn.tunnel(SPOILED)}: the pre-shared keys differ ({words})"
    vpn.fails_over((reason,), {spot.index})


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (*side, what)
        for side in SIDES
        for what in CHANGES
        if (side[0], what) != ("oci", "own_asn") and not agrees(*side, what)
    ],
)
def test_the_same_on_every_tunnel_cuts_the_road(one: str, other: str, what: str) -> None:
    vpn = Vpn(one, other)
    for index in range(vpn.count):
        CHANGES[what][one].apply(vpn.land, vpn.spot(index))
    assert all(tunnel.faults for tunnel in tunnels(vpn.land.records))
    vpn.is_cut({fault for tunnel in tunnels(vpn.land.records) for fault in tunnel.faults})


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_no_key_is_in_any_sentence_or_repr(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    for index in range(vpn.count):
        CHANGES["key"][one].apply(vpn.land, vpn.spot(index))
    told = repr((tunnels(vpn.land.records), vpn.verdicts()))
    assert "kother" not in told
    assert f"k{vpn.one.name}{vpn.other.name}" not in told


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_another_cipher_in_phase_one(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    spot, far = vpn.spot(SPOILED), vpn.far_spot(SPOILED)
    CHANGES["ike"][one].apply(vpn.land, spot)
    if agrees(one, other, "ike"):
        vpn.fails_over((), set())
        return
    own, theirs = f"{spot.declared('ike')} has aes128", f"{far.declared('ike')} has aes256"
    both = f"{own}; {theirs}" if vpn.one.name < vpn.other.name else f"{theirs}; {own}"
    reason = f"{vpn.tunnel(SPOILED)}: phase 1: no encryption in common: {both}"
    vpn.fails_over((reason,), {spot.index})


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_another_group_in_phase_two(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    spot = vpn.spot(SPOILED)
    CHANGES["esp"][one].apply(vpn.land, spot)
    faults = tunnels(vpn.land.records)[SPOILED].faults
    if agrees(one, other, "esp"):
        vpn.fails_over((), set())
        return
    group = "none" if one == "azure" else "modp1536"
    assert len(faults) == 1
    assert faults[0].startswith(f"{vpn.tunnel(SPOILED)}: phase 2: no Diffie-Hellman group in common: ")
    assert f"{spot.declared('esp')} has {group}" in faults[0]
    vpn.fails_over(faults, {spot.index})


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_another_inside_address_is_expected(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    spot, far = vpn.spot(SPOILED), vpn.far_spot(SPOILED)
    end = next(each for each in tunnels(vpn.land.records)[SPOILED].ends if each.site == vpn.other.network)
    CHANGES["peer_inside"][one].apply(vpn.land, spot)
    reason = (
        f"{vpn.tunnel(SPOILED)}: the inside addresses do not mirror each other: {spot.declared('peer_inside')} "
        f"expects 169.254.44.9, {far.declared('own_inside')} is {end.own_inside}"
    )
    vpn.fails_over((reason,), {spot.index})


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_another_number_is_expected(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    spot, far = vpn.spot(SPOILED), vpn.far_spot(SPOILED)
    CHANGES["peer_asn"][one].apply(vpn.land, spot)
    lost = vpn.beside(SPOILED) if one == "aws" else [spot.index]
    expected = f"{spot.declared('peer_asn')} expects the ASN 65010, {far.declared('own_asn')} is {asn(vpn.other)}"
    vpn.fails_over(tuple(f"{vpn.tunnel(each)}: {expected}" for each in lost), set(lost))


@pytest.mark.parametrize(("one", "other"), [pair for pair in SIDES if pair[0] != "oci"])
def test_a_gateway_with_another_number_is_met_by_nobody(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    CHANGES["own_asn"][one].apply(vpn.land, vpn.spot(0))
    expected = {
        f"{vpn.tunnel(each)}: {vpn.far_spot(each).declared('peer_asn')} expects the ASN {asn(vpn.one)}, "
        f"{vpn.spot(each).declared('own_asn')} is 65011"
        for each in range(vpn.count)
    }
    vpn.is_cut(expected)


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_no_bgp_session(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    spot = vpn.spot(SPOILED)
    CHANGES["session"][one].apply(vpn.land, spot)
    lost = vpn.beside(SPOILED) if one == "aws" else [spot.index]
    fault = SESSION_FAULTS[one].format_map(spot.words)
    vpn.fails_over(tuple(f"{vpn.tunnel(each)}: {fault}" for each in lost), set(lost))
    assert all(not tunnel.ipsec_faults for tunnel in tunnels(vpn.land.records))


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_a_tunnel_without_its_other_end(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    spot = vpn.spot(SPOILED)
    lost = vpn.beside(SPOILED) if one == "aws" else [spot.index]
    ends = {
        each: next(end for end in tunnels(vpn.land.records)[each].ends if end.site == vpn.other.network)
        for each in lost
    }
    remove(vpn.land, spot)
    reasons = tuple(
        f"{vpn.tunnel(each)}: nothing at {ends[each].peer_public} expects {ends[each].own_public}; "
        f"only {vpn.far_spot(each).declared('name')} is there"
        for each in lost
    )
    vpn.fails_over(reasons, set(lost))


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_without_any_tunnel_of_one_side_nothing_passes(one: str, other: str) -> None:
    vpn = Vpn(one, other)
    names = {str(vpn.spot(each).words["c"]): each for each in range(vpn.count)}
    for each in names.values() if one == "aws" else range(vpn.count):
        remove(vpn.land, vpn.spot(each))
    assert all(len(tunnel.ends) == 1 and tunnel.sites == _sites(vpn) for tunnel in tunnels(vpn.land.records))
    vpn.is_cut({fault for tunnel in tunnels(vpn.land.records) for fault in tunnel.faults})


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_without_a_vpn_there_is_no_road(one: str, other: str) -> None:
    land = Landscape()
    first, second = make_place(land, one, "here", 1), make_place(land, other, "there", 2)
    found = verdict(land.records, first.cluster, second.cluster, GATEWAY_FLOW)
    assert not found.allowed
    assert found.reasons == ("no road joins here and there: neither a peering nor a VPN",)


def test_a_flow_that_is_none() -> None:
    land = Landscape()
    place = make_place(land, "gcp", "here", 1)
    with pytest.raises(ValueError, match="flow 'tcp'; there are gateway, pods"):
        verdict(land.records, place.cluster, place.cluster, "tcp")
    with pytest.raises(KeyError, match="nowhere"):
        verdict(land.records, place.cluster, "nowhere", FLOWS[0])


def test_the_table_holds_every_ordered_pair() -> None:
    land, places = full_mesh()
    found = table(land.records)
    pairs = {(one.cluster, other.cluster) for one in places for other in places if one != other}
    assert {(each.source, each.destination) for each in found} == pairs
    assert all(each.allowed and each.reasons == () for each in found)


def full_mesh() -> tuple[Landscape, list[Place]]:
    """Four clouds, each two joined by a VPN."""
    land = Landscape()
    places = [make_place(land, cloud, cloud, number) for number, cloud in enumerate(CLOUDS, 1)]
    for place in places:
        add_gateway(land, place)
    for one, other in combinations(places, 2):
        join(land, one, other)
    return land, places


def _sites(vpn: Vpn) -> tuple[str, str]:
    first, second = sorted((vpn.one, vpn.other), key=lambda place: place.name)
    return first.network, second.network
