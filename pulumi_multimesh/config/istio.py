"""The keys of Istio as the mesh.

Owns: the keys under `istio`. Does not own: whether values are right (plan/rules/istio.py).
"""

from typing import Any, TypedDict


class ChartsArgs(TypedDict, total=False):
    """Where the mesh's charts come from."""

    repository: str
    """A Helm repository's URL; the project's own unless given. For a mirror inside a company."""
    version: str
    """The charts' version; the one in `versions.ISTIO` unless given."""


class IstioGatewayArgs(TypedDict, total=False):
    """The east-west gateways."""

    min_replicas: int
    """Fewest gateway pods; 2 unless given, so that one can be drained."""
    max_replicas: int
    """Most gateway pods; 5 unless given."""


class IstioArgs(TypedDict, total=False):
    """Istio as the mesh."""

    topology: str
    """`multi-primary` (unless given), `primary-remote` or `external`.

    `multi-primary`: a control plane in each cluster. `primary-remote`: one, in the cluster `primary`, that serves all
    the others through its east-west gateway: less to run and to upgrade, but while it cannot be reached no pod of
    theirs starts. `external`: one too, in the cluster `management`, whose own pods are not in the mesh.
    """
    primary: str
    """The cluster with the control plane; for `primary-remote`."""
    management: str
    """The cluster with the control plane of all the others; for `external`."""
    config_cluster: str
    """The cluster that holds Istio's configuration, for `external`; the first of the others by name unless given."""
    mesh_id: str
    """Istio's mesh id; the component's name unless given."""
    trust_domain: str
    """SPIFFE trust domain of the whole mesh; `cluster.local` unless given, Istio's own default."""
    charts: ChartsArgs
    """Where the charts come from."""
    gateway: IstioGatewayArgs
    """The east-west gateways."""
    values: dict[str, dict[str, Any]]
    """Further chart values by chart (`base`, `istiod`, `gateway`), merged over the library's own."""
