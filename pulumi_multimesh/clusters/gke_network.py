"""A GKE cluster's own network: VPC, subnet, and egress through an address that is known before the cluster.

Owns: the network. Does not own: the cluster and its firewall rule for webhooks, which is about the cluster's nodes.
"""

from typing import Self, TypedDict

import pulumi
import pulumi_gcp as gcp

from pulumi_multimesh.config import GkeArgs, GkeNetworkIds
from pulumi_multimesh.plan.mesh_plan import Ranges

PODS_RANGE = "pods"
SERVICES_RANGE = "services"


class GkeNetworkArgs(TypedDict):
    """Where the network is and which ranges it has."""

    project: str
    """The Google Cloud project."""
    region: str
    """The region."""
    nodes: str
    """The subnet's range."""
    pods: str
    """The secondary range of pods."""
    services: str
    """The secondary range of Services."""


class GkeNetwork(pulumi.ComponentResource):
    """A VPC with one private subnet whose traffic leaves through one reserved address."""

    ids: GkeNetworkIds
    """The network as a cluster takes it."""
    network: pulumi.Output[str]
    """The VPC's self link."""
    subnetwork: pulumi.Output[str]
    """The subnet's self link."""
    egress_ips: pulumi.Output[list[str]]
    """The reserved address."""

    def __init__(self, name: str, args: GkeNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("multimesh:index:GkeNetwork", name, {**args}, opts)
        child = pulumi.ResourceOptions(parent=self)
        project, region = args["project"], args["region"]
        network = gcp.compute.Network(
            name,
            project=project,
            auto_create_subnetworks=False,
            # A regional router would neither advertise nor learn the ranges of other regions.
            routing_mode="GLOBAL",
            opts=child,
        )
        subnetwork = gcp.compute.Subnetwork(
            name,
            project=project,
            region=region,
            network=network.id,
            ip_cidr_range=args["nodes"],
            private_ip_google_access=True,
            secondary_ip_ranges=[
                {"range_name": PODS_RANGE, "ip_cidr_range": args["pods"]},
                {"range_name": SERVICES_RANGE, "ip_cidr_range": args["services"]},
            ],
            opts=child,
        )
        address = gcp.compute.Address(name, project=project, region=region, address_type="EXTERNAL", opts=child)
        router = gcp.compute.Router(name, project=project, region=region, network=network.id, opts=child)
        self.nat = gcp.compute.RouterNat(
            name,
            project=project,
            region=region,
            router=router.name,
            source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
            # Only addresses that the other clusters admit may be used.
            nat_ip_allocate_option="MANUAL_ONLY",
            nat_ips=[address.self_link],
            opts=child,
        )
        self.network = network.id
        self.subnetwork = subnetwork.id
        self.egress_ips = pulumi.Output.all(address.address)
        self.ids = {"network": self.network, "subnetwork": self.subnetwork, "egress_ips": self.egress_ips}
        self.register_outputs({"network": self.network, "subnetwork": self.subnetwork, "egressIps": self.egress_ips})

    @classmethod
    def of(cls, name: str, wish: GkeArgs, ranges: Ranges, opts: pulumi.ResourceOptions | None) -> Self:
        """The network that a cluster with these wishes and ranges needs; Google Cloud's networks carry no labels."""
        if ranges.nodes is None or ranges.pods is None or ranges.services is None:
            raise ValueError(f"{name}: the plan gave no ranges of nodes, pods and services")
        args: GkeNetworkArgs = {
            "project": wish["project"],
            "region": wish["region"],
            "nodes": ranges.nodes,
            "pods": ranges.pods,
            "services": ranges.services,
        }
        return cls(name, args, opts)
