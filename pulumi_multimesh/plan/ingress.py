"""Which clusters have an ingress gateway, and of which kind.

Owns: what was decided. Does not own: the gateway (istio/ingress_gateway.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record


@dataclass(frozen=True)
class IngressPlan:
    """The ingress gateways of a mesh, all alike."""

    clusters: tuple[str, ...]
    admitted: dict[str, str]
    """Ranges by name; everybody where there are none."""
    private: bool
    min_replicas: int
    max_replicas: int


def ingress(args: Record, clusters: Iterable[str]) -> IngressPlan | None:
    """The ingress of valid arguments, `clusters` being those with pods in the mesh; None unless asked for."""
    istio = reading.record(args, "istio")
    if "ingress" not in istio:
        return None
    wish = reading.record(istio, "ingress")
    least = reading.integer(wish, "min_replicas") or 2
    named = reading.texts(wish, "clusters")
    return IngressPlan(
        clusters=tuple(sorted(named or clusters)),
        admitted=reading.text_table(wish, "admitted"),
        private=wish.get("private") is True,
        min_replicas=least,
        max_replicas=reading.integer(wish, "max_replicas") or max(5, least),
    )
