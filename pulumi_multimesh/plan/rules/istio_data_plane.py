"""Rules of Istio's data planes: where ambient is possible, and what has no effect in it.

Owns: `istio.data_plane`. Does not own: topologies in general (istio_topology.py).
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import data_plane, reading, roles
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record

_OF_SIDECARS = ("proxy", "scopes", "tracing", "failover", "revisions")
"""Keys of sidecars; the proxy of a node neither reads HTTP nor `Sidecar` resources, nor is there one by revision."""


def data_plane_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the data plane."""
    chosen = data_plane.data_plane(args)
    if chosen not in data_plane.DATA_PLANES:
        allowed = ", ".join(data_plane.DATA_PLANES)
        yield Fault("istio.data_plane", chosen, "is not a known data plane", allowed, "leave it out for sidecar")
    if chosen == data_plane.AMBIENT:
        yield from _ambient_faults(args)


def _ambient_faults(args: Record) -> Iterator[Fault]:
    """Istio 1.30, "Ambient multicluster": beta, several primaries on several networks only."""
    path, istio, topology = "istio.data_plane", reading.record(args, "istio"), roles.topology(args)
    if topology in roles.TOPOLOGIES and topology != roles.MULTI_PRIMARY:
        problem = f"cannot be had with topology: {topology}, because its gateways cannot show a control plane to others"
        allowed = f"sidecar, or topology: {roles.MULTI_PRIMARY}"
        yield Fault(path, data_plane.AMBIENT, problem, allowed, "leave it out for sidecar")
    if args.get("flat") is True:
        problem = "cannot be had in a flat mesh, because its node proxies reach other clusters through gateways only"
        yield Fault(path, data_plane.AMBIENT, problem, "sidecar, or several networks", "remove  flat , or leave it out")
    for key in _OF_SIDECARS:
        if key in istio:
            problem = f"has no effect with data_plane: {data_plane.AMBIENT}, in which pods have no sidecar"
            allowed = f"only beside data_plane: {data_plane.SIDECAR}"
            yield Fault(f"istio.{key}", None, problem, allowed, "remove it")
