"""Which cluster's control plane serves which cluster.

Owns: the topologies, and who serves whom. Does not own: whether the arguments are right (rules/istio_topology.py).
"""

from collections.abc import Iterable

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

MULTI_PRIMARY = "multi-primary"
PRIMARY_REMOTE = "primary-remote"
TOPOLOGIES = (MULTI_PRIMARY, PRIMARY_REMOTE)


def topology(args: Record) -> str:
    """`multi-primary` unless given."""
    return reading.text(reading.record(args, "istio"), "topology") or MULTI_PRIMARY


def primary(args: Record) -> str | None:
    """The one cluster with a control plane, where there is only one."""
    return reading.text(reading.record(args, "istio"), "primary") if topology(args) == PRIMARY_REMOTE else None


def served_by(args: Record, clusters: Iterable[str]) -> dict[str, str]:
    """By cluster: the one whose control plane serves it; itself where it has its own."""
    only = primary(args)
    return {name: only or name for name in clusters}
