"""What follows from the arguments of Consul.

Owns: topology, sizes, who accepts and who dials. Does not own: names (consul_names.py), who is joined to whom
(links.py).
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


@dataclass(frozen=True)
class ConsulPeeringPlan:
    """Two datacenters that share what they export."""

    acceptor: str
    """The cluster that makes the token."""
    dialer: str
    """The cluster that takes it."""


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


def consul(args: Record, joined: Iterable[LinkPlan]) -> ConsulPlan | None:
    """Of valid arguments; None where another mesh is chosen."""
    if "consul" not in args:
        return None
    wish = reading.record(args, "consul")
    replicas = reading.integer(reading.record(wish, "gateway"), "replicas") or GATEWAY_REPLICAS
    single = named_by_host(args)
    peered = joined if topology(args) == PEERING else ()
    return ConsulPlan(
        primary=primary(args),
        peerings=tuple(ConsulPeeringPlan(acceptor=link.first, dialer=link.second) for link in peered),
        servers=reading.integer(wish, "servers") or 3,
        storage=reading.text(wish, "storage") or "10Gi",
        gateway_replicas={name: 1 if name in single else replicas for _, name, _ in reading.clusters(args)},
        by_host=tuple(sorted(single)),
        exports=tuple(sorted(reading.texts(wish, "exports"))),
        machines=tuple(sorted(reading.texts(wish, "machines"))),
    )
