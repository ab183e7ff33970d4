"""The tuning of a mesh as values of the chart `istiod`.

Owns: these values. Does not own: what was decided (plan/tuning.py), and the resources beside them
(istio/shared_rules.py).
"""

from typing import Any

from pulumi_multimesh.plan.acceleration import QAT
from pulumi_multimesh.plan.sizing import Size
from pulumi_multimesh.plan.tuning import TracingPlan, TuningPlan

TRACING = "tracing"
"""The name by which the mesh knows its tracing provider."""


def spread(labels: dict[str, str]) -> list[dict[str, Any]]:
    """Replicas over zones and nodes as far as there are any; a cluster of one node still takes them all."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def tuning_values(tuning: TuningPlan, cluster: str) -> dict[str, Any]:
    """What the tuning adds to the values of a cluster's istiod; nothing where nothing is asked."""
    values: dict[str, Any] = {}
    mesh = _mesh_config(tuning)
    if mesh:
        values["meshConfig"] = mesh
    if tuning.proxy:
        values["global"] = {"proxy": {"resources": _resources(tuning.proxy)}}
    if cluster in tuning.sizes:
        values |= _sized(tuning.sizes[cluster])
        if tuning.sizes[cluster].min_replicas < 2:
            # The chart's budget keeps one replica, and with only one it would block every drain of a node.
            values["global"] = {**values.get("global", {}), "defaultPodDisruptionBudget": {"enabled": False}}
    return values


def _sized(size: Size) -> dict[str, Any]:
    return {
        "autoscaleMin": size.min_replicas,
        "autoscaleMax": size.max_replicas,
        "resources": {"requests": {"cpu": f"{size.cpu}m", "memory": f"{size.memory}Mi"}},
    }


def _resources(proxy: dict[str, str]) -> dict[str, dict[str, str]]:
    keys = {
        "requests": {"cpu": "cpu", "memory": "memory"},
        "limits": {"cpu": "cpu_limit", "memory": "memory_limit"},
    }
    found = {
        part: {key: proxy[given] for key, given in names.items() if given in proxy} for part, names in keys.items()
    }
    return {part: amounts for part, amounts in found.items() if amounts}


def _mesh_config(tuning: TuningPlan) -> dict[str, Any]:
    mesh, proxies = dict[str, Any](), dict[str, Any]()
    if tuning.access_log != "off":
        mesh |= {"accessLogFile": "/dev/stdout", "accessLogEncoding": tuning.access_log.upper()}
    if tuning.tracing is not None:
        mesh |= _traced(tuning.tracing)
    if tuning.concurrency is not None:
        proxies["concurrency"] = tuning.concurrency
    if tuning.tls_acceleration is not None:
        # A node without the instructions or the device does the same work itself.
        proxies["privateKeyProvider"] = {tuning.tls_acceleration: {"pollDelay": _delay(tuning), "fallback": True}}
    if proxies:
        mesh["defaultConfig"] = proxies
    if tuning.failover:
        # Regions have different names in different clouds, networks and clusters have the mesh's own.
        mesh["localityLbSetting"] = {
            "enabled": True,
            "failoverPriority": ["topology.istio.io/network", "topology.istio.io/cluster"],
        }
    return mesh


def _traced(tracing: TracingPlan) -> dict[str, Any]:
    provider = {"name": TRACING, "opentelemetry": {"service": tracing.service, "port": tracing.port}}
    return {"enableTracing": True, "extensionProviders": [provider]}


def _delay(tuning: TuningPlan) -> str:
    """How long handshakes are gathered; QuickAssist is a queue of its own and needs less."""
    return "0.002s" if tuning.tls_acceleration == QAT else "0.010s"
