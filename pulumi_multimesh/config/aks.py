"""The keys of an AKS cluster."""

from typing import NotRequired, TypedDict

import pulumi

from pulumi_multimesh.config.clusters import MaintenanceArgs, RangesArgs, SurgingNodePoolArgs


class AksNetworkIds(TypedDict):
    """A virtual network that is there, made by the program or long before; pin its ranges under `ranges`."""

    nodes_subnet_id: pulumi.Input[str]
    """The nodes' subnet, with a NAT gateway."""
    pods_subnet_id: NotRequired[pulumi.Input[str]]
    """The pods' subnet, for `network_mode: pod-subnet` alone."""
    network_id: NotRequired[pulumi.Input[str]]
    """The virtual network's id, for private roads; that of the nodes' subnet unless given.

    Clusters that give the same one share the network and need no road between them.
    """
    egress_ips: pulumi.Input[list[str]]
    """Addresses of the NAT gateway; the other clusters admit these."""


class AksArgs(TypedDict):
    """An AKS cluster whose nodes have no public addresses."""

    region: str
    """The Azure region, such as `westeurope`."""
    resource_group: NotRequired[pulumi.Input[str]]
    """Name of a resource group that is there; one of its own unless given."""
    kubernetes_version: NotRequired[str]
    """Minor version such as `1.34`; `versions.AKS_KUBERNETES` unless given."""
    tier: NotRequired[str]
    """`Free`, `Standard` or `Premium`; `Standard` unless given, for its promise of 99.95 %."""
    upgrade_channel: NotRequired[str]
    """`none`, `patch`, `stable`, `rapid` or `node-image`; `patch` unless given: the minor version stays yours."""
    node_os_channel: NotRequired[str]
    """`None`, `Unmanaged`, `SecurityPatch` or `NodeImage`; `NodeImage` unless given: weekly images with all fixes."""
    network_mode: NotRequired[str]
    """`overlay` (unless given): pods hide behind their nodes; `pod-subnet`: pods are routable, for flat meshes."""
    network: NotRequired[AksNetworkIds]
    """A network that is there; one of its own unless given."""
    zones: NotRequired[list[str]]
    """Availability zones; `["1", "2", "3"]` unless given. An empty list for regions that have none."""
    system_pool: NotRequired[SurgingNodePoolArgs]
    """The machines of AKS's own pods and, as long as there are no others, of yours."""
    node_pools: NotRequired[dict[str, SurgingNodePoolArgs]]
    """Further machines, by the pools' names; none unless given."""
    admin_groups: NotRequired[list[str]]
    """Object ids of Entra groups that administer the cluster, beside the identity that creates it."""
    local_accounts: NotRequired[bool]
    """Allow certificates that bypass Entra; false unless given."""
    tenant_id: NotRequired[str]
    """The Entra tenant of whoever logs in; that of the identity which runs Pulumi unless given."""
    login: NotRequired[str]
    """How kubelogin logs in: `azurecli` (unless given), `spn`, `workloadidentity` or `msi`; never by a browser."""
    maintenance: NotRequired[MaintenanceArgs]
    """When AKS may upgrade; at any time unless given."""
    encryption_key: NotRequired[pulumi.Input[str]]
    """The Key Vault key for Kubernetes secrets: its URI with version; `provider` for Azure's own; made here otherwise.

    The cluster's identity must be allowed to use a key that you bring.
    """
    control_plane_logs: NotRequired[bool]
    """Logs of the control plane in a Log Analytics workspace of its own; true unless given."""
    log_retention_days: NotRequired[int]
    """How long they are kept, 30 to 730; 30 unless given."""
    registries: NotRequired[list[pulumi.Input[str]]]
    """Ids of container registries whose images the nodes may pull."""
    ranges: NotRequired[RangesArgs]
    """Ranges to pin."""
    deletion_protection: NotRequired[bool]
    """Refuse to delete the cluster until this is false again, by a lock; false unless given."""
