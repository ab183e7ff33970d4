"""How a VPC is cut into subnets, a private and a public one for each zone.

Owns: the cut. Does not own: the VPC's own range (addresses.py).
"""

from dataclasses import dataclass
from ipaddress import IPv4Network

MOST_ZONES = 3


@dataclass(frozen=True)
class Subnets:
    """Ranges by zone: the n-th private and the n-th public one belong to the n-th zone."""

    private: tuple[str, ...]
    public: tuple[str, ...]


def subnets_of(vpc: str, zones: int) -> Subnets:
    """A quarter of the VPC for each zone's nodes and pods; the last one, cut again, for load balancers and NAT.

    The cut is the same for two zones as for three, so that a third zone moves nothing.
    """
    if not 1 <= zones <= MOST_ZONES:
        raise ValueError(f"{zones} zones: a VPC is cut for 1 to {MOST_ZONES}")
    quarters = list(IPv4Network(vpc).subnets(prefixlen_diff=2))
    public = list(quarters[MOST_ZONES].subnets(prefixlen_diff=2))
    return Subnets(
        private=tuple(str(quarter) for quarter in quarters[:zones]),
        public=tuple(str(part) for part in public[:zones]),
    )
