"""The address plan: ranges for each cluster, none of which meet.

A cluster's block is chosen by a hash of its name, so that its ranges do not depend on how many other clusters
there are; only names that want the same block depend on each other. Owns: placement. Does not own: whether
pinned ranges are right (rules/ranges.py), or meet what the address book keeps (rules/meetings.py), and the cut of a
VPC into subnets (subnets.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, collapse_addresses

from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.mesh_plan import Ranges
from pulumi_multimesh.plan.pool import in_order_of
from pulumi_multimesh.plan.spans import Span, lies_in, meet, overlap, span

SUPERNET = "10.0.0.0/8"
SMALLEST_SUPERNET = 16
"""Sixteen blocks of /20; a smaller block's pods would not be enough for a GKE cluster."""
LARGEST_BLOCK = 15
"""Its half is a /16, AWS's largest VPC."""
_SLOTS_BITS = 4
SMALLEST_BLOCK = SMALLEST_SUPERNET + _SLOTS_BITS
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

    block: str | None = None
    """What its ranges have been cut from so far; it keeps it."""
    kept: Mapping[str, str] = field(default_factory=dict[str, str])
    """Ranges that it has had so far, of those that are not pinned."""

    @property
    def needs_block(self) -> bool:
        return any(key not in self.pinned and key not in self.kept for key in self.needed)


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
    return max(LARGEST_BLOCK, supernet.prefixlen + _SLOTS_BITS)


def place(
    wishes: Iterable[RangeWish], supernet: IPv4Network, reserved: Mapping[str, str], freed: Sequence[str] = ()
) -> Placement:
    """Ranges for each cluster; pinned, kept and reserved ones must be valid.

    `freed`: ranges that were somebody's, the longest free first; they are given when nothing else is left.
    """
    ordered = sorted(wishes, key=lambda wish: wish.name)
    taken = _taken(ordered, reserved)
    faults = list(_strangers(ordered, supernet))
    ranges: dict[str, Ranges] = {}
    blocks: dict[str, str] = {}
    by_name: list[str] = []
    displaced: list[str] = []
    for wish in ordered:
        block = wish.block
        if block is None and wish.needs_block:
            block = _free_block(wish.name, supernet, taken.values(), freed)
            if block is None:
                faults.append(_no_room(wish, supernet, taken))
                continue
            by_name.append(wish.name)
            displaced += [] if block == _wanted_block(wish.name, supernet) else [wish.name]
            taken[f"{wish.kind}.{wish.name}"] = block
        cut = _cut(IPv4Network(block), wish.kind) if block else {}
        cidrs = {**{key: cidr for key, cidr in cut.items() if key in wish.needed}, **wish.kept, **wish.pinned}
        ranges[wish.name] = _ranges(cidrs, pinned=bool(wish.pinned))
        if block is not None and any(lies_in(cidr, block) for cidr in cidrs.values()):
            blocks[wish.name] = block
    return Placement(ranges, blocks, tuple(by_name), tuple(displaced), tuple(faults))


def _taken(wishes: Iterable[RangeWish], reserved: Mapping[str, str]) -> dict[str, str]:
    """What has an owner before anything is placed, by owner."""
    taken = {f"addresses.reserved.{owner}": cidr for owner, cidr in sorted(reserved.items())}
    for wish in wishes:
        own = f"{wish.kind}.{wish.name}"
        taken |= {f"{own}.ranges.{key}": cidr for key, cidr in {**wish.kept, **wish.pinned}.items()}
        if wish.block is not None:
            taken[own] = wish.block
    return taken


def _strangers(wishes: Iterable[RangeWish], supernet: IPv4Network) -> Iterator[Fault]:
    """A remembered block outside of the room that the configuration gives."""
    for wish in wishes:
        if wish.block is not None and not lies_in(wish.block, str(supernet)):
            problem = f"does not hold {wish.block}, which {wish.kind}.{wish.name} has in the address book"
            allowed = f"a range that holds {wish.block}, and whatever else clusters have"
            remedy = f"widen it; or to move {wish.name}, {moved(wish.name)}"
            yield Fault("addresses.supernet", str(supernet), problem, allowed, remedy)


def moved(name: str) -> str:
    """How to have a cluster moved that the address book keeps in its place."""
    return f"take clusters.{name} out of the address book and update that; the cluster is then made anew"


def _free_block(name: str, supernet: IPv4Network, taken: Iterable[str], freed: Sequence[str]) -> str | None:
    """The first block that nobody has or had; else the one that has been free for longest; None: there is none."""
    owned, used = [span(cidr) for cidr in taken], [span(cidr) for cidr in freed]
    length = block_prefix(supernet)
    again: list[tuple[int, int, Span]] = []
    for block in _blocks(name, supernet):
        if any(overlap(block, other) for other in owned):
            continue
        latest = max((place for place, other in enumerate(used) if overlap(block, other)), default=None)
        if latest is None:
            return f"{IPv4Address(block[0])}/{length}"
        again.append((latest, len(again), block))
    return f"{IPv4Address(min(again)[2][0])}/{length}" if again else None


def _wanted_block(name: str, supernet: IPv4Network) -> str:
    return f"{IPv4Address(next(_blocks(name, supernet))[0])}/{block_prefix(supernet)}"


def _blocks(name: str, supernet: IPv4Network) -> Iterator[Span]:
    """All blocks of the supernet, the one that the name's hash falls on first."""
    lowest, size = span(str(supernet))[0], 1 << (32 - block_prefix(supernet))
    for position in in_order_of(name, range(supernet.num_addresses // size)):
        yield lowest + position * size, lowest + (position + 1) * size - 1


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


def _no_room(wish: RangeWish, supernet: IPv4Network, taken: Mapping[str, str]) -> Fault:
    inside = {owner: cidr for owner, cidr in taken.items() if meet(cidr, str(supernet))}
    owners = ", ".join(f"{owner} {cidr}" for owner, cidr in inside.items())
    free = ", ".join(str(room) for room in free_room(supernet, map(IPv4Network, inside.values()))[:8])
    return Fault(
        f"{wish.kind}.{wish.name}.ranges",
        None,
        f"finds no free block of /{block_prefix(supernet)} in {supernet}; it is in use by {owners}",
        f"what is free: {free or 'nothing'}",
        "widen addresses.supernet, release a range, or pin "
        f"{', '.join(wish.needed)} under {wish.kind}.{wish.name}.ranges",
    )
