"""Google Cloud's networks, peerings and firewalls as the fabric sees them.

Owns: these. Does not own: VPN (gcp_vpn.py). Sources: "VPC Network Peering", "Routes" and "VPC firewall rules"
(cloud.google.com/vpc/docs).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

from multimesh_lab.fabric import gcp_firewall, gcp_vpn
from multimesh_lab.fabric.gcp_names import CLUSTER, NETWORK, NETWORK_PEERING, SUBNETWORK, find, refers_to
from multimesh_lab.fabric.inventory import Inventory, label, listed, networks, text, value
from multimesh_lab.fabric.model import Gateway, Member, Part, Peering, Service, Site, TunnelEnd
from multimesh_lab.providers.store import Record


class Gcp:
    """The simulated Google Cloud."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    @cached_property
    def _networks(self) -> list[Record]:
        return self._inventory.all(NETWORK)

    def sites(self) -> Sequence[Site]:
        clusters = self._inventory.all(CLUSTER)
        return [
            Site(
                network.id,
                "gcp",
                label(network),
                "",
                tuple(self._member(cluster) for cluster in clusters if refers_to(value(cluster, "network"), network)),
            )
            for network in self._networks
        ]

    def _member(self, cluster: Record) -> Member:
        region = "-".join(text(cluster, "location").split("-")[:2])
        subnet = find(self._inventory, SUBNETWORK, value(cluster, "subnetwork"), region)
        name = text(cluster, "ipAllocationPolicy.clusterSecondaryRangeName")
        secondary: list[dict[str, Any]] = listed(subnet, "secondaryIpRanges")
        pods = [str(each["ipCidrRange"]) for each in secondary if each.get("rangeName") == name]
        nodes = [text(subnet, "ipCidrRange")]
        where = subnet.id if subnet else ""
        return Member(
            id=f"gcp/{cluster.id}",
            name=label(cluster),
            nodes=tuple(Part(network, where) for network in networks(nodes)),
            pods=tuple(Part(network, where) for network in networks(pods)),
            # "Internal passthrough Network Load Balancer": the address is of the subnet's primary range.
            load_balancers=tuple(Part(network, where) for network in networks(nodes)),
            overlay=None,
        )

    def peerings(self) -> Sequence[Peering]:
        found: list[Peering] = []
        for one, other in combinations(sorted(self._networks, key=label), 2):
            there, back = self._peering(one, other), self._peering(other, one)
            if there or back:
                name = f"peering {label(one)}~{label(other)}"
                faults = tuple(f"{name}: {fault}" for fault in _one_sided(one, other, there, back))
                found.append(Peering(name, "gcp", (one.id, other.id), ("", ""), faults))
        return found

    def _peering(self, network: Record, peer: Record) -> Record | None:
        for record in self._inventory.all(NETWORK_PEERING):
            if refers_to(value(record, "network"), network) and refers_to(value(record, "peerNetwork"), peer):
                return record
        return None

    def gateways(self) -> Sequence[Gateway]:
        return [
            gcp_vpn.gateway(self._inventory, router, network, self._services(network))
            for router in gcp_vpn.routers(self._inventory)
            for network in self._networks
            if refers_to(value(router, "network"), network)
        ]

    def _services(self, network: Record) -> Iterator[Service]:
        """The network and those peered with it, for which both sides must exchange what the router has learned."""
        yield Service(network.id)
        for peer in self._networks:
            there, back = self._peering(network, peer), self._peering(peer, network)
            if there or back:
                yield Service(peer.id, tuple(_not_exchanged(network, peer, there, back)))

    def ends(self) -> Sequence[TunnelEnd]:
        return gcp_vpn.ends(self._inventory)

    def not_sent_to_gateway(
        self, part: Part, target: IPv4Network, learned: IPv4Network, gateway: Gateway
    ) -> Sequence[str]:
        router = self._inventory.get(gcp_vpn.ROUTER, gateway.id)
        network = find(self._inventory, NETWORK, value(router, "network"))
        region = text(router, "region")
        # "Effects of dynamic routing mode": a regional network installs what a router learned in its region only.
        if network is None or text(network, "routingMode") != "REGIONAL" or f"/regions/{region}/" in part.subnet:
            return ()
        mode = f"gcp network {label(network)}.routingMode is REGIONAL"
        return (f"{mode}: what {gateway.name} learns in {region} does not reach {part.network} elsewhere",)

    def not_sent_to_peer(self, part: Part, target: IPv4Network, next_hop: str) -> Sequence[str]:
        # Subnet routes are exchanged by themselves, primary and secondary ranges alike.
        return ()

    def not_let_out(self, source: Member, destination: Member) -> Sequence[str]:
        return gcp_firewall.stops(self._inventory, source, destination.pods, ingress=False)

    def not_let_in(self, destination: Member, source: Member) -> Sequence[str]:
        return gcp_firewall.stops(self._inventory, destination, source.pods, ingress=True)


def _one_sided(one: Record, other: Record, there: Record | None, back: Record | None) -> Iterator[str]:
    for source, target, record in ((one, other, there), (other, one, back)):
        if record is None:
            yield f"there is no gcp networkPeering from {label(source)} to {label(target)}; it takes one on each side"


def _not_exchanged(network: Record, peer: Record, there: Record | None, back: Record | None) -> Iterator[str]:
    yield from _one_sided(network, peer, there, back)
    if there is not None and value(there, "exportCustomRoutes") is not True:
        yield f"gcp networkPeering {label(there)}.exportCustomRoutes is off: {label(network)} keeps what its VPN learns"
    if back is not None and value(back, "importCustomRoutes") is not True:
        yield f"gcp networkPeering {label(back)}.importCustomRoutes is off: {label(peer)} takes no VPN routes over it"
