"""Private roads of the library's own, by the real engine, between clusters on paper; and what drift makes of them.

Owns: the program, and the question which crossings are open while a part is altered. Does not own: the stack's life
(stack_life.py), the landscapes written by hand (tests/lab/fabric).
"""

import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stack_life import Life

from multimesh_lab import drift
from multimesh_lab.fabric.model import FLOWS, GATEWAY_FLOW, POD_FLOW, Verdict
from multimesh_lab.fabric.reachability import Fabric
from multimesh_lab.home import LabHome
from multimesh_lab.property_paths import Assignment, parse
from multimesh_lab.providers.store import Record, Store, inventory

MESH = "shop"
_PROGRAM = """
import json
import pulumi
from pulumi_multimesh.checked import checked_plan
from pulumi_multimesh.clusters.planned import make_clusters, make_networks, private_networks
from pulumi_multimesh.network.roads import make_roads

ARGS = json.loads('''{args}''')
plan = checked_plan("{mesh}", ARGS)
whole = pulumi.ComponentResource("test:index:Whole", "whole")
makers = make_networks(whole, plan, ARGS)
clusters = make_clusters(plan, makers)
make_roads(whole, plan, private_networks(plan, makers))
if plan.flat:
    for name, cluster in clusters.items():
        peers = plan.peers(name)
        cluster.admit(sorted({{cidr for peer in peers for cidr in plan.network_of(peer).ranges}}))
"""
"""What MultiCloudMesh does, but for Istio, which needs API servers."""

_CLOUDS = ("gcp", "aws", "azure-native", "oci")
_OKE = {"compartment_id": "ocid1.compartment.oc1..aaaaaaaaacme", "region": "eu-frankfurt-1"}
FOUR: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "aks": {"azure-eu": {"region": "westeurope"}},
    "oke": {"oci-eu": _OKE},
    "istio": {},
    "connectivity": "vpn",
    "api_access": {"office": "203.0.113.0/24"},
}
"""A cluster in each cloud."""
_AKS = {"region": "westeurope", "network_mode": "pod-subnet"}
EIGHT: dict[str, Any] = {
    **FOUR,
    "gke": {**FOUR["gke"], "gcp-us": {"project": "acme-dev", "region": "us-east4"}},
    "eks": {**FOUR["eks"], "aws-eu": {"region": "eu-central-1"}},
    "aks": {"azure-eu": _AKS, "azure-us": {**_AKS, "region": "eastus"}},
    "oke": {**FOUR["oke"], "oci-de": _OKE},
    "flat": True,
}
GOOGLE, AMAZON, AZURE, ORACLE = (
    ("gcp-eu", "gcp-us"),
    ("aws-eu", "aws-us"),
    ("azure-eu", "azure-us"),
    ("oci-de", "oci-eu"),
)
PAIRS = [GOOGLE, AMAZON, AZURE, ORACLE]
"""Those that peerings join, two and two, in a flat mesh whose links are listed."""

Crossing = tuple[str, str, str]
"""Names of the two clusters, and the flow."""


def listed(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Links between these clusters and no others."""
    return {"topology": "list", "pairs": [{"first": first, "second": second} for first, second in pairs]}


def gateway(source: str, destination: str) -> set[Crossing]:
    """From the nodes and pods of one cluster to the internal load balancers of another."""
    return {(source, destination, GATEWAY_FLOW)}


def pods(source: str, destination: str) -> set[Crossing]:
    """From pod to pod."""
    return {(source, destination, POD_FLOW)}


def both(one: str, other: str) -> set[Crossing]:
    """All four crossings of two clusters."""
    return {(*order, flow) for order in ((one, other), (other, one)) for flow in FLOWS}


@dataclass(frozen=True)
class Drift:
    """What somebody does to one resource in a cloud's console; without changes it is deleted, used or not."""

    cloud: str
    type: str
    name: str
    changes: tuple[str, ...] = ()
    """As `multimesh-lab drift set` takes them."""
    less: tuple[str, str, str] | None = None
    """A list, a property of its items and the value of those that go: `("routeRules", "destination", "10.0.0.0/8")`."""

    def happen(self, home: LabHome) -> None:
        found = drift.find(home, self.cloud, self.type, self.name)
        assignments = [parse(change) for change in self.changes]
        if self.less is not None:
            assignments.append(_without(found.record, *self.less))
        if assignments:
            assert drift.change(home, found, assignments), f"{self} changes nothing"
        else:
            drift.delete(home, found, force=True)


def _without(record: Record, path: str, key: str, wanted: str) -> Assignment:
    items: list[Mapping[str, Any]] = record.outputs[path]
    kept = [item for item in items if item.get(key) != wanted]
    assert len(kept) < len(items), f"{record.name}.{path} has no item whose {key} is {wanted}"
    return Assignment(path, (path,), kept)


@dataclass(frozen=True)
class Case:
    """What happens, what stops for it, and words of a reason that names the resource and the property."""

    drift: Drift
    stopped: set[Crossing]
    words: str = ""


class PaperRoads:
    """The stack, and what the fabric says of the clouds behind it."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self._home = life.lab.home

    def write(self, args: Mapping[str, Any]) -> None:
        """The program with these arguments of the mesh."""
        self.life.program(_PROGRAM.format(args=json.dumps(args), mesh=MESH))

    def fabric(self) -> Fabric:
        return Fabric(self.life.inventory())

    def verdicts(self) -> dict[Crossing, Verdict]:
        """On every ordered pair of clusters in both flows."""
        fabric = self.fabric()
        names = {each.id: each.name.removeprefix(f"{MESH}-") for site in fabric.sites for each in site.members}
        found = [verdict for flow in FLOWS for verdict in fabric.table(flow)]
        return {(names[each.source], names[each.destination], each.flow): each for each in found}

    def open(self) -> set[Crossing]:
        return {crossing for crossing, verdict in self.verdicts().items() if verdict.allowed}

    @contextmanager
    def drifted(self, *drifts: Drift) -> Generator[None]:
        """The clouds after the drifts; afterwards they are as before, without a command of the engine's."""
        before = {cloud: inventory(self._home, cloud) for cloud in _CLOUDS}
        try:
            for each in drifts:
                each.happen(self._home)
            yield
        finally:
            for cloud, records in before.items():
                _restore(Store(self._home, cloud), records)

    def faults(self, cases: Iterable[Case]) -> list[str]:
        """What the fabric says of each case that it should not say: nothing else stops, and the reason is told."""
        normally = self.open()
        found: list[str] = []
        for case in cases:
            with self.drifted(case.drift):
                verdicts = self.verdicts()
            stopped = normally - {crossing for crossing, verdict in verdicts.items() if verdict.allowed}
            if stopped != case.stopped:
                found.append(f"{case.drift} stops {sorted(stopped)}, not {sorted(case.stopped)}")
            for crossing in case.stopped:
                reasons = verdicts[crossing].reasons
                if not any(case.words in reason for reason in reasons):
                    found.append(f"{case.drift}: {case.words!r} is none of the reasons {reasons} of {crossing}")
        return found


def _restore(store: Store, records: Iterable[Record]) -> None:
    wanted = {(record.type, record.id): record for record in records}
    there = {(record.type, record.id): record for record in store.all()}
    for key in there.keys() - wanted.keys():
        store.remove(*key)
    for key, record in wanted.items():
        if there.get(key) != record:
            store.put(record)
