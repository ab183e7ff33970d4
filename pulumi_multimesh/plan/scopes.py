"""Which services each namespace's proxies are told of.

Owns: from a declaration of who calls whom to the hosts of Istio's `Sidecar` resources. Does not own: the resources
(istio/scopes.py), and whether the declaration is right (rules/istio_scopes.py).
"""

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record


def scopes(args: Record, system: str) -> dict[str, tuple[str, ...]]:
    """By namespace: the hosts that its proxies are told of, as `Sidecar` writes them; `system` is Istio's own."""
    declared = reading.records(reading.record(args, "istio"), "scopes")
    return {namespace: hosts(reading.texts(wish, "calls"), system) for namespace, wish in sorted(declared.items())}


def hosts(calls: tuple[str, ...], system: str) -> tuple[str, ...]:
    """Itself, what all share, and what is called: each `NAMESPACE` or `NAMESPACE/SERVICE`.

    Without calls it is what a namespace without a declaration is told of, once there is any.
    """
    return ("./*", f"{system}/*", *sorted({_host(call) for call in calls}))


def _host(call: str) -> str:
    namespace, _, service = call.partition("/")
    # A host is a whole name; the cluster's own domain is the mesh's in every cluster.
    return f"{namespace}/{service}.{namespace}.svc.cluster.local" if service else f"{namespace}/*"
