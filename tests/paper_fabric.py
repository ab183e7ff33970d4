"""A lab's network with clusters on paper, whose clouds hold an inventory written by hand.

Owns: the landscape as the simulated clouds' memory, and looking at what came of it. Does not own: the landscape.
"""

import json
import time
from collections.abc import Callable
from itertools import permutations

from landscape import Landscape, Place

from multimesh_lab import firewall, network
from multimesh_lab.cluster import registry
from multimesh_lab.fabric import wiring_probe, wiring_roads
from multimesh_lab.fabric.model import GATEWAY_FLOW, POD_FLOW
from multimesh_lab.fabric.wiring_daemon import Keeper
from multimesh_lab.fabric.wiring_roads import Report
from multimesh_lab.fabric.wiring_state import CLOUDS
from multimesh_lab.home import LabHome
from multimesh_lab.network import Plan
from multimesh_lab.providers.store import Record, Store

Crossing = tuple[str, str, str]
"""Names of the two clusters, and the flow."""


def remember(home: LabHome, land: Landscape) -> None:
    """The clouds have the landscape and nothing else; its public addresses are those of the lab."""
    stores = {cloud: Store(home, cloud) for cloud in CLOUDS}
    wanted = [_in_the_lab(record) for record in land.records]
    for cloud, store in stores.items():
        mine = {(record.type, record.id): record for record in wanted if _cloud(record) == cloud}
        for record in store.all():
            if (record.type, record.id) not in mine:
                store.remove(record.type, record.id)
        for (token, name), record in mine.items():
            if store.get(token, name) != record:
                store.put(record)


def _cloud(record: Record) -> str:
    return record.type.partition(":")[0]


def _in_the_lab(record: Record) -> Record:
    text = json.dumps([record.inputs]).replace('"198.51.100.', '"198.18.3.')
    (properties,) = json.loads(text)
    return Record(record.type, record.id, record.urn, record.name, properties, properties)


def crosses(near: Plan, far: Plan, flow: str) -> bool:
    """Whether an echo of the flow really comes back: a balancer's to a node, a pod's to a pod."""
    if flow == POD_FLOW:
        return wiring_probe.answers(near, wiring_probe.pod(far), wiring_probe.pod(near), seconds=0.3)
    return wiring_probe.answers(near, wiring_probe.balancer(far), seconds=0.3)


class PaperFabric:
    """The lab and who keeps its networks, here without a process of its own."""

    def __init__(self, home: LabHome, land: Landscape, places: list[Place]) -> None:
        self.home = home
        self.land = land
        network.ensure_bridge(home.root)
        firewall.ensure_host()
        found = [registry.claim_on_paper(home, place.cluster) for place in places]
        self.plans = {place.name: Plan(slot) for place, slot in zip(places, found, strict=True) if slot}
        self._keeper = Keeper(home)

    def keep(self) -> None:
        """What the daemon does, once."""
        remember(self.home, self.land)
        self._keeper.run_once(time.monotonic())

    def report(self) -> Report:
        return wiring_roads.report(self.home)

    def crossings(self, *flows: str) -> set[Crossing]:
        """What really crosses, of every ordered pair: a balancer's echo to a node, a pod's to a pod."""
        return {
            (one, other, flow)
            for one, other in permutations(self.plans, 2)
            for flow in flows or (GATEWAY_FLOW, POD_FLOW)
            if self.crosses(one, other, flow)
        }

    def crosses(self, one: str, other: str, flow: str = GATEWAY_FLOW) -> bool:
        return crosses(self.plans[one], self.plans[other], flow)

    def declared(self) -> set[Crossing]:
        """What may cross, by the inventories."""
        return {(road.source, road.destination, road.flow) for road in self.report().roads if road.passes}

    def until(self, what: Callable[[], bool], seconds: float = 30) -> None:
        """Keep the networks until it is so."""
        deadline = time.monotonic() + seconds
        while True:
            self.keep()
            if what():
                return
            assert time.monotonic() < deadline, "\n".join(wiring_roads.lines(self.report()))
            time.sleep(0.5)

    def as_declared(self) -> bool:
        """Whether every tunnel is up that should be, and no other."""
        return all(tunnel.up == tunnel.declared_up for tunnel in self.report().tunnels)
