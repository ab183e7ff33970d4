"""The keys of Linkerd as the mesh.

Owns: the keys under `linkerd`. Does not own: whether values are right (plan/rules/linkerd.py).
"""

from typing import Any, Required, TypedDict

from pulumi_multimesh.config.charts import ChartsArgs


class LinkerdGatewayArgs(TypedDict, total=False):
    """The gateways through which other clusters call exported services; none in a flat mesh."""

    replicas: int
    """Gateway pods; 3 unless given, 1 without high availability: as in Linkerd's own values for both."""


class LinkerdProbeArgs(TypedDict, total=False):
    """What the kubelet asks of pods for which a rule names methods or paths."""

    to: Required[str]
    """The target, as the rule has it."""
    paths: Required[list[str]]
    """Paths of HTTP probes at the rule's ports: whoever reaches the pod may GET them, in the mesh or not."""


class LinkerdArgs(TypedDict, total=False):
    """Linkerd as the mesh: a control plane in each cluster, and links between them in both directions."""

    version: str
    """Of its charts; the one in `versions.LINKERD` unless given."""
    charts: ChartsArgs
    """Where the charts come from; Linkerd's edge channel unless given, as its stable one comes from vendors."""
    trust_domain: str
    """The domain of the workloads' identities, a DNS name; `cluster.local` unless given, Linkerd's own default."""
    high_availability: bool
    """Three replicas of what decides, apart from each other; true unless given.

    With it no pod of an enrolled namespace starts while nothing injects its proxy; without it such pods start outside
    the mesh.
    """
    gateway: LinkerdGatewayArgs
    """The gateways."""
    gateway_api: list[str]
    """Clusters that have the Gateway API's kinds already; in all others the chart `linkerd-crds` installs them."""
    probes: list[LinkerdProbeArgs]
    """Probes that Linkerd does not answer by itself: those of ports for which rules name methods or paths."""
    viz: bool
    """Linkerd's extension of that name in each cluster: metrics, dashboard and tap; false unless given.

    Its Prometheus is one pod that keeps six hours; `values: {linkerd-viz: {prometheusUrl: …}}` names another.
    """
    values: dict[str, dict[str, Any]]
    """Further values by chart: `linkerd-control-plane`, `linkerd-multicluster`, `linkerd-crds`, `linkerd-viz`."""
