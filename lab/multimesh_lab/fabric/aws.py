"""AWS's VPCs, peerings and routes as the fabric sees them.

Owns: these. Does not own: VPN connections (aws_vpn.py) and security groups (aws_groups.py); transit gateways, which the
lab does not have. Sources: "Route priority", "VPC peering basics" and "Configure route tables"
(docs.aws.amazon.com/vpc/latest).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import chain
from typing import Any

from multimesh_lab.fabric import aws_groups, aws_vpn
from multimesh_lab.fabric.aws_groups import CLUSTER, NODE_GROUP
from multimesh_lab.fabric.aws_vpn import VPC
from multimesh_lab.fabric.inventory import Inventory, label, listed, networks, text, texts, value
from multimesh_lab.fabric.model import Gateway, Member, Part, Peering, Site, TunnelEnd
from multimesh_lab.providers.store import Record

_SUBNET = "aws:ec2/subnet:Subnet"
_TABLE = "aws:ec2/routeTable:RouteTable"
_ROUTE = "aws:ec2/route:Route"
_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
_PROPAGATION = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
_PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
_INTERNAL = "kubernetes.io/role/internal-elb"
_TARGETS = (
    "vpcPeeringConnectionId",
    "gatewayId",
    "natGatewayId",
    "transitGatewayId",
    "networkInterfaceId",
    "egressOnlyGatewayId",
    "carrierGatewayId",
    "localGatewayId",
    "vpcEndpointId",
)


@dataclass(frozen=True)
class _Route:
    """A static route, or what a table says of a range."""

    network: IPv4Network
    target: str


class Aws:
    """The simulated AWS."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def sites(self) -> Sequence[Site]:
        return [
            Site(vpc.id, "aws", label(vpc), text(vpc, "region"), tuple(self._members(vpc)))
            for vpc in self._inventory.all(VPC)
        ]

    def _members(self, vpc: Record) -> Iterator[Member]:
        for cluster in self._inventory.where(CLUSTER, "vpcConfig.vpcId", vpc.id):
            groups = self._inventory.where(NODE_GROUP, "clusterName", text(cluster, "name"))
            nodes = self._parts(chain.from_iterable(texts(group, "subnetIds") for group in groups))
            internal = (
                subnet.id
                for subnet in self._inventory.where(_SUBNET, "vpcId", vpc.id)
                if value(subnet, "tags") and _INTERNAL in value(subnet, "tags")
            )
            # "Assign IPs to Pods with the Amazon VPC CNI": pods have addresses of their nodes' subnets.
            arn = text(cluster, "arn")
            yield Member(f"aws/{arn}", label(cluster), nodes, nodes, self._parts(internal), None)

    def _parts(self, subnets: Iterator[str]) -> tuple[Part, ...]:
        found = [self._inventory.get(_SUBNET, each) for each in set(subnets)]
        return tuple(
            sorted(Part(network, each.id) for each in found for network in networks([text(each, "cidrBlock")]) if each)
        )

    def peerings(self) -> Sequence[Peering]:
        found: list[Peering] = []
        for record in self._inventory.all(_PEERING):
            ends = [self._inventory.get(VPC, value(record, key)) for key in ("vpcId", "peerVpcId")]
            first, second = sorted((vpc for vpc in ends if vpc), key=label) if all(ends) else (None, None)
            if first is not None and second is not None:
                name = f"peering {label(first)}~{label(second)}"
                faults = tuple(f"{name}: {fault}" for fault in self._not_accepted(record))
                found.append(Peering(name, "aws", (first.id, second.id), (record.id, record.id), faults))
        return found

    def _not_accepted(self, record: Record) -> Iterator[str]:
        # Its own status decides, whatever the program's accepter last knew of it.
        status = text(record, "acceptStatus")
        if status != "active":
            yield f"aws vpcPeeringConnection {label(record)}.acceptStatus is {status or 'unknown'}, not active"

    def gateways(self) -> Sequence[Gateway]:
        return aws_vpn.gateways(self._inventory)

    def ends(self) -> Sequence[TunnelEnd]:
        return aws_vpn.ends(self._inventory)

    def not_sent_to_gateway(
        self, part: Part, target: IPv4Network, learned: IPv4Network, gateway: Gateway
    ) -> Sequence[str]:
        table, name = self._table(part.subnet)
        route = self._static(table, target)
        if route is not None and route.target == gateway.id:
            return ()
        # "Route priority": the longest prefix decides, and a static route before a propagated one of the same length.
        if route is not None and route.network.prefixlen >= learned.prefixlen:
            return (f"aws routeTable {name} sends {target} to {route.target} by its route for {route.network}",)
        if self._propagates(table, gateway.id):
            return ()
        gate = gateway.name.removeprefix("aws ")
        return (f"aws routeTable {name} takes no routes from {gate} (vpnGatewayRoutePropagation): none for {target}",)

    def not_sent_to_peer(self, part: Part, target: IPv4Network, next_hop: str) -> Sequence[str]:
        table, name = self._table(part.subnet)
        route = self._static(table, target)
        if route is not None and route.target == next_hop:
            return ()
        connection = self._inventory.get(_PEERING, next_hop)
        wanted = f"vpcPeeringConnection {label(connection) if connection else next_hop}"
        instead = f", it goes to {route.target}" if route and route.network.prefixlen else ""
        return (f"aws routeTable {name} has no route for {target} to {wanted} (route.vpcPeeringConnectionId){instead}",)

    def not_let_out(self, source: Member, destination: Member) -> Sequence[str]:
        # "Security group rules": a group lets everything out unless it is told otherwise; EKS's own is never told.
        return ()

    def not_let_in(self, destination: Member, source: Member) -> Sequence[str]:
        return aws_groups.not_let_in(self._inventory, destination, source)

    def _table(self, subnet: str) -> tuple[str, str]:
        """Id and name of the subnet's route table; the VPC's main one unless it is associated with another."""
        associated = self._inventory.where(_ASSOCIATION, "subnetId", subnet)
        vpc = self._inventory.get(VPC, text(self._inventory.get(_SUBNET, subnet), "vpcId"))
        table = text(associated[0], "routeTableId") if associated else text(vpc, "mainRouteTableId")
        record = self._inventory.get(_TABLE, table)
        return table, label(record) if record else table

    def _static(self, table: str, target: IPv4Network) -> _Route | None:
        """The table's static route for all of the range."""
        found = [*self._routes(table)]
        covering = [route for route in found if target.subnet_of(route.network)]
        return max(covering, key=lambda route: route.network.prefixlen, default=None)

    def _routes(self, table: str) -> Iterator[_Route]:
        record = self._inventory.get(_TABLE, table)
        inline: list[dict[str, Any]] = listed(record, "routes")
        own = [(each, "cidrBlock") for each in inline]
        own += [(each, "destinationCidrBlock") for each in self._inventory.where(_ROUTE, "routeTableId", table)]
        for each, key in own:
            for network in networks([text(each, key)]):
                yield _Route(
                    network, next((text(each, target) for target in _TARGETS if text(each, target)), "nowhere")
                )

    def _propagates(self, table: str, gateway: str) -> bool:
        record = self._inventory.get(_TABLE, table)
        enabled = self._inventory.where(_PROPAGATION, "routeTableId", table)
        return gateway in texts(record, "propagatingVgws") or any(text(e, "vpnGatewayId") == gateway for e in enabled)
