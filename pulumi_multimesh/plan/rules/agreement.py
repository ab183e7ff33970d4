"""Rules of a program beside its address book: nothing is registered that the book does not say.

Owns: what a plan wants against what the book remembers. Does not own: whether what the book keeps can stay where it
is (meetings.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi_multimesh.plan.book import Book, BookedCluster, remembered
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.spans import lies_in, meet


@dataclass(frozen=True)
class Bookkeeping:
    """The book's file and the command that writes it, as a user would name them."""

    file: str
    command: str

    @property
    def update(self) -> str:
        return f"{self.command} ; then commit {self.file} with the change"


def agreement_faults(plan: MeshPlan, book: Book, pinned_asns: Mapping[str, int], kept_in: Bookkeeping) -> list[Fault]:
    """What the plan wants and the book does not say, or says otherwise.

    What is pinned need not be in the book, as it moves by itself never; it must not be what the book says of another.
    """
    wanted = remembered(plan, book)
    faults: list[Fault] = []
    for name, cluster in wanted.clusters.items():
        faults += _of_cluster(name, cluster, book, kept_in)
    for name, number in wanted.asns.items():
        if name in book.asns or name not in pinned_asns:
            faults += _other(f"addresses.asns.{name}", str(number), book.asns.get(name), kept_in)
        else:
            faults += _number_of_another(name, number, book, kept_in)
    faults += _of_tunnels(wanted, book, kept_in)
    # A cluster that is gone has its room until the book is updated; those that are there are compared in meetings.py.
    for gone in sorted(set(book.clusters) - set(wanted.clusters)):
        faults += _in_room_of(gone, book.clusters[gone], wanted.clusters, kept_in)
    return faults


def _of_cluster(name: str, cluster: BookedCluster, book: Book, kept_in: Bookkeeping) -> Iterator[Fault]:
    path, booked = f"{cluster.kind}.{name}", book.clusters.get(name)
    if booked is None:
        if cluster.block is not None:
            problem = f"is not in the address book {kept_in.file}"
            yield Fault(path, None, problem, "clusters that it knows, or whose ranges are all pinned", kept_in.update)
    elif booked.kind != cluster.kind:
        article = "an" if booked.kind[0] in "aeo" else "a"
        problem = f"is {article} {booked.kind} cluster in the address book {kept_in.file}"
        yield Fault(path, None, problem, "the kind that it had, or another name", kept_in.update)
    else:
        for key, cidr in cluster.ranges.items():
            if key in booked.ranges or lies_in(cidr, cluster.block):
                yield from _other(f"{path}.ranges.{key}", cidr, booked.ranges.get(key), kept_in)


def _other(path: str, wanted: str, booked: object, kept_in: Bookkeeping) -> Iterator[Fault]:
    if booked is None:
        # What it would be given is not shown, or it would look like something to write.
        yield Fault(path, None, f"is not in the address book {kept_in.file}", "what it knows", kept_in.update)
    elif str(booked) != wanted:
        problem = f"is not what the address book {kept_in.file} says"
        remedy = f"write  {booked} , or leave the pin out; or to move it on purpose:  {kept_in.update}"
        yield Fault(path, wanted, problem, str(booked), remedy)


def _of_tunnels(wanted: Book, book: Book, kept_in: Bookkeeping) -> Iterator[Fault]:
    """One fault for each VPN: its tunnels come together."""
    unknown = [key for key, cidr in wanted.tunnels.items() if book.tunnels.get(key) != cidr]
    for vpn in dict.fromkeys(key.rpartition("/")[0] for key in unknown):
        problem = f"has tunnels whose inside ranges are not in the address book {kept_in.file}"
        yield Fault(f"tunnels.{vpn}", None, problem, "tunnels that it knows", kept_in.update)


def _number_of_another(name: str, number: int, book: Book, kept_in: Bookkeeping) -> Iterator[Fault]:
    for owner in sorted(owner for owner, its in book.asns.items() if its == number and owner != name):
        problem = f"is that of {owner} in the address book {kept_in.file}"
        remedy = f"give it another; or if {owner} is gone:  {kept_in.update}"
        yield Fault(f"addresses.asns.{name}", str(number), problem, "a number for each gateway", remedy)


def _in_room_of(
    gone: str, booked: BookedCluster, clusters: Mapping[str, BookedCluster], kept_in: Bookkeeping
) -> Iterator[Fault]:
    for name, cluster in clusters.items():
        for key, cidr in cluster.ranges.items():
            met = [area for area in booked.areas() if meet(area, cidr)]
            if met and not lies_in(cidr, cluster.block):
                problem = f"overlaps {gone} ({', '.join(met)}), which the address book {kept_in.file} remembers"
                allowed = "a range that no other owner has"
                remedy = f"pin another range; or as {gone} is gone:  {kept_in.update}"
                yield Fault(f"{cluster.kind}.{name}.ranges.{key}", cidr, problem, allowed, remedy)
