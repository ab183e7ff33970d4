"""The address plan: ranges for each cluster, none of which meet.

A cluster's block is chosen by a hash of its name, so that its ranges do not depend on how many other clusters
there are; only names that want the same block depend on each other. Owns: placement. Does not own: whether
pinned ranges are right (rules/ranges.py) and the cut of a VPC into subnets (subnets.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, collapse_addresses
from itertools import combinations

from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.mesh_plan import Ranges
from pulumi_multimesh.plan.pool import in_order_of

SUPERNET = "10.0.0.0/8"
SMALLEST_SUPERNET = 16
"""Sixteen blocks of /20; a smaller block's pods would not be enough for a GKE cluster."""
_LARGEST_BLOCK = 15
"""Its half is a /16, AWS's largest VPC."""
_SLOTS_BITS = 4
_LOAD_BALANCERS = 24
"""Room for the load balancers of a cluster, each of which takes two addresses or three."""
_VPN_GATEWAY = 27
"""Azure, "About VPN Gateway configuration settings": /27 or larger for the gateway's subnet."""


@dataclass(frozen=True)
class RangeWish:
    """A cluster that wants ranges."""

    name: str
    kind: str
    pinned: Mapping[str, str]
    """Ranges that the user gave, by key."""
    needed: tuple[str, ...]
    """Ranges that it must have."""

    block: IPv4Network | None = None
    """What it has had so far; it keeps it."""
    kept: Mapping[str, str] = field(default_factory=dict[str, str])
    """Ranges that it has had so far, of those that are not pinned."""

    @property
    def needs_block(self) -> bool:
        return any(key not in self.pinned for key in self.needed)


@dataclass(frozen=True)
class Placement:
    """Where everything lies."""

    ranges: dict[str, Ranges]
    """By cluster; without the clusters that found no room."""
    blocks: dict[str, str]
    """By cluster: what the ranges that are not pinned are cut from."""
    by_name: tuple[str, ...]
    """Clusters whose block follows from their name."""
    displaced: tuple[str, ...]
    """Those of them that lie in another block than their name's own, because that one was taken."""
    faults: tuple[Fault, ...]


def block_prefix(supernet: IPv4Network) -> int:
    """A cluster's block: at least sixteen to a supernet, and none larger than clouds can use."""
    return max(_LARGEST_BLOCK, supernet.prefixlen + _SLOTS_BITS)


def place(
    wishes: Iterable[RangeWish],
    supernet: IPv4Network,
    reserved: Mapping[str, str],
    *,
    others: Mapping[str, str] | None = None,
    freed: Sequence[str] = (),
) -> Placement:
    """Ranges for each cluster; pinned and reserved ones must be valid.

    `others`: blocks of clusters that are not there, by owner; nothing is placed in them. `freed`: blocks that were
    somebody's, the longest free first; they are given when nothing else is left.
    """
    ordered = sorted(wishes, key=lambda wish: wish.name)
    taken = _taken(ordered, reserved, others or {})
    faults = [*_meetings(taken), *_strangers(ordered, supernet)]
    ranges: dict[str, Ranges] = {}
    blocks: dict[str, str] = {}
    displaced: list[str] = []
    for wish in ordered:
        placed: dict[str, str] = {}
        if wish.needs_block:
            block = wish.block or _free_block(wish.name, supernet, taken.values(), freed)
            if block is None:
                faults.append(_no_room(wish, supernet, taken))
                continue
            if wish.block is None and block != _candidates(wish.name, supernet)[0]:
                displaced.append(wish.name)
            taken[f"{wish.kind}.{wish.name}"] = block
            blocks[wish.name] = str(block)
            placed = {key: cidr for key, cidr in _cut(block, wish.kind).items() if key in wish.needed}
        ranges[wish.name] = _ranges({**placed, **wish.kept, **wish.pinned}, pinned=bool(wish.pinned))
    by_name = tuple(wish.name for wish in ordered if wish.needs_block and wish.block is None)
    return Placement(ranges, blocks, by_name, tuple(displaced), tuple(faults))


def _taken(
    wishes: Iterable[RangeWish], reserved: Mapping[str, str], others: Mapping[str, str]
) -> dict[str, IPv4Network]:
    """What has an owner before anything is placed."""
    taken = {f"addresses.reserved.{owner}": IPv4Network(cidr) for owner, cidr in sorted(reserved.items())}
    taken |= {owner: IPv4Network(cidr) for owner, cidr in sorted(others.items())}
    for wish in wishes:
        taken |= {f"{wish.kind}.{wish.name}.ranges.{key}": IPv4Network(c) for key, c in wish.pinned.items()}
        taken |= {f"{wish.kind}.{wish.name}.ranges.{key}": IPv4Network(c) for key, c in wish.kept.items()}
        if wish.block is not None:
            taken[f"{wish.kind}.{wish.name}"] = wish.block
    return taken


def _meetings(taken: Mapping[str, IPv4Network]) -> Iterator[Fault]:
    """What the book remembers must not meet what the configuration pins or reserves for somebody else."""
    for (first, one), (second, other) in combinations(taken.items(), 2):
        owners = [".".join(owner.split(".")[:2]) for owner in (first, second)]
        if owners[0] == owners[1] or not one.overlaps(other):
            continue
        allowed = "a range that nobody else has or had"
        remedy = "pin or reserve another range, or move on purpose:  multimesh plan --update-book"
        yield Fault(second, str(other), f"overlaps {first} ({one})", allowed, remedy)


def _strangers(wishes: Iterable[RangeWish], supernet: IPv4Network) -> Iterator[Fault]:
    """A remembered block outside of the room that the configuration gives."""
    for wish in wishes:
        if wish.block is not None and not wish.block.subnet_of(supernet):
            problem = f"is {wish.kind}.{wish.name}'s block in the address book, and outside of {supernet}"
            remedy = "widen addresses.supernet to hold it, or take the cluster out of the book to have it moved"
            yield Fault("addresses.supernet", str(wish.block), problem, f"blocks within {supernet}", remedy)


def _free_block(
    name: str, supernet: IPv4Network, taken: Iterable[IPv4Network], freed: Sequence[str]
) -> IPv4Network | None:
    owned, used = list(taken), [IPv4Network(cidr) for cidr in freed]
    free = [block for block in _candidates(name, supernet) if not _meets(block, owned)]
    unused = (block for block in free if not _meets(block, used))
    # What was freed long ago is least likely to be remembered by somebody's routes.
    longest = (block for old in used for block in free if block.overlaps(old))
    return next(unused, None) or next(longest, None)


def _candidates(name: str, supernet: IPv4Network) -> list[IPv4Network]:
    """All blocks of the supernet, the one that the name's hash falls on first."""
    return list(in_order_of(name, list(supernet.subnets(new_prefix=block_prefix(supernet)))))


def _meets(block: IPv4Network, others: Iterable[IPv4Network]) -> bool:
    return any(block.overlaps(other) for other in others)


def _cut(block: IPv4Network, kind: str) -> dict[str, str]:
    """Half for pods (on EKS: the VPC); the rest in quarters for nodes, services, control plane, and spare."""
    first, second = block.subnets(prefixlen_diff=1)
    nodes, services, small, _spare = second.subnets(prefixlen_diff=2)
    if kind == "eks":
        return {"nodes": str(first), "services": str(services)}
    return {
        "nodes": str(nodes),
        "pods": str(first),
        "services": str(services),
        "control_plane": str(next(small.subnets(new_prefix=28))),
        # The second half of the quarter whose first addresses are the control plane's.
        "load_balancers": str(next(list(small.subnets(prefixlen_diff=1))[1].subnets(new_prefix=_LOAD_BALANCERS))),
        "vpn_gateway": str(next(small.subnets(new_prefix=_VPN_GATEWAY))),
    }


def _ranges(cidrs: Mapping[str, str], *, pinned: bool) -> Ranges:
    return Ranges(
        nodes=cidrs.get("nodes"),
        pods=cidrs.get("pods"),
        services=cidrs.get("services"),
        control_plane=cidrs.get("control_plane"),
        load_balancers=cidrs.get("load_balancers"),
        vpn_gateway=cidrs.get("vpn_gateway"),
        pinned=pinned,
    )


def free_room(supernet: IPv4Network, taken: Iterable[IPv4Network]) -> list[IPv4Network]:
    """What of the supernet nobody has, in the order of addresses."""
    free = [supernet]
    for other in taken:
        free = [part for room in free for part in _without(room, other)]
    return list(collapse_addresses(free))


def _without(room: IPv4Network, other: IPv4Network) -> Sequence[IPv4Network]:
    if not room.overlaps(other):
        return [room]
    return [] if room.subnet_of(other) else list(room.address_exclude(other))


def _no_room(wish: RangeWish, supernet: IPv4Network, taken: Mapping[str, IPv4Network]) -> Fault:
    inside = {owner: cidr for owner, cidr in taken.items() if cidr.overlaps(supernet)}
    owners = ", ".join(f"{owner} {cidr}" for owner, cidr in inside.items())
    free = ", ".join(str(room) for room in free_room(supernet, inside.values())[:8])
    return Fault(
        f"{wish.kind}.{wish.name}.ranges",
        None,
        f"finds no free block of /{block_prefix(supernet)} in {supernet}; it is in use by {owners}",
        f"what is free: {free or 'nothing'}",
        "widen addresses.supernet, release a range, or pin "
        f"{', '.join(wish.needed)} under {wish.kind}.{wish.name}.ranges",
    )
