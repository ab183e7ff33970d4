"""Which services each namespace's proxies are told of.

Owns: from a declaration of who calls whom to the hosts of Istio's `Sidecar` resources. Does not own: the resources
(istio/scopes.py), and whether the declaration is right (rules/istio_scopes.py).
"""

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

SYSTEM = "istio-system"
_OWN, _ISTIO = "./*", f"{SYSTEM}/*"
DEFAULT_HOSTS = (_OWN, _ISTIO)
"""What a namespace without a declaration calls, once there is any: itself, and what all of the mesh shares."""


def scopes(args: Record) -> dict[str, tuple[str, ...]]:
    """By namespace: the hosts that its proxies are told of, as `Sidecar` writes them."""
    declared = reading.records(reading.record(args, "istio"), "scopes")
    return {namespace: hosts(reading.texts(wish, "calls")) for namespace, wish in sorted(declared.items())}


def hosts(calls: tuple[str, ...]) -> tuple[str, ...]:
    """Itself, what all share, and what is called: each `NAMESPACE` or `NAMESPACE/SERVICE`."""
    return (_OWN, _ISTIO, *sorted({_host(call) for call in calls}))


def _host(call: str) -> str:
    namespace, _, service = call.partition("/")
    # A host is a whole name; the cluster's own domain is the mesh's in every cluster.
    return f"{namespace}/{service}.{namespace}.svc.cluster.local" if service else f"{namespace}/*"
