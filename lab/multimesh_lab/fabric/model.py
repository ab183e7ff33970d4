"""What the simulated clouds' inventories say about roads between networks, in words that all four clouds share.

Owns: the shapes. Does not own: how they are read from a cloud (gcp.py, aws.py, azure.py, oci.py), which ends make a
tunnel (tunnels.py), and what passes (reachability.py). Every fault and reason is a sentence that names the resource
and the property; a pre-shared key is in no sentence and in no `repr`.
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Network

GATEWAY_FLOW, POD_FLOW = "gateway", "pods"
FLOWS = (GATEWAY_FLOW, POD_FLOW)
"""A node or pod → an internal load balancer of the other cluster; a pod → a pod of the other cluster (flat)."""

SAME_NETWORK, PEERING, VPN, TRANSIT = "same-network", "peering", "vpn", "transit"


@dataclass(frozen=True, order=True)
class Part:
    """A range of a cluster, and the subnet whose routes its packets follow; ordered by range, as ids are drawn."""

    network: IPv4Network
    subnet: str
    """The cloud's id of the subnet."""


@dataclass(frozen=True)
class Member:
    """A cluster in a network, with what it declared there."""

    id: str
    """The cluster's id in the lab, such as `gcp/projects/…`, the key of its namespace."""
    name: str
    nodes: tuple[Part, ...]
    pods: tuple[Part, ...]
    """Empty where pods' addresses are unknown to the network; see `overlay`."""
    load_balancers: tuple[Part, ...]
    """Where its internal load balancers get their addresses."""
    overlay: str | None
    """Why no other network can route to its pods; None where it can."""

    @property
    def sources(self) -> tuple[Part, ...]:
        """From where its packets come when they reach another network: overlay pods hide behind their nodes."""
        return tuple(dict.fromkeys((*self.nodes, *self.pods)))


@dataclass(frozen=True)
class Site:
    """A cloud's network (VPC, VNet, VCN) and the clusters in it."""

    id: str
    """The cloud's id of the network."""
    cloud: str
    """`gcp`, `aws`, `azure` or `oci`."""
    name: str
    """The logical name of the network's resource, which the library takes from its first cluster."""
    region: str
    """Empty where the network is of no region (Google Cloud)."""
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Proposal:
    """What an end accepts in one phase, in strongSwan's words; the other end must share one of each."""

    encryption: tuple[str, ...]
    """Such as `aes256`, `aes128gcm16`."""
    integrity: tuple[str, ...]
    """Such as `sha256`."""
    groups: tuple[str, ...]
    """Such as `modp2048`, `ecp256`; in phase 2 `none` stands for no perfect forward secrecy."""


@dataclass(frozen=True)
class Declared:
    """Where an end's values are declared: `gcp vpnTunnel NAME.sharedSecret`."""

    key: str
    ike: str
    esp: str
    start: str
    own_inside: str
    peer_inside: str
    own_asn: str
    peer_asn: str
    advertised: str


@dataclass(frozen=True)
class TunnelEnd:
    """One end of an IPsec tunnel and its BGP session, exactly as its cloud declares it."""

    cloud: str
    site: str
    """Id of the network."""
    gateway: str
    """Id of the gateway."""
    name: str
    """The resource that is the tunnel in this cloud: `gcp vpnTunnel NAME`."""
    number: int
    """Which of the VPN's tunnels the resource's name says it is; for the order only."""
    connection: str
    """The cloud's id of the connection; two ends may be of one (AWS, Azure, Oracle Cloud)."""
    own_public: str
    peer_public: str
    own_inside: str | None
    """Address inside the tunnel; None while there is no BGP session."""
    peer_inside: str | None
    own_asn: int | None
    peer_asn: int | None
    """What this end expects of the other."""
    key: str = field(repr=False)
    ike_versions: tuple[int, ...]
    ike: Proposal
    esp: Proposal
    ike_seconds: int
    """Lifetime of phase 1."""
    esp_seconds: int
    """Lifetime of phase 2."""
    starts: bool
    """Whether it opens the negotiation by itself."""
    answers: bool
    advertised: tuple[str, ...]
    """What its gateway announces on this session of its own accord, as CIDR strings."""
    declared: Declared
    bgp_faults: tuple[str, ...] = ()
    """Why this end alone cannot have a BGP session."""
    inside_prefix: int = 30


@dataclass(frozen=True)
class Tunnel:
    """Two ends that name each other's public address, or an end that nothing answers."""

    name: str
    """`tunnel 0 of azure-eu~gcp-eu`; where the other network is unknown, its public address stands for it."""
    sites: tuple[str, str]
    """Ids of the networks in the order of their names, the one of `ends[0]` first unless it has no end."""
    ends: tuple[TunnelEnd, ...]
    """One or two."""
    ipsec_faults: tuple[str, ...]
    """Why no security association comes up."""
    bgp_faults: tuple[str, ...]
    """Why no BGP session comes up even when the tunnel does."""

    @property
    def faults(self) -> tuple[str, ...]:
        return (*self.ipsec_faults, *self.bgp_faults)

    @property
    def is_up(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class Peering:
    """Two networks of one cloud, joined by both sides or by one so far."""

    name: str
    """`peering a~b`."""
    cloud: str
    sites: tuple[str, str]
    targets: tuple[str, str]
    """What a route of each site's own must lead to (AWS, Oracle Cloud); empty where routes come by themselves."""
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Service:
    """A network that a VPN gateway serves."""

    site: str
    faults: tuple[str, ...] = ()
    """Why not, for a network that is only peered with the gateway's own."""


@dataclass(frozen=True)
class Gateway:
    """A speaker of BGP at the end of VPN tunnels."""

    id: str
    cloud: str
    site: str
    """Id of its own network; empty while it has none."""
    name: str
    """`aws vpnGateway NAME`."""
    asn: int | None
    services: tuple[Service, ...]
    """Its own network first, then those that may use it through a peering."""
    passes_on: bool
    """Whether it announces to one peer what it learned from another (AWS, Azure)."""
    addresses: tuple[str, ...]
    """Its public addresses as far as they do not come from a tunnel's end."""


@dataclass(frozen=True)
class Road:
    """A way from one site to another, whether or not it is open."""

    kind: str
    """`same-network`, `peering`, `vpn` (one tunnel) or `transit` (through a third network's VPN gateway)."""
    name: str
    """The tunnel's or peering's name; for transit the names of the networks, joined by ` → `."""
    tunnels: tuple[str, ...]
    """Names of the tunnels that it uses; of a hop with several, those that are up."""
    there: tuple[str, ...]
    """Why packets do not take it."""
    back: tuple[str, ...]
    """Why their answers do not."""

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.there, *self.back)))

    @property
    def is_open(self) -> bool:
        """Whether it can be used in both directions."""
        return not self.faults


@dataclass(frozen=True)
class Verdict:
    """Whether a packet and its answer pass from one cluster to another."""

    source: str
    """The cluster's id in the lab."""
    destination: str
    flow: str
    allowed: bool
    roads: tuple[Road, ...]
    """Every road there is between the two; through third networks only where no direct one is open."""
    reasons: tuple[str, ...]
    """Why not; where it is allowed, what is wrong with the roads that are down."""

    @property
    def in_use(self) -> tuple[Road, ...]:
        """The roads that remain: those that packets or their answers can take."""
        return tuple(road for road in self.roads if not road.there or not road.back) if self.allowed else ()
