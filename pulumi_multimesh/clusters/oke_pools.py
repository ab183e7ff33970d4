"""The node pools of an OKE cluster, each a resource of its own, and the autoscaler that sizes some of them.

Owns: what a pool looks like, and what of it the engine leaves alone. Does not own: the cluster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_oci import containerengine, identity

from pulumi_multimesh.clusters.oke_images import kept_image
from pulumi_multimesh.clusters.oke_policies import autoscaler_policy
from pulumi_multimesh.clusters.oke_rules import Groups
from pulumi_multimesh.clusters.oke_site import OkeSite
from pulumi_multimesh.clusters.oke_startup import CredentialProvider, user_data
from pulumi_multimesh.config import OkeNetworkIds, OkeNodePoolArgs

VCN_NATIVE, FLANNEL = "OCI_VCN_IP_NATIVE", "FLANNEL_OVERLAY"
_MACHINE = "VM.Standard.E5.Flex"
_OCPUS, _MEMORY_GB = 2, 16
_DISK_GB = 50
_MAX_PODS = 31
"""What one network interface beside the node's own gives, which every shape has."""
_SIZE = "nodeConfigDetails.size"
_PODS_LIMIT = "nodeConfigDetails.nodePoolPodNetworkOptionDetails.maxPodsPerNode"
_PATIENCE = "PT10M"
"""A pod that may not be evicted holds an upgrade up for so long, and not for ever."""

_Placement = containerengine.NodePoolNodeConfigDetailsPlacementConfigArgsDict


@dataclass(frozen=True)
class PoolSettings:
    """What all pools of a cluster share."""

    version: str
    zones: pulumi.Input[Sequence[str]]
    network: OkeNetworkIds
    groups: Groups
    credentials: CredentialProvider | None


class _Pool:
    """A pool's wishes in the words of Oracle Cloud."""

    def __init__(self, wish: OkeNodePoolArgs, settings: PoolSettings) -> None:
        self._wish, self._settings = wish, settings
        self.scales = "size" not in wish
        self.least = wish.get("min_size", 2)
        self.most = wish.get("max_size", max(4, self.least))
        self.machine = wish.get("machine_type", _MACHINE)

    @property
    def shape(self) -> containerengine.NodePoolNodeShapeConfigArgsDict | None:
        """How much of a flexible shape; the others are what they are."""
        if not self.machine.endswith(".Flex"):
            return None
        return {"ocpus": self._wish.get("ocpus", _OCPUS), "memory_in_gbs": self._wish.get("memory_gb", _MEMORY_GB)}

    @property
    def labels(self) -> list[containerengine.NodePoolInitialNodeLabelArgsDict]:
        return [{"key": key, "value": value} for key, value in sorted(self._wish.get("labels", {}).items())]

    @property
    def cycling(self) -> containerengine.NodePoolNodePoolCyclingDetailsArgsDict:
        """A changed version, image or shape reaches the nodes by their replacement, as many at once as allowed."""
        return {
            "is_node_cycling_enabled": True,
            "maximum_surge": str(self._wish.get("max_surge", 1)),
            "maximum_unavailable": str(self._wish.get("max_unavailable", 0)),
        }

    def source(self, image: pulumi.Input[str]) -> containerengine.NodePoolNodeSourceDetailsArgsDict:
        disk = str(self._wish.get("disk_size_gb", _DISK_GB))
        return {"source_type": "IMAGE", "image_id": image, "boot_volume_size_in_gbs": disk}

    def details(self, tags: Mapping[str, str]) -> containerengine.NodePoolNodeConfigDetailsArgsDict:
        subnet, spot = self._settings.network["nodes_subnet_id"], self._wish.get("spot", False)
        zones = pulumi.Output.from_input(self._wish.get("zones", self._settings.zones))
        return {
            "size": self._wish.get("size", self.least),
            "placement_configs": pulumi.Output.all(zones, subnet).apply(
                lambda known: [_placement(zone, known[1], spot=spot) for zone in known[0]]
            ),
            "nsg_ids": [self._settings.groups.nodes.id],
            "node_pool_pod_network_option_details": self._pods(),
            "freeform_tags": dict(tags),
        }

    def startup(self) -> dict[str, str]:
        return {
            "user_data": user_data(self._wish.get("taints", []), self._settings.credentials),
            # The first version of the metadata service answers any pod that can be made to fetch an address; Oracle,
            # "Configuring IMDS for Kubernetes Clusters". The script above asks the second.
            "areLegacyImdsEndpointsDisabled": "true",
        }

    def _pods(self) -> containerengine.NodePoolNodeConfigDetailsNodePoolPodNetworkOptionDetailsArgsDict:
        group, network = self._settings.groups.pods, self._settings.network
        if group is None or "pods_subnet_id" not in network:
            return {"cni_type": FLANNEL}
        return {
            "cni_type": VCN_NATIVE,
            "pod_subnet_ids": [network["pods_subnet_id"]],
            "pod_nsg_ids": [group.id],
            "max_pods_per_node": self._wish.get("max_pods", _MAX_PODS),
        }


def _placement(zone: str, subnet: str, *, spot: bool) -> _Placement:
    placement: _Placement = {"availability_domain": zone, "subnet_id": subnet}
    if spot:
        placement["preemptible_node_config"] = {"preemption_action": {"type": "TERMINATE"}}
    return placement


@dataclass(frozen=True)
class Pools:
    """A cluster's pools, and what of it sizes them."""

    made: Sequence[containerengine.NodePool]
    autoscaler: Sequence[pulumi.Resource]


def node_pools(
    site: OkeSite,
    cluster: containerengine.Cluster,
    settings: PoolSettings,
    wishes: Mapping[str, OkeNodePoolArgs],
    after: Sequence[pulumi.Resource],
) -> Pools:
    """All pools; adding one or removing one leaves the others alone."""
    made: list[containerengine.NodePool] = []
    ranges: list[pulumi.Output[str]] = []
    for name, wish in sorted(wishes.items()):
        pool = _Pool(wish, settings)
        image = wish["image"] if "image" in wish else kept_image(site, name, settings.version, pool.machine)
        made.append(_node_pool(site, cluster, settings, (name, pool, image), after))
        if pool.scales:
            ranges.append(made[-1].id.apply(lambda ocid, least=pool.least, most=pool.most: f"{least}:{most}:{ocid}"))
    return Pools(made, _autoscaler(site, cluster, ranges, made) if ranges else [])


def _node_pool(
    site: OkeSite,
    cluster: containerengine.Cluster,
    settings: PoolSettings,
    named: tuple[str, _Pool, pulumi.Input[str]],
    after: Sequence[pulumi.Resource],
) -> containerengine.NodePool:
    name, pool, image = named
    return containerengine.NodePool(
        site.part(name),
        cluster_id=cluster.id,
        compartment_id=site.compartment,
        kubernetes_version=settings.version,
        node_shape=pool.machine,
        node_shape_config=pool.shape,
        node_source_details=pool.source(image),
        node_config_details=pool.details(site.tags),
        node_metadata=pool.startup(),
        initial_node_labels=pool.labels,
        node_pool_cycling_details=pool.cycling,
        node_eviction_node_pool_settings={
            "eviction_grace_duration": _PATIENCE,
            "is_force_delete_after_grace_duration": True,
            "is_force_action_after_grace_duration": True,
        },
        freeform_tags=site.tags,
        opts=pulumi.ResourceOptions.merge(
            site.child(after),
            pulumi.ResourceOptions(
                # The autoscaler's business from then on.
                ignore_changes=[_SIZE] if pool.scales else [],
                # Oracle takes another limit and changes nothing (oracle/terraform-provider-oci#2011).
                replace_on_changes=[_PODS_LIMIT],
            ),
        ),
    )


def _autoscaler(
    site: OkeSite,
    cluster: containerengine.Cluster,
    ranges: Sequence[pulumi.Output[str]],
    pools: Sequence[containerengine.NodePool],
) -> list[pulumi.Resource]:
    policy: identity.Policy = autoscaler_policy(site, cluster.id)
    addon = containerengine.Addon(
        site.part("autoscaler"),
        cluster_id=cluster.id,
        addon_name="ClusterAutoscaler",
        remove_addon_resources_on_delete=True,
        configurations=[
            {"key": "authType", "value": "workload"},
            {"key": "nodes", "value": pulumi.Output.all(*ranges).apply(", ".join)},
            {"key": "numOfReplicas", "value": "1"},
        ],
        opts=site.child([policy, *pools]),
    )
    return [policy, addon]
