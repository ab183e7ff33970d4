"""Istio's ambient data plane in one cluster: what redirects pods' calls, and the proxy of each node.

Owns: the releases of the charts `cni` and `ztunnel`. Does not own: which namespaces take part (enrolment.py), and the
gateway to other clusters (ambient_gateway.py).
"""

from typing import Any, TypedDict

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.installed import Installed


class IstioNodeProxyArgs(TypedDict):
    """The ambient data plane of one cluster."""

    cluster_id: str
    """The cluster's id in the mesh."""
    network: str
    """The mesh network that the cluster's pods are on."""
    cloud: str
    """`gcp`, `aws`, `azure`, `oci` or `none`."""


class IstioNodeProxy(pulumi.ComponentResource):
    """istio-cni and ztunnel on every node."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        control_plane: Installed,
        args: IstioNodeProxyArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioNodeProxy", name, {**args}, opts)
        charts = control_plane.charts
        before = cluster.inside(self, depends_on=[control_plane.injects])
        self.cni = charts.release(f"{name}-cni", "cni", "istio-cni", cni_values(args), before)
        self.ztunnel = charts.release(
            f"{name}-ztunnel",
            "ztunnel",
            "ztunnel",
            ztunnel_values(args, charts.namespace),
            cluster.inside(self, depends_on=[self.cni]),
        )
        """Ready once a proxy runs on every node."""
        self.register_outputs({})


def _platform(args: IstioNodeProxyArgs) -> dict[str, Any]:
    """GKE keeps CNI programs elsewhere, and lets critical pods into a namespace only where a quota names them."""
    return {"global": {"platform": "gke"}} if args["cloud"] == "gcp" else {}


def cni_values(args: IstioNodeProxyArgs) -> dict[str, Any]:
    """The values of the chart `cni`."""
    return {"profile": "ambient", **_platform(args)}


def ztunnel_values(args: IstioNodeProxyArgs, namespace: str) -> dict[str, Any]:
    """The values of the chart `ztunnel`."""
    return {
        "multiCluster": {"clusterName": args["cluster_id"]},
        "network": args["network"],
        "istioNamespace": namespace,
        **_platform(args),
    }
