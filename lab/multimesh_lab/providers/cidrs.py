"""Address ranges as the clouds check them.

Owns: parsing, overlap and containment. Does not own: which ranges a cloud compares.
"""

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Network

from multimesh_lab.providers.kinds import RefusedError


def parse(text: str, what: str) -> IPv4Network:
    """The range, which must be written with its first address."""
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        raise RefusedError(f"{what}: {text!r} is not an IPv4 range: {error}") from error


def sized(text: str, what: str, largest: int, smallest: int) -> IPv4Network:
    """The range, whose prefix length must lie between the two."""
    network = parse(text, what)
    if not largest <= network.prefixlen <= smallest:
        raise RefusedError(f"{what}: {text!r} is a /{network.prefixlen}; allowed are /{largest} to /{smallest}")
    return network


def must_not_overlap(text: str, what: str, taken: Iterable[tuple[str, str]]) -> None:
    """Refuse the range if it meets one of those taken, each given with the name of its owner."""
    network = parse(text, what)
    for other, owner in taken:
        if network.overlaps(IPv4Network(other)):
            raise RefusedError(f"{what}: {text} overlaps {other} of {owner}; choose a range of its own")


def must_lie_within(text: str, what: str, outer: str, owner: str) -> None:
    """Refuse the range unless it is a part of the outer one."""
    if not parse(text, what).subnet_of(IPv4Network(outer)):
        raise RefusedError(f"{what}: {text} is not within {outer} of {owner}")
