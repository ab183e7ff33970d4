"""What the roads of a plan cost beside the clusters, in money and minutes.

Owns: the prices and durations, and which of them a plan has. Does not own: the plan, and what clusters cost
(docs/clouds). docs/connectivity.md says how to read it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.network_plan import GATEWAYS, PeeringPlan, VpnPlan
from pulumi_multimesh.plan.roles import MANAGEMENT

HOURS = 730
"""Of a month."""
AS_OF = "2026-07"
"""The month of the prices."""


@dataclass(frozen=True)
class Price:
    """A rough list price of an American region."""

    dollars: float
    """US dollars an hour or, of transfer, a GB."""
    source: str
    """The title of the cloud's page that has it."""
    checked: bool = False
    """Whether that page was read for this table; otherwise it is what engineers know, and may have changed."""


PRICES: Mapping[str, Price] = {
    # A connection has two tunnels; the virtual private gateway itself is free.
    "aws connection": Price(0.05, "AWS VPN pricing"),
    "aws address": Price(0.005, "Amazon VPC pricing"),
    "aws balancer": Price(0.0225, "Elastic Load Balancing pricing"),
    "aws transfer": Price(0.09, "Amazon EC2 on-demand pricing"),
    # The gateway itself, its addresses, and a layer-4 balancer's address are free while in use.
    "gcp tunnel": Price(0.05, "Cloud VPN pricing"),
    "gcp balancer": Price(0.025, "Cloud Load Balancing pricing"),
    "gcp transfer": Price(0.12, "Network Service Tiers pricing"),
    # VpnGw1AZ with both its instances; ten tunnels are in its price.
    "azure gateway": Price(0.19, "VPN Gateway pricing"),
    "azure tunnel": Price(0.015, "VPN Gateway pricing"),
    "azure address": Price(0.005, "IP Addresses pricing"),
    "azure balancer": Price(0.025, "Load Balancer pricing"),
    "azure transfer": Price(0.087, "Bandwidth pricing"),
    "oci connection": Price(0, "Oracle Cloud networking pricing"),
    "oci balancer": Price(0, "Oracle Cloud networking pricing"),
    # After the first 10 TB of a month.
    "oci transfer": Price(0.0085, "Oracle Cloud networking pricing"),
    # Of every cloud: what goes through is billed, by zone and region.
    "peering": Price(0, "the cloud's network pricing"),
}
"""What is billed. A contract has others: give `estimate` a table of your own with the same keys."""

_NAMES = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure", "oci": "Oracle Cloud"}
_FREE_AZURE_TUNNELS = 10
_ADDRESSES = {"aws": 3, "azure": 1}
"""By cloud that bills them: public addresses of a balancer; on AWS one in each zone, of which EKS clusters have three
unless they name two."""

_MINUTES: Mapping[str, float] = {"azure": 46, "aws": 8, "oci": 5, "gcp": 2}
"""By cloud: how long its end of a VPN takes from nothing; Azure says "45 minutes or more" of its gateway."""
_READDRESSING = 8
"""AWS gives connections to Oracle Cloud their real customer gateways after both ends are there: 2 to 10 minutes each,
side by side."""
_PEERING = 1
_BALANCER = 3


@dataclass(frozen=True)
class Item:
    """One kind of thing that is billed."""

    what: str
    count: int
    dollars: float
    """A month, for all of them."""
    source: str
    checked: bool
    """See `Price`."""


@dataclass(frozen=True)
class Estimate:
    """What the roads cost, without the clusters and without transfer."""

    items: tuple[Item, ...]
    minutes: float
    """From the first resource of the roads until the last one can be used; they come up beside the clusters."""
    transfer: Mapping[str, float]
    """By cloud, where roads leave it: US dollars for a GB that goes out, in the first band of its price."""
    as_of: str = AS_OF

    @property
    def dollars(self) -> float:
        """A month, in all."""
        return sum(item.dollars for item in self.items)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "dollars": round(self.dollars, 2)}


def estimate(plan: MeshPlan, prices: Mapping[str, Price] = PRICES) -> Estimate:
    """Of the plan's roads, without the clusters and without transfer.

    `prices` has the keys of `PRICES`; raises `KeyError` if one is missing that the plan needs.
    """
    items = [_item(what, count, prices[key]) for what, key, count in _billed(plan) if count]
    waits = [_minutes_of_vpn(plan, vpn) for vpn in plan.vpns] + [_minutes_of(peering) for peering in plan.peerings]
    waits += [_BALANCER] * any(_balancers(plan).values())
    leaving = {
        plan.clusters[name].cloud
        for link in plan.links
        for name in (link.first, link.second)
        if plan.clusters[link.first].cloud != plan.clusters[link.second].cloud
    }
    transfer = {cloud: prices[f"{cloud} transfer"].dollars for cloud in _NAMES if cloud in leaving}
    return Estimate(tuple(items), max(waits, default=0), transfer)


def _item(what: str, count: int, price: Price) -> Item:
    return Item(what, count, round(count * price.dollars * HOURS, 2), price.source, price.checked)


def _billed(plan: MeshPlan) -> Iterator[tuple[str, str, int]]:
    """What it is, the key of its price, and how many there are."""
    yield from _of_vpns(plan)
    for cloud, name in _NAMES.items():
        yield f"{name} peerings", "peering", sum(1 for peering in plan.peerings if peering.cloud == cloud)
    kind = "public" if plan.connectivity == GATEWAYS else "internal"
    for cloud, count in _balancers(plan).items():
        yield f"{_NAMES[cloud]} load balancers ({kind})", f"{cloud} balancer", count
        if plan.connectivity == GATEWAYS and cloud in _ADDRESSES:
            yield f"{_NAMES[cloud]} public addresses of balancers", f"{cloud} address", count * _ADDRESSES[cloud]


def _of_vpns(plan: MeshPlan) -> Iterator[tuple[str, str, int]]:
    ends = [(vpn, name) for vpn in plan.vpns for name in (vpn.first, vpn.second)]
    clouds = {name: network.cloud for name, network in plan.networks.items()}
    connections = {
        cloud: sum(len({tunnel.interface for tunnel in vpn.tunnels}) for vpn, end in ends if clouds[end] == cloud)
        for cloud in ("aws", "oci")
    }
    yield "AWS VPN connections", "aws connection", connections["aws"]
    yield "AWS public addresses of VPN connections", "aws address", 2 * connections["aws"]
    yield "Google Cloud VPN tunnels", "gcp tunnel", sum(len(vpn.tunnels) for vpn, end in ends if clouds[end] == "gcp")
    tunnels = [
        sum(len(vpn.tunnels) for vpn, end in ends if end == name)
        for name, network in plan.networks.items()
        if network.cloud == "azure" and network.gateway == name
    ]
    yield "Azure VPN gateways", "azure gateway", len(tunnels)
    yield "Azure public addresses of VPN gateways", "azure address", 2 * len(tunnels)
    beyond = sum(max(0, count - _FREE_AZURE_TUNNELS) for count in tunnels)
    yield "Azure VPN tunnels beyond ten of a gateway", "azure tunnel", beyond
    yield "Oracle Cloud IPSec connections", "oci connection", connections["oci"]


def _balancers(plan: MeshPlan) -> dict[str, int]:
    """By cloud: load balancers of gateways, and of an external control plane.

    Of a cluster outside the four clouds it is not known what it has.
    """
    through = [] if plan.flat else [cluster for name, cluster in plan.clusters.items() if plan.mesh_peers(name)]
    through += [cluster for cluster in plan.clusters.values() if cluster.role == MANAGEMENT]
    return {cloud: sum(1 for cluster in through if cluster.cloud == cloud) for cloud in _NAMES}


def _minutes_of_vpn(plan: MeshPlan, vpn: VpnPlan) -> float:
    clouds = {plan.networks[name].cloud for name in (vpn.first, vpn.second)}
    return max(_MINUTES[cloud] for cloud in clouds) + (_READDRESSING if clouds == {"aws", "oci"} else 0)


def _minutes_of(peering: PeeringPlan) -> float:
    """Azure lets no network use another's gateway that is not there yet."""
    return _PEERING + (_MINUTES["azure"] if peering.transit else 0)
