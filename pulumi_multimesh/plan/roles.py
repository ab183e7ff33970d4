"""Which cluster's control plane serves which cluster, and what each cluster is in the mesh.

Owns: the topologies, who serves whom, roles. Does not own: whether the arguments are right (rules/istio_topology.py).
"""

from collections.abc import Iterable

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

MULTI_PRIMARY = "multi-primary"
PRIMARY_REMOTE = "primary-remote"
EXTERNAL = "external"
TOPOLOGIES = (MULTI_PRIMARY, PRIMARY_REMOTE, EXTERNAL)

PRIMARY, REMOTE, MANAGEMENT, CONFIG = "primary", "remote", "management", "config"
"""Roles: with a control plane of its own; served by another's; with the control plane of others alone; the one of
those others that holds Istio's configuration."""


def topology(args: Record) -> str:
    """`multi-primary` unless given."""
    return reading.text(reading.record(args, "istio"), "topology") or MULTI_PRIMARY


def primary(args: Record) -> str | None:
    """The one cluster with a control plane, where there is only one."""
    key = {PRIMARY_REMOTE: "primary", EXTERNAL: "management"}.get(topology(args))
    return reading.text(reading.record(args, "istio"), key) if key else None


def config_cluster(args: Record, clusters: Iterable[str]) -> str | None:
    """The cluster that an external control plane reads its configuration from: the first by name, unless given."""
    if topology(args) != EXTERNAL:
        return None
    others = sorted(set(clusters) - {primary(args)})
    return reading.text(reading.record(args, "istio"), "config_cluster") or (others[0] if others else None)


def served_by(args: Record, clusters: Iterable[str]) -> dict[str, str]:
    """By cluster: the one whose control plane serves it; itself where it has its own."""
    only = primary(args)
    return {name: only or name for name in clusters}


def roles(args: Record, clusters: Iterable[str]) -> dict[str, str]:
    """By cluster: what it is in the mesh."""
    names = tuple(clusters)
    only, config = primary(args), config_cluster(args, names)
    found = {name: PRIMARY if only in (None, name) else REMOTE for name in names}
    if only is not None and topology(args) == EXTERNAL:
        found[only] = MANAGEMENT
    if config is not None:
        found[config] = CONFIG
    return found
