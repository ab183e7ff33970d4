"""The control plane's logs of an OKE cluster, in OCI Logging.

Owns: log group and log. Does not own: logs of pods and nodes.
"""

from pulumi_oci import containerengine, logging

from pulumi_multimesh.clusters.oke_site import OkeSite

DEFAULT_RETENTION_DAYS = 30


def control_plane_logs(site: OkeSite, cluster: containerengine.Cluster, days: int) -> logging.Log:
    """Keep what API server, scheduler and controllers log for so many days."""
    group = logging.LogGroup(
        site.name,
        compartment_id=site.compartment,
        display_name=site.name,
        description=f"Control plane of {site.name}",
        freeform_tags=site.tags,
        opts=site.child(),
    )
    return logging.Log(
        site.part("control-plane"),
        display_name=site.part("control-plane"),
        log_group_id=group.id,
        log_type="SERVICE",
        configuration={
            "source": {
                "source_type": "OCISERVICE",
                "service": "oke-k8s-cp-prod",
                "resource": cluster.id,
                "category": "all-service-logs",
            }
        },
        is_enabled=True,
        retention_duration=days,
        freeform_tags=site.tags,
        opts=site.child(),
    )
