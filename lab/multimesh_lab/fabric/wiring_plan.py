"""What the kernel should have of the clouds' networks: routers, wires, tunnel ends, and the flows they let through.

Owns: these shapes and every name and address in them. Does not own: what they follow from (wiring_intent) and how the
kernel is brought to have them (wiring).
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from multimesh_lab.fabric.model import POD_FLOW, TunnelEnd
from multimesh_lab.network import Plan


@dataclass(frozen=True)
class End:
    """One end of a VPN tunnel in the lab."""

    number: int
    """Small, of the whole lab; it stays while the end does."""
    at: TunnelEnd
    """What its cloud declares."""
    advertised: tuple[IPv4Network, ...] = ()
    """What it tells its neighbour of its own network, in the lab's addresses."""
    passes_on: bool = False
    """Whether it also tells what its network learned from its other neighbours."""

    @property
    def namespace(self) -> str:
        """An end has the gateway's address to itself, so that all ends of a gateway have the ports 500 and 4500."""
        return f"mmt{self.number}"

    @property
    def uplink(self) -> str:
        """The router's interface towards the end."""
        return f"end{self.number}"

    @property
    def tunnel(self) -> str:
        """The router's interface into the tunnel."""
        return f"tun{self.number}"

    @property
    def table(self) -> int:
        """The routing table for what comes from its one peer."""
        return 1000 + self.number


@dataclass(frozen=True)
class Wire:
    """One side's part in what joins two networks directly: a peering of one cloud."""

    router: int
    """The number of the router on the other side."""
    routes: tuple[IPv4Network, ...]
    """What this side sends that way."""

    @property
    def link(self) -> str:
        return f"peer{self.router}"


@dataclass(frozen=True)
class Forwarding:
    """A port of an internal load balancer with a hostname, which no node knows for its own."""

    address: str
    protocol: str
    port: int
    node_port: int
    slot: int
    sources: tuple[str, ...] = ()
    """Whom it admits; everybody when empty."""


@dataclass(frozen=True)
class Router:
    """The network of a cloud: it has routes only to what was provisioned."""

    number: int
    """The slot of its first cluster."""
    name: str
    slots: tuple[int, ...]
    """The clusters in it."""
    ends: tuple[End, ...] = ()
    wires: tuple[Wire, ...] = ()
    installed: tuple[IPv4Network, ...] = ()
    """What the network's own routes lead to its gateway for, once the gateway has learned it."""
    forwardings: tuple[Forwarding, ...] = ()

    @property
    def namespace(self) -> str:
        return f"mmr{self.number}"

    @property
    def bridge_link(self) -> str:
        """The machine's end of the router's link to the bridge."""
        return f"mmw{self.number}"

    @property
    def address(self) -> str:
        """On the bridge, where its gateways' public addresses are routed to."""
        return f"198.18.0.{30 + self.number}"

    @property
    def identity(self) -> str:
        """Its address towards other routers."""
        return str(identity(self.number))


@dataclass(frozen=True)
class Flow:
    """From everything of one cluster to the pods or the internal load balancers of another; not the way back."""

    source: int
    target: int
    to: str
    """A flow of the model: `gateway` leads to internal load balancers, `pods` to pods."""

    @property
    def sources(self) -> tuple[IPv4Network, ...]:
        return (Plan(self.source).pods, Plan(self.source).subnet)

    @property
    def destination(self) -> IPv4Network:
        return Plan(self.target).pods if self.to == POD_FLOW else Plan(self.target).internal


@dataclass(frozen=True)
class Face:
    """As what an internal load balancer sees a cluster's packets: with an address of the declared range.

    Whom it admits is written in declared ranges, and kube-proxy compares them with what arrives.
    """

    slot: int
    range: IPv4Network
    """Of the lab."""
    address: str


@dataclass(frozen=True)
class Hidden:
    """A cluster whose pods go into the cloud's network with their node's address."""

    slot: int
    kept: tuple[IPv4Network, ...] = ()
    """Where they go with their own all the same."""


@dataclass(frozen=True)
class Wiring:
    """The whole of it."""

    routers: tuple[Router, ...] = ()
    flows: tuple[Flow, ...] = ()
    faces: tuple[Face, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    probes: tuple[int, ...] = ()
    """The clusters on paper: a namespace stands for each, with addresses that answer."""


def identity(router: int) -> IPv4Address:
    return IPv4Address(f"198.19.255.{router}")
