"""Which workloads of a cluster have to be restarted, so that their pods get the sidecar that their namespace asks for.

Owns: the decision, from objects as the API server lists them. Does not own: reading them and restarting
(restart_command.py), and versions of sidecars (sidecar_versions.py).

A pod gets its sidecar when it starts, and keeps it: from a control plane whose name istiod writes into the pod.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from pulumi_multimesh.plan.cluster_objects import Object, container, is_over, labels, marks, owner, place
from pulumi_multimesh.plan.consul_names import ENROLLED
from pulumi_multimesh.plan.sidecar_versions import (
    CONSUL,
    ISTIO,
    LINKERD,
    ControlPlane,
    Judged,
    Key,
    control_planes,
    outdated,
)

KINDS = ("namespaces", "pods", "replicasets.apps", "mutatingwebhookconfigurations")
"""What has to be listed, as kubectl names it."""
_ROLLED = ("DaemonSet", "Deployment", "StatefulSet")
"""Owners of pods that replace them one after the other when told to."""
_REVISION, _TAG, _INJECTION = "istio.io/rev", "istio.io/tag", "istio-injection"
_INJECT, _STATUS = "sidecar.istio.io/inject", "sidecar.istio.io/status"
_DEFAULT = "default"


@dataclass(frozen=True)
class _Sidecar:
    """The sidecar of a mesh without revisions."""

    container: str
    asked_by: tuple[str, str]
    """The namespace's annotation or label by which its pods get one, and its value."""
    refused_by: tuple[str, str]
    """The same of a pod that wants none."""


_SIDECARS = (
    _Sidecar(LINKERD, ("linkerd.io/inject", "enabled"), ("linkerd.io/inject", "disabled")),
    _Sidecar(CONSUL, (ENROLLED, "enabled"), ("consul.hashicorp.com/connect-inject", "false")),
)
"""Those of Linkerd, and of Consul."""


@dataclass(frozen=True, order=True)
class Workload:
    """One that is to be restarted."""

    namespace: str
    kind: str
    name: str
    reason: str
    """What its pods have and what they would get."""


@dataclass(frozen=True)
class Restart:
    """What a cluster needs, and what a restart would not help."""

    workloads: tuple[Workload, ...]
    """Sorted by namespace, kind and name."""
    asking: tuple[str, ...]
    """Namespaces that ask for sidecars, of those that were to be looked at."""
    left: tuple[str, ...]
    """Sentences about what is left as it is, and why."""


def restart(objects: Iterable[Object], only: Collection[str] = ()) -> Restart:
    """What has to be restarted in one cluster.

    `objects`: the cluster's, of all `KINDS`. `only`: the namespaces to look at; all that ask for sidecars unless given.
    """
    by_kind: dict[str, list[Object]] = {}
    for found in objects:
        by_kind.setdefault(found["kind"], []).append(found)
    wishes, left = _wishes(by_kind, only)
    owners = {place(each): owner(each) for each in by_kind.get("ReplicaSet", [])}
    planes = control_planes(by_kind.get("Pod", []))
    workloads = dict[tuple[str, str, str], Workload]()
    for pod in by_kind.get("Pod", []):
        wish = wishes.get(pod["metadata"]["namespace"])
        found = _judged(pod, wish, planes) if wish else None
        if found is None:
            continue
        if found.reason is None:
            left.add(found.left or "")
            continue
        namespace, name = place(pod)
        kind, above = _roller(pod, owners)
        if kind in _ROLLED:
            workloads.setdefault((namespace, kind, above), Workload(namespace, kind, above, found.reason))
        else:
            of = f"of the {kind} {above}" if kind else "of no workload"
            left.add(f"{namespace}/{name}, {of}, {found.reason}; start it anew yourself")
    return Restart(tuple(sorted(workloads.values())), tuple(sorted(wishes)), tuple(sorted(left)))


@dataclass(frozen=True)
class _Wished:
    """What a namespace asks for."""

    namespace: Object
    sidecar: _Sidecar | None
    """Of a mesh without revisions; None: Istio's."""
    revision: str | None = None
    """Of Istio; None where it is not in the cluster."""


def _wishes(by_kind: Mapping[str, list[Object]], only: Collection[str]) -> tuple[dict[str, _Wished], set[str]]:
    """By namespace what it asks for, and what has to be said of those that ask in vain."""
    webhooks = [labels(each) for each in by_kind.get("MutatingWebhookConfiguration", [])]
    there = {given[_REVISION] for given in webhooks if _REVISION in given}
    tags = {given[_TAG]: given[_REVISION] for given in webhooks if _TAG in given and _REVISION in given}
    wishes, left = dict[str, _Wished](), set[str]()
    for namespace in by_kind.get("Namespace", []):
        name, wish, other = namespace["metadata"]["name"], _wish(labels(namespace)), _other(namespace)
        if only and name not in only:
            continue
        if other is not None:
            wishes[name] = _Wished(namespace, other)
        elif wish is not None:
            revision = tags.get(wish, wish)
            wishes[name] = _Wished(namespace, None, revision if revision in there else None)
            if revision not in there:
                left.add(f"{name} asks for the revision {wish}, which is not in this cluster: its pods would not start")
    return wishes, left


def _wish(labels: Mapping[str, str]) -> str | None:
    """The revision or tag that a namespace asks for; as in Istio's webhooks `istio-injection` comes first."""
    if _INJECTION in labels:
        return _DEFAULT if labels[_INJECTION] == "enabled" else None
    return labels.get(_REVISION)


def _other(namespace: Object) -> _Sidecar | None:
    """The sidecar of another mesh than Istio that the namespace asks for."""
    given = marks(namespace)
    return next((each for each in _SIDECARS if given.get(each.asked_by[0]) == each.asked_by[1]), None)


def _judged(pod: Object, wish: _Wished, planes: Mapping[Key, ControlPlane]) -> Judged | None:
    """What is wrong with the pod; None where it is right as it is."""
    # One on its node's network has no use for a sidecar, and one that ends or has ended neither.
    if is_over(pod) or pod["spec"].get("hostNetwork", False):
        return None
    name, revision = (wish.sidecar.container, "") if wish.sidecar else (ISTIO, wish.revision)
    key, refused = wish.sidecar.refused_by if wish.sidecar else (_INJECT, "false")
    if revision is None or marks(pod).get(key) == refused:
        return None
    if container(pod, name) is None:
        return Judged(reason="has no sidecar")
    if wish.sidecar is None:
        present = _revision_of(pod)
        # A sidecar that says nothing of its revision is left alone: a restart could not be seen to have helped.
        if present is None:
            return None
        if present != revision:
            return Judged(reason=f"has a sidecar of {present} and would get one of {revision}")
    return outdated(pod, name, planes.get((name, revision)), marks(wish.namespace))


def _revision_of(pod: Object) -> str | None:
    """What istiod wrote when it injected the sidecar; the pod's label of that name may be a tag's."""
    try:
        status = json.loads(pod["metadata"].get("annotations", {}).get(_STATUS, "{}"))
    except json.JSONDecodeError:
        status = {}
    record = cast("Mapping[str, str]", status) if isinstance(status, dict) else {}
    return record.get("revision") or None


def _roller(pod: Object, owners: Mapping[tuple[str, str], tuple[str, str]]) -> tuple[str, str]:
    """Kind and name of what replaces the pod when told to: its owner, or that of its ReplicaSet."""
    kind, name = owner(pod)
    if kind != "ReplicaSet":
        return kind, name
    above = owners.get((pod["metadata"]["namespace"], name), ("", ""))
    return above if above[0] else (kind, name)
