"""Two networks of Azure with one VPN gateway, by the real engine, clusters on paper: what it takes to borrow it."""

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

from lab_engine import Lab
from paper_roads import FOUR, Case, Crossing, Drift, PaperRoads, both
from stack_life import Life

from multimesh_lab.fabric.model import GATEWAY_FLOW

SHARED: dict[str, Any] = {
    **FOUR,
    "eks": {},
    "aks": {**FOUR["aks"], "azure-us": {"region": "eastus"}},
    "oke": {},
    "links": {"gateways_of": {"azure-us": "azure-eu"}},
}
PEERED, BORROWED = both("azure-eu", "azure-us"), both("azure-us", "gcp-eu")


def borrowing(passes: set[Crossing]) -> Iterator[Case]:
    """What the network without a gateway of its own needs of the peering with the one that has one."""
    hub, spoke = (f"shop-azure-eu-azure-us-{each}" for each in ("azure-eu", "azure-us"))
    kind = "VirtualNetworkPeering"
    for name, change, words in (
        (hub, "allowGatewayTransit", f"azure virtualNetworkPeering {hub}.allowGatewayTransit is off"),
        (spoke, "useRemoteGateways", f"azure virtualNetworkPeering {spoke}.useRemoteGateways is off"),
    ):
        yield Case(Drift("azure", kind, name, (f"{change}=false",)), BORROWED & passes, words)
    for name in (hub, spoke):
        shut = f"azure virtualNetworkPeering {name}.allowVirtualNetworkAccess is false"
        closed = Drift("azure", kind, name, ("allowVirtualNetworkAccess=false",))
        yield Case(closed, (PEERED | BORROWED) & passes, shut)
        yield Case(Drift("azure", kind, name), (PEERED | BORROWED) & passes, "there is no azure virtualNetworkPeering")


def test_a_gateway_that_two_networks_share(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    roads = PaperRoads(life)
    roads.write(SHARED)
    life.up()
    life.unchanged()
    passes = roads.open()
    clusters = ("azure-eu", "azure-us", "gcp-eu")
    assert {each for each in passes if GATEWAY_FLOW in each} == {
        (*pair, GATEWAY_FLOW) for pair in permutations(clusters, 2)
    }
    assert [tunnel.is_up for tunnel in roads.fabric().tunnels] == [True, True]
    assert roads.faults(borrowing(passes)) == []
    life.destroy()
    assert life.inventory() == []
