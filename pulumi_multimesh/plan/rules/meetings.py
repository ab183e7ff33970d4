"""Rules of what the address book keeps beside what the configuration says: no two owners of one address.

Owns: ranges that are kept against those that are pinned, reserved, or newly cut. Does not own: ranges that the
configuration alone sets against each other (ranges.py), nor two entries of a book (book.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from pulumi_multimesh.plan.addresses import Placement, RangeWish, moved
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.spans import lies_in, meet

_OWN = "a range that no other owner has"


def meeting_faults(wishes: Sequence[RangeWish], placed: Placement, reserved: Mapping[str, str]) -> Iterator[Fault]:
    """Every meeting of something kept with something else."""
    if not any(wish.block or wish.kept for wish in wishes):
        return
    ordered = [wish for wish in sorted(wishes, key=lambda wish: wish.name) if wish.name in placed.ranges]
    yield from _with_reserved(ordered, placed, reserved)
    for one, other in combinations(ordered, 2):
        yield from _of_two(one, other, placed)
    for wish in ordered:
        yield from _of_one(wish, placed)


def _with_reserved(wishes: Iterable[RangeWish], placed: Placement, reserved: Mapping[str, str]) -> Iterator[Fault]:
    """Ranges against what is in use elsewhere; a block's spare room may be reserved, as nothing is there yet."""
    for owner, cidr in reserved.items():
        for wish in wishes:
            met = [
                f"{wish.kind}.{wish.name}.ranges.{key} ({its})"
                for key, its in placed.ranges[wish.name].as_args().items()
                if meet(cidr, its)
            ]
            if met:
                problem = f"overlaps {', '.join(met)}"
                remedy = f"reserve less; or to move {wish.name}, {moved(wish.name)}"
                yield Fault(f"addresses.reserved.{owner}", cidr, problem, _OWN, remedy)


def _of_two(one: RangeWish, other: RangeWish, placed: Placement) -> Iterator[Fault]:
    for first, its in _areas(one, placed):
        for second, others in _areas(other, placed):
            if meet(its, others):
                pins_second = second.rpartition(".")[2] in other.pinned
                path, value, met, kept = (second, others, first, its) if pins_second else (first, its, second, others)
                keeper = one if pins_second else other
                remedy = f"pin another range; or to move {keeper.name}, {moved(keeper.name)}"
                yield Fault(path, value, f"overlaps {met} ({kept}) of the address book", _OWN, remedy)


def _areas(wish: RangeWish, placed: Placement) -> list[tuple[str, str]]:
    """A cluster's block, and its ranges that are elsewhere."""
    own, block = f"{wish.kind}.{wish.name}", placed.blocks.get(wish.name)
    ranges = placed.ranges[wish.name].as_args().items()
    elsewhere = [(f"{own}.ranges.{key}", cidr) for key, cidr in ranges if not lies_in(cidr, block)]
    return [*([(own, block)] if block else []), *elsewhere]


def _of_one(wish: RangeWish, placed: Placement) -> Iterator[Fault]:
    """A pin, or what is newly cut from a block, may lie on what the same cluster keeps."""
    for (key, cidr), (other, its) in combinations(placed.ranges[wish.name].as_args().items(), 2):
        if meet(cidr, its):
            path, value, met, kept = (key, cidr, other, its) if key in wish.pinned else (other, its, key, cidr)
            own = f"{wish.kind}.{wish.name}.ranges"
            remedy = f"pin another range, or pin {own}.{met} elsewhere too"
            yield Fault(f"{own}.{path}", value, f"overlaps {own}.{met} ({kept})", _OWN, remedy)
