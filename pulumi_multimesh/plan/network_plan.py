"""The part of a plan that is about networks: who is joined to whom, by which road, with which numbers.

Owns: the shape. Does not own: how any value is decided (links.py, networks.py, vpn.py).
"""

from dataclasses import dataclass

GATEWAYS, SAME_NETWORK, PEERING, VPN, TRANSIT = "gateways", "same-network", "peering", "vpn", "transit"
"""Roads: public east-west gateways; none needed; inside a cloud; between clouds; through the hub's VPN gateway."""


@dataclass(frozen=True)
class LinkPlan:
    """Two clusters and the road between them; `first` sorts before `second`."""

    first: str
    second: str
    road: str
    """`gateways`: each side's east-west gateway on a public load balancer that admits the other's egress addresses;
    `same-network`, `peering`, `vpn`, `transit`: private."""
    via: str | None
    """The network whose gateway passes it on; None unless the road is `transit`."""


@dataclass(frozen=True)
class NetworkPlan:
    """A cloud's network (VPC, VNet, VCN) and the clusters in it."""

    name: str
    """One of its clusters, the first unless the address book knows another; also the stem of its gateway's names."""
    cloud: str
    region: str
    clusters: tuple[str, ...]
    ranges: tuple[str, ...]
    """What peers must find a way to, as CIDR strings: nodes, internal load balancers, and pods that are routable."""
    pod_ranges: tuple[str, ...]
    """Those of them that are pods' alone; on EKS pods share the VPC's range."""
    gateway: str | None
    """The network whose VPN gateway serves it, mostly itself; None without VPN."""
    asn: int | None
    """BGP's number of its VPN gateway; None unless it has one. Oracle's gateways have Oracle's own."""


@dataclass(frozen=True)
class PeeringPlan:
    """Two networks of one cloud, joined; `first` sorts before `second`."""

    first: str
    second: str
    cloud: str
    same_region: bool
    transit: str | None
    """Azure: the network whose VPN gateway the other uses; None: neither does."""


@dataclass(frozen=True)
class TunnelPlan:
    """One IPsec tunnel of a VPN with its BGP session."""

    index: int
    """0, 1, … within its VPN."""
    interface: int
    """0 or 1: which address of a side that has two of its own (Google Cloud, Azure), and which connection of a side
    that gives addresses by connection (AWS, Oracle Cloud)."""
    slot: int
    """0 or 1: which of the two tunnels of that connection."""
    inside: str
    """The /30 inside the tunnel."""
    first_ip: str
    """The inside address of the VPN's first network."""
    second_ip: str


@dataclass(frozen=True)
class VpnPlan:
    """The private road between two networks of different clouds; `first` sorts before `second`."""

    first: str
    second: str
    tunnels: tuple[TunnelPlan, ...]
