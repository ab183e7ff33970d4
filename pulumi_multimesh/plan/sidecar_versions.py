"""Which version a pod's sidecar has, and which one the control plane of its cluster would give it now.

Owns: reading both from pods, and comparing. Does not own: which pods want a sidecar, and of which mesh or revision
(restart.py).

Nothing but pods is read, so that what is compared is what runs and not what a release asks for. Linkerd's injector has
its own proxy's version in an annotation, which is that of the proxies that it injects (linkerd2, charts/partials/
templates/_metadata.tpl); Consul's has the sidecar's image among its arguments (consul-k8s, charts/consul/templates/
connect-inject-deployment.yaml); istiod's image has the tag of its proxies' in Istio's charts (`global.tag`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pulumi_multimesh.plan.cluster_objects import Object, container, is_over, labels, marks, place

ISTIO, LINKERD, CONSUL = "istio-proxy", "linkerd-proxy", "consul-dataplane"
"""The meshes' sidecars by the names of their containers."""

_LINKERD_VERSION = "linkerd.io/proxy-version"
_DATAPLANE = re.compile(r"-consul-dataplane-image=\"?([^\s\"]+)")
_VARIANT = re.compile(r"-(distroless|debug)$")
_SET_BY_HAND = {ISTIO: "sidecar.istio.io/proxyImage", LINKERD: "config.linkerd.io/proxy-version"}
"""The mark by which a pod or its namespace names a version itself; Consul has none."""

Key = tuple[str, str]
"""A sidecar and, of Istio, a revision."""


@dataclass(frozen=True)
class ControlPlane:
    """What injects a sidecar in one cluster."""

    versions: frozenset[str]
    """Of the sidecars that its pods give; more than one while they are being replaced."""
    ready_since: str
    """When the youngest of them was ready, by RFC 3339 in UTC; empty where none is."""


@dataclass(frozen=True)
class Judged:
    """A sidecar whose version is not the control plane's."""

    reason: str | None = None
    """Why a restart helps."""
    left: str | None = None
    """A sentence about what a restart would not help."""


def control_planes(pods: Iterable[Object]) -> dict[Key, ControlPlane]:
    """What injects in the cluster, by the sidecar and revision; `pods`: all of the cluster's."""
    found: dict[Key, list[tuple[str, str]]] = {}
    for pod in pods:
        if not is_over(pod):
            for key, version in _injects(pod):
                found.setdefault(key, []).append((version, _ready_since(pod)))
    return {
        key: ControlPlane(frozenset(version for version, _ in each), max(since for _, since in each))
        for key, each in found.items()
    }


def _injects(pod: Object) -> Iterator[tuple[Key, str]]:
    """The sidecar that the pod injects, if it is a control plane's, and its version."""
    given = labels(pod)
    if given.get("app") == "istiod" and (istiod := container(pod, "discovery")):
        yield (ISTIO, given.get("istio.io/rev", "default")), _tag(istiod)
    if given.get("linkerd.io/control-plane-component") == "proxy-injector" and (found := _linkerd(pod)):
        yield (LINKERD, ""), found
    if given.get("component") == "connect-injector" and (injector := container(pod, "sidecar-injector")):
        words = " ".join([*injector.get("command", []), *injector.get("args", [])])
        if told := _DATAPLANE.search(words):
            yield (CONSUL, ""), _tag({"image": told[1]})


def outdated(pod: Object, sidecar: str, by: ControlPlane | None, of_namespace: Mapping[str, str]) -> Judged | None:
    """What is to be done for the version of the pod's sidecar; None where it is right or cannot be told.

    `by`: what injects it, None where that runs elsewhere. `of_namespace`: the marks of the pod's namespace.
    """
    has = _version(pod, sidecar)
    by_hand = _SET_BY_HAND.get(sidecar)
    if by is None or not has or by_hand in marks(pod) or by_hand in of_namespace or by.versions == frozenset({has}):
        return None
    wanted = " and ".join(sorted(by.versions))
    if len(by.versions) > 1:
        return Judged(left=f"control planes of {wanted} run side by side; call this again when one of them is left")
    if by.ready_since and pod["metadata"].get("creationTimestamp", "") > by.ready_since:
        where = "/".join(place(pod))
        return Judged(
            left=f"{where} got a sidecar of {has} from a control plane of {wanted}: its image is set elsewhere"
        )
    return Judged(reason=f"has a sidecar of version {has} and would get one of {wanted}")


def _version(pod: Object, sidecar: str) -> str:
    """Empty where nothing says it."""
    if sidecar == LINKERD:
        return _linkerd(pod)
    found = container(pod, sidecar)
    return _tag(found) if found else ""


def _linkerd(pod: Object) -> str:
    return pod["metadata"].get("annotations", {}).get(_LINKERD_VERSION, "")


def _tag(of: Object) -> str:
    """The tag of a container's image or, without one, its digest; variants of one version are the same."""
    name = of.get("image", "").rpartition("/")[2]
    image, _, digest = name.partition("@")
    return _VARIANT.sub("", image.partition(":")[2]) or digest


def _ready_since(pod: Object) -> str:
    conditions = pod.get("status", {}).get("conditions", [])
    since = [each.get("lastTransitionTime", "") for each in conditions if (each["type"], each["status"]) == _READY]
    return since[0] if since else ""


_READY = ("Ready", "True")
