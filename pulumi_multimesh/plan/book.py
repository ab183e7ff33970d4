"""The address book: what each cluster, gateway and tunnel has, remembered so that it keeps it.

No pure function of a fleet alone can keep everyone in place when clusters come and go; so what was given is written
down. Owns: what a book holds, how a new one follows from a plan, and the difference of two. Does not own: its form as
a document (book_document.py), its file (book_file.py), how things are chosen (addresses.py, vpn.py), and whether a
plan agrees with it (rules/agreement.py). See docs/decisions/0015-address-book.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.spans import lies_in, meet

T = TypeVar("T")
AGAIN = " (which has been somebody's)"


@dataclass(frozen=True)
class BookedCluster:
    """What a cluster has."""

    kind: str
    block: str | None
    """What its ranges are cut from; None when all of them are pinned."""
    ranges: Mapping[str, str]
    """By key; those that do not lie in the block were pinned."""

    def areas(self) -> tuple[str, ...]:
        """The block, and the ranges that are elsewhere."""
        block = () if self.block is None else (self.block,)
        return (*block, *(cidr for _, cidr in sorted(self.ranges.items()) if not lies_in(cidr, self.block)))


@dataclass(frozen=True)
class Book:
    """What everybody has, and what is free again."""

    clusters: Mapping[str, BookedCluster] = field(default_factory=dict[str, BookedCluster])
    asns: Mapping[str, int] = field(default_factory=dict[str, int])
    """By network."""
    tunnels: Mapping[str, str] = field(default_factory=dict[str, str])
    """The inside /30 by tunnel, `aws-us~gcp-eu/0`."""
    freed_ranges: Sequence[str] = ()
    """What clusters had that are gone, the longest gone first; it is given again only when nothing else is left."""
    freed_asns: Sequence[int] = ()
    freed_tunnels: Sequence[str] = ()

    def areas(self) -> tuple[str, ...]:
        """All that its clusters have."""
        return tuple(area for name in sorted(self.clusters) for area in self.clusters[name].areas())


def remembered(plan: MeshPlan, before: Book) -> Book:
    """The book after this plan: all that it gave, and what it no longer uses among the freed."""
    clusters = {
        name: BookedCluster(cluster.kind, cluster.block, cluster.ranges.as_args())
        for name, cluster in plan.clusters.items()
    }
    asns = {name: network.asn for name, network in plan.networks.items() if network.asn and network.cloud != "oci"}
    tunnels = {f"{vpn.first}~{vpn.second}/{tunnel.index}": tunnel.inside for vpn in plan.vpns for tunnel in vpn.tunnels}
    used = Book(clusters).areas()
    freed = _freed(before.freed_ranges, before.areas(), used)
    return Book(
        clusters,
        asns,
        tunnels,
        # What lies in a range that is somebody's again is not free, whatever its size.
        tuple(cidr for cidr in freed if not any(lies_in(cidr, area) for area in used)),
        _freed(before.freed_asns, _values(before.asns), asns.values()),
        _freed(before.freed_tunnels, _values(before.tunnels), tunnels.values()),
    )


def _values(things: Mapping[str, T]) -> list[T]:
    """In the order of names."""
    return [things[name] for name in sorted(things)]


def _freed(freed: Iterable[T], before: Iterable[T], now: Iterable[T]) -> tuple[T, ...]:
    """What was freed and is still nobody's, and after it what has become free."""
    used = set(now)
    return tuple(dict.fromkeys(thing for thing in (*freed, *before) if thing not in used))


def unused(plan: MeshPlan, book: Book) -> list[str]:
    """What the book remembers and the program does not have; it stays theirs until the book is updated."""
    now = remembered(plan, book)
    gateways = sorted(set(book.asns) - set(now.asns))
    vpns = sorted({key.rpartition("/")[0] for key in set(book.tunnels) - set(now.tunnels)})
    return [
        *sorted(set(book.clusters) - set(now.clusters)),
        *(f"the VPN gateway of {name}" for name in gateways),
        *(f"tunnels between {' and '.join(vpn.split('~'))}" for vpn in vpns),
    ]


@dataclass(frozen=True)
class Difference:
    """What became of a book."""

    kept: int
    """Clusters, numbers and tunnels that have all that they had."""
    lines: Sequence[str]
    """What is new (`+`), gone (`-`) or moved (`~`)."""


def difference(before: Book, after: Book) -> Difference:
    """What becomes of the first book in the second."""
    had = {**_facts(before), **_numbers("ASN of", before.asns), **_numbers("tunnel", before.tunnels)}
    has = {**_facts(after), **_numbers("ASN of", after.asns), **_numbers("tunnel", after.tunnels)}
    again = {
        *(f"cluster {name}" for name, cluster in after.clusters.items() if _meets_any(cluster, before.freed_ranges)),
        *(f"ASN of {name}" for name, number in after.asns.items() if number in before.freed_asns),
        *(f"tunnel {key}" for key, cidr in after.tunnels.items() if cidr in before.freed_tunnels),
    }
    lines: list[str] = []
    for what in dict.fromkeys([*has, *had]):
        if what not in had:
            lines.append(f"+ {what}: {_told(has[what])}{AGAIN if what in again else ''}")
        elif what not in has:
            lines.append(f"- {what}: {_told(had[what])} is free")
        else:
            lines += _changes(what, had[what], has[what])
    return Difference(sum(had[what] == has.get(what) for what in had), lines)


Facts = Mapping[str, str]


def _facts(book: Book) -> dict[str, Facts]:
    return {
        f"cluster {name}": {"": booked.kind, **({"block": booked.block} if booked.block else {}), **booked.ranges}
        for name, booked in sorted(book.clusters.items())
    }


def _numbers(what: str, things: Mapping[str, object]) -> dict[str, Facts]:
    return {f"{what} {name}": {"": str(things[name])} for name in sorted(things)}


def _meets_any(cluster: BookedCluster, cidrs: Iterable[str]) -> bool:
    return any(meet(area, cidr) for area in cluster.areas() for cidr in cidrs)


def _told(facts: Facts) -> str:
    """A block is told by the ranges that are cut from it."""
    return ", ".join(f"{key} {value}".strip() for key, value in sorted(facts.items()) if key != "block")


def _changes(what: str, had: Facts, has: Facts) -> Iterator[str]:
    for key in sorted({*had, *has}):
        where = f"{what}: {key} " if key else f"{what}: "
        if key not in had:
            yield f"+ {where}{has[key]}"
        elif key not in has:
            yield f"- {where}{had[key]}"
        elif had[key] != has[key]:
            yield f"~ {where}{had[key]} becomes {has[key]}"
