"""What carries the calls of pods: a sidecar in each, or a proxy on each node.

Owns: the two, and which is meant. Does not own: whether the arguments are right (rules/istio_data_plane.py).
"""

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

SIDECAR, AMBIENT = "sidecar", "ambient"
DATA_PLANES = (SIDECAR, AMBIENT)

GATEWAY_API = "Gateway API's standard kinds (gateway.networking.k8s.io), 1.2 or newer"
"""What ambient needs of a cluster and Istio's charts do not bring."""


def data_plane(args: Record) -> str:
    """`sidecar` unless given."""
    return reading.text(reading.record(args, "istio"), "data_plane") or SIDECAR
