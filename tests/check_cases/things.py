"""Things of a stack and of a cluster, in the shape that checks look at, for cases of several rooms.

Owns: making them. Does not own: which are good and which bad (the modules beside this one).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pulumi_multimesh.checks.item import Item
from pulumi_multimesh.plan.security import PLAIN_TEXT_UNTIL

ISTIO_SECURITY, ISTIO_NETWORKING = "security.istio.io/v1", "networking.istio.io/v1"
KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIB0123456789abcdefABCDEF0123456789abcdef\n-----END EC PRIVATE KEY-----\n"
TOKEN = "eyJhbGciOiJSUzI1NiIsI.eyJpc3MiOiJrdWJlcm5l.c2lnbmF0dXJlLW9mLWl0"


def thing(kind: str, properties: dict[str, Any], name: str = "it") -> Item:
    """A resource of a stack."""
    return Item(kind, name, properties, urn=f"urn:pulumi:s::p::{kind}::{name}")


def thing_of_kubernetes(version: str, kind: str, namespace: str = "shop", name: str = "it", **more: Any) -> Item:
    """An object of a cluster; `metadata` is added to its name and namespace."""
    metadata = {"name": name, "namespace": namespace, **more.pop("metadata", {})}
    properties = {"apiVersion": version, "kind": kind, "metadata": metadata, **more}
    return Item(f"kubernetes:{version}:{kind}", f"{namespace}/{name}", properties, cluster="one")


def declared(item: Item) -> Item:
    """The same object as a program declares it."""
    return replace(item, urn=f"urn:pulumi:s::p::{item.type}::{item.object_name}")


def peer(mode: str, namespace: str = "shop", until: str | None = None, **spec: Any) -> Item:
    annotations = {} if until is None else {PLAIN_TEXT_UNTIL: until}
    return thing_of_kubernetes(
        ISTIO_SECURITY,
        "PeerAuthentication",
        namespace,
        metadata={"annotations": annotations},
        spec={"mtls": {"mode": mode}, **spec},
    )


def deployment(namespace: str = "shop", pod: dict[str, Any] | None = None, **container: Any) -> Item:
    spec = {"containers": [{"name": "app", "image": "app:1.0", **container}], **(pod or {}).get("spec", {})}
    template = {"metadata": (pod or {}).get("metadata", {}), "spec": spec}
    return thing_of_kubernetes("apps/v1", "Deployment", namespace, spec={"template": template})


def release(chart: str = "gateway", namespace: str = "istio-system", **more: Any) -> Item:
    kind = "kubernetes:helm.sh/v3:Release"
    made = thing(kind, {"chart": chart, "namespace": namespace, "version": "1.30.3", **more}, chart)
    return Item(made.type, made.name, made.properties, "one", made.urn)


def namespace(
    *, in_mesh: bool, labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None
) -> Item:
    marks = {**({"istio-injection": "enabled"} if in_mesh else {}), **(labels or {})}
    metadata = {"labels": marks, "annotations": annotations or {}}
    return thing_of_kubernetes("v1", "Namespace", "", "shop", metadata=metadata)


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


ANY_ADDRESS, OFFICE = "0.0.0.0/0", "203.0.113.0/24"
HALVES = ["0.0.0.0/1", "128.0.0.0/1"]


@dataclass(frozen=True)
class Cases:
    """Of one check; a list within is of items that are looked at together."""

    bad: tuple[list[Item], ...]
    good: tuple[list[Item], ...]


def each(*items: Item) -> tuple[list[Item], ...]:
    """Items that are looked at alone."""
    return tuple([item] for item in items)
