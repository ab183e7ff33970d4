"""Checks of how calls are routed in an Istio mesh, by whom.

Owns: VirtualServices and DestinationRules that reach past their namespace. Does not own: what DestinationRules say of
TLS (istio_mtls.py), and Gateways (istio_edges.py).
"""

from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import UNREAD, Item, at, text, texts
from pulumi_multimesh.plan import names

_KINDS = ("kubernetes:networking.istio.io:VirtualService", "kubernetes:networking.istio.io:DestinationRule")
_ROOTS = (names.istio_namespace(), names.istio_namespace(external=True))
"""Istio's own namespaces, whose rules are meant for the whole mesh."""
_ALL = ("", "local", "cluster.local", "svc.cluster.local")
"""What follows a `*` that is for services of every namespace."""
_MESH = "mesh"
"""The gateway that stands for all sidecars, which is also what no gateway means."""


def _elsewhere(item: Item) -> Iterable[str]:
    scope, namespace = at(item.properties, "spec", "exportTo"), item.namespace
    if scope is UNREAD or not namespace or namespace in _ROOTS or not _is_for_sidecars(item):
        return
    scopes = texts(item.properties, "spec", "exportTo")
    if scopes and all(each in (".", namespace) for each in scopes):
        return
    for host in (*texts(item.properties, "spec", "hosts"), text(item.properties, "spec", "host")):
        whose = _namespace_of(host)
        if whose not in (None, namespace):
            yield f"is for {host}, which is not of {namespace}, and no exportTo keeps it to callers of {namespace}"


def _is_for_sidecars(item: Item) -> bool:
    gateways = at(item.properties, "spec", "gateways")
    return gateways is not UNREAD and (not gateways or _MESH in texts(item.properties, "spec", "gateways"))


def _namespace_of(host: str) -> str | None:
    """The namespace of a service's name, `*` of a name for several; None where it does not tell one."""
    parts = host.removesuffix(".").split(".")
    if parts[2:3] == ["svc"]:
        return parts[1]
    # A name without dots is of the rule's own namespace; one that is no service's is outside the mesh.
    return "*" if parts[0] == "*" and ".".join(parts[1:]) in _ALL else None


CHECKS = (
    Check(
        id="istio-route-elsewhere",
        level=Level.ADVISORY,
        title="A namespace routes calls to its own services.",
        why="Sidecars of all namespaces follow a `VirtualService` that is exported to all, which it is unless it says "
        "otherwise: one team can send the calls that others make to a third one's service to pods of its own.",
        remedy="Write `exportTo: [.]`, by which it is for the calls of its own namespace alone, or let the service's "
        "team write the rule in theirs.",
        source="https://istio.io/latest/docs/reference/config/networking/virtual-service/",
        types=_KINDS,
        look=_elsewhere,
    ),
)
