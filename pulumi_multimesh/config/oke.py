"""The keys of an OKE cluster."""

from typing import NotRequired, TypedDict

import pulumi

from pulumi_multimesh.config.clusters import RangesArgs, SurgingNodePoolArgs


class OkeNetworkIds(TypedDict):
    """A VCN that is there, made by the program or long before; pin its ranges under `ranges`."""

    vcn_id: pulumi.Input[str]
    """The VCN."""
    endpoint_subnet_id: pulumi.Input[str]
    """The API endpoint's subnet, a public one."""
    nodes_subnet_id: pulumi.Input[str]
    """The nodes' subnet, with a way out through a NAT gateway."""
    pods_subnet_id: NotRequired[pulumi.Input[str]]
    """The pods' subnet, for `network_mode: vcn-native` alone."""
    load_balancers_subnet_id: pulumi.Input[str]
    """The load balancers' subnet."""
    drg_id: NotRequired[pulumi.Input[str]]
    """The DRG that the VCN is attached to, with routes to it; needed for private roads (`peering` or `vpn`)."""
    egress_ips: pulumi.Input[list[str]]
    """Addresses of the NAT gateway; the other clusters admit these."""


class OkeNodePoolArgs(SurgingNodePoolArgs, total=False):
    """Machines of one kind; a pool's name is its key."""

    ocpus: int
    """Cores of a flexible shape, each of two threads; 2 unless given."""
    memory_gb: int
    """Memory of a flexible shape in GiB; 16 unless given."""
    image: str
    """OCID of the nodes' image; the newest for the version when the pool was made or its version changed otherwise."""
    max_pods: int
    """Most pods on a node, with `vcn-native` alone; 31 unless given, what every shape has. Another makes a new pool."""


class OkeArgs(TypedDict):
    """An enhanced OKE cluster with private nodes."""

    compartment_id: str
    """OCID of the compartment for all that is made."""
    region: str
    """The region, such as `eu-frankfurt-1`."""
    home_region: NotRequired[str]
    """The tenancy's home region, which alone takes policies; `region` unless given."""
    kubernetes_version: NotRequired[str]
    """Version such as `v1.34.1`; `versions.OKE_KUBERNETES` unless given."""
    network_mode: NotRequired[str]
    """`vcn-native` (unless given): pods are routable in the VCN; `flannel`: pods hide behind their nodes."""
    network: NotRequired[OkeNetworkIds]
    """A VCN that is there; one of its own unless given."""
    zones: NotRequired[list[str]]
    """Availability domains of the nodes, by their full names; all of the region's unless given."""
    node_pools: NotRequired[dict[str, OkeNodePoolArgs]]
    """The machines, by the pools' names; one pool named `default` unless given."""
    encryption_key: NotRequired[pulumi.Input[str]]
    """The Vault key for Kubernetes secrets: its OCID; `provider` for Oracle's own; one made here unless given."""
    control_plane_logs: NotRequired[bool]
    """Logs of the control plane in OCI Logging; true unless given."""
    log_retention_days: NotRequired[int]
    """How long they are kept: 30, 60, 90, 120, 150 or 180; 30 unless given."""
    registries: NotRequired[list[str]]
    """OCIDs of compartments whose private images the nodes may pull; none unless given."""
    credential_provider_url: NotRequired[str]
    """Where nodes fetch the program that logs their kubelet in to OCIR; needed for `registries`, as OKE has none."""
    credential_provider_sha256: NotRequired[str]
    """The program's digest, without which no node runs it."""
    ranges: NotRequired[RangesArgs]
    """Ranges to pin."""
    deletion_protection: NotRequired[bool]
    """Refuse to delete the cluster until this is false again; false unless given."""
