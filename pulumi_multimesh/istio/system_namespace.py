"""Istio's own namespace in a cluster.

Owns: its name and what it says about the cluster. Does not own: what is installed in it.
"""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.plan import names

NAMESPACE = names.istio_namespace()
"""Istio's own, unless its control plane is an external one."""


def system_namespace(
    name: str,
    cluster: KubernetesCluster,
    network: str | None,
    parent: pulumi.Resource,
    annotations: Mapping[str, str] | None = None,
    called: str = NAMESPACE,
) -> k8s.core.v1.Namespace:
    """The namespace of a cluster on that mesh network; None where no pod of the cluster is in the mesh."""
    metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": called}
    if network is not None:
        # Pods without a network label of their own are on the namespace's network, for every istiod of the mesh.
        metadata["labels"] = {"topology.istio.io/network": network}
    if annotations:
        metadata["annotations"] = dict(annotations)
    return k8s.core.v1.Namespace(f"{name}-system", metadata=metadata, opts=cluster.inside(parent))
