"""Istio's own namespace in a cluster.

Owns: its name and what it says about the cluster. Does not own: what is installed in it.
"""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.charts import NAMESPACE


def system_namespace(
    name: str,
    cluster: KubernetesCluster,
    network: str,
    parent: pulumi.Resource,
    annotations: Mapping[str, str] | None = None,
) -> k8s.core.v1.Namespace:
    """`istio-system`, of that mesh network."""
    metadata: k8s.meta.v1.ObjectMetaArgsDict = {
        "name": NAMESPACE,
        # Pods without a network label of their own are on the namespace's network, for every istiod of the mesh.
        "labels": {"topology.istio.io/network": network},
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    return k8s.core.v1.Namespace(f"{name}-system", metadata=metadata, opts=cluster.inside(parent))
