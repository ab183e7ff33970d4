"""Azure's virtual networks and peerings as the fabric sees them.

Owns: these. Does not own: VPN (azure_vpn.py); network security groups, of which AKS's own admits what comes from
peered networks and VPNs. Sources: "Virtual network peering", "Virtual network traffic routing" and "Configure VPN
gateway transit for virtual network peering" (learn.microsoft.com).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

from multimesh_lab.fabric import azure_vpn
from multimesh_lab.fabric.azure_ids import SUBNET, VNET, find, outer, same
from multimesh_lab.fabric.inventory import Inventory, label, listed, networks, text, value
from multimesh_lab.fabric.model import Gateway, Member, Part, Peering, Service, Site, TunnelEnd
from multimesh_lab.providers.store import Record

_CLUSTER = "azure-native:containerservice:ManagedCluster"
_POOL = "azure-native:containerservice:AgentPool"
_PEERING = "azure-native:network:VirtualNetworkPeering"
_ROUTE_TABLE = "azure-native:network:RouteTable"


class Azure:
    """The simulated Azure."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    @cached_property
    def _networks(self) -> list[Record]:
        return self._inventory.all(VNET)

    def sites(self) -> Sequence[Site]:
        members = [self._member(cluster) for cluster in self._inventory.all(_CLUSTER)]
        return [
            Site(
                vnet.id,
                "azure",
                label(vnet),
                text(vnet, "location"),
                tuple(member for where, member in members if same(where, vnet.id)),
            )
            for vnet in self._networks
        ]

    def _member(self, cluster: Record) -> tuple[str, Member]:
        """The cluster, with the id of the network that its nodes are in."""
        pools: list[dict[str, Any] | Record] = [*listed(cluster, "agentPoolProfiles")]
        pools += [each for each in self._inventory.all(_POOL) if same(outer(each.id), cluster.id)]
        nodes = self._parts(text(pool, "vnetSubnetID") for pool in pools)
        own = self._parts(text(pool, "podSubnetID") for pool in pools)
        is_overlay = text(cluster, "networkProfile.networkPluginMode") == "overlay"
        mode = f"azure managedCluster {label(cluster)}.networkProfile.networkPluginMode is overlay"
        member = Member(
            id=f"azure/{cluster.id}",
            name=label(cluster),
            nodes=nodes,
            # "Configure Azure CNI": without a subnet of their own pods have addresses of the nodes' subnet.
            pods=() if is_overlay else own or nodes,
            # "Use an internal load balancer with AKS": its address is of the nodes' subnet.
            load_balancers=nodes,
            overlay=f"{mode}: no other network knows its pods' addresses" if is_overlay else None,
        )
        return outer(nodes[0].subnet) if nodes else "", member

    def _parts(self, subnets: Iterator[str]) -> tuple[Part, ...]:
        known = [find(self._inventory, SUBNET, each) for each in {each.lower() for each in subnets if each}]
        return tuple(sorted(Part(network, each.id) for each in known if each for network in networks(_prefixes(each))))

    def peerings(self) -> Sequence[Peering]:
        found: list[Peering] = []
        for one, other in combinations(sorted(self._networks, key=label), 2):
            there, back = self._peering(one, other), self._peering(other, one)
            if there or back:
                name = f"peering {label(one)}~{label(other)}"
                faults = tuple(f"{name}: {fault}" for fault in _closed(one, other, there, back))
                found.append(Peering(name, "azure", (one.id, other.id), ("", ""), faults))
        return found

    def _peering(self, vnet: Record, remote: Record) -> Record | None:
        for record in self._inventory.all(_PEERING):
            if same(outer(record.id), vnet.id) and same(text(record, "remoteVirtualNetwork.id"), remote.id):
                return record
        return None

    def gateways(self) -> Sequence[Gateway]:
        return [
            azure_vpn.gateway(self._inventory, record, vnet, self._services(vnet))
            for record in azure_vpn.gateways(self._inventory)
            for vnet in self._networks
            if same(azure_vpn.vnet_of(record), vnet.id)
        ]

    def _services(self, vnet: Record) -> Iterator[Service]:
        """The gateway's network, and those peered with it, for which both sides must say that they share it."""
        yield Service(vnet.id)
        for spoke in self._networks:
            there, back = self._peering(vnet, spoke), self._peering(spoke, vnet)
            if there or back:
                yield Service(spoke.id, tuple(_not_shared(vnet, spoke, there, back)))

    def ends(self) -> Sequence[TunnelEnd]:
        shared = {
            gateway.id: [
                prefix
                for service in gateway.services
                if not service.faults
                for prefix in azure_vpn.prefixes(find(self._inventory, VNET, service.site))
            ]
            for gateway in self.gateways()
        }
        return azure_vpn.ends(self._inventory, shared)

    def not_sent_to_gateway(
        self, part: Part, target: IPv4Network, learned: IPv4Network, gateway: Gateway
    ) -> Sequence[str]:
        subnet = find(self._inventory, SUBNET, part.subnet)
        table = find(self._inventory, _ROUTE_TABLE, text(subnet, "routeTable.id"))
        if subnet is None or table is None:
            return ()
        if value(table, "disableBgpRoutePropagation") is True:
            return (f"azure routeTable {label(table)}.disableBgpRoutePropagation keeps {target} from {label(subnet)}",)
        return tuple(self._overridden(table, target, learned, "VirtualNetworkGateway"))

    def not_sent_to_peer(self, part: Part, target: IPv4Network, next_hop: str) -> Sequence[str]:
        subnet = find(self._inventory, SUBNET, part.subnet)
        table = find(self._inventory, _ROUTE_TABLE, text(subnet, "routeTable.id"))
        if table is None:
            return ()
        # Azure's own route for a peering has the ranges of the other network's address space.
        spaces = [each for vnet in self._networks for each in networks(azure_vpn.prefixes(vnet))]
        learned = max(
            (each for each in spaces if target.subnet_of(each)), key=lambda each: each.prefixlen, default=target
        )
        return tuple(self._overridden(table, target, learned, ""))

    def _overridden(self, table: Record, target: IPv4Network, learned: IPv4Network, kind: str) -> Iterator[str]:
        """A route of the user's own goes before one of Azure's unless that one's prefix is longer."""
        routes: list[dict[str, Any]] = listed(table, "routes")
        for route in routes:
            own = networks([text(route, "addressPrefix")])
            covers = [each for each in own if target.subnet_of(each) and each.prefixlen >= learned.prefixlen]
            if covers and text(route, "nextHopType") != kind:
                yield f"azure routeTable {label(table)} sends {target} to {text(route, 'nextHopType')} instead"

    def not_let_out(self, source: Member, destination: Member) -> Sequence[str]:
        return ()

    def not_let_in(self, destination: Member, source: Member) -> Sequence[str]:
        return ()


def _prefixes(subnet: Record) -> list[str]:
    return [text(subnet, "addressPrefix"), *(str(each) for each in listed(subnet, "addressPrefixes"))]


def _one_sided(one: Record, other: Record, there: Record | None, back: Record | None) -> Iterator[str]:
    for source, target, record in ((one, other, there), (other, one, back)):
        if record is None:
            yield (
                f"there is no azure virtualNetworkPeering from {label(source)} to {label(target)}; "
                "it takes one on each side"
            )


def _closed(one: Record, other: Record, there: Record | None, back: Record | None) -> Iterator[str]:
    yield from _one_sided(one, other, there, back)
    for record in (there, back):
        if record is not None and value(record, "allowVirtualNetworkAccess") is False:
            yield f"azure virtualNetworkPeering {label(record)}.allowVirtualNetworkAccess is false"


def _not_shared(hub: Record, spoke: Record, there: Record | None, back: Record | None) -> Iterator[str]:
    yield from _closed(hub, spoke, there, back)
    if there is not None and value(there, "allowGatewayTransit") is not True:
        yield f"azure virtualNetworkPeering {label(there)}.allowGatewayTransit is off: {label(hub)} shares no gateway"
    if back is not None and value(back, "useRemoteGateways") is not True:
        yield (
            f"azure virtualNetworkPeering {label(back)}.useRemoteGateways is off: {label(spoke)} uses no gateway of "
            f"{label(hub)}"
        )
