"""The control plane's logs of an AKS cluster, kept in a workspace of its own.

Owns: workspace and diagnostic setting. Does not own: logs of pods and nodes.
"""

import pulumi
from pulumi_azure_native import containerservice, monitor, operationalinsights

from pulumi_multimesh.clusters.aks_site import AksSite

DEFAULT_RETENTION_DAYS = 30
_CATEGORIES = (
    "kube-apiserver",
    # Without the reads, which are most of `kube-audit` and of its price.
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
    "cluster-autoscaler",
    "cloud-controller-manager",
    "guard",
)


def control_plane_logs(site: AksSite, cluster: containerservice.ManagedCluster, days: int) -> monitor.DiagnosticSetting:
    """Send the logs to a workspace that keeps them for so many days."""
    workspace = operationalinsights.Workspace(
        site.name,
        resource_group_name=site.group,
        location=site.region,
        sku={"name": "PerGB2018"},
        retention_in_days=days,
        tags=dict(site.tags),
        opts=site.child(),
    )
    return monitor.DiagnosticSetting(
        site.name,
        resource_uri=cluster.id,
        workspace_id=workspace.id,
        # Tables of their own cost less to search than the one that all of Azure shares.
        log_analytics_destination_type="Dedicated",
        logs=[{"category": category, "enabled": True} for category in _CATEGORIES],
        opts=pulumi.ResourceOptions(parent=site.parent),
    )
