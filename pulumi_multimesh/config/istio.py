"""The keys of Istio as the mesh.

Owns: the keys under `istio`. Does not own: whether values are right (plan/rules/istio.py).
"""

from typing import Any, TypedDict

from pulumi_multimesh.config.charts import ChartsArgs


class IstioRevisionArgs(TypedDict, total=False):
    """A control plane that runs beside others, so that workloads can be moved to it and back."""

    version: str
    """Of its charts; `istio.version` unless given."""
    clusters: list[str]
    """Where it runs; in all clusters unless given."""
    default_in: list[str]
    """Clusters whose default it is, whatever the mesh's is; none unless given."""


class IstioGatewayArgs(TypedDict, total=False):
    """The east-west gateways."""

    min_replicas: int
    """Fewest gateway pods; 2 unless given, so that one can be drained."""
    max_replicas: int
    """Most gateway pods; 5 unless given."""
    drain_seconds: int
    """How long a gateway that ends goes on for the connections that it has, in seconds; 90 unless given.

    Connections between workloads are as old as two thirds of it at most, so that all have left it by then; those that
    are not HTTP are cut at its end. 0 leaves both as the charts have them, and calls are lost when a gateway ends.
    """


class IstioIngressArgs(TypedDict, total=False):
    """Ingress gateways: where calls from outside the mesh come in; `ingress: {}` for one in each cluster."""

    clusters: list[str]
    """The clusters that have one; every one with pods in the mesh unless given."""
    admitted: dict[str, str]
    """Ranges that may call it, by name: `{"office": "203.0.113.0/24"}`; everybody unless given."""
    private: bool
    """A load balancer inside the cluster's network; false unless given."""
    min_replicas: int
    """Fewest gateway pods; 2 unless given, so that one can be drained."""
    max_replicas: int
    """Most gateway pods; 5, or `min_replicas` where that is more, unless given."""


class IstioReaderArgs(TypedDict, total=False):
    """The tokens by which other clusters' control planes read one cluster."""

    tokens: list[str]
    """Names of yours, of which the last is used; `[default]` unless given, the token that is there from the beginning.

    To change it in two steps: `[default, k2026-11]` makes a second token and gives it to the others while the first is
    still valid; then `[k2026-11]` takes the first away.
    """


class IstioControlPlaneSizeArgs(TypedDict, total=False):
    """How large the mesh is, from which the control planes' size follows (docs/performance.md has the rule)."""

    services: int
    """Services of the whole mesh."""
    proxies: int
    """Sidecars and gateways that one control plane serves: of its cluster and of its remotes."""
    min_replicas: int
    """Fewest replicas of istiod; 2 unless given, so that one can go."""
    max_replicas: int
    """Most replicas; 5, or `min_replicas` where that is more, unless given."""


class IstioProxyArgs(TypedDict, total=False):
    """The sidecars, and what every proxy of the mesh does."""

    cpu: str
    """CPU that a sidecar asks for; the chart's 100m unless given."""
    memory: str
    """Memory that a sidecar asks for; the chart's 128Mi unless given."""
    cpu_limit: str
    """Most CPU of a sidecar; the chart's 2000m unless given."""
    memory_limit: str
    """Most memory of a sidecar; the chart's 1024Mi unless given."""
    concurrency: int
    """Worker threads; as many as the CPU limit has cores unless given, 0 for one of each core of the node."""
    access_log: str
    """`off` (unless given), `text` or `json`: a line for each request on the proxy's output."""
    access_log_filter: str
    """Which requests have a line, as an expression of CEL over Envoy's attributes, such as `response.code >= 400`.

    All of them unless given.
    """
    tls_acceleration: str
    """`cryptomb` (AVX-512) or `qat` (QuickAssist): handshakes with the help of the machine, whose types are checked."""
    regex_engine: str
    """`re2`, the one that Istio's proxy has; another is a fault that says why."""


class IstioTracingArgs(TypedDict, total=False):
    """Where spans go, by OpenTelemetry."""

    service: str
    """The collector, by a name that each cluster knows: `otel-collector.observability.svc.cluster.local`."""
    port: int
    """4317 unless given."""
    sampling_percent: int
    """Requests of a hundred that are traced; 1 unless given."""


class IstioScopeArgs(TypedDict, total=False):
    """Whom the workloads of a namespace call."""

    calls: list[str]
    """`NAMESPACE` or `NAMESPACE/SERVICE`, beside its own namespace and Istio's."""


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
    data_plane: str
    """`sidecar` (unless given): a proxy in each pod. `ambient`: one on each node, for several primaries and networks.

    Ambient needs Gateway API's kinds in every cluster, which Istio's charts do not bring, and shares with the other
    clusters only those services that have the label `istio.io/global: "true"`.
    """
    mesh_id: str
    """Istio's mesh id; the component's name unless given."""
    trust_domain: str
    """SPIFFE trust domain of the whole mesh; `cluster.local` unless given, Istio's own default."""
    version: str
    """Istio's version, which is its charts'; the one in `versions.ISTIO` unless given."""
    trust_domain_aliases: list[str]
    """Further trust domains whose identities count as this one's; for a mesh that changes its own, or joins another."""
    charts: ChartsArgs
    """Where the charts come from."""
    revisions: dict[str, IstioRevisionArgs]
    """Control planes by revision; one, without a revision, unless given.

    The name `default` is that one's: to upgrade a mesh that has no revisions, declare it beside the new one.
    """
    default: str
    """The revision of gateways and of pods that name none; needed with several revisions."""
    gateway: IstioGatewayArgs
    """The east-west gateways."""
    readers: dict[str, IstioReaderArgs]
    """By cluster: the tokens by which others read it."""
    leaving: list[str]
    """Clusters that are taken out with the next `up`: control planes elsewhere hear of nothing in them any more.

    For remotes, whose gateway would else go before the others have forgotten what it leads to, and calls be lost.
    """
    ingress: IstioIngressArgs
    """Ingress gateways; none unless given."""
    control_plane: IstioControlPlaneSizeArgs
    """How large the mesh is; the chart's own size, made for a small one, unless given."""
    proxy: IstioProxyArgs
    """The sidecars."""
    tracing: IstioTracingArgs
    """Where spans go; nowhere unless given."""
    scopes: dict[str, IstioScopeArgs]
    """Who calls whom, by namespace; every proxy is told of everything unless given.

    With any, a namespace that is not named is told of itself alone: name every one that calls another.
    """
    failover: bool
    """Calls stay in their own cluster while it answers, and go to others when it does not; false unless given.

    False: they are spread over all clusters that have the service.
    """
    values: dict[str, dict[str, Any]]
    """Further chart values by chart (`base`, `istiod`, `gateway`), merged over the library's own."""
