"""The node pools of a GKE cluster.

Owns: a pool's resource. Does not own: the nodes' identity (gke_identity.py).
"""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from pulumi_multimesh.clusters.gke_identity import NodeIdentity
from pulumi_multimesh.config import GkeArgs, SurgingNodePoolArgs
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.rules.gke import zones_of_pool

LONGEST_NAME = 32
"""Of what is named by the engine: GKE takes 40 characters, eight of which are the random end."""
_MACHINE = "e2-standard-4"
_DISK_GB = 50
_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
"""By Kubernetes' word: GKE's own (GKE API, NodeTaint)."""


@dataclass(frozen=True)
class PoolSettings:
    """What all pools of a cluster share."""

    parent: pulumi.Resource
    name: str
    args: GkeArgs
    identity: NodeIdentity
    labels: dict[str, str]


def node_pool(
    settings: PoolSettings, cluster: gcp.container.Cluster, pool: str, wish: SurgingNodePoolArgs
) -> gcp.container.NodePool:
    """A pool of private nodes with secure boot and without the node's own identity for pods."""
    zones = zones_of_pool(settings.args, wish)
    fixed = "size" in wish
    least = wish.get("min_size", 2)
    away = wish.get("max_unavailable", 0)
    return gcp.container.NodePool(
        names.bounded(f"{settings.name}-{pool}", LONGEST_NAME),
        project=settings.args["project"],
        cluster=cluster.name,
        location=settings.args["region"],
        node_locations=wish.get("zones"),
        # GKE counts nodes in each zone; a size is a multiple of the zones by rule.
        node_count=wish["size"] // zones if "size" in wish else None,
        initial_node_count=None if fixed else max(1, -(-least // zones)),
        autoscaling=None
        if fixed
        else {
            "total_min_node_count": least,
            "total_max_node_count": wish.get("max_size", max(4, least)),
            "location_policy": "BALANCED",
        },
        management={"auto_repair": True, "auto_upgrade": True},
        upgrade_settings={"max_surge": wish.get("max_surge", 0 if away else 1), "max_unavailable": away},
        network_config={"enable_private_nodes": True},
        node_config=_node_config(settings, wish),
        opts=pulumi.ResourceOptions(
            parent=settings.parent,
            depends_on=list(settings.identity.rights),
            # Autoscaler and release channel change these on their own.
            ignore_changes=["initialNodeCount", "version", *([] if fixed else ["nodeCount"])],
        ),
    )


def _node_config(settings: PoolSettings, wish: SurgingNodePoolArgs) -> gcp.container.NodePoolNodeConfigArgsDict:
    return {
        "machine_type": wish.get("machine_type", _MACHINE),
        "disk_size_gb": wish.get("disk_size_gb", _DISK_GB),
        "spot": wish.get("spot", False),
        "labels": dict(wish.get("labels", {})),
        "taints": [
            {"key": taint["key"], "value": taint.get("value", ""), "effect": _EFFECTS[taint["effect"]]}
            for taint in wish.get("taints", [])
        ],
        "service_account": settings.identity.account.email,
        "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],
        "workload_metadata_config": {"mode": "GKE_METADATA"},
        "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
        # By which the firewall rule for webhooks finds the nodes.
        "tags": [settings.name],
        "resource_labels": dict(settings.labels),
    }
