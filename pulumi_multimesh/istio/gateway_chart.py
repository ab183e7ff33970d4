"""What every gateway of the mesh is told by its chart: its name, its revision, its replicas and how they are kept.

Owns: the values that all gateways share. Does not own: their load balancers and what else one of them needs.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_multimesh.istio.analysis import NOT_ALIKE
from pulumi_multimesh.istio.tuning_values import spread
from pulumi_multimesh.plan.revisions import UNNAMED


def selector(gateway: str) -> dict[str, str]:
    """The labels of a gateway's pods, as the chart gives them by its name."""
    return {"istio": gateway.removeprefix("istio-")}


def gateway_values(
    gateway: str,
    annotations: Mapping[str, pulumi.Input[str]],
    source_ranges: pulumi.Input[list[str]] | None,
    replicas: tuple[int, int],
    revision: str,
    drain_seconds: int,
) -> dict[str, Any]:
    """A gateway of that revision with a load balancer; `replicas` are fewest and most.

    `source_ranges`: whom the load balancer admits; everybody where it is None. `drain_seconds`: how long one that ends
    goes on for its connections; 0 for the chart's own way, which cuts them after five seconds.
    """
    service: dict[str, Any] = {"annotations": {**NOT_ALIKE, **annotations}}
    if source_ranges is not None:
        service["loadBalancerSourceRanges"] = source_ranges
    values: dict[str, Any] = {
        "name": gateway,
        "service": service,
        "autoscaling": {"minReplicas": replicas[0], "maxReplicas": replicas[1]},
        "topologySpreadConstraints": spread(selector(gateway)),
    }
    if revision != UNNAMED:
        values["revision"] = revision
    if drain_seconds:
        values["terminationGracePeriodSeconds"] = drain_seconds
        values["env"] = {"EXIT_ON_ZERO_ACTIVE_CONNECTIONS": "true"}
    # A budget of one with a single replica would block every drain of its node.
    if replicas[0] > 1:
        values["podDisruptionBudget"] = {"minAvailable": 1}
    return values
