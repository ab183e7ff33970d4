"""Taking things from a pool by name, so that each keeps its own when others come and go.

Owns: the choice. Does not own: what a pool holds (addresses.py, vpn.py), nor what was had before (book.py).
"""

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def slot_of(key: str, size: int) -> int:
    """The place in a pool that a name falls on."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()) % size


def in_order_of(key: str, pool: Sequence[T]) -> Sequence[T]:
    """The whole pool, the thing that the name falls on first."""
    slot = slot_of(key, len(pool))
    return [*pool[slot:], *pool[:slot]]


def last(things: Sequence[T], freed: Sequence[T]) -> Sequence[T]:
    """The things with those that were somebody's at the end, the longest free first."""
    return [*(thing for thing in things if thing not in freed), *(thing for thing in freed if thing in things)]


def allocate(
    keys: Iterable[str], pool: Sequence[T], kept: Mapping[str, T] | None = None, freed: Sequence[T] = ()
) -> dict[str, T | None]:
    """One thing for each key; what a key has kept stays, what was freed comes last. None where nothing is left."""
    had = kept or {}
    given: dict[str, T | None] = {}
    taken = set(had.values())
    for key in sorted(keys):
        wanted = last(in_order_of(key, pool), freed) if freed else in_order_of(key, pool)
        free = had[key] if key in had else next((thing for thing in wanted if thing not in taken), None)
        given[key] = free
        if free is not None:
            taken.add(free)
    return given
