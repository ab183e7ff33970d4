"""The address book as a document of tables and lists, which a YAML file holds.

Owns: the form, both ways. Does not own: whether a document that people edited is sound (rules/book.py).
"""

from collections.abc import Mapping

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.book import Book, BookedCluster
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.spans import lies_in

VERSION = 1


def as_document(book: Book) -> dict[str, object]:
    """The book as a file holds it, everything in the order of names but for the freed, which have their own."""
    freed = {"ranges": list(book.freed_ranges), "asns": list(book.freed_asns), "tunnels": list(book.freed_tunnels)}
    return {
        "version": VERSION,
        "clusters": {name: _cluster(booked) for name, booked in sorted(book.clusters.items())},
        "asns": dict(sorted(book.asns.items())),
        "tunnels": dict(sorted(book.tunnels.items())),
        "freed": {key: things for key, things in freed.items() if things},
    }


def _cluster(booked: BookedCluster) -> dict[str, object]:
    """A range that lies elsewhere than the block was pinned; a reviewer sees it apart."""
    ranges = dict(sorted(booked.ranges.items()))
    pinned = {key: cidr for key, cidr in ranges.items() if not lies_in(cidr, booked.block)}
    cut = {key: cidr for key, cidr in ranges.items() if key not in pinned}
    parts = {"block": booked.block, "ranges": cut, "pinned": pinned}
    return {"kind": booked.kind, **{key: value for key, value in parts.items() if value}}


def of_document(document: Mapping[str, object]) -> Book:
    """The book of a document without faults (rules/book.py)."""
    record = reading.as_record(document)
    freed = reading.record(record, "freed")
    clusters = {
        name: BookedCluster(
            reading.text(entry, "kind") or "",
            reading.text(entry, "block"),
            {**reading.text_table(entry, "ranges"), **reading.text_table(entry, "pinned")},
        )
        for name, entry in reading.records(record, "clusters").items()
    }
    return Book(
        clusters,
        _numbers(reading.record(record, "asns")),
        reading.text_table(record, "tunnels"),
        reading.texts(freed, "ranges"),
        tuple(int(number) for number in reading.as_list(freed.get("asns")) if reading.is_whole(number)),
        reading.texts(freed, "tunnels"),
    )


def _numbers(table: Record) -> dict[str, int]:
    return {name: int(number) for name, number in table.items() if reading.is_whole(number)}
