"""What follows from the arguments of Consul.

Owns: topology, sizes, who accepts and who dials, whose servers machines join, who gets the Gateway API's kinds. Does
not own: names (consul_names.py), who is joined to whom (links.py), what a machine says of itself (consul_machines.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pulumi_multimesh.plan import connectivity, reading
from pulumi_multimesh.plan.clouds import cloud_of
from pulumi_multimesh.plan.network_plan import LinkPlan
from pulumi_multimesh.plan.reading import Record

PEERING, FEDERATION = "peering", "federation"
TOPOLOGIES = (PEERING, FEDERATION)
GATEWAY_REPLICAS = 2
DEFAULT_INTENTIONS = "all"
"""The name of the intentions for all services, where calls are allowed by default."""


@dataclass(frozen=True)
class ConsulPeeringPlan:
    """Two datacenters that share what they export."""

    acceptor: str
    """The cluster that makes the token."""
    dialer: str
    """The cluster that takes it."""


@dataclass(frozen=True)
class ConsulMachinesPlan:
    """A service that runs on machines of a cluster's network."""

    cluster: str
    """Whose servers they join."""
    service: str

    @property
    def text(self) -> str:
        """As it is declared."""
        return f"{self.cluster}/{self.service}"


@dataclass(frozen=True)
class ConsulPlan:
    """What Consul alone knows."""

    primary: str | None
    """The primary datacenter's cluster; None unless datacenters are federated."""
    peerings: tuple[ConsulPeeringPlan, ...]
    servers: int
    storage: str
    gateway_replicas: dict[str, int]
    """By cluster."""
    by_host: tuple[str, ...]
    """Clusters whose gateways have a host name alone."""
    exports: tuple[str, ...]
    """Services that every peer may call: `NAMESPACE/SERVICE`, sorted."""
    machines: tuple[str, ...]
    """Clusters whose servers are shown inside their network."""
    machine_services: tuple[ConsulMachinesPlan, ...]
    """Services that run on machines, by cluster and name."""
    gateway_api: tuple[str, ...]
    """Clusters in which the chart installs the Gateway API's kinds."""

    def has_fixed_address(self, cluster: str) -> bool:
        """Whether the gateways of the cluster can be told by an address, known before or given by the cloud."""
        return cluster not in self.by_host


def topology(args: Record) -> str:
    """`peering` unless given."""
    return reading.text(reading.record(args, "consul"), "topology") or PEERING


def primary(args: Record) -> str | None:
    """The primary datacenter's cluster, where datacenters are federated."""
    return reading.text(reading.record(args, "consul"), "primary") if topology(args) == FEDERATION else None


def named_by_host(args: Record) -> Mapping[str, str]:
    """Clusters whose gateways have a host name and no address that is known before, and why."""
    found: dict[str, str] = {}
    for kind, name, wish in reading.clusters(args):
        if cloud_of(kind, wish) != "aws":
            continue
        if kind == "existing":
            found[name] = "it is on AWS and not made here"
        elif connectivity.is_private(args):
            found[name] = "internal load balancers of AWS have no address that is known before"
        elif "network" in wish:
            found[name] = "its VPC is not made here"
    return found


def nameless(args: Record) -> tuple[str, ...]:
    """Existing clusters whose cloud nobody said, so that nothing is known of their load balancers' addresses."""
    return tuple(name for kind, name, wish in reading.clusters(args) if cloud_of(kind, wish) == "none")


def machines(text: str) -> tuple[str, str | None]:
    """Of `CLUSTER` or `CLUSTER/SERVICE`: both."""
    cluster, slash, service = text.partition("/")
    return cluster, service if slash else None


def consul(args: Record, joined: Iterable[LinkPlan]) -> ConsulPlan | None:
    """Of valid arguments; None where another mesh is chosen."""
    if "consul" not in args:
        return None
    wish = reading.record(args, "consul")
    replicas = reading.integer(reading.record(wish, "gateway"), "replicas") or GATEWAY_REPLICAS
    single = named_by_host(args)
    peered = joined if topology(args) == PEERING else ()
    joining = sorted({machines(text) for text in reading.texts(wish, "machines")}, key=str)
    has = set(reading.texts(wish, "gateway_api"))
    return ConsulPlan(
        primary=primary(args),
        peerings=tuple(ConsulPeeringPlan(acceptor=link.first, dialer=link.second) for link in peered),
        servers=reading.integer(wish, "servers") or 3,
        storage=reading.text(wish, "storage") or "10Gi",
        gateway_replicas={name: 1 if name in single else replicas for _, name, _ in reading.clusters(args)},
        by_host=tuple(sorted(single)),
        exports=tuple(sorted(reading.texts(wish, "exports"))),
        machines=tuple(sorted({cluster for cluster, _ in joining})),
        machine_services=tuple(ConsulMachinesPlan(cluster, service) for cluster, service in joining if service),
        gateway_api=tuple(sorted({name for _, name, _ in reading.clusters(args)} - has)),
    )
