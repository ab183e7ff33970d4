"""The longest chain of waiting in a graph: what `up` cannot be faster than.

Owns: the computation. Does not own: where durations and dependencies come from (critical_chain.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Chain:
    """Things that must come one after the other."""

    names: Sequence[str]
    """In their order."""
    minutes: float


def longest(minutes: Mapping[str, float], before: Mapping[str, Sequence[str]]) -> Chain:
    """The chain that takes longest; `before` has what each thing waits for. Raises `ValueError` on a circle."""
    known: dict[str, Chain] = {}
    under_way: set[str] = set()

    def of(name: str) -> Chain:
        if name in known:
            return known[name]
        if name in under_way:
            raise ValueError(f"{name} waits for itself")
        under_way.add(name)
        earlier = max(
            (of(each) for each in before.get(name, ())), key=lambda chain: chain.minutes, default=Chain((), 0)
        )
        known[name] = Chain((*earlier.names, name), earlier.minutes + minutes.get(name, 0))
        under_way.remove(name)
        return known[name]

    names = sorted({*minutes, *before})
    return max((of(name) for name in names), key=lambda chain: chain.minutes, default=Chain((), 0))
