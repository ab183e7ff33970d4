"""A Service `istiod` that leads to an istiod outside the cluster.

Owns: the Service and its one endpoint. Does not own: that istiod. The chart could make both in a remote, but not in a
config cluster, whose istiod has no address before the chart is installed there, and neither with an annotation.
"""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster

ISTIOD = "istiod"
SUPPRESSED = {"galley.istio.io/analyze-suppress": "IST0170"}
"""For `istioctl analyze`: this Service is not like that of the cluster where istiod runs, which has more ports."""
PORTS = {"tcp-istiod": 15012, "tcp-webhook": 15017}
"""Of istiod itself: for proxies, and for injection and validation."""


def lead_to_istiod(
    name: str,
    cluster: KubernetesCluster,
    namespace: str,
    address: pulumi.Input[str],
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    """What is there once it leads to the address, an IPv4 one."""
    service = k8s.core.v1.Service(
        f"{name}-{ISTIOD}",
        metadata={"name": ISTIOD, "namespace": namespace, "annotations": SUPPRESSED},
        spec={
            "ports": [
                {"name": "tcp-istiod", "port": PORTS["tcp-istiod"]},
                {"name": "tcp-webhook", "port": 443, "target_port": PORTS["tcp-webhook"]},
            ]
        },
        opts=cluster.inside(parent, depends_on=after),
    )
    return k8s.discovery.v1.EndpointSlice(
        f"{name}-{ISTIOD}",
        metadata={
            "name": ISTIOD,
            "namespace": namespace,
            "labels": {
                "kubernetes.io/service-name": ISTIOD,
                "endpointslice.kubernetes.io/managed-by": "pulumi-multimesh",
            },
        },
        address_type="IPv4",
        endpoints=[{"addresses": [address]}],
        ports=[{"name": called, "port": port} for called, port in PORTS.items()],
        opts=cluster.inside(parent, depends_on=[service]),
    )
