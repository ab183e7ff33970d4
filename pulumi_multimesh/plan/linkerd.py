"""What follows from the arguments of Linkerd.

Owns: sizes, who gets the Gateway API's kinds, whether traffic is shown. Does not own: names (linkerd_names.py), who
links to whom (links.py), routes (linkerd_routes.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pulumi_multimesh.plan import linkerd_routes, reading
from pulumi_multimesh.plan.reading import Record

TOPOLOGY = "links"


@dataclass(frozen=True)
class LinkerdPlan:
    """What Linkerd alone knows."""

    high_availability: bool
    gateway_replicas: int
    gateway_api: tuple[str, ...]
    """Clusters in which the charts install the Gateway API's kinds."""
    viz: bool
    """Whether each cluster has what shows its traffic."""
    probes: dict[str, tuple[str, ...]]
    """The paths that the kubelet asks, by the target of rules about HTTP."""


def linkerd(args: Record, clusters: Iterable[str]) -> LinkerdPlan | None:
    """Of valid arguments; None where another mesh is chosen."""
    if "linkerd" not in args:
        return None
    wish = reading.record(args, "linkerd")
    available = wish.get("high_availability") is not False
    has = set(reading.texts(wish, "gateway_api"))
    return LinkerdPlan(
        high_availability=available,
        gateway_replicas=reading.integer(reading.record(wish, "gateway"), "replicas") or (3 if available else 1),
        gateway_api=tuple(sorted(set(clusters) - has)),
        viz=wish.get("viz") is True,
        probes=linkerd_routes.probes(wish),
    )
