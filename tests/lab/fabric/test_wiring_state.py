"""What the fabric reads of a lab's folder, and what `multimesh-lab roads` makes of it."""

import json
from pathlib import Path

import pytest
from landscape import Landscape, make_place
from landscape_vpn import add_gateway, join
from paper_fabric import remember
from vpn_faults import CHANGES, Spot

from multimesh_lab import network
from multimesh_lab.cluster import registry
from multimesh_lab.fabric import wiring_roads, wiring_state
from multimesh_lab.fabric.wiring_numbers import Numbers
from multimesh_lab.fabric.wiring_roads import EndState, Report, RoadState, TunnelState
from multimesh_lab.home import LabHome


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabHome:
    made = LabHome(tmp_path / "lab")
    made.create()
    monkeypatch.setattr(network, "owner", _nobody)
    return made


def _nobody() -> None:
    return None


def _landscape(home: LabHome) -> Landscape:
    land = Landscape()
    places = [make_place(land, cloud, cloud, number) for number, cloud in enumerate(("gcp", "azure"), 1)]
    for place in places:
        add_gateway(land, place)
        registry.claim_on_paper(home, place.cluster)
    join(land, places[0], places[1])
    remember(home, land)
    return land


class TestMarks:
    def test_they_change_with_every_resource_and_every_cluster(self, home: LabHome) -> None:
        seen = [wiring_state.marks(home)]
        land = _landscape(home)
        seen.append(wiring_state.marks(home))
        land.change("gcp router", "gcp", bgp__asn=64999)
        remember(home, land)
        seen.append(wiring_state.marks(home))
        registry.claim_on_paper(home, "gcp/another")
        seen.append(wiring_state.marks(home))
        assert len(set(seen)) == 4
        assert wiring_state.marks(home) == seen[-1]


class TestPlan:
    def test_numbers_are_remembered_by_the_one_who_keeps_the_networks(self, home: LabHome) -> None:
        _landscape(home)
        roads = wiring_state.roads(home)
        looked = wiring_state.plan(home, roads, remember=False)
        assert Numbers.load(home) == Numbers()
        assert wiring_state.plan(home, roads) == looked
        assert sorted(Numbers.load(home).routers.values()) == [1, 2]

    def test_clusters_on_paper_are_probed(self, home: LabHome) -> None:
        _landscape(home)
        assert wiring_state.plan(home, wiring_state.roads(home)).probes == (1, 2)


class TestRoads:
    def test_nothing_yet(self, home: LabHome) -> None:
        (line,) = wiring_roads.lines(wiring_roads.report(home))
        assert line.endswith("multimesh-lab exec -- pulumi up")

    def test_the_table_has_roads_reasons_and_tunnels_and_no_key(self, home: LabHome) -> None:
        land = _landscape(home)
        gcp, azure = (place for place in (make_place(Landscape(), each, each, 1) for each in ("gcp", "azure")))
        CHANGES["key"]["gcp"].apply(land, Spot(gcp, azure, 1))
        remember(home, land)
        report = wiring_roads.report(home)
        text = "\n".join(wiring_roads.lines(report))
        assert "azure  gcp    gateway  yes     vpn: tunnel 0 of azure~gcp" in text
        assert "    tunnel 1 of azure~gcp: the pre-shared keys differ" in text
        assert "tunnels (no lab is up here)" in text
        assert "tunnel 1 of azure~gcp  down      -/-" in text
        assert "kother" not in text + json.dumps(report.document())

    def test_what_is_not_as_declared_is_pointed_at(self) -> None:
        ends = (
            EndState("gcp vpnTunnel a", "198.18.3.1", "198.18.3.2", False, "Connect", "the other end does not answer"),
            EndState("azure connection b", "198.18.3.2", "198.18.3.1", False, "Active", ""),
        )
        road = RoadState("a", "b", "gateway", True, ("vpn: tunnel 0 of a~b",), ())
        text = list(
            wiring_roads.lines(Report("real", (road,), (TunnelState("tunnel 0 of a~b", True, (), False, ends),)))
        )
        assert text[-2] == "tunnel 0 of a~b  up        down/down  Connect/Active  NOT AS DECLARED"
        assert text[-1] == "    gcp vpnTunnel a (198.18.3.1) says: the other end does not answer"
