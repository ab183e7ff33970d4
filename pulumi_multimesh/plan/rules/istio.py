"""Rules of Istio: ids, charts and gateways.

Owns: values under `istio` that have no module of their own. Does not own: which mesh is chosen (mesh.py), topologies
(istio_topology.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import data_plane, reading, trust
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.charts import chart_faults
from pulumi_multimesh.plan.rules.istio_data_plane import data_plane_faults
from pulumi_multimesh.plan.rules.istio_draining import drain_faults
from pulumi_multimesh.plan.rules.istio_ingress import ingress_faults
from pulumi_multimesh.plan.rules.istio_readers import reader_faults
from pulumi_multimesh.plan.rules.istio_revisions import revision_faults
from pulumi_multimesh.plan.rules.istio_scopes import scope_faults
from pulumi_multimesh.plan.rules.istio_topology import istio_topology_faults
from pulumi_multimesh.plan.rules.istio_tuning import tuning_faults
from pulumi_multimesh.plan.rules.sizes import size_faults

_CHARTS = {
    data_plane.SIDECAR: ("base", "istiod", "gateway"),
    data_plane.AMBIENT: ("base", "istiod", "cni", "ztunnel"),
}


def istio_faults(args: Record) -> Iterator[Fault]:
    """Faults of the values under `istio`."""
    istio = reading.record(args, "istio")
    yield from istio_topology_faults(args)
    mesh_id = reading.text(istio, "mesh_id")
    # Kubernetes, "Labels and Selectors": Istio writes the mesh id as a label's value.
    if mesh_id is not None and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", mesh_id):
        allowed = "1 to 63 letters, digits, dots, underscores and dashes; a letter or digit first and last"
        yield Fault("istio.mesh_id", mesh_id, "is not an id", allowed, "leave it out for the mesh's name")
    domain = reading.text(istio, "trust_domain")
    # SPIFFE-ID §2.1: a trust domain is lower-case letters, digits, dots, dashes and underscores, at most 255.
    if domain is not None and not re.fullmatch(r"[a-z0-9._-]{1,255}", domain):
        allowed = "a SPIFFE trust domain: lower-case letters, digits, dots, dashes and underscores"
        remedy = f"leave it out for {trust.TRUST_DOMAIN}, or write it like  prod.example.com"
        yield Fault("istio.trust_domain", domain, "is not a trust domain", allowed, remedy)
    yield from size_faults("istio.gateway", reading.record(istio, "gateway"), ("min_replicas", 2), ("max_replicas", 5))
    yield from drain_faults(reading.record(istio, "gateway"))
    its_charts = _CHARTS.get(data_plane.data_plane(args), _CHARTS[data_plane.SIDECAR])
    yield from chart_faults("istio", istio, its_charts, "1.30.3")
    yield from revision_faults(args)
    yield from scope_faults(args)
    yield from tuning_faults(args)
    yield from ingress_faults(args)
    yield from reader_faults(args)
    yield from data_plane_faults(args)
