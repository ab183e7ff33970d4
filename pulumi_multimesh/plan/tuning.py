"""How the mesh is tuned: sizes, scopes, proxies, what is logged and traced, where calls go when a cluster fails.

Owns: what was decided. Does not own: the rules of its parts (sizing.py, scopes.py, acceleration.py), and what it is
written into (istio/tuning_values.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.draining import Drain, drain
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.scopes import default_scope, scopes
from pulumi_multimesh.plan.sizing import Size, size

ACCESS_LOGS = ("off", "text", "json")
_PROXY_QUANTITIES = ("cpu", "memory", "cpu_limit", "memory_limit")
_OTLP = 4317
"""OpenTelemetry's port for gRPC."""


@dataclass(frozen=True)
class TracingPlan:
    """Where spans go."""

    service: str
    """The collector, by its name in each cluster."""
    port: int
    sampling_percent: int


@dataclass(frozen=True)
class TuningPlan:
    """What differs from the charts' own settings; None and nothing where they are kept."""

    scopes: dict[str, tuple[str, ...]]
    """By namespace: the hosts that its proxies are told of."""
    default_scope: tuple[str, ...]
    """The hosts that all other namespaces' proxies are told of; none where no scope is declared: of everything."""
    sizes: dict[str, Size]
    """By the id of each control plane; none where no size is declared."""
    proxy: dict[str, str]
    """Quantities of a sidecar: `cpu`, `memory`, `cpu_limit`, `memory_limit`."""
    concurrency: int | None
    """Worker threads of a proxy."""
    access_log: str
    """`off`, `text` or `json`."""
    access_log_filter: str | None
    """Which requests have a line, in CEL; all of them where it is None."""
    tls_acceleration: str | None
    tracing: TracingPlan | None
    failover: bool
    """Whether calls stay in their own cluster while it answers."""
    drain: Drain | None
    """How gateways end; as their chart has it where it is None."""


def tuning(args: Record, served: Mapping[str, int], system: str) -> TuningPlan:
    """The tuning of valid arguments.

    `served`: how many clusters each control plane reads, its own among them; `system`: Istio's own namespace.
    """
    istio = reading.record(args, "istio")
    proxy, found = reading.record(istio, "proxy"), scopes(args, system)
    return TuningPlan(
        scopes=found,
        default_scope=default_scope(args, system),
        sizes=_sizes(reading.record(istio, "control_plane"), served, scoped=bool(found)),
        proxy={key: value for key, value in reading.text_table(istio, "proxy").items() if key in _PROXY_QUANTITIES},
        concurrency=reading.integer(proxy, "concurrency"),
        access_log=reading.text(proxy, "access_log") or ACCESS_LOGS[0],
        access_log_filter=reading.text(proxy, "access_log_filter"),
        tls_acceleration=reading.text(proxy, "tls_acceleration"),
        tracing=_tracing(reading.record(istio, "tracing")),
        failover=istio.get("failover") is True,
        drain=drain(args),
    )


def _sizes(wish: Record, served: Mapping[str, int], *, scoped: bool) -> dict[str, Size]:
    services, proxies = reading.integer(wish, "services"), reading.integer(wish, "proxies")
    if services is None or proxies is None:
        return {}
    least = reading.integer(wish, "min_replicas") or 2
    replicas = (least, reading.integer(wish, "max_replicas") or max(5, least))
    return {name: size(services, proxies, reads, replicas, scoped=scoped) for name, reads in served.items()}


def _tracing(wish: Record) -> TracingPlan | None:
    service = reading.text(wish, "service")
    if service is None:
        return None
    percent = reading.integer(wish, "sampling_percent")
    return TracingPlan(service, reading.integer(wish, "port") or _OTLP, 1 if percent is None else percent)
