"""What the roads of a plan cost beside the clusters, in money and minutes.

Owns: the prices and durations, and which of them a plan has. Does not own: the plan. Prices are rough list prices of
American regions, July 2026, for 730 hours, before transfer; docs/connectivity.md says how to read them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.network_plan import GATEWAYS, VpnPlan

HOURS = 730
DOLLARS_AN_HOUR: Mapping[str, float] = {
    # AWS, "AWS VPN pricing"; a connection has two tunnels.
    "aws connection": 0.05,
    # Google Cloud, "Cloud VPN pricing".
    "gcp tunnel": 0.05,
    # Azure, "VPN Gateway pricing": VpnGw1AZ; its two public addresses are told with it.
    "azure gateway": 0.19 + 2 * 0.005,
    # A layer-4 balancer with one rule: AWS 0.0225, Google Cloud and Azure 0.025, Oracle Cloud nothing.
    "balancer": 0.025,
}
_MINUTES: Mapping[str, float] = {"azure": 46, "aws": 8, "oci": 5, "gcp": 2}
"""By cloud: how long its end of a VPN takes from nothing; Azure says "45 minutes or more" of its gateway."""
_READDRESSING = 8
"""AWS gives connections to Oracle Cloud their real customer gateways after both ends are there."""
_PEERING = 1
_BALANCER = 3


@dataclass(frozen=True)
class Item:
    """One thing that is billed, or waited for."""

    what: str
    count: int
    dollars: float
    """A month, for all of them."""


@dataclass(frozen=True)
class Estimate:
    """What the roads cost."""

    items: tuple[Item, ...]
    minutes: float
    """From the first resource of the roads until the last one can be used; they come up beside the clusters."""

    @property
    def dollars(self) -> float:
        """A month, in all."""
        return sum(item.dollars for item in self.items)


def estimate(plan: MeshPlan) -> Estimate:
    """Of the plan's roads, without the clusters and without transfer."""
    items = [Item(what, count, round(count * DOLLARS_AN_HOUR[key] * HOURS, 2)) for what, key, count in _billed(plan)]
    waits = [_minutes_of(plan, vpn) for vpn in plan.vpns]
    waits += [_PEERING] * bool(plan.peerings) + [_BALANCER] * (not plan.flat and bool(plan.links))
    return Estimate(tuple(item for item in items if item.count), max(waits, default=0))


def _billed(plan: MeshPlan) -> Iterator[tuple[str, str, int]]:
    ends = [(vpn, plan.networks[name]) for vpn in plan.vpns for name in (vpn.first, vpn.second)]
    connections = sum(len({tunnel.interface for tunnel in vpn.tunnels}) for vpn, end in ends if end.cloud == "aws")
    yield "AWS VPN connections", "aws connection", connections
    yield "Google Cloud VPN tunnels", "gcp tunnel", sum(len(vpn.tunnels) for vpn, end in ends if end.cloud == "gcp")
    gateways = [each for each in plan.networks.values() if each.cloud == "azure" and each.gateway == each.name]
    yield "Azure VPN gateways", "azure gateway", len(gateways)
    balancers = 0 if plan.flat else sum(1 for name in plan.clusters if plan.peers(name))
    kind = "public" if plan.connectivity == GATEWAYS else "internal"
    yield f"{kind} load balancers of gateways", "balancer", balancers


def _minutes_of(plan: MeshPlan, vpn: VpnPlan) -> float:
    clouds = {plan.networks[name].cloud for name in (vpn.first, vpn.second)}
    return max(_MINUTES[cloud] for cloud in clouds) + (_READDRESSING if clouds == {"aws", "oci"} else 0)
