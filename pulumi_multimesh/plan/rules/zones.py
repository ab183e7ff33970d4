"""Rules of zones: which namespaces they have, and what may cross.

Owns: values under `security.zones` and `security.crossings`. Does not own: what follows from them (plan/zones.py).
"""

from collections.abc import Iterator, Mapping

from pulumi_multimesh.plan import meshes, reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.namespaces import namespace_faults
from pulumi_multimesh.plan.rules.text import is_label, port_faults
from pulumi_multimesh.plan.zones import ANYBODY, INGRESS, listed


def zone_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the zones and of what crosses."""
    wish = reading.record(args, "security")
    declared = reading.records(wish, "zones")
    system = meshes.namespace(args)
    homes: dict[str, str] = {}
    for zone, each in declared.items():
        yield from _name_faults(zone)
        yield from _member_faults(zone, reading.texts(each, "namespaces"), system, homes)
    seen: dict[tuple[str, str], int] = {}
    for position, crossing in enumerate(listed(wish)):
        yield from _crossing_faults(position, crossing, declared, seen)
        if INGRESS in reading.texts(crossing, "callers") and "ingress" not in reading.record(args, "istio"):
            allowed = "zones, * for anybody, and ingress where there is one"
            remedy = "declare  istio.ingress , or leave it out"
            path = f"security.crossings[{position}].callers"
            yield Fault(path, INGRESS, "is an ingress gateway, and the mesh has none", allowed, remedy)
    yield from _exception_faults(wish, homes)


def _name_faults(zone: str) -> Iterator[Fault]:
    path = f"security.zones.{zone}"
    if zone in (INGRESS, ANYBODY):
        yield Fault(path, None, "has a meaning of its own among callers", "any other name", "rename the zone")
    elif not is_label(zone):
        yield Fault(path, None, "is not a zone's name", "lower-case letters, digits and dashes", "correct it")


def _member_faults(zone: str, namespaces: tuple[str, ...], system: str, homes: dict[str, str]) -> Iterator[Fault]:
    path = f"security.zones.{zone}.namespaces"
    if not namespaces:
        yield Fault(path, None, "is empty", "at least one namespace", "name one, or remove the zone")
    for position, namespace in enumerate(namespaces):
        where = f"{path}[{position}]"
        yield from namespace_faults(where, namespace, system, "zone", "name the namespaces of workloads")
        if namespace in homes:
            home = "twice" if homes[namespace] == zone else f"in the zone {homes[namespace]} too"
            problem = f"is there {home}"
            yield Fault(where, namespace, problem, "each namespace in one zone, once", "remove one of the two")
        homes.setdefault(namespace, zone)


def _crossing_faults(
    position: int, crossing: Record, declared: Mapping[str, Record], seen: dict[tuple[str, str], int]
) -> Iterator[Fault]:
    path = f"security.crossings[{position}]"
    there = ", ".join(declared) or "none"
    to, callers = reading.text(crossing, "to"), reading.texts(crossing, "callers")
    if to is not None and to not in declared:
        remedy = f"declare it under  security.zones.{to} , or correct it"
        yield Fault(f"{path}.to", to, "is not a zone", f"one of security.zones: {there}", remedy)
    if "callers" in crossing and reading.is_list(crossing["callers"]) and not callers:
        yield Fault(f"{path}.callers", None, "names nobody", "at least one zone", "name one, or remove the crossing")
    for number, caller in enumerate(callers):
        where = f"{path}.callers[{number}]"
        if caller not in (*declared, INGRESS, ANYBODY):
            allowed = f"one of security.zones ({there}), ingress, or * for anybody"
            yield Fault(where, caller, "is not a zone", allowed, "declare it under  security.zones , or correct it")
        elif caller == to:
            yield Fault(where, caller, "is the zone itself, which calls itself anyway", "other zones", "remove it")
        elif to is not None and seen.setdefault((caller, to), position) != position:
            problem = f"crosses to {to} in security.crossings[{seen[caller, to]}] already"
            yield Fault(where, caller, problem, "each pair of zones once", "put the ports of both into one")
    yield from port_faults(path, reading.texts(crossing, "ports"))


def _exception_faults(wish: Record, homes: Mapping[str, str]) -> Iterator[Fault]:
    """Who calls without mTLS has no identity, so that it is in no zone."""
    for namespace in reading.records(wish, "plain_text"):
        zone = homes.get(namespace)
        open_to_all = any(
            reading.text(each, "to") == zone and ANYBODY in reading.texts(each, "callers") for each in listed(wish)
        )
        if zone is not None and not open_to_all:
            problem = f"takes calls without mTLS, and is in the zone {zone}, which refuses callers without an identity"
            remedy = f"take it out of the zone, or add a crossing with  callers: ['*']  and its ports to {zone}"
            yield Fault(f"security.plain_text.{namespace}", None, problem, "a namespace in no zone", remedy)
