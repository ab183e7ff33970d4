"""Fleets that change step by step, for properties of the address book."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from pulumi_multimesh.plan.book import Book

WISHES: Mapping[str, Mapping[str, Any]] = {
    "gke": {"project": "acme-dev", "region": "europe-west4"},
    "eks": {"region": "us-east-1"},
    "aks": {"region": "westeurope"},
    "oke": {"compartment_id": "ocid1.compartment.oc1..aaaa", "region": "eu-frankfurt-1"},
}
KINDS = sorted(WISHES)
_NAMES = [f"c{number}" for number in range(9)]
_PINS = {"nodes": 16, "pods": 16, "services": 20}
"""Keys that are pinned, with a length that all clouds take."""


@dataclass(frozen=True)
class Fleet:
    """What a user has written."""

    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    pins: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    asns: Mapping[str, str] = field(default_factory=dict[str, str])
    reserved: Mapping[str, str] = field(default_factory=dict[str, str])
    connectivity: str = "vpn"
    topology: str = "full-mesh"
    supernet: str = "10.0.0.0/8"

    def args(self, *, backwards: bool = False) -> dict[str, Any]:
        """As arguments of a mesh; `backwards`: the same, written in another order."""
        names = sorted(self.kinds, reverse=backwards)
        given: dict[str, Any] = {}
        for name in names:
            wish = dict(WISHES[self.kinds[name]])
            if self.pins.get(name):
                wish["ranges"] = dict(self.pins[name])
            given.setdefault(self.kinds[name], {})[name] = wish
        addresses = {"book": "addresses.yaml", "supernet": self.supernet, "reserved": dict(self.reserved)}
        access = {"api_access": {"office": "203.0.113.0/24"}}
        around = {"istio": {}, "connectivity": self.connectivity, "links": self._links(), **access}
        whole = {**given, **around, "addresses": {**addresses, "asns": dict(self.asns)}}
        return dict(reversed(whole.items())) if backwards else whole

    def _links(self) -> dict[str, Any]:
        names = sorted(self.kinds)
        if self.topology == "hub-and-spokes":
            return {"topology": self.topology, "hub": names[0]}
        if self.topology == "list":
            pairs = [{"first": one, "second": other} for one, other in pairwise(names)]
            return {"topology": self.topology, "pairs": pairs} if pairs else {}
        return {"topology": self.topology}

    def without(self, name: str) -> "Fleet":
        def left(table: Mapping[str, Any]) -> dict[str, Any]:
            return {key: value for key, value in table.items() if key != name}

        return replace(self, kinds=left(self.kinds), pins=left(self.pins), asns=left(self.asns))


Edit = tuple[str, int, Any]
"""What is done, to which cluster (counted around), and with what."""

_areas = st.one_of(
    st.integers(16, 31).map(lambda second: f"172.{second}.0.0"), st.integers(0, 255).map(lambda s: f"10.{s}.0.0")
)
_edits = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 8), st.sampled_from(KINDS)),
    st.tuples(st.just("remove"), st.integers(0, 8), st.none()),
    st.tuples(st.just("rename"), st.integers(0, 8), st.sampled_from(_NAMES)),
    st.tuples(st.just("remake"), st.integers(0, 8), st.sampled_from(KINDS)),
    st.tuples(st.just("pin"), st.integers(0, 8), st.tuples(st.sampled_from(sorted(_PINS)), _areas)),
    st.tuples(st.just("pin as it is"), st.integers(0, 8), st.sampled_from(sorted(_PINS))),
    st.tuples(st.just("unpin"), st.integers(0, 8), st.none()),
    st.tuples(st.just("number"), st.integers(0, 8), st.integers(64512, 64540)),
    st.tuples(st.just("reserve"), st.integers(0, 255), st.integers(14, 20)),
    st.tuples(st.just("connect"), st.just(0), st.sampled_from(["vpn", "vpn", "gateways"])),
    st.tuples(st.just("link"), st.just(0), st.sampled_from(["full-mesh", "hub-and-spokes", "list"])),
)
_starts = st.builds(
    Fleet,
    st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(KINDS), min_size=1, max_size=4),
    supernet=st.sampled_from(["10.0.0.0/8", "10.64.0.0/16", "172.16.0.0/12"]),
)
histories = st.tuples(_starts, st.lists(_edits, min_size=3, max_size=9))
"""A fleet, and what is done to it one after the other."""


def edited(fleet: Fleet, edit: Edit, book: Book) -> Fleet:
    """The fleet after an edit; the same where that has no meaning."""
    what, count, value = edit
    names = sorted(fleet.kinds)
    name = names[count % len(names)]
    match what:
        case "add":
            return replace(fleet, kinds={_NAMES[count]: value, **fleet.kinds})
        case "remove" if len(names) > 1:
            return fleet.without(name)
        case "rename" if value not in names:
            other = fleet.without(name)
            pins = {**other.pins, **({value: fleet.pins[name]} if name in fleet.pins else {})}
            return replace(other, kinds={**other.kinds, value: fleet.kinds[name]}, pins=pins)
        case "remake":
            return replace(fleet.without(name), kinds={**fleet.kinds, name: value})
        case "pin" if (fleet.kinds[name], value[0]) != ("eks", "pods"):
            pin = {value[0]: f"{value[1]}/{_PINS[value[0]]}"}
            return replace(fleet, pins={**fleet.pins, name: {**fleet.pins.get(name, {}), **pin}})
        case "pin as it is" if name in book.clusters and value in book.clusters[name].ranges:
            pin = {value: book.clusters[name].ranges[value]}
            return replace(fleet, pins={**fleet.pins, name: {**fleet.pins.get(name, {}), **pin}})
        case "unpin":
            return replace(fleet, pins={key: its for key, its in fleet.pins.items() if key != name})
        case "number" if fleet.kinds[name] != "oke":
            return replace(fleet, asns={**fleet.asns, name: str(value)})
        case "reserve":
            cidr = next(IPv4Network(f"10.{count // 4 * 4}.0.0/14").subnets(new_prefix=value))
            return replace(fleet, reserved={**fleet.reserved, f"r{count}": str(cidr)})
        case "connect":
            return replace(fleet, connectivity=value)
        case "link":
            return replace(fleet, topology=value)
        case _:
            return fleet
