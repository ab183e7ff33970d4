"""The node pools of an AKS cluster: one within the cluster's own resource, all others resources of their own.

Owns: what a pool looks like in both forms, and what of it the engine leaves alone. Does not own: the cluster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerservice

from pulumi_multimesh.clusters.aks_site import AksSite
from pulumi_multimesh.config import AksNetworkIds, SurgingNodePoolArgs

SYSTEM = "system"
"""Name of the pool that a cluster cannot be made without."""
_MAX_PODS = 110
"""Kubernetes' own tested limit; it cannot be changed later, so it is not left to Azure."""
_MACHINE = "Standard_D4s_v5"
_DISK_GB = 128
_OS = "AzureLinux"
_SPOT = "kubernetes.azure.com/scalesetpriority"
_MOVING_CHANNELS = ("stable", "rapid")


@dataclass(frozen=True)
class PoolSettings:
    """What all pools of a cluster share."""

    version: str
    channel: str
    zones: Sequence[str]
    network: AksNetworkIds
    tags: Mapping[str, str]

    @property
    def version_is_azures(self) -> bool:
        """Whether the channel moves to other minor versions by itself."""
        return self.channel in _MOVING_CHANNELS


class _Pool:
    """A pool's wishes in the words of Azure."""

    def __init__(self, wish: SurgingNodePoolArgs, settings: PoolSettings) -> None:
        self._wish = wish
        self.spot = wish.get("spot", False)
        self.scales = "size" not in wish
        least = wish.get("min_size", 2)
        self.count = wish.get("size", least)
        self.min_count = least if self.scales else None
        self.max_count = wish.get("max_size", max(4, least)) if self.scales else None
        self.machine = wish.get("machine_type", _MACHINE)
        self.disk_gb = wish.get("disk_size_gb", _DISK_GB)
        self.zones = list(wish.get("zones", settings.zones)) or None

    @property
    def labels(self) -> dict[str, str] | None:
        """Kubernetes labels; AKS adds the one of spot nodes by itself, and says so in every answer."""
        return {**self._wish.get("labels", {}), **({_SPOT: "spot"} if self.spot else {})} or None

    @property
    def taints(self) -> list[str] | None:
        """Kubernetes taints as `key=value:effect`; that of spot nodes as with their label."""
        wished = [f"{t['key']}={t.get('value', '')}:{t['effect']}" for t in self._wish.get("taints", [])]
        return [*wished, *([f"{_SPOT}=spot:NoSchedule"] if self.spot else [])] or None

    @property
    def upgrade(self) -> containerservice.AgentPoolUpgradeSettingsArgsDict | None:
        """AKS takes nodes away or adds some beyond the size, not both; and neither for spot nodes."""
        if self.spot:
            return None
        away = self._wish.get("max_unavailable", 0)
        if away:
            return {"max_surge": "0", "max_unavailable": str(away)}
        return {"max_surge": str(self._wish.get("max_surge", 1))}


def system_pool(
    settings: PoolSettings, wish: SurgingNodePoolArgs
) -> containerservice.ManagedClusterAgentPoolProfileArgsDict:
    """The pool within the cluster's own resource."""
    pool = _Pool(wish, settings)
    return {
        "name": SYSTEM,
        "mode": "System",
        "type": "VirtualMachineScaleSets",
        "os_type": "Linux",
        "os_sku": _OS,
        "vm_size": pool.machine,
        "os_disk_size_gb": pool.disk_gb,
        "os_disk_type": "Managed",
        "count": pool.count,
        "enable_auto_scaling": pool.scales,
        "min_count": pool.min_count,
        "max_count": pool.max_count,
        "max_pods": _MAX_PODS,
        "availability_zones": pool.zones,
        "orchestrator_version": settings.version,
        "vnet_subnet_id": settings.network["nodes_subnet_id"],
        "pod_subnet_id": settings.network.get("pods_subnet_id"),
        "enable_node_public_ip": False,
        "node_labels": pool.labels,
        "node_taints": pool.taints,
        "upgrade_settings": pool.upgrade,
        "tags": dict(settings.tags),
    }


def left_to_azure(settings: PoolSettings, wish: SurgingNodePoolArgs) -> list[str]:
    """What of the cluster's own resource others change: the autoscaler, and a channel that moves to new versions."""
    counted = ["agentPoolProfiles[0].count"] if _Pool(wish, settings).scales else []
    versions = ["kubernetesVersion", "agentPoolProfiles[0].orchestratorVersion"] if settings.version_is_azures else []
    return [*counted, *versions]


def user_pools(
    site: AksSite,
    cluster: containerservice.ManagedCluster,
    settings: PoolSettings,
    pools: Mapping[str, SurgingNodePoolArgs],
    after: Sequence[pulumi.Resource],
) -> list[containerservice.AgentPool]:
    """The further pools, one after the other: AKS refuses a change while it makes another."""
    made: list[containerservice.AgentPool] = []
    for name, wish in sorted(pools.items()):
        before = [*after, *made[-1:]]
        made.append(_user_pool(site, cluster, settings, name, _Pool(wish, settings), before))
    return made


def _user_pool(
    site: AksSite,
    cluster: containerservice.ManagedCluster,
    settings: PoolSettings,
    name: str,
    pool: _Pool,
    before: Sequence[pulumi.Resource],
) -> containerservice.AgentPool:
    counted = ["count"] if pool.scales else []
    versions = ["orchestratorVersion"] if settings.version_is_azures else []
    return containerservice.AgentPool(
        f"{site.name}-{name}",
        resource_group_name=site.group,
        resource_name_=cluster.name,
        # Azure allows 12 characters, so there is no room for a suffix of the engine's.
        agent_pool_name=name,
        mode="User",
        type="VirtualMachineScaleSets",
        os_type="Linux",
        os_sku=_OS,
        vm_size=pool.machine,
        os_disk_size_gb=pool.disk_gb,
        os_disk_type="Managed",
        count=pool.count,
        enable_auto_scaling=pool.scales,
        min_count=pool.min_count,
        max_count=pool.max_count,
        max_pods=_MAX_PODS,
        availability_zones=pool.zones,
        # All pools name their version or none, and the cluster's own pool does.
        orchestrator_version=settings.version,
        vnet_subnet_id=settings.network["nodes_subnet_id"],
        pod_subnet_id=settings.network.get("pods_subnet_id"),
        enable_node_public_ip=False,
        node_labels=pool.labels,
        node_taints=pool.taints,
        upgrade_settings=pool.upgrade,
        scale_set_priority="Spot" if pool.spot else None,
        scale_set_eviction_policy="Delete" if pool.spot else None,
        # No limit but the price of a machine that is not spot.
        spot_max_price=-1 if pool.spot else None,
        tags=dict(settings.tags),
        opts=pulumi.ResourceOptions(parent=site.parent, depends_on=list(before), ignore_changes=[*counted, *versions]),
    )
