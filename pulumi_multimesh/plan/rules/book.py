"""Rules of an address book's document, which people may have edited.

Owns: its form, and that no two of its entries meet. Does not own: whether it agrees with a program (book.py).
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import combinations

from pulumi_multimesh.plan import reading, vpn
from pulumi_multimesh.plan.book import VERSION
from pulumi_multimesh.plan.cluster_fields import CLUSTER_KINDS, RANGES
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.text import cidr_fault, network_of

_KEYS = ("version", "clusters", "asns", "tunnels", "freed")
_MEND = "undo the edit, as the file's history has it"


def book_faults(document: Mapping[str, object]) -> list[Fault]:
    """Every fault of a document that should be an address book."""
    record = reading.as_record(document)
    faults = [*_form(record)]
    return faults or [*_clusters(record), *_numbers(record), *_tunnels(record)]


def _form(record: Record) -> Iterator[Fault]:
    if record.get("version") != VERSION:
        allowed, remedy = f"version: {VERSION}", "write it anew with  multimesh plan --update-book"
        yield Fault("version", record.get("version"), "is not a version that this library reads", allowed, remedy)
    for key in record:
        if key not in _KEYS:
            yield Fault(key, None, "is not a part of an address book", ", ".join(_KEYS), "remove it")
    for key in ("clusters", "asns", "tunnels", "freed"):
        value = record.get(key)
        if value is not None and not isinstance(value, Mapping):
            yield Fault(key, None, "is not a table", "a table by name", _MEND)


def _clusters(record: Record) -> Iterator[Fault]:
    owners: list[tuple[str, IPv4Network]] = []
    for name, entry in reading.records(record, "clusters").items():
        path = f"clusters.{name}"
        if reading.text(entry, "kind") not in CLUSTER_KINDS:
            yield Fault(f"{path}.kind", entry.get("kind"), "is not a kind of cluster", ", ".join(CLUSTER_KINDS), _MEND)
        block = network_of(reading.text(entry, "block") or "")
        ranges = reading.record(entry, "ranges")
        texts = {f"{path}.ranges.{key}": str(cidr) for key, cidr in ranges.items()}
        if entry.get("block") is not None:
            texts[f"{path}.block"] = str(entry["block"])
        for key in ranges:
            if key not in RANGES:
                yield Fault(f"{path}.ranges.{key}", None, "is not a range of a cluster", ", ".join(RANGES), _MEND)
        for where, text in texts.items():
            fault, cidr = cidr_fault(where, text, "10.64.0.0/15"), network_of(text)
            if fault:
                yield fault
            elif cidr is not None and (where.endswith(".block") or block is None or not cidr.subnet_of(block)):
                owners.append((where, cidr))
    for (first, one), (second, other) in combinations(owners, 2):
        if one.overlaps(other):
            yield Fault(second, str(other), f"overlaps {first} ({one})", "a range that no other entry has", _MEND)


def _numbers(record: Record) -> Iterator[Fault]:
    seen: dict[object, str] = {}
    for name, number in reading.record(record, "asns").items():
        if not reading.is_whole(number):
            yield Fault(f"asns.{name}", number, "is not a number", "a private autonomous system's number", _MEND)
        elif seen.setdefault(number, name) != name:
            problem = f"is also that of {seen[number]}"
            yield Fault(f"asns.{name}", number, problem, "a number for each network", _MEND)


def _tunnels(record: Record) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    known = {*vpn.INSIDE_WITH_AZURE, *vpn.INSIDE_WITHOUT_AZURE}
    for key, value in reading.record(record, "tunnels").items():
        path = f"tunnels.{key}"
        if value not in known:
            allowed = "a /30 of 169.254.21.0/24, 169.254.22.0/24 or 169.254.40.0/21"
            yield Fault(path, value, "is not an inside range that all clouds of a pair take", allowed, _MEND)
        elif seen.setdefault(str(value), key) != key:
            problem = f"is also that of {seen[str(value)]}"
            yield Fault(path, value, problem, "a range for each tunnel", _MEND)
