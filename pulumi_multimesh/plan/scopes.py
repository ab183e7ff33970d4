"""Which services each namespace's proxies are told of.

Owns: from a declaration of who calls whom to the hosts of Istio's `Sidecar` resources. Does not own: the resources
(istio/enrolment.py, istio/shared_rules.py), and whether the declaration is right (rules/istio_scopes.py).
"""

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record


def scopes(args: Record, system: str) -> dict[str, tuple[str, ...]]:
    """By namespace: the hosts that its proxies are told of, as `Sidecar` writes them; `system` is Istio's own."""
    declared, also = _declared(args), _told_to_all(args, system)
    return {name: hosts(reading.texts(wish, "calls"), also) for name, wish in sorted(declared.items())}


def default_scope(args: Record, system: str) -> tuple[str, ...]:
    """What a namespace without a declaration is told of once there is any declaration; nothing where there is none."""
    return hosts((), _told_to_all(args, system)) if _declared(args) else ()


def hosts(calls: tuple[str, ...], also: tuple[str, ...]) -> tuple[str, ...]:
    """Itself, what all are told of, and what is called: each `NAMESPACE` or `NAMESPACE/SERVICE`."""
    return ("./*", *also, *sorted({_host(call) for call in calls}))


def _declared(args: Record) -> dict[str, Record]:
    return reading.records(reading.record(args, "istio"), "scopes")


def _told_to_all(args: Record, system: str) -> tuple[str, ...]:
    """Istio's own and the collector of traces: a proxy cannot send spans to a service that it is not told of."""
    collector = reading.text(reading.record(reading.record(args, "istio"), "tracing"), "service")
    if collector is None:
        return (f"{system}/*",)
    return (f"{system}/*", collector if "/" in collector else f"*/{collector}")


def _host(call: str) -> str:
    namespace, _, service = call.partition("/")
    # A host is a whole name; the cluster's own domain is the mesh's in every cluster.
    return f"{namespace}/{service}.{namespace}.svc.cluster.local" if service else f"{namespace}/*"
