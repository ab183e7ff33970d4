"""Taking things from a pool by name, so that each keeps its own when others come and go.

Owns: the choice. Does not own: what a pool holds (addresses.py, vpn.py), nor what was had before (book.py).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def slot_of(key: str, size: int) -> int:
    """The place in a pool that a name falls on."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()) % size


def in_order_of(key: str, pool: Sequence[T]) -> Sequence[T]:
    """The whole pool, the thing that the name falls on first."""
    slot = slot_of(key, len(pool))
    return [*pool[slot:], *pool[:slot]]


def allocate(keys: Iterable[str], pool: Sequence[T], kept: Mapping[str, T] | None = None) -> dict[str, T | None]:
    """One thing for each key; what a key has kept stays. None where nothing is left."""
    had = kept or {}
    given: dict[str, T | None] = {}
    taken = list(had.values())
    for key in sorted(keys):
        free = had[key] if key in had else next((thing for thing in in_order_of(key, pool) if thing not in taken), None)
        given[key] = free
        if free is not None:
            taken.append(free)
    return given
