"""Rules of who is joined to whom.

Owns: values under `links`, but for transit (connectivity.py) and shared gateways (private_roads.py). Does not own:
whether a joined pair has a road (connectivity.py).
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import links, reading
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record


def topology_faults(args: Record) -> Iterator[Fault]:
    """Every fault of who is joined to whom."""
    wish, known = reading.record(args, "links"), sorted(clouds_of(args))
    topology = reading.text(wish, "topology") or links.FULL_MESH
    if topology not in links.TOPOLOGIES:
        allowed = ", ".join(links.TOPOLOGIES)
        yield Fault("links.topology", topology, "is not a known topology", allowed, "leave it out for full-mesh")
        return
    for key, its in (("hub", links.HUB_AND_SPOKES), ("transit", links.HUB_AND_SPOKES), ("pairs", links.LIST)):
        if key in wish and topology != its:
            problem, allowed = f"has no effect with topology: {topology}", f"only beside topology: {its}"
            yield Fault(f"links.{key}", None, problem, allowed, f"remove it, or write  topology: {its}")
    if topology == links.HUB_AND_SPOKES:
        yield from name_faults("links.hub", reading.text(wish, "hub"), known)
    if topology == links.LIST:
        yield from _pair_faults(wish, known)


def name_faults(path: str, name: str | None, known: list[str]) -> Iterator[Fault]:
    """Whether a cluster's name is given and known."""
    allowed = f"a cluster of the mesh: {', '.join(known) or 'there is none'}"
    if name is None:
        yield Fault(
            path, None, "is missing", allowed, f"add it, such as  {path.rpartition('.')[2]}: {known[:1] or ['…']}"
        )
    elif name not in known:
        yield Fault(path, name, "is not a cluster of the mesh", allowed, "correct the name")


def _pair_faults(wish: Record, known: list[str]) -> Iterator[Fault]:
    pairs = [reading.as_record(pair) for pair in reading.as_list(wish.get("pairs"))]
    if not pairs:
        allowed = "at least one pair of clusters"
        remedy = "add  pairs: [{first: gcp-eu, second: aws-us}]"
        yield Fault("links.pairs", None, "is missing or empty", allowed, remedy)
    seen: dict[frozenset[str | None], int] = {}
    for position, pair in enumerate(pairs):
        path = f"links.pairs[{position}]"
        first, second = reading.text(pair, "first"), reading.text(pair, "second")
        for key, name in (("first", first), ("second", second)):
            if name is not None and name not in known:
                yield from name_faults(f"{path}.{key}", name, known)
        if first is not None and first == second:
            yield Fault(path, first, "joins a cluster with itself", "two clusters", "name another second one")
        before = seen.setdefault(frozenset((first, second)), position)
        if before != position:
            yield Fault(path, None, f"is the same pair as links.pairs[{before}]", "each pair once", "remove it")
