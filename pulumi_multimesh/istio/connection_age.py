"""The rule by which HTTP connections between workloads end by themselves, before a gateway that they pass through does.

Owns: that rule. Does not own: how old they become (plan/draining.py).

Istio has an option of its own for it from 1.31 on (`connectionSettings` of a proxy's configuration); until that is the
least version, this is a patch of what istiod makes. A `DestinationRule`'s `maxConnectionDuration` would cut connections
that are not HTTP too, a database's among them.
"""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.analysis import A_PATCH

_HTTP = "envoy.filters.network.http_connection_manager"
_TYPE = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def connection_age(
    name: str,
    cluster: KubernetesCluster,
    seconds: int,
    namespace: str,
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource],
) -> k8s.apiextensions.CustomResource:
    """The rule in a cluster from which configuration is read; `namespace` is Istio's own, so that it holds for all."""
    return k8s.apiextensions.CustomResource(
        f"{name}-connection-age",
        api_version="networking.istio.io/v1alpha3",
        kind="EnvoyFilter",
        metadata={"name": "connection-age", "namespace": namespace, "annotations": A_PATCH},
        spec=connection_age_spec(seconds),
        opts=cluster.inside(parent, depends_on=after),
    )


def connection_age_spec(seconds: int) -> dict[str, Any]:
    """The callee's proxy says with an answer that the connection ends, so that the caller's sends no more into it."""
    aged = {
        "@type": _TYPE,
        "common_http_protocol_options": {"max_connection_duration": f"{seconds}s"},
        # Else an old HTTP/1.1 connection may end at the moment in which a call is sent into it.
        "http1_safe_max_connection_duration": True,
    }
    return {
        "configPatches": [
            {
                "applyTo": "NETWORK_FILTER",
                "match": {
                    "context": "SIDECAR_INBOUND",
                    "listener": {"filterChain": {"filter": {"name": _HTTP}}},
                },
                "patch": {"operation": "MERGE", "value": {"typed_config": aged}},
            }
        ]
    }
