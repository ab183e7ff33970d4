"""Zones: named groups of namespaces over all clusters, and what may cross from one into another.

Owns: what was declared, and who may come into a zone by it. Does not own: whether it is right (rules/zones.py), and the
words of a mesh and of Kubernetes (istio/zone_policies.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

ANYBODY = "*"
INGRESS = "ingress"
"""In the place of a zone: the mesh's ingress gateway, by which callers from outside come."""


@dataclass(frozen=True)
class Crossing:
    """Who may cross into a zone."""

    callers: tuple[str, ...]
    """Zones, `ingress`, or `*` for anybody, an identity or none; sorted."""
    to: str
    """A zone."""
    ports: tuple[str, ...]
    """Of the pods; all where there are none."""


@dataclass(frozen=True)
class Entry:
    """Whom one crossing, or the zone itself, lets in."""

    namespaces: tuple[str, ...]
    ingress: bool
    anybody: bool
    ports: tuple[str, ...]
    """All where there are none."""


@dataclass(frozen=True)
class ZonesPlan:
    """All zones of a mesh."""

    zones: dict[str, tuple[str, ...]]
    """Namespaces by zone, sorted."""
    crossings: tuple[Crossing, ...]
    """As they were declared."""

    def zone_of(self, namespace: str) -> str | None:
        """The zone that the namespace is in, if any."""
        return next((zone for zone, namespaces in self.zones.items() if namespace in namespaces), None)

    def entries(self, zone: str) -> tuple[Entry, ...]:
        """Who may come into the zone: its own namespaces, and what may cross; nobody else."""
        own = Entry(self.zones[zone], ingress=False, anybody=False, ports=())
        return (own, *(self._entry(crossing) for crossing in self.crossings if crossing.to == zone))

    def ports(self, caller: str, zone: str) -> tuple[str, ...] | None:
        """On which ports a caller, a zone, `ingress` or `*`, comes into the zone: none at all, or () for every one."""
        if caller == zone:
            return ()
        found = [each.ports for each in self.crossings if each.to == zone and {caller, ANYBODY} & set(each.callers)]
        if not found:
            return None
        return () if () in found else tuple(sorted({port for ports in found for port in ports}, key=int))

    def _entry(self, crossing: Crossing) -> Entry:
        namespaces = {namespace for caller in crossing.callers for namespace in self.zones.get(caller, ())}
        return Entry(
            tuple(sorted(namespaces)), INGRESS in crossing.callers, ANYBODY in crossing.callers, crossing.ports
        )


def zones(security: Record) -> ZonesPlan:
    """The zones of a valid declaration under `security`."""
    declared: Mapping[str, Record] = reading.records(security, "zones")
    return ZonesPlan(
        zones={zone: tuple(sorted(reading.texts(wish, "namespaces"))) for zone, wish in declared.items()},
        crossings=tuple(
            Crossing(
                tuple(sorted(reading.texts(each, "callers"))),
                reading.text(each, "to") or "",
                tuple(sorted(reading.texts(each, "ports"), key=int)),
            )
            for each in listed(security)
        ),
    )


def listed(security: Record) -> list[Record]:
    """The declared crossings, in their order."""
    return [reading.as_record(each) for each in reading.as_list(security.get("crossings"))]
