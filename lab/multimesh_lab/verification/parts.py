"""What each cluster of a mesh is in it, as its own objects say.

Owns: Istio's namespace in a cluster, and whether a control plane and pods of the mesh are there. Does not own: any
check.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from multimesh_lab.verification.kubectl import Cluster, Unreachable

ISTIO_SYSTEM = "istio-system"
_EXTERNAL = "external-istiod"
_SERVED_BY = "topology.istio.io/controlPlaneClusters"
_NETWORK = "topology.istio.io/network"


@dataclass(frozen=True)
class Part:
    """A cluster's part in the mesh."""

    namespace: str
    """Istio's own."""
    in_mesh: bool
    """Whether it has pods of the mesh; a management cluster has none."""
    configured: bool
    """Whether Istio's configuration is read from it."""
    reads_config_of: str | None
    """Of a management cluster: the one that its control plane reads as its own."""
    has_control_plane: bool
    """Whether an istiod runs in it, which has to read the others."""
    network: str = ""
    """The mesh network of its pods."""


def parts_of(clusters: Sequence[Cluster]) -> dict[str, Part]:
    """By cluster; raises `Unreachable` for one that does not answer."""
    found = {cluster.name: _part(cluster) for cluster in clusters}
    config = next((name for name, part in found.items() if part.configured and not part.has_control_plane), None)
    return {
        name: part if part.in_mesh else Part(part.namespace, False, False, config, True) for name, part in found.items()
    }


def in_mesh(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Those with pods of the mesh; one that does not answer is counted in."""
    return [cluster for cluster in clusters if _answers_as_member(cluster)]


def _answers_as_member(cluster: Cluster) -> bool:
    try:
        return _part(cluster).in_mesh
    except Unreachable:
        return True


def _part(cluster: Cluster) -> Part:
    external = cluster.get("namespace", _EXTERNAL, _EXTERNAL)
    namespace = external or cluster.get("namespace", ISTIO_SYSTEM, ISTIO_SYSTEM)
    name = _EXTERNAL if external else ISTIO_SYSTEM
    if external and cluster.get("secret", "istio-kubeconfig", _EXTERNAL) is not None:
        return Part(name, in_mesh=False, configured=False, reads_config_of=None, has_control_plane=True)
    # Where another cluster's control plane is named, this one has none that would read anything.
    metadata = (namespace or {}).get("metadata", {})
    own = metadata.get("annotations", {}).get(_SERVED_BY) in (None, cluster.name)
    return Part(
        name,
        in_mesh=True,
        configured=own,
        reads_config_of=None,
        has_control_plane=own and external is None,
        network=metadata.get("labels", {}).get(_NETWORK, ""),
    )


def is_flat(clusters: Sequence[Cluster]) -> bool:
    """Whether the pods of all clusters are on one mesh network, and so need no gateways."""
    networks = [part.network for part in parts_of(clusters).values() if part.in_mesh]
    return len(networks) > 1 and len(set(networks)) == 1
