"""Networks of the simulated clouds for real: what their inventories say, the kernel does.

Every tunnel's fate is found twice, by the pure function from both ends' declarations, and by a negotiation of two
strongSwans and two BIRDs that each know one end's; the two must agree.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest
from landscape import Landscape, Place, azure_place, make_place, open_pods
from landscape_peering import peer_aws, peer_azure, peer_gcp, peer_oci_locally
from landscape_vpn import add_gateway, join
from paper_fabric import PaperFabric
from vpn_faults import CHANGES, Spot

from multimesh_lab import lifecycle, machine, network
from multimesh_lab.fabric.model import GATEWAY_FLOW, POD_FLOW
from multimesh_lab.fabric.reachability import tunnels
from multimesh_lab.home import LabHome

pytestmark = pytest.mark.live

CLOUDS = ("gcp", "aws", "azure", "oci")
Make = Callable[[Landscape, list[Place]], PaperFabric]


@pytest.fixture
def fabric() -> Iterator[Make]:
    """Makes a lab's network for a landscape; `down` must leave nothing of it."""
    absent = machine.missing(machine.TUNNELS)
    if absent:
        pytest.skip("tunnels need " + ", ".join(need.what for need in absent))
    if network.owner() is not None:
        pytest.skip(f"another lab has this machine's network: {network.owner()}")
    folder = Path(tempfile.mkdtemp(prefix="multimesh-fabric-"))
    home = LabHome(folder / "lab")
    home.create()

    def make(land: Landscape, places: list[Place]) -> PaperFabric:
        return PaperFabric(home, land, places)

    try:
        yield make
    finally:
        lifecycle.down(home)
        left = lifecycle.leftovers(home)
        shutil.rmtree(folder, ignore_errors=True)
    assert left == []


def _places(land: Landscape, *clouds: str) -> list[Place]:
    """A cluster in each cloud, all with a VPN gateway."""
    places = [make_place(land, cloud, cloud, number) for number, cloud in enumerate(clouds, start=1)]
    for place in places:
        add_gateway(land, place)
    return places


def _four_clouds() -> tuple[Landscape, list[Place]]:
    """A VPN between each two."""
    land = Landscape()
    places = _places(land, *CLOUDS)
    for one, other in combinations(places, 2):
        join(land, one, other)
    return land, places


class TestFourClouds:
    def test_all_twelve_pairs_cross_and_still_do_with_one_tunnel_of_each_cut(self, fabric: Make) -> None:
        land, places = _four_clouds()
        lab = fabric(land, places)
        lab.until(lambda: lab.as_declared() and len(lab.report().tunnels) == 20)
        assert len(lab.crossings(GATEWAY_FLOW)) == 12
        for one, other in combinations(places, 2):
            _cut(land, one, other)
        lab.until(lambda: lab.as_declared() and sum(bool(tunnel.up) for tunnel in lab.report().tunnels) == 14)
        lab.until(lambda: len(lab.crossings(GATEWAY_FLOW)) == 12, seconds=15)

    def test_pods_cross_where_firewalls_let_them(self, fabric: Make) -> None:
        land, places = _four_clouds()
        lab = fabric(land, places)
        for place in places:
            open_pods(land, place, tuple(other for other in places if other != place))
        lab.until(lambda: lab.as_declared() and len(lab.report().tunnels) == 20)
        assert lab.crossings() == lab.declared()
        assert len(lab.crossings(POD_FLOW)) == 12

    @pytest.mark.parametrize("side", [0, 1])
    def test_whatever_is_altered_the_negotiation_finds_what_the_verdict_says(self, fabric: Make, side: int) -> None:
        """Every tunnel but the first of each VPN has one ingredient altered at one end."""
        land, places = _four_clouds()
        altered: list[str] = []
        kinds = [kind for kind in CHANGES if kind != "own_asn"]
        turn = dict.fromkeys([place.cloud for place in places], side)
        for pair in combinations(places, 2):
            for index in range(1, _count(land, pair)):
                spot = Spot(pair[side], pair[1 - side], index)
                kind = kinds[turn[spot.place.cloud] % len(kinds)]
                turn[spot.place.cloud] += 1
                CHANGES[kind][spot.place.cloud].apply(land, spot)
                altered.append(f"{kind} at {spot.place.name} of tunnel {index} to {spot.other.name}")
        lab = fabric(land, places)
        _settle(lab, 20)
        report = lab.report()
        differ = [tunnel for tunnel in report.tunnels if tunnel.up != tunnel.declared_up]
        assert not differ, f"{differ}\nof {altered}"
        assert sum(not tunnel.declared_up for tunnel in report.tunnels) >= len(altered) // 2
        assert lab.crossings(GATEWAY_FLOW) == {road for road in lab.declared() if road[2] == GATEWAY_FLOW}


def _count(land: Landscape, pair: tuple[Place, Place]) -> int:
    """How many tunnels join the two."""
    return sum(set(tunnel.sites) == {place.network for place in pair} for tunnel in tunnels(land.records))


def _settle(lab: PaperFabric, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lab.keep()
        time.sleep(0.5)


def _cut(land: Landscape, one: Place, other: Place) -> None:
    """Another key at one end of the VPN's first tunnel."""
    CHANGES["key"][one.cloud].apply(land, Spot(one, other, 0))


class TestPeering:
    @pytest.mark.parametrize(
        ("cloud", "join_them"),
        [("gcp", peer_gcp), ("aws", peer_aws), ("azure", peer_azure), ("oci", peer_oci_locally)],
    )
    def test_crosses_until_one_side_is_gone(
        self, fabric: Make, cloud: str, join_them: Callable[[Landscape, Place, Place], None]
    ) -> None:
        land = Landscape()
        places = [make_place(land, cloud, name, number) for number, name in enumerate(("one", "two"), start=1)]
        lab = fabric(land, places)
        lab.until(lambda: len(lab.report().roads) == 4)
        assert lab.crossings() == set()
        join_them(land, places[0], places[1])
        lab.until(lambda: {("one", "two", GATEWAY_FLOW), ("two", "one", GATEWAY_FLOW)} <= lab.crossings())
        assert lab.crossings() == lab.declared()
        _end_peering(land, cloud)
        lab.keep()
        assert lab.crossings() == set()


def _end_peering(land: Landscape, cloud: str) -> None:
    kinds = {
        "gcp": "networkPeering",
        "aws": "vpcPeeringConnection",
        "azure": "virtualNetworkPeering",
        "oci": "localPeeringGateway",
    }
    found = [record for record in land.records if record.type.endswith(f":{kinds[cloud][0].upper()}{kinds[cloud][1:]}")]
    land.drop(found[0].type, found[0].name)


class TestThirdNetworks:
    def test_a_third_network_takes_over_when_the_direct_vpn_is_down(self, fabric: Make) -> None:
        land = Landscape()
        places = _places(land, "gcp", "aws", "azure")
        for one, other in combinations(places, 2):
            join(land, one, other)
        lab = fabric(land, places)
        lab.until(lambda: lab.as_declared() and len(lab.report().tunnels) == 10)
        for index in (0, 1):
            CHANGES["key"]["gcp"].apply(land, Spot(places[0], places[2], index))
        lab.keep()
        assert ("gcp", "azure", GATEWAY_FLOW) in lab.declared()
        lab.until(lambda: lab.as_declared() and lab.crosses("gcp", "azure") and lab.crosses("azure", "gcp"))

    @pytest.mark.parametrize(("hub", "passes"), [("aws", True), ("azure", True), ("gcp", False)])
    def test_a_hub_passes_on_what_it_has_learned_where_its_cloud_does(
        self, fabric: Make, hub: str, passes: bool
    ) -> None:
        land = Landscape()
        spokes = [cloud for cloud in ("gcp", "aws", "azure") if cloud != hub]
        first, middle, last = _places(land, spokes[0], hub, spokes[1])
        join(land, first, middle)
        join(land, middle, last)
        lab = fabric(land, [first, middle, last])
        lab.until(lambda: lab.as_declared() and lab.crosses(first.name, hub) and lab.crosses(hub, last.name))
        wanted = {(first.name, last.name, GATEWAY_FLOW), (last.name, first.name, GATEWAY_FLOW)}
        assert (wanted <= lab.declared()) == passes
        if passes:
            lab.until(lambda: wanted <= lab.crossings(GATEWAY_FLOW), seconds=10)
        else:
            assert not wanted & lab.crossings(GATEWAY_FLOW)

    def test_a_peered_network_uses_the_hubs_gateway_while_both_sides_say_so(self, fabric: Make) -> None:
        land = Landscape()
        hub, spoke = azure_place(land, "hub", 1), azure_place(land, "spoke", 2)
        far = make_place(land, "aws", "far", 3)
        for place in (hub, far):
            add_gateway(land, place)
        join(land, hub, far)
        peer_azure(land, hub, spoke)
        land.change("azure virtualNetworkPeering", "hub-spoke", allowGatewayTransit=True)
        land.change("azure virtualNetworkPeering", "spoke-hub", useRemoteGateways=True)
        lab = fabric(land, [hub, spoke, far])
        lab.until(lambda: lab.as_declared() and lab.crosses("spoke", "far") and lab.crosses("far", "spoke"))
        land.change("azure virtualNetworkPeering", "hub-spoke", allowGatewayTransit=False)
        lab.keep()
        assert not lab.crosses("spoke", "far")
        assert not lab.crosses("far", "spoke")
        assert lab.crosses("hub", "far")


class TestWithoutPackages:
    def test_what_was_declared_decides_alone_and_the_output_says_so(
        self, fabric: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        land, places = _four_clouds()
        lab = fabric(land, places)
        absent = machine.Need("strongSwan", "strongswan-charon", commands=("no-such-command",))
        monkeypatch.setattr(machine, "TUNNELS", (absent,))
        lab.keep()
        assert len(lab.crossings(GATEWAY_FLOW)) == 12
        assert not [name for name in network.namespaces() if name.startswith("mmt")]
        for index in (0, 1):
            CHANGES["key"]["gcp"].apply(land, Spot(places[0], places[2], index))
            CHANGES["key"]["aws"].apply(land, Spot(places[1], places[2], index))
        lab.keep()
        assert lab.crossings(GATEWAY_FLOW) == {road for road in lab.declared() if road[2] == GATEWAY_FLOW}
        report = lab.report()
        assert report.real == (
            "decided by what was declared alone, without strongSwan; "
            "remedy: apt-get install --no-install-recommends strongswan-charon"
        )
        assert {tunnel.up for tunnel in report.tunnels} == {None}
