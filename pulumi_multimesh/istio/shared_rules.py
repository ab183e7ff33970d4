"""Resources in Istio's root namespace that hold for the whole of a mesh's cluster, as its tuning asks.

Owns: the default scope, tracing, which requests are logged, failover, and which rules there are. Does not own: the
scopes of namespaces (enrolment.py), the age of connections (connection_age.py), and values (tuning_values.py).
"""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.connection_age import connection_age
from pulumi_multimesh.istio.tuning_values import TRACING
from pulumi_multimesh.plan.tuning import TuningPlan


def shared_rules(
    name: str,
    cluster: KubernetesCluster,
    tuning: TuningPlan,
    namespace: str,
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource],
) -> list[k8s.apiextensions.CustomResource]:
    """What the tuning asks for in a cluster from which configuration is read; nothing where nothing is asked.

    `namespace`: Istio's own.
    """

    def rule(suffix: str, group: str, kind: str, called: str, spec: dict[str, Any]) -> k8s.apiextensions.CustomResource:
        return k8s.apiextensions.CustomResource(
            f"{name}-{suffix}",
            api_version=f"{group}.istio.io/v1",
            kind=kind,
            metadata={"name": called, "namespace": namespace},
            spec=spec,
            opts=cluster.inside(parent, depends_on=after),
        )

    made: list[k8s.apiextensions.CustomResource] = []
    if tuning.default_scope:
        # In the root namespace it is the scope of every namespace that has none of its own.
        made.append(rule("scope", "networking", "Sidecar", "default", sidecar_spec(tuning.default_scope)))
    telemetry = _telemetry_spec(tuning)
    if telemetry:
        # Of those that select no workload Istio takes one for the whole mesh, so both are in it.
        made.append(rule("tracing", "telemetry", "Telemetry", "mesh-default", telemetry))
    if tuning.drain is not None and tuning.drain.connection_seconds:
        made.append(connection_age(name, cluster, tuning.drain.connection_seconds, namespace, parent, after))
    if tuning.failover:
        made.append(rule("failover", "networking", "DestinationRule", "failover", _failover_spec()))
    return made


def sidecar_spec(hosts: Sequence[str]) -> dict[str, Any]:
    """A `Sidecar` of all workloads of its namespace."""
    return {"egress": [{"hosts": list(hosts)}]}


def _telemetry_spec(tuning: TuningPlan) -> dict[str, Any]:
    spec: dict[str, Any] = {}
    if tuning.tracing is not None:
        sampled = tuning.tracing.sampling_percent
        spec["tracing"] = [{"providers": [{"name": TRACING}], "randomSamplingPercentage": sampled}]
    if tuning.access_log_filter is not None:
        # Istio's own provider of that name writes what `meshConfig.accessLogFile` asks for.
        wanted = {"expression": tuning.access_log_filter}
        spec["accessLogging"] = [{"providers": [{"name": "envoy"}], "filter": wanted}]
    return spec


_CONNECT_TIMEOUT = "3s"
"""How long a proxy waits for a cloud that answers nothing, TCP and TLS together; then it calls another endpoint.

With Istio's ten seconds most callers have given up before, and what they give up is no error of the endpoint's, so that
it goes on being called. A first packet that is lost is sent again after one second, which three leave room for.
"""


def _failover_spec() -> dict[str, Any]:
    """Without the detection of what is ill Istio keeps calling it: locality alone moves nothing."""
    return {
        "host": "*.local",
        "trafficPolicy": {
            "connectionPool": {"tcp": {"connectTimeout": _CONNECT_TIMEOUT}},
            "outlierDetection": {
                "consecutive5xxErrors": 5,
                "consecutiveGatewayErrors": 3,
                "interval": "5s",
                "baseEjectionTime": "30s",
                "maxEjectionPercent": 100,
            },
        },
    }
