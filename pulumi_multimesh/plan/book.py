"""The address book: what each cluster, gateway and tunnel has, remembered so that it keeps it.

No pure function of a fleet alone can keep everyone in place when clusters come and go; so what was given is written
down. Owns: what a book holds, its faults, and how a new one follows from a plan. Does not own: the file
(book_file.py), and how things are chosen (addresses.py, vpn.py). See docs/decisions/0015-address-book.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.reading import Record

VERSION = 1
T = TypeVar("T")


@dataclass(frozen=True)
class BookedCluster:
    """What a cluster has."""

    kind: str
    block: str | None
    """What its ranges are cut from; None when all of them are pinned."""
    ranges: Mapping[str, str]
    """By key, pinned ones too."""


@dataclass(frozen=True)
class Book:
    """What everybody has, and what is free again."""

    clusters: Mapping[str, BookedCluster] = field(default_factory=dict[str, BookedCluster])
    asns: Mapping[str, int] = field(default_factory=dict[str, int])
    """By network."""
    tunnels: Mapping[str, str] = field(default_factory=dict[str, str])
    """The inside /30 by tunnel, `aws-us~gcp-eu/0`."""
    freed_blocks: Sequence[str] = ()
    """What clusters had that are gone, the longest gone first; it is given again only when nothing else is left."""
    freed_asns: Sequence[int] = ()
    freed_tunnels: Sequence[str] = ()


@dataclass(frozen=True)
class Change:
    """One line of the difference between two books."""

    sign: str
    """`+` new, `-` freed, `~` changed."""
    what: str


def remembered(plan: MeshPlan, before: Book) -> Book:
    """The book after this plan: all that it gave, and what it no longer uses among the freed."""
    clusters = {
        name: BookedCluster(cluster.kind, cluster.block, cluster.ranges.as_args())
        for name, cluster in plan.clusters.items()
    }
    asns = {name: network.asn for name, network in plan.networks.items() if network.asn and network.cloud != "oci"}
    tunnels = {f"{vpn.first}~{vpn.second}/{tunnel.index}": tunnel.inside for vpn in plan.vpns for tunnel in vpn.tunnels}
    blocks = {name: booked.block for name, booked in clusters.items() if booked.block}
    blocks_before = {name: booked.block for name, booked in before.clusters.items() if booked.block}
    return Book(
        clusters,
        asns,
        tunnels,
        _freed(before.freed_blocks, blocks_before, blocks),
        _freed(before.freed_asns, before.asns, asns),
        _freed(before.freed_tunnels, before.tunnels, tunnels),
    )


def _freed(freed: Sequence[T], before: Mapping[str, T], now: Mapping[str, T]) -> tuple[T, ...]:
    """What was freed and is still nobody's, and after it what has become free."""
    used = set(now.values())
    again = [*freed, *(before[key] for key in sorted(before))]
    return tuple(dict.fromkeys(thing for thing in again if thing not in used))


def lacking(plan: MeshPlan, book: Book, file: str) -> list[Fault]:
    """What the plan would give and the book does not say, so that nothing is made that nobody remembers."""
    command = (
        f"multimesh plan --update-book , or for arguments in a program  MULTIMESH_UPDATE_BOOK=1 pulumi preview ; then "
        f"commit {file} with the change"
    )
    faults: list[Fault] = []
    wanted = remembered(plan, book)
    for name, cluster in wanted.clusters.items():
        path, booked = f"{plan.clusters[name].kind}.{name}", book.clusters.get(name)
        if booked is None:
            faults.append(Fault(path, None, f"is not in the address book {file}", "clusters that it knows", command))
            continue
        if booked.kind != cluster.kind:
            problem = f"is {_article(booked.kind)} cluster in the address book {file}"
            faults.append(Fault(path, None, problem, "the kind that it had", command))
            continue
        faults += _other_ranges(path, cluster, booked, file, command)
    for name, number in wanted.asns.items():
        path = f"addresses.asns.{name}"
        faults += _other(path, str(number), book.asns.get(name), file, command)
    for key, cidr in wanted.tunnels.items():
        faults += _other(f"tunnel {key}", cidr, book.tunnels.get(key), file, command)
    return faults


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeo' else 'a'} {kind}"


def _other_ranges(path: str, cluster: BookedCluster, booked: BookedCluster, file: str, command: str) -> Iterator[Fault]:
    for key, cidr in cluster.ranges.items():
        yield from _other(f"{path}.ranges.{key}", cidr, booked.ranges.get(key), file, command)


def _other(path: str, wanted: str, booked: object, file: str, command: str) -> Iterator[Fault]:
    if booked is None:
        yield Fault(path, wanted, f"is not in the address book {file}", "what it knows", command)
    elif str(booked) != wanted:
        remedy = f"write  {booked} , or move it on purpose:  {command}"
        yield Fault(path, wanted, f"is not what the address book {file} says", str(booked), remedy)


def changes(before: Book, after: Book) -> list[Change]:
    """The difference of two books, in the order of names."""
    return [
        *_changes("cluster", _lines(before), _lines(after)),
        *_changes("ASN of", before.asns, after.asns),
        *_changes("tunnel", before.tunnels, after.tunnels),
    ]


def _lines(book: Book) -> dict[str, str]:
    return {
        name: f"{booked.kind}, " + ", ".join(f"{key} {cidr}" for key, cidr in sorted(booked.ranges.items()))
        for name, booked in book.clusters.items()
    }


def _changes(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for key in sorted({*before, *after}):
        if key not in before:
            yield Change("+", f"{what} {key}: {after[key]}")
        elif key not in after:
            yield Change("-", f"{what} {key}: {before[key]} is free")
        elif before[key] != after[key]:
            yield Change("~", f"{what} {key}: {before[key]} becomes {after[key]}")


def without(book: Book, plan: MeshPlan) -> tuple[str, ...]:
    """Clusters of the book that the program no longer has; their room stays theirs until the book is updated."""
    return tuple(sorted(set(book.clusters) - set(plan.clusters)))


def as_document(book: Book) -> dict[str, object]:
    """The book as a file holds it."""
    clusters = {
        name: {
            "kind": booked.kind,
            **({"block": booked.block} if booked.block else {}),
            "ranges": dict(sorted(booked.ranges.items())),
        }
        for name, booked in sorted(book.clusters.items())
    }
    freed = {
        "blocks": list(book.freed_blocks),
        "asns": list(book.freed_asns),
        "tunnels": list(book.freed_tunnels),
    }
    return {
        "version": VERSION,
        "clusters": clusters,
        "asns": dict(sorted(book.asns.items())),
        "tunnels": dict(sorted(book.tunnels.items())),
        "freed": {key: things for key, things in freed.items() if things},
    }


def of_document(document: Record) -> Book:
    """The book of a document without faults (rules/book.py)."""
    freed = reading.record(document, "freed")
    return Book(
        {
            name: BookedCluster(
                reading.text(entry, "kind") or "", reading.text(entry, "block"), reading.text_table(entry, "ranges")
            )
            for name, entry in reading.records(document, "clusters").items()
        },
        {name: int(str(number)) for name, number in reading.record(document, "asns").items()},
        reading.text_table(document, "tunnels"),
        reading.texts(freed, "blocks"),
        tuple(int(str(number)) for number in reading.as_list(freed.get("asns"))),
        reading.texts(freed, "tunnels"),
    )


def pinned_over(book: Book, asns: Mapping[str, int]) -> Book:
    """The book with numbers that the configuration pins, which win."""
    return replace(book, asns={**book.asns, **asns})
