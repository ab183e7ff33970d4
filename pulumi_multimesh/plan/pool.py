"""Taking things from a pool by name, so that each keeps its own when others come and go.

Owns: the choice. Does not own: what a pool holds (addresses.py, vpn.py), nor what was had before (book.py).
"""

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def slot_of(key: str, size: int) -> int:
    """The place in a pool that a name falls on."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()) % size


def in_order_of(key: str, pool: Sequence[T]) -> Iterator[T]:
    """The whole pool, the thing that the name falls on first."""
    slot = slot_of(key, len(pool))
    return chain(islice(pool, slot, None), islice(pool, slot))


def allocate(
    keys: Iterable[str], pool: Sequence[T], kept: Mapping[str, T] | None = None, freed: Sequence[T] = ()
) -> dict[str, T | None]:
    """One thing for each key, none of which another key has. None where nothing is left.

    What a key has kept stays, and what any other key has kept is nobody else's. What was freed comes last, the longest
    free first: what was somebody's long ago is least likely to be remembered by somebody's routes.
    """
    had = kept or {}
    given: dict[str, T | None] = {}
    taken, used, held = set(had.values()), set(freed), set(pool)
    for key in sorted(keys):
        if key in had:
            given[key] = had[key]
            continue
        unused = (thing for thing in in_order_of(key, pool) if thing not in used)
        free = (thing for thing in chain(unused, (old for old in freed if old in held)) if thing not in taken)
        given[key] = thing = next(free, None)
        if thing is not None:
            taken.add(thing)
    return given
