"""A control plane that other clusters reach through its cluster's east-west gateway.

Owns: what leads from the gateway's ports to istiod. Does not own: the gateway, and whom it admits. TLS is passed
through: proxies and API servers verify istiod itself.
"""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.east_west_gateway import SELECTOR
from pulumi_multimesh.istio.system_namespace import NAMESPACE

_ISTIOD = f"istiod.{NAMESPACE}.svc.cluster.local"
_PORTS = {15012: ("tls-istiod", 15012), 15017: ("tls-istiodwebhook", 443)}
"""The gateway's port → its name, and istiod's own port: for proxies, and for injection."""


def expose_istiod(
    name: str, cluster: KubernetesCluster, parent: pulumi.Resource, after: Sequence[pulumi.Resource]
) -> None:
    """Lead the gateway's ports 15012 and 15017 to istiod."""
    opts = cluster.inside(parent, depends_on=after)
    k8s.apiextensions.CustomResource(
        f"{name}-istiod",
        api_version="networking.istio.io/v1",
        kind="Gateway",
        metadata={"name": "istiod-gateway", "namespace": NAMESPACE},
        spec={
            "selector": SELECTOR,
            "servers": [
                {
                    "port": {"number": port, "name": called, "protocol": "TLS"},
                    "tls": {"mode": "PASSTHROUGH"},
                    "hosts": ["*"],
                }
                for port, (called, _) in _PORTS.items()
            ],
        },
        opts=opts,
    )
    k8s.apiextensions.CustomResource(
        f"{name}-istiod",
        api_version="networking.istio.io/v1",
        kind="VirtualService",
        metadata={"name": "istiod-vs", "namespace": NAMESPACE},
        spec={
            "hosts": ["*"],
            "gateways": ["istiod-gateway"],
            "tls": [
                {
                    "match": [{"port": port, "sniHosts": ["*"]}],
                    "route": [{"destination": {"host": _ISTIOD, "port": {"number": target}}}],
                }
                for port, (_, target) in _PORTS.items()
            ],
        },
        opts=opts,
    )
