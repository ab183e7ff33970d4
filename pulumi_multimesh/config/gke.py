"""The keys of a GKE cluster."""

from typing import NotRequired, TypedDict

import pulumi

from pulumi_multimesh.config.clusters import MaintenanceArgs, RangesArgs, SurgingNodePoolArgs


class GkeNetworkIds(TypedDict):
    """A network that is there, made by the program or long before; pin the ranges that it has under `ranges`."""

    network: pulumi.Input[str]
    """The VPC: its id or self link."""
    subnetwork: pulumi.Input[str]
    """The subnet of the nodes, in the cluster's region: its id or self link."""
    pods_range: NotRequired[str]
    """Name of the subnet's secondary range for pods; `pods` unless given."""
    services_range: NotRequired[str]
    """Name of the subnet's secondary range for Services; `services` unless given."""
    egress_ips: pulumi.Input[list[str]]
    """Addresses of the NAT through which the subnet's traffic leaves; the other clusters admit these."""


class GkeArgs(TypedDict):
    """A GKE cluster with private nodes."""

    project: str
    """The Google Cloud project."""
    region: str
    """The region, such as `europe-west4`; the control plane and the nodes are regional."""
    zones: NotRequired[list[str]]
    """Zones of the nodes, such as `[europe-west4-a, europe-west4-b]`; three of the region's unless given."""
    release_channel: NotRequired[str]
    """`RAPID`, `REGULAR`, `STABLE` or `EXTENDED`; `REGULAR` unless given."""
    kubernetes_version: NotRequired[str]
    """Least version of the control plane, such as `1.34`; what the channel gives unless given."""
    endpoint: NotRequired[str]
    """`ip` (unless given): an address that `api_access` guards; `dns`: a name that IAM guards, for anyone it admits."""
    network: NotRequired[GkeNetworkIds]
    """A network that is there; one of its own unless given."""
    node_pools: NotRequired[dict[str, SurgingNodePoolArgs]]
    """The machines, by the pools' names; one pool named `default` unless given."""
    maintenance: NotRequired[MaintenanceArgs]
    """When GKE may upgrade; at any time unless given."""
    encryption_key: NotRequired[pulumi.Input[str]]
    """The KMS key for Kubernetes secrets: its id; `provider` for Google's own; one made here unless given."""
    security_group: NotRequired[str]
    """The Google group whose member groups a login brings: `gke-security-groups@DOMAIN`; no groups unless given.

    `""` turns it off again; to leave it out changes nothing, as Google's provider then asks for nothing.
    """
    control_plane_logs: NotRequired[bool]
    """Logs of API server, scheduler and controller manager in Cloud Logging; true unless given."""
    registries: NotRequired[list[str]]
    """Projects whose private images the nodes may pull; the cluster's own project unless given."""
    ranges: NotRequired[RangesArgs]
    """Ranges to pin."""
    deletion_protection: NotRequired[bool]
    """Refuse to delete the cluster until this is false again; false unless given."""
