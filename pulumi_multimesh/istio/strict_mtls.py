"""The mesh-wide rule that nobody is spoken to in plain text.

Owns: that rule. Does not own: rules of single namespaces.
"""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster


def strict_mtls(
    name: str, cluster: KubernetesCluster, namespace: str, parent: pulumi.Resource, after: Sequence[pulumi.Resource]
) -> k8s.apiextensions.CustomResource:
    """In the root namespace and without a selector it holds for the whole mesh."""
    return k8s.apiextensions.CustomResource(
        f"{name}-strict-mtls",
        api_version="security.istio.io/v1",
        kind="PeerAuthentication",
        metadata={"name": "default", "namespace": namespace},
        spec={"mtls": {"mode": "STRICT"}},
        opts=cluster.inside(parent, depends_on=after),
    )
