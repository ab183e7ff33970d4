"""An OKE cluster's own network: subnets whose traffic leaves through an address that is known before the cluster.

Owns: the VCN, its gateways to the internet and to Oracle, routes and subnets. Does not own: private roads to other
networks (oke_roads.py), and who may talk to whom, which is about the cluster's parts (oke_rules.py): the subnets
themselves admit nothing.
"""

import re
from collections.abc import Mapping
from typing import NotRequired, Self, TypedDict

import pulumi
from pulumi_oci import core

from pulumi_multimesh.clusters.oke_roads import OkeRoadsArgs, Roads
from pulumi_multimesh.clusters.oke_site import OkeSite
from pulumi_multimesh.config import OkeArgs, OkeNetworkIds
from pulumi_multimesh.network.handles import OciNetwork
from pulumi_multimesh.plan.mesh_plan import Ranges
from pulumi_multimesh.plan.needs import has_pod_subnet

_ANYWHERE = "0.0.0.0/0"
_ALL_SERVICES = "All .* Services In Oracle Services Network"
_LONGEST_DNS_LABEL = 15


class OkeNetworkArgs(TypedDict):
    """Where the network is and which ranges it has."""

    compartment_id: str
    """OCID of the compartment."""
    region: str
    """The region."""
    nodes: str
    """The range of the nodes' subnet."""
    pods: NotRequired[str]
    """The range of the pods' subnet; no such subnet unless given, as flannel needs none."""
    control_plane: str
    """The range of the API endpoint's subnet."""
    load_balancers: str
    """The range of the load balancers' subnet."""
    roads: NotRequired[OkeRoadsArgs]
    """Private roads to other networks; none unless given."""
    tags: NotRequired[dict[str, str]]
    """Tags on all of it."""


class OkeNetwork(pulumi.ComponentResource):
    """A VCN whose nodes and pods have no public address and leave it through one that is reserved."""

    ids: OkeNetworkIds
    """The network as a cluster takes it."""
    egress_ips: pulumi.Output[list[str]]
    """The NAT gateway's address."""

    def __init__(self, name: str, args: OkeNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("multimesh:index:OkeNetwork", name, {**args}, opts)
        wish: OkeArgs = {"compartment_id": args["compartment_id"], "region": args["region"]}
        self._site = OkeSite.of(self, name, wish, args.get("tags", {}))
        self._vcn = self._space(args)
        self._roads = Roads(self._site, self._vcn.id, args.get("roads", {}))
        public, private = self._public_routes(), self._private_routes()
        self.ids = {
            "vcn_id": self._vcn.id,
            "endpoint_subnet_id": self._subnet("endpoint", args["control_plane"], public, private=False).id,
            "nodes_subnet_id": self._subnet("nodes", args["nodes"], private, private=True).id,
            "load_balancers_subnet_id": self._subnet("lb", args["load_balancers"], public, private=False).id,
            "egress_ips": self.egress_ips,
        }
        if "pods" in args:
            self.ids["pods_subnet_id"] = self._subnet("pods", args["pods"], private, private=True).id
        if self._roads.drg:
            self.ids["drg_id"] = self._roads.drg.id
        self.register_outputs({"vcnId": self._vcn.id, "egressIps": self.egress_ips})

    @property
    def gateways(self) -> Mapping[str, core.LocalPeeringGateway]:
        """The local peering gateways, by the neighbour that each is for."""
        return self._roads.gateways

    def handle(self, name: str) -> OciNetwork:
        """The network as VPN gateways and peerings take it; `name` is that in the plan."""
        return OciNetwork(
            name=name,
            region=self._site.region,
            compartment_id=self._site.compartment,
            vcn_id=self._vcn.id,
            drg_id=self._roads.drg.id if self._roads.drg else None,
            provider=self._site.provider,
            after=self._roads.before_routes,
            neighbours=tuple(self._roads.gateways),
            tags=dict(self._site.tags),
        )

    @classmethod
    def of(
        cls,
        name: str,
        wish: OkeArgs,
        ranges: Ranges,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None,
        roads: OkeRoadsArgs | None = None,
    ) -> Self:
        """The network that a cluster with these wishes and ranges needs, with roads to others if there are any."""
        if ranges.nodes is None or ranges.control_plane is None or ranges.load_balancers is None:
            raise ValueError(f"{name}: the plan gave no ranges of nodes, control plane and load balancers")
        args: OkeNetworkArgs = {
            "compartment_id": wish["compartment_id"],
            "region": wish["region"],
            "nodes": ranges.nodes,
            "control_plane": ranges.control_plane,
            "load_balancers": ranges.load_balancers,
            "tags": dict(tags),
        }
        if has_pod_subnet("oke", wish) and ranges.pods is not None:
            args["pods"] = ranges.pods
        if roads:
            args["roads"] = roads
        return cls(name, args, opts)

    def _space(self, args: OkeNetworkArgs) -> core.Vcn:
        ranges = [args["nodes"], *([args["pods"]] if "pods" in args else [])]
        return core.Vcn(
            self._site.name,
            compartment_id=self._site.compartment,
            cidr_blocks=[*ranges, args["control_plane"], args["load_balancers"]],
            display_name=self._site.name,
            # Without a label machines in the VCN have no names, which OKE recommends them to have.
            dns_label=_dns_label(self._site.name),
            freeform_tags=self._site.tags,
            opts=self._site.child(),
        )

    def _public_routes(self) -> core.RouteTable:
        gateway = core.InternetGateway(
            self._site.name,
            compartment_id=self._site.compartment,
            vcn_id=self._vcn.id,
            display_name=self._site.name,
            freeform_tags=self._site.tags,
            opts=self._site.child(),
        )
        return self._routes("public", [{"network_entity_id": gateway.id, "destination": _ANYWHERE}])

    def _private_routes(self) -> core.RouteTable:
        address = core.PublicIp(
            self._site.part("egress"),
            compartment_id=self._site.compartment,
            lifetime="RESERVED",
            display_name=self._site.part("egress"),
            freeform_tags=self._site.tags,
            opts=self._site.child(),
        )
        self.egress_ips = pulumi.Output.all(address.ip_address)
        nat = core.NatGateway(
            self._site.name,
            compartment_id=self._site.compartment,
            vcn_id=self._vcn.id,
            public_ip_id=address.id,
            display_name=self._site.name,
            freeform_tags=self._site.tags,
            opts=self._site.child(),
        )
        service = all_services(self._site)
        services = core.ServiceGateway(
            self._site.name,
            compartment_id=self._site.compartment,
            vcn_id=self._vcn.id,
            services=[{"service_id": service.id}],
            display_name=self._site.name,
            freeform_tags=self._site.tags,
            opts=self._site.child(),
        )
        return self._routes(
            "private",
            [
                {"network_entity_id": nat.id, "destination": _ANYWHERE},
                {
                    "network_entity_id": services.id,
                    "destination": service.cidr_block,
                    "destination_type": "SERVICE_CIDR_BLOCK",
                },
            ],
        )

    def _routes(self, part: str, rules: list[core.RouteTableRouteRuleArgsDict]) -> core.RouteTable:
        return core.RouteTable(
            self._site.part(part),
            compartment_id=self._site.compartment,
            vcn_id=self._vcn.id,
            route_rules=[{"destination_type": "CIDR_BLOCK", **rule} for rule in (*rules, *self._roads.routes())],
            display_name=self._site.part(part),
            freeform_tags=self._site.tags,
            opts=self._site.child(self._roads.before_routes),
        )

    def _subnet(self, part: str, cidr: str, routes: core.RouteTable, *, private: bool) -> core.Subnet:
        return core.Subnet(
            self._site.part(part),
            compartment_id=self._site.compartment,
            vcn_id=self._vcn.id,
            cidr_block=cidr,
            route_table_id=routes.id,
            security_list_ids=[self._no_rules(part).id],
            prohibit_public_ip_on_vnic=private,
            display_name=self._site.part(part),
            dns_label=part,
            freeform_tags=self._site.tags,
            opts=self._site.child(),
        )

    def _no_rules(self, part: str) -> core.SecurityList:
        """A list that admits nothing: a subnet without one takes the VCN's default list, which opens SSH to all."""
        return core.SecurityList(
            self._site.part(part),
            compartment_id=self._site.compartment,
            vcn_id=self._vcn.id,
            display_name=self._site.part(part),
            freeform_tags=self._site.tags,
            opts=pulumi.ResourceOptions.merge(
                self._site.child(),
                # Where a Service of the user's own asks for it, OKE writes rules of its load balancer into the list.
                pulumi.ResourceOptions(ignore_changes=["ingressSecurityRules", "egressSecurityRules"]),
            ),
        )


def all_services(site: OkeSite) -> pulumi.Output[core.outputs.GetServicesServiceResult]:
    """Oracle's own services of the region as one destination of routes and rules."""
    found = core.get_services_output(
        filters=[{"name": "name", "values": [_ALL_SERVICES], "regex": True}], opts=site.asking()
    )
    return found.services[0]


def _dns_label(name: str) -> str:
    """Letters and digits, a letter first; it is the VCN's alone, so two VCNs may have the same."""
    return re.sub(r"[^a-z0-9]", "", f"k{name.lower()}")[:_LONGEST_DNS_LABEL]
