"""Peerings that the library provisions, by the real engine: packets pass as declared, and stop when a side is gone."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab_engine import Lab
from paper_fabric import crosses
from paper_roads import AMAZON, AZURE, EIGHT, GOOGLE, MESH, ORACLE, PAIRS, Crossing, Drift, PaperRoads, both, listed
from stack_life import Life

from multimesh_lab.cluster import registry
from multimesh_lab.fabric.model import FLOWS
from multimesh_lab.home import LabHome
from multimesh_lab.network import Plan

pytestmark = pytest.mark.live

EVERYTHING = {crossing for pair in PAIRS for crossing in both(*pair)}
ONE_SIDE = {
    GOOGLE: Drift("gcp", "NetworkPeering", f"{MESH}-gcp-eu-gcp-us-gcp-us"),
    AMAZON: Drift("aws", "Route", f"{MESH}-aws-eu-aws-us-aws-eu-0-10-188-0-0-16"),
    AZURE: Drift("azure", "VirtualNetworkPeering", f"{MESH}-azure-eu-azure-us-azure-eu"),
    ORACLE: Drift("oci", "LocalPeeringGateway", f"{MESH}-oci-eu-to-oci-de"),
}
"""AWS has one peering for both sides, so one side's way to it goes."""


class Peered:
    """Eight clusters on paper whose networks the engine has made, in a lab that is up."""

    def __init__(self, home: LabHome, folder: Path) -> None:
        self._home = home
        self.life = Life.begin(Lab(home), folder)
        self.roads = PaperRoads(self.life)
        self.roads.write({**EIGHT, "links": listed(PAIRS)})
        self.life.up()
        slots = registry.on_paper(home)
        members = [each for site in self.roads.fabric().sites for each in site.members]
        self.plans = {each.name.removeprefix(f"{MESH}-"): Plan(slots[each.id]) for each in members}

    def crossings(self) -> set[Crossing]:
        """What really crosses, of every ordered pair in both flows."""
        every = [(one, other, flow) for one in self.plans for other in self.plans for flow in FLOWS if one != other]
        return {(one, other, flow) for one, other, flow in every if crosses(self.plans[one], self.plans[other], flow)}


@pytest.fixture(scope="module")
def peered(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peered]:
    made = Peered(lab, tmp_path_factory.mktemp("program"))
    yield made
    made.life.destroy()
    assert made.life.inventory() == []


def until(what: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        time.sleep(0.5)


def all_cross(peered: Peered, crossings: set[Crossing]) -> bool:
    return all(crosses(peered.plans[one], peered.plans[other], flow) for one, other, flow in crossings)


def test_roads_are_open_as_declared_and_no_others(peered: Peered) -> None:
    assert len(peered.plans) == 8
    assert peered.roads.open() == EVERYTHING
    until(lambda: all_cross(peered, EVERYTHING))
    assert peered.crossings() == EVERYTHING


@pytest.mark.parametrize("pair", PAIRS, ids=["gcp", "aws", "azure", "oci"])
def test_one_side_gone_stops_both_and_no_others(peered: Peered, pair: tuple[str, str]) -> None:
    until(lambda: all_cross(peered, EVERYTHING))
    own = both(*pair)
    with peered.roads.drifted(ONE_SIDE[pair]):
        assert EVERYTHING - peered.roads.open() == own
        until(lambda: not any(all_cross(peered, {crossing}) for crossing in own))
        assert all_cross(peered, EVERYTHING - own)
    until(lambda: all_cross(peered, own))
