"""Rules of the mesh's tuning: sizes, proxies, tracing, acceleration.

Owns: values under `istio.control_plane`, `istio.proxy` and `istio.tracing`. Does not own: scopes (istio_scopes.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import acceleration, reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.sizes import size_faults
from pulumi_multimesh.plan.tuning import ACCESS_LOGS

_CPU = re.compile(r"[1-9]\d*m?|\d+\.\d{1,3}")
_MEMORY = re.compile(r"[1-9]\d*(Mi|Gi)")
_QUANTITIES = {
    "cpu": (_CPU, "CPU as Kubernetes writes it, such as 200m"),
    "cpu_limit": (_CPU, "CPU as Kubernetes writes it, such as 200m"),
    "memory": (_MEMORY, "memory as Kubernetes writes it, such as 256Mi"),
    "memory_limit": (_MEMORY, "memory as Kubernetes writes it, such as 256Mi"),
}


def tuning_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the tuning."""
    istio = reading.record(args, "istio")
    yield from _control_plane_faults(reading.record(istio, "control_plane"))
    yield from _proxy_faults(reading.record(istio, "proxy"))
    yield from _tracing_faults(istio)
    yield from _acceleration_faults(args, reading.text(reading.record(istio, "proxy"), "tls_acceleration"))


def _control_plane_faults(wish: Record) -> Iterator[Fault]:
    path = "istio.control_plane"
    yield from size_faults(path, wish, ("min_replicas", 2), ("max_replicas", 5))
    for key in ("services", "proxies"):
        count = reading.integer(wish, key)
        if count is not None and count < 0:
            yield Fault(
                f"{path}.{key}", count, "is too small", "a whole number, at least 0", "write how many there are"
            )
        elif count is None and wish:
            problem = "is missing: the size follows from services and proxies together"
            yield Fault(f"{path}.{key}", None, problem, "a whole number", f"add  {key}: 1000")


def _proxy_faults(wish: Record) -> Iterator[Fault]:
    path = "istio.proxy"
    for key, (pattern, allowed) in _QUANTITIES.items():
        text = reading.text(wish, key)
        if text is not None and not pattern.fullmatch(text):
            yield Fault(f"{path}.{key}", text, "is not a quantity", allowed, "correct it, or leave it out")
    threads = reading.integer(wish, "concurrency")
    if threads is not None and threads < 0:
        allowed = "0 for one of each CPU, or a number of worker threads"
        yield Fault(f"{path}.concurrency", threads, "is too small", allowed, "leave it out: it follows the CPU limit")
    log = reading.text(wish, "access_log")
    if log is not None and log not in ACCESS_LOGS:
        yield Fault(f"{path}.access_log", log, "is not a form of log", ", ".join(ACCESS_LOGS), "write  json")
    chosen = reading.text(wish, "access_log_filter")
    if chosen is not None and log in (None, "off"):
        problem = "chooses among the lines of a log that is off"
        yield Fault(f"{path}.access_log_filter", chosen, problem, "none without a log", "write  access_log: json  too")
    engine = reading.text(wish, "regex_engine")
    if engine is not None and engine != "re2":
        problem = "is not in Istio's proxy: it is built without Envoy's contrib regex engines"
        if engine != "hyperscan":
            problem = "is not a regex engine of Istio's proxy"
        remedy = "remove it: RE2 is used; match by exact, prefix or suffix where a regex is too slow"
        yield Fault(f"{path}.regex_engine", engine, problem, "re2", remedy)


def _tracing_faults(istio: Record) -> Iterator[Fault]:
    wish, path = reading.record(istio, "tracing"), "istio.tracing"
    if "tracing" in istio and reading.text(wish, "service") is None:
        allowed = "the collector's name, such as otel-collector.observability.svc.cluster.local"
        yield Fault(f"{path}.service", None, "is missing", allowed, "add it, or remove  tracing")
    percent, port = reading.integer(wish, "sampling_percent"), reading.integer(wish, "port")
    if percent is not None and not 0 <= percent <= 100:
        yield Fault(f"{path}.sampling_percent", percent, "is no percentage", "0 to 100", "leave it out for 1")
    if port is not None and not 1 <= port <= 65535:
        yield Fault(f"{path}.port", port, "is not a port", "1 to 65535", "leave it out for 4317")


def _acceleration_faults(args: Record, wish: str | None) -> Iterator[Fault]:
    if wish is None:
        return
    path = "istio.proxy.tls_acceleration"
    if wish not in acceleration.ACCELERATIONS:
        allowed = ", ".join(acceleration.ACCELERATIONS)
        yield Fault(path, wish, "is not an acceleration of Istio's proxy", allowed, "write  cryptomb , or remove it")
        return
    for kind, name, cluster in reading.clusters(args, *acceleration.DEFAULT_MACHINES):
        pools = reading.records(cluster, "node_pools") or {"default": {}}
        for pool, its in pools.items():
            machine = reading.text(its, "machine_type") or acceleration.DEFAULT_MACHINES[kind]
            if not acceleration.fits(wish, kind, machine):
                example = acceleration.examples(wish, kind)
                remedy = f"write  machine_type: {example}" if example else "take  cryptomb , or remove it"
                allowed = "machines with AVX-512 IFMA" if wish == acceleration.CRYPTOMB else "machines with QuickAssist"
                at = f"{kind}.{name}.node_pools.{pool}.machine_type"
                yield Fault(at, machine, f"is not known to have what {wish} needs", allowed, remedy)
