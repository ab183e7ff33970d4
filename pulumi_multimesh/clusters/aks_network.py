"""An AKS cluster's own network: subnets whose traffic leaves through an address that is known before the cluster.

Owns: the network, and a resource group for it unless one is named. Does not own: the cluster, and who may join nodes
to the subnets (aks_roles.py).
"""

from collections.abc import Mapping
from typing import NotRequired, Self, TypedDict

import pulumi
from pulumi_azure_native import network, resources

from pulumi_multimesh.clusters.azure_facts import address_of
from pulumi_multimesh.config import AksArgs, AksNetworkIds
from pulumi_multimesh.plan.mesh_plan import Ranges
from pulumi_multimesh.plan.needs import has_pod_subnet

_ALL_ZONES = ["1", "2", "3"]
_POD_SUBNET_OWNER = "Microsoft.ContainerService/managedClusters"


class AksNetworkArgs(TypedDict):
    """Where the network is and which ranges it has."""

    region: str
    """The Azure region."""
    nodes: str
    """The range of the nodes' subnet."""
    pods: NotRequired[str]
    """The range of the pods' subnet; no such subnet unless given, as overlay pods need none."""
    vpn_gateway: NotRequired[str]
    """A range for the subnet of a VPN gateway, which is made with the gateway; none unless given."""
    resource_group: NotRequired[pulumi.Input[str]]
    """Name of a resource group that is there; one of its own unless given."""
    zones: NotRequired[list[str]]
    """Zones of the nodes; with any, the egress address is kept in all of the region's; all three unless given."""
    tags: NotRequired[dict[str, str]]
    """Tags on all of it."""


class AksNetwork(pulumi.ComponentResource):
    """A virtual network with a NAT gateway, whose nodes have no other way in or out."""

    ids: AksNetworkIds
    """The network as a cluster takes it."""
    egress_ips: pulumi.Output[list[str]]
    """The NAT gateway's address."""
    resource_group: pulumi.Output[str]
    """Name of the resource group that the network is in."""

    def __init__(self, name: str, args: AksNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("multimesh:index:AksNetwork", name, {**args}, opts)
        self._name, self._args = name, args
        self._tags = args.get("tags", {})
        self._child = pulumi.ResourceOptions(parent=self)
        self.resource_group = self._group()
        space = self._space()
        gateway = self._gateway()
        nodes = self._subnet("nodes", args["nodes"], space, gateway)
        self.ids = {"nodes_subnet_id": nodes.id, "network_id": space.id, "egress_ips": self.egress_ips}
        self.subnets: list[pulumi.Resource] = [nodes]
        """Azure changes one subnet of a network at a time, so a further one comes after these."""
        if "pods" in args:
            pods = self._subnet("pods", args["pods"], space, gateway, after=nodes, delegated=True)
            self.ids["pods_subnet_id"] = pods.id
            self.subnets.append(pods)
        self.register_outputs({"resourceGroup": self.resource_group, "egressIps": self.egress_ips})

    @classmethod
    def of(
        cls, name: str, wish: AksArgs, ranges: Ranges, tags: Mapping[str, str], opts: pulumi.ResourceOptions | None
    ) -> Self:
        """The network that a cluster with these wishes and ranges needs."""
        if ranges.nodes is None or ranges.pods is None:
            raise ValueError(f"{name}: the plan gave no ranges of nodes and pods")
        args: AksNetworkArgs = {"region": wish["region"], "nodes": ranges.nodes, "tags": dict(tags)}
        if has_pod_subnet("aks", wish):
            args["pods"] = ranges.pods
        if ranges.vpn_gateway is not None:
            args["vpn_gateway"] = ranges.vpn_gateway
        if "resource_group" in wish:
            args["resource_group"] = wish["resource_group"]
        if "zones" in wish:
            args["zones"] = wish["zones"]
        return cls(name, args, opts)

    def _group(self) -> pulumi.Output[str]:
        if "resource_group" in self._args:
            return pulumi.Output.from_input(self._args["resource_group"])
        group = resources.ResourceGroup(
            f"{self._name}-network", location=self._args["region"], tags=self._tags, opts=self._child
        )
        return group.name

    def _space(self) -> network.VirtualNetwork:
        further = (self._args.get("pods"), self._args.get("vpn_gateway"))
        ranges = [self._args["nodes"], *(cidr for cidr in further if cidr is not None)]
        return network.VirtualNetwork(
            self._name,
            resource_group_name=self.resource_group,
            location=self._args["region"],
            address_space={"address_prefixes": ranges},
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                # Subnets are resources of their own; a network that names them too would delete those it does not name.
                ignore_changes=["subnets"],
            ),
        )

    def _gateway(self) -> network.NatGateway:
        address = network.PublicIPAddress(
            f"{self._name}-egress",
            resource_group_name=self.resource_group,
            location=self._args["region"],
            public_ip_allocation_method="Static",
            public_ip_address_version="IPv4",
            sku={"name": "Standard", "tier": "Regional"},
            # An address is in one zone or in all of the region's, never in some.
            zones=_ALL_ZONES if self._args.get("zones", _ALL_ZONES) else None,
            tags=self._tags,
            # Azure names the gateway in the address too, once the gateway has it.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["natGateway"]),
        )
        self.egress_ips = pulumi.Output.all(address_of(address, self.resource_group))
        return network.NatGateway(
            self._name,
            resource_group_name=self.resource_group,
            location=self._args["region"],
            sku={"name": "Standard"},
            public_ip_addresses=[{"id": address.id}],
            idle_timeout_in_minutes=4,
            tags=self._tags,
            opts=self._child,
        )

    def _subnet(
        self,
        part: str,
        cidr: str,
        space: network.VirtualNetwork,
        gateway: network.NatGateway,
        *,
        after: pulumi.Resource | None = None,
        delegated: bool = False,
    ) -> network.Subnet:
        """A subnet; Azure changes one subnet of a network at a time, so each waits for the one before."""
        return network.Subnet(
            f"{self._name}-{part}",
            resource_group_name=self.resource_group,
            virtual_network_name=space.name,
            address_prefix=cidr,
            nat_gateway={"id": gateway.id},
            # No machine gets an address of Azure's own that nobody admits.
            default_outbound_access=False,
            delegations=[{"name": "aks", "service_name": _POD_SUBNET_OWNER}] if delegated else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after] if after else None),
        )
