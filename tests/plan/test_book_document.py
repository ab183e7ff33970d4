"""An address book that somebody edited: every fault, with its path."""

from typing import Any

import pytest

from pulumi_multimesh.plan.book import Book, BookedCluster
from pulumi_multimesh.plan.book_document import as_document, of_document
from pulumi_multimesh.plan.rules.book import book_faults

A = {"kind": "gke", "block": "10.2.0.0/15", "ranges": {"nodes": "10.3.0.0/18"}}
SOUND: dict[str, Any] = {
    "version": 1,
    "clusters": {"a": A},
    "asns": {"a": 64512},
    "tunnels": {"a~b/0": "169.254.40.0/30"},
}


def clusters(**entries: Any) -> dict[str, Any]:
    return {"clusters": entries}


def test_ranges_outside_of_the_block_are_written_apart():
    book = Book({"a": BookedCluster("eks", "10.2.0.0/15", {"nodes": "10.2.0.0/16", "services": "172.20.0.0/20"})})
    document = as_document(book)
    cluster = {"block": "10.2.0.0/15", "ranges": {"nodes": "10.2.0.0/16"}, "pinned": {"services": "172.20.0.0/20"}}
    assert document["clusters"] == {"a": {"kind": "eks", **cluster}}
    assert of_document(document) == book
    assert not book_faults(document)


def test_an_empty_book_is_sound():
    assert not book_faults(as_document(Book()))
    assert of_document(as_document(Book())) == Book()


@pytest.mark.parametrize(
    ("change", "path", "problem"),
    [
        ({"version": 7}, "version", "is not a version that this library reads"),
        ({"version": None}, "version", "is not a version that this library reads"),
        ({"nonsense": 1}, "nonsense", "is not a part of an address book"),
        ({"asns": [1]}, "asns", "is not a table"),
        ({"asns": {7: 64512}}, "asns.7", "is no text"),
        (clusters(a=5), "clusters.a", "is not a table"),
        (clusters(a={"kind": "vms"}), "clusters.a.kind", "is not a kind of cluster"),
        (clusters(a={**A, "colour": 1}), "clusters.a.colour", "is not a part of an address book"),
        (clusters(a={**A, "ranges": [1]}), "clusters.a.ranges", "is not a table"),
        (clusters(a={**A, "ranges": {"x": "10.3.0.0/18"}}), "clusters.a.ranges.x", "is not a range"),
        (clusters(a={"kind": "eks", "pinned": {"pods": "10.3.0.0/18"}}), "clusters.a.pinned.pods", "is not a range"),
        (clusters(a={**A, "block": "10.2.0.1/15"}), "clusters.a.block", "has bits set behind its prefix"),
        (clusters(a={**A, "block": "10.2.0.0/30", "ranges": {}}), "clusters.a.block", "is not of a block's size"),
        (clusters(a={**A, "block": "10.0.0.0/8"}), "clusters.a.block", "is not of a block's size"),
        (clusters(a={"kind": "gke", "ranges": A["ranges"]}), "clusters.a.block", "is missing"),
        (clusters(a={**A, "ranges": {"nodes": "10.3.0.0"}}), "clusters.a.ranges.nodes", "without a prefix length"),
        (clusters(a={**A, "ranges": {"nodes": 10}}), "clusters.a.ranges.nodes", ""),
        (clusters(a={**A, "ranges": {"nodes": "10.9.0.0/18"}}), "clusters.a.ranges.nodes", "lies outside of the block"),
        (clusters(a={**A, "ranges": {"nodes": "10.3.0.0/30"}}), "clusters.a.ranges.nodes", "is too small"),
        (
            clusters(a={**A, "ranges": {"nodes": "10.2.0.0/16", "pods": "10.2.0.0/17"}}),
            "clusters.a.ranges.pods",
            "overlaps clusters.a.ranges.nodes (10.2.0.0/16)",
        ),
        (
            clusters(a={**A, "pinned": {"nodes": "10.9.0.0/18"}}),
            "clusters.a.pinned.nodes",
            "is in clusters.a.ranges too",
        ),
        (
            clusters(a=A, b={"kind": "gke", "block": "10.2.0.0/16"}),
            "clusters.b.block",
            "overlaps clusters.a.block (10.2.0.0/15)",
        ),
        (
            clusters(a=A, b={"kind": "gke", "pinned": {"nodes": "10.3.0.0/20"}}),
            "clusters.b.pinned.nodes",
            "overlaps clusters.a.block (10.2.0.0/15)",
        ),
        (
            clusters(
                a={"kind": "gke", "pinned": {"nodes": "10.3.0.0/20"}},
                b={"kind": "gke", "pinned": {"pods": "10.3.0.0/16"}},
            ),
            "clusters.b.pinned.pods",
            "overlaps clusters.a.pinned.nodes (10.3.0.0/20)",
        ),
        ({"asns": {"a": 64512, "b": 64512}}, "asns.b", "is also that of a"),
        ({"asns": {"a": "many"}}, "asns.a", "is not a number"),
        ({"asns": {"a": True}}, "asns.a", "is not a number"),
        ({"asns": {"a": 65515}}, "asns.a", "is not a number that a gateway may have"),
        ({"tunnels": {"a~b/0": "10.0.0.0/30"}}, "tunnels.a~b/0", "is not an inside range"),
        ({"tunnels": {"b~a/0": "169.254.40.0/30"}}, "tunnels.b~a/0", "is not a tunnel"),
        ({"tunnels": {"a/0": "169.254.40.0/30"}}, "tunnels.a/0", "is not a tunnel"),
        ({"tunnels": {"a~b/0": ["169.254.40.0/30"]}}, "tunnels.a~b/0", "is not an inside range"),
        (
            {**clusters(a=A, b={"kind": "aks"}), "tunnels": {"a~b/0": "169.254.40.0/30"}},
            "tunnels.a~b/0",
            "is not an inside range that both clouds take",
        ),
        (
            {**clusters(a=A, b={"kind": "eks"}), "tunnels": {"a~b/0": "169.254.21.0/30"}},
            "tunnels.a~b/0",
            "is not an inside range that both clouds take",
        ),
        (
            {"tunnels": {"a~b/0": "169.254.40.0/30", "a~c/0": "169.254.40.0/30"}},
            "tunnels.a~c/0",
            "is also that of a~b/0",
        ),
        ({"freed": {"colours": []}}, "freed.colours", "is not a part of an address book"),
        ({"freed": {"asns": 64512}}, "freed.asns", "is not a list"),
        ({"freed": {"asns": [64512, "x"]}}, "freed.asns[1]", "is not a number"),
        ({"freed": {"ranges": ["banana"]}}, "freed.ranges[0]", "is not a range of addresses"),
        ({"freed": {"tunnels": ["169.254.1.0/30"]}}, "freed.tunnels[0]", "is not an inside range"),
    ],
)
def test_one_fault_for_each_edit(change: dict[str, Any], path: str, problem: str):
    assert not book_faults(SOUND)
    (fault,) = book_faults({**SOUND, **change})
    assert fault.path == path
    assert problem in fault.problem
    assert fault.remedy
    assert fault.allowed


def test_all_of_them_at_once():
    broken = {**SOUND, "asns": {"a": 1, "b": 2}, "freed": {"asns": [3]}, "clusters": {"a": {**A, "block": "banana"}}}
    assert {fault.path for fault in book_faults(broken)} == {"asns.a", "asns.b", "freed.asns[0]", "clusters.a.block"}


def test_whole_numbers_of_other_writers_are_numbers():
    assert of_document({**SOUND, "asns": {"a": 64512.0}, "freed": {"asns": [64513.0]}}).asns == {"a": 64512}
