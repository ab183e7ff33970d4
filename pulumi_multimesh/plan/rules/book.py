"""Rules of an address book's document, which people may have edited.

Owns: its form, and that no two of its entries have the same. Does not own: whether it agrees with a program
(agreement.py) and whether what it keeps can stay (meetings.py).
"""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import cast

from pulumi_multimesh.plan import reading, vpn
from pulumi_multimesh.plan.addresses import LARGEST_BLOCK, SMALLEST_BLOCK
from pulumi_multimesh.plan.book_document import VERSION
from pulumi_multimesh.plan.cluster_fields import CLUSTER_KINDS, RANGES
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.private_roads import PRIVATE_NUMBER, is_private_number
from pulumi_multimesh.plan.rules.ranges import LIMITS, limit_faults
from pulumi_multimesh.plan.rules.text import cidr_fault, network_of
from pulumi_multimesh.plan.spans import lies_in, meet

_KEYS = ("version", "clusters", "asns", "tunnels", "freed")
_OF_CLUSTER = ("kind", "block", "ranges", "pinned")
_FREED = ("ranges", "asns", "tunnels")
_MEND = "undo the edit, as the file's history has it"
_TUNNEL = re.compile(r"([a-z][a-z0-9-]*)~([a-z][a-z0-9-]*)/[0-3]")


def book_faults(document: Mapping[str, object]) -> list[Fault]:
    """Every fault of a document that should be an address book."""
    record = reading.as_record(document)
    version = record.get("version")
    if version != VERSION:
        remedy = "use the version of multimesh that wrote it" if reading.is_whole(version) else _MEND
        problem = "is not a version that this library reads"
        return [Fault("version", version, problem, f"version: {VERSION}", remedy)]
    return [
        *_table_faults("", document, _KEYS, tables=("clusters", "asns", "tunnels", "freed")),
        *_clusters(record),
        *_overlaps(record),
        *_numbers(record),
        *_tunnels(record),
        *_freed(record),
    ]


def _table_faults(
    path: str, table: Mapping[str, object], keys: tuple[str, ...] | None, tables: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Keys that are not text or not known, and values that should be tables."""
    within = f"{path}." if path else ""
    for key in cast("Mapping[object, object]", table):
        if not isinstance(key, str):
            yield Fault(f"{within}{key}", None, "is no text", "names", f'write it as text:  "{key}"')
        elif keys is not None and key not in keys:
            yield Fault(f"{within}{key}", None, "is not a part of an address book", ", ".join(keys), "remove it")
    for key in tables:
        value = table.get(key)
        if value is None:
            continue
        if not isinstance(value, Mapping):
            yield Fault(f"{within}{key}", None, "is not a table", "a table by name", _MEND)
        elif not path:
            yield from _table_faults(f"{within}{key}", cast("Mapping[str, object]", value), None)


def _clusters(record: Record) -> Iterator[Fault]:
    for name, value in reading.record(record, "clusters").items():
        path, entry = f"clusters.{name}", reading.as_record(value)
        if not isinstance(value, Mapping):
            yield Fault(path, None, "is not a table", ", ".join(_OF_CLUSTER), _MEND)
            continue
        yield from _table_faults(path, cast("Mapping[str, object]", value), _OF_CLUSTER, tables=("ranges", "pinned"))
        kind = reading.text(entry, "kind")
        if kind not in CLUSTER_KINDS:
            yield Fault(f"{path}.kind", entry.get("kind"), "is not a kind of cluster", ", ".join(CLUSTER_KINDS), _MEND)
        yield from _block(path, entry)
        for part in ("ranges", "pinned"):
            for key, cidr in reading.record(entry, part).items():
                yield from _range(f"{path}.{part}.{key}", kind or "", key, cidr)
        for key in sorted(set(reading.record(entry, "ranges")) & set(reading.record(entry, "pinned"))):
            yield Fault(f"{path}.pinned.{key}", None, f"is in {path}.ranges too", "each range once", _MEND)


def _block(path: str, entry: Record) -> Iterator[Fault]:
    value = entry.get("block")
    ranges = reading.record(entry, "ranges")
    if value is None:
        if ranges:
            allowed = "the block that the ranges are cut from; what is pinned is under  pinned"
            yield Fault(f"{path}.block", None, "is missing", allowed, _MEND)
        return
    fault, block = cidr_fault(f"{path}.block", str(value), "10.64.0.0/15"), network_of(str(value))
    if fault or block is None:
        if fault:
            yield fault
        return
    if not LARGEST_BLOCK <= block.prefixlen <= SMALLEST_BLOCK:
        allowed = f"/{LARGEST_BLOCK} to /{SMALLEST_BLOCK}"
        yield Fault(f"{path}.block", value, "is not of a block's size", allowed, _MEND)
    for key, cidr in ranges.items():
        if network_of(str(cidr)) is not None and not lies_in(str(cidr), str(block)):
            yield Fault(f"{path}.ranges.{key}", cidr, "lies outside of the block", f"a range within {block}", _MEND)


def _range(path: str, kind: str, key: str, value: object) -> Iterator[Fault]:
    keys = tuple(LIMITS.get(kind, RANGES))
    fault, cidr = cidr_fault(path, str(value), "10.64.0.0/16"), network_of(str(value))
    if key not in keys:
        yield Fault(path, value, f"is not a range of a cluster of the kind {kind}", ", ".join(keys), _MEND)
    elif fault:
        yield fault
    elif cidr is not None:
        yield from limit_faults(kind, key, path, cidr)


def _overlaps(record: Record) -> Iterator[Fault]:
    """No two ranges meet, and none is in another cluster's block."""
    areas: list[tuple[str, str, str]] = []
    for name, entry in reading.records(record, "clusters").items():
        parts = {
            f"{part}.{key}": cidr for part in ("ranges", "pinned") for key, cidr in reading.record(entry, part).items()
        }
        for key, cidr in {**({"block": entry["block"]} if entry.get("block") else {}), **parts}.items():
            if network_of(str(cidr)) is not None:
                areas.append((name, key, str(cidr)))
    for (first, key, one), (second, other_key, other) in combinations(areas, 2):
        own_block = first == second and key == "block"
        cut = first != second and (key.startswith("ranges.") or other_key.startswith("ranges."))
        # What is cut from a block meets another cluster's only where the block does, which is said once.
        if not own_block and not cut and meet(one, other):
            path = f"clusters.{second}.{other_key}"
            yield Fault(
                path, other, f"overlaps clusters.{first}.{key} ({one})", "a range that no other entry has", _MEND
            )


def _numbers(record: Record) -> Iterator[Fault]:
    seen: dict[object, str] = {}
    for name, number in reading.record(record, "asns").items():
        if not _is_number(number):
            yield Fault(f"asns.{name}", number, "is not a number that a gateway may have", PRIVATE_NUMBER, _MEND)
        elif seen.setdefault(number, name) != name:
            problem = f"is also that of {seen[number]}"
            yield Fault(f"asns.{name}", number, problem, "a number for each network", _MEND)


def _is_number(value: object) -> bool:
    return reading.is_whole(value) and is_private_number(int(value))


def _tunnels(record: Record) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    kinds = {name: reading.text(entry, "kind") for name, entry in reading.records(record, "clusters").items()}
    for key, value in reading.record(record, "tunnels").items():
        path, ends = f"tunnels.{key}", _TUNNEL.fullmatch(key)
        if ends is None or ends[1] >= ends[2]:
            allowed = "two networks in the order of names and a number, such as aws-us~gcp-eu/0"
            yield Fault(path, None, "is not a tunnel", allowed, _MEND)
            continue
        pool, allowed = _inside(kinds.get(ends[1]), kinds.get(ends[2]))
        if value not in pool:
            yield Fault(path, value, "is not an inside range that both clouds take", allowed, _MEND)
        elif seen.setdefault(str(value), key) != key:
            yield Fault(path, value, f"is also that of {seen[str(value)]}", "a range for each tunnel", _MEND)


def _inside(first: str | None, second: str | None) -> tuple[tuple[str, ...], str]:
    """What a pair's tunnels may have, and in words; of clusters that the book does not know, what any pair's may."""
    azure, others = "a /30 of 169.254.21.0/24 or 169.254.22.0/24", "a /30 of 169.254.40.0/21"
    if "aks" in (first, second):
        return vpn.INSIDE_WITH_AZURE, f"{azure}, as one end is Azure's"
    if first is None or second is None:
        return (*vpn.INSIDE_WITH_AZURE, *vpn.INSIDE_WITHOUT_AZURE), f"{azure}, or {others}"
    return vpn.INSIDE_WITHOUT_AZURE, others


def _freed(record: Record) -> Iterator[Fault]:
    freed = reading.record(record, "freed")
    for key, value in freed.items():
        if key not in _FREED:
            yield Fault(f"freed.{key}", None, "is not a part of an address book", ", ".join(_FREED), "remove it")
        elif not reading.is_list(value):
            yield Fault(f"freed.{key}", None, "is not a list", "a list, the longest free first", _MEND)
    inside = {*vpn.INSIDE_WITH_AZURE, *vpn.INSIDE_WITHOUT_AZURE}
    for place, value in enumerate(reading.as_list(freed.get("ranges"))):
        fault = cidr_fault(f"freed.ranges[{place}]", str(value), "10.64.0.0/15")
        if fault:
            yield fault
    for place, value in enumerate(reading.as_list(freed.get("asns"))):
        if not _is_number(value):
            path = f"freed.asns[{place}]"
            yield Fault(path, value, "is not a number that a gateway may have", PRIVATE_NUMBER, _MEND)
    for place, value in enumerate(reading.as_list(freed.get("tunnels"))):
        if value not in inside:
            path, (_, allowed) = f"freed.tunnels[{place}]", _inside(None, None)
            yield Fault(path, value, "is not an inside range of a tunnel", allowed, _MEND)
