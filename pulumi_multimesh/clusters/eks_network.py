"""An EKS cluster's own network: VPC, a private and a public subnet for each zone, and NAT with known addresses.

Owns: the network. Does not own: the cluster.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Self, TypedDict

import pulumi
import pulumi_aws as aws

from pulumi_multimesh.config import EksArgs, EksNetworkIds
from pulumi_multimesh.plan.mesh_plan import Ranges
from pulumi_multimesh.plan.subnets import MOST_ZONES, subnets_of


class EksNetworkArgs(TypedDict):
    """Where the network is and which range it has."""

    region: str
    """The region."""
    vpc: str
    """The VPC's range, /16 to /22."""
    zones: NotRequired[list[str]]
    """Availability zones; the region's first three unless given."""
    tags: NotRequired[dict[str, str]]
    """Tags on all of it."""


class EksNetwork(pulumi.ComponentResource):
    """A VPC whose private subnets leave through a NAT gateway in their own zone, each with an address of its own."""

    ids: EksNetworkIds
    """The network as a cluster takes it."""
    vpc_id: pulumi.Output[str]
    """The VPC."""
    private_subnet_ids: pulumi.Output[list[str]]
    """Subnets of nodes and pods."""
    public_subnet_ids: pulumi.Output[list[str]]
    """Subnets of load balancers."""
    private_route_table_ids: list[pulumi.Input[str]]
    """Route tables of the private subnets, one for each zone."""
    egress_ips: pulumi.Output[list[str]]
    """The NAT gateways' addresses, one for each zone."""

    def __init__(self, name: str, args: EksNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("multimesh:index:EksNetwork", name, {**args}, opts)
        self._name, self._region = name, args["region"]
        self._tags = args.get("tags", {})
        self._child = pulumi.ResourceOptions(parent=self)
        self._vpc = aws.ec2.Vpc(
            name,
            region=self._region,
            cidr_block=args["vpc"],
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._tagged(name),
            opts=self._child,
        )
        gateway = aws.ec2.InternetGateway(
            name, region=self._region, vpc_id=self._vpc.id, tags=self._tagged(name), opts=self._child
        )
        zones = self._zones(args.get("zones"))
        ranges = subnets_of(args["vpc"], len(zones))
        public = self._subnets("public", ranges.public, zones)
        private = self._subnets("private", ranges.private, zones)
        way_out = self._public_route(gateway, public)
        self.private_route_table_ids = []
        addresses = [self._zone_egress(zone, public[zone], private[zone], way_out) for zone in range(len(zones))]
        self.vpc_id = self._vpc.id
        self.private_subnet_ids = pulumi.Output.all(*(subnet.id for subnet in private))
        self.public_subnet_ids = pulumi.Output.all(*(subnet.id for subnet in public))
        self.egress_ips = pulumi.Output.all(*(address.public_ip for address in addresses))
        self.ids = {
            "vpc_id": self.vpc_id,
            "private_subnet_ids": self.private_subnet_ids,
            "public_subnet_ids": self.public_subnet_ids,
            "private_route_table_ids": self.private_route_table_ids,
            "egress_ips": self.egress_ips,
        }
        self.register_outputs({"vpcId": self.vpc_id, "egressIps": self.egress_ips})

    @classmethod
    def of(
        cls, name: str, wish: EksArgs, ranges: Ranges, tags: Mapping[str, str], opts: pulumi.ResourceOptions | None
    ) -> Self:
        """The network that a cluster with these wishes and ranges needs."""
        if ranges.nodes is None:
            raise ValueError(f"{name}: the plan gave no range of nodes")
        args: EksNetworkArgs = {"region": wish["region"], "vpc": ranges.nodes, "tags": dict(tags)}
        if "zones" in wish:
            args["zones"] = wish["zones"]
        return cls(name, args, opts)

    def _tagged(self, name: str, **more: str) -> dict[str, str]:
        return {**self._tags, **more, "Name": name}

    def _zones(self, named: list[str] | None) -> Sequence[pulumi.Input[str]]:
        """The zones' names; how many there are is plain, so a preview shows every subnet."""
        if named:
            return named
        found = aws.get_availability_zones_output(
            region=self._region,
            state="available",
            # Local zones have neither NAT gateways nor a control plane.
            filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        return [found.names[position] for position in range(MOST_ZONES)]

    def _subnets(self, side: str, ranges: Sequence[str], zones: Sequence[pulumi.Input[str]]) -> list[aws.ec2.Subnet]:
        # EKS and the load-balancer controllers find their subnets by these tags.
        role = {"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb"}[side]
        return [
            aws.ec2.Subnet(
                f"{self._name}-{side}-{position}",
                region=self._region,
                vpc_id=self._vpc.id,
                cidr_block=cidr,
                availability_zone=zone,
                tags=self._tagged(f"{self._name}-{side}-{position}", **{role: "1"}),
                opts=self._child,
            )
            for position, (cidr, zone) in enumerate(zip(ranges, zones, strict=True))
        ]

    def _public_route(self, gateway: aws.ec2.InternetGateway, subnets: Sequence[aws.ec2.Subnet]) -> aws.ec2.Route:
        """The way out of the public subnets."""
        name = f"{self._name}-public"
        table = aws.ec2.RouteTable(
            name, region=self._region, vpc_id=self._vpc.id, tags=self._tagged(name), opts=self._child
        )
        route = aws.ec2.Route(
            name,
            region=self._region,
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self._child,
        )
        for position, subnet in enumerate(subnets):
            self._associate(f"{name}-{position}", table, subnet)
        return route

    def _zone_egress(
        self, zone: int, public: aws.ec2.Subnet, private: aws.ec2.Subnet, way_out: aws.ec2.Route
    ) -> aws.ec2.Eip:
        """A zone's NAT gateway and the private subnet's way to it; zones do not depend on one another."""
        name = f"{self._name}-private-{zone}"
        address = aws.ec2.Eip(name, region=self._region, domain="vpc", tags=self._tagged(name), opts=self._child)
        nat = aws.ec2.NatGateway(
            name,
            region=self._region,
            allocation_id=address.allocation_id,
            subnet_id=public.id,
            tags=self._tagged(name),
            # A NAT gateway is of no use before its own subnet has a way out.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[way_out]),
        )
        table = aws.ec2.RouteTable(
            name, region=self._region, vpc_id=self._vpc.id, tags=self._tagged(name), opts=self._child
        )
        aws.ec2.Route(
            name,
            region=self._region,
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=nat.id,
            opts=self._child,
        )
        self._associate(name, table, private)
        self.private_route_table_ids.append(table.id)
        return address

    def _associate(self, name: str, table: aws.ec2.RouteTable, subnet: aws.ec2.Subnet) -> None:
        aws.ec2.RouteTableAssociation(
            name, region=self._region, route_table_id=table.id, subnet_id=subnet.id, opts=self._child
        )
