"""What each of Istio's parts in a mesh is told: from the plan to a component's arguments.

Owns: these arguments. Does not own: which parts there are and in which order (istio_mesh.py), what they are made of.
`values` are the user's further chart values, by chart.
"""

from typing import Any

import pulumi

from pulumi_multimesh.istio.config_cluster import IstioConfigClusterArgs
from pulumi_multimesh.istio.control_plane import IstioControlPlaneArgs
from pulumi_multimesh.istio.east_west_gateway import IstioEastWestGatewayArgs
from pulumi_multimesh.istio.external_control_plane import IstioExternalControlPlaneArgs
from pulumi_multimesh.istio.ingress_gateway import IstioIngressGatewayArgs
from pulumi_multimesh.istio.remote_control_plane import IstioRemoteControlPlaneArgs
from pulumi_multimesh.plan.data_plane import AMBIENT
from pulumi_multimesh.plan.ingress import IngressPlan
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan
from pulumi_multimesh.plan.roles import CONFIG, PRIMARY
from pulumi_multimesh.plan.trust_settings import TrustSettings

Values = dict[str, dict[str, Any]]


def primary_args(plan: MeshPlan, cluster: ClusterPlan, values: Values) -> IstioControlPlaneArgs:
    """Of a cluster's own control plane."""
    settings, istio = plan.control_plane, plan.of_istio
    args: IstioControlPlaneArgs = {
        "cluster_id": cluster.name,
        "network": cluster.network,
        "mesh_id": istio.mesh_id,
        "trust_domain": plan.trust.trust_domain,
        "tuning": istio.tuning,
        "serves_others": bool(plan.remotes_of(cluster.name)),
        "ambient": istio.data_plane == AMBIENT,
        "chart_repository": settings.chart_repository,
        "chart_version": settings.chart_version,
        "values": values,
    }
    if cluster.name in istio.revisions:
        args["revisions"] = istio.revisions[cluster.name]
    _tell_of_trust(args, plan)
    return args


def config_args(plan: MeshPlan, cluster: ClusterPlan, values: Values) -> IstioConfigClusterArgs:
    """Of the cluster from which an external control plane reads its configuration."""
    settings = plan.control_plane
    return {
        "cluster_id": cluster.name,
        "network": cluster.network,
        "namespace": settings.namespace,
        "trust_domain": plan.trust.trust_domain,
        "chart_repository": settings.chart_repository,
        "chart_version": settings.chart_version,
        "values": values,
    }


def external_args(
    plan: MeshPlan,
    config: ClusterPlan,
    kubeconfig: pulumi.Input[str],
    sources: pulumi.Input[list[str]],
    values: Values,
) -> IstioExternalControlPlaneArgs:
    """Of the external control plane; `kubeconfig` leads to the config cluster, `sources` are its callers' addresses."""
    settings, istio = plan.control_plane, plan.of_istio
    args: IstioExternalControlPlaneArgs = {
        "cluster_id": config.name,
        "network": config.network,
        "mesh_id": istio.mesh_id,
        "trust_domain": plan.trust.trust_domain,
        "tuning": istio.tuning,
        "kubeconfig": kubeconfig,
        "cloud": plan.clusters[config.served_by].cloud,
        "admitted_ips": sources,
        "namespace": settings.namespace,
        "private": plan.is_private,
        "chart_repository": settings.chart_repository,
        "chart_version": settings.chart_version,
        "values": values,
    }
    _tell_of_trust(args, plan)
    return args


def remote_args(
    plan: MeshPlan, cluster: ClusterPlan, address: pulumi.Input[str], values: Values
) -> IstioRemoteControlPlaneArgs:
    """Of a remote, whose control plane is reached at the address."""
    settings = plan.control_plane
    return {
        "cluster_id": cluster.name,
        "network": cluster.network,
        "primary_id": plan.config_cluster or cluster.served_by,
        "address": address,
        "trust_domain": plan.trust.trust_domain,
        "namespace": settings.namespace,
        "chart_repository": settings.chart_repository,
        "chart_version": settings.chart_version,
        "values": values,
    }


def gateway_args(plan: MeshPlan, cluster: ClusterPlan, sources: pulumi.Input[list[str]]) -> IstioEastWestGatewayArgs:
    """Of an east-west gateway that admits the sources."""
    istio = plan.of_istio
    args: IstioEastWestGatewayArgs = {
        "network": cluster.network,
        "cloud": cluster.cloud,
        "admitted_ips": sources,
        "private": plan.is_private,
        "shows_services": cluster.role in (PRIMARY, CONFIG),
        "min_replicas": istio.gateway_min_replicas,
        "max_replicas": istio.gateway_max_replicas,
        "drain_seconds": _drain_seconds(plan),
    }
    if cluster.name in istio.revisions:
        args["revision"] = istio.revisions[cluster.name].default
    return args


def ingress_args(plan: MeshPlan, cluster: str, planned: IngressPlan) -> IstioIngressGatewayArgs:
    """Of an ingress gateway."""
    args: IstioIngressGatewayArgs = {
        "cloud": plan.clusters[cluster].cloud,
        "admitted": list(planned.admitted.values()),
        "private": planned.private,
        "min_replicas": planned.min_replicas,
        "max_replicas": planned.max_replicas,
        "drain_seconds": _drain_seconds(plan),
    }
    revisions = plan.of_istio.revisions
    if cluster in revisions:
        args["revision"] = revisions[cluster].default
    return args


def _drain_seconds(plan: MeshPlan) -> int:
    drain = plan.of_istio.tuning.drain
    return drain.seconds if drain else 0


def _tell_of_trust(args: IstioControlPlaneArgs, plan: MeshPlan) -> None:
    """What an istiod is told wherever it runs, and only where it differs from what Istio does by itself."""
    if plan.trust.settings != TrustSettings():
        args["trust"] = plan.trust.settings
    if plan.security.issuers:
        args["fetches_keys"] = True
    if plan.security.sign_on is not None:
        args["sign_on"] = plan.security.sign_on
