"""Which workloads of a cluster have to be restarted, so that their pods get the sidecar that their namespace asks for.

Owns: the decision, from objects as the API server lists them. Does not own: reading them and restarting
(restart_command.py).

A pod gets its sidecar when it starts, and keeps it: from a control plane whose name istiod writes into the pod.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pulumi_multimesh.plan.consul_names import ENROLLED

Object = Mapping[str, Any]

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
    _Sidecar("linkerd-proxy", ("linkerd.io/inject", "enabled"), ("linkerd.io/inject", "disabled")),
    _Sidecar("consul-dataplane", (ENROLLED, "enabled"), ("consul.hashicorp.com/connect-inject", "false")),
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
    webhooks = [_labels(each) for each in by_kind.get("MutatingWebhookConfiguration", [])]
    there = {labels[_REVISION] for labels in webhooks if _REVISION in labels}
    tags = {labels[_TAG]: labels[_REVISION] for labels in webhooks if _TAG in labels and _REVISION in labels}
    asked, others = dict[str, str](), dict[str, _Sidecar]()
    asking, left = list[str](), list[str]()
    for namespace in by_kind.get("Namespace", []):
        name, wish, other = namespace["metadata"]["name"], _wish(_labels(namespace)), _other(namespace)
        if only and name not in only:
            continue
        if other is not None:
            others[name] = other
            asking.append(name)
            continue
        if wish is None:
            continue
        asking.append(name)
        revision = tags.get(wish, wish)
        if revision in there:
            asked[name] = revision
        else:
            left.append(f"{name} asks for the revision {wish}, which is not in this cluster: its pods would not start")
    owners = {_place(each): _owner(each) for each in by_kind.get("ReplicaSet", [])}
    workloads = dict[tuple[str, str, str], Workload]()
    for pod in by_kind.get("Pod", []):
        reason = _reason(pod, asked) or _other_reason(pod, others)
        if reason is None:
            continue
        namespace, name = _place(pod)
        kind, owner = _roller(pod, owners)
        if kind in _ROLLED:
            workloads.setdefault((namespace, kind, owner), Workload(namespace, kind, owner, reason))
        else:
            of = f"of the {kind} {owner}" if kind else "of no workload"
            left.append(f"{namespace}/{name}, {of}, {reason}; start it anew yourself")
    return Restart(tuple(sorted(workloads.values())), tuple(sorted(asking)), tuple(sorted(left)))


def _wish(labels: Mapping[str, str]) -> str | None:
    """The revision or tag that a namespace asks for; as in Istio's webhooks `istio-injection` comes first."""
    if _INJECTION in labels:
        return _DEFAULT if labels[_INJECTION] == "enabled" else None
    return labels.get(_REVISION)


def _other(namespace: Object) -> _Sidecar | None:
    """The sidecar of another mesh than Istio that the namespace asks for."""
    given = _marks(namespace)
    return next((each for each in _SIDECARS if given.get(each.asked_by[0]) == each.asked_by[1]), None)


def _other_reason(pod: Object, others: Mapping[str, _Sidecar]) -> str | None:
    sidecar = others.get(pod["metadata"]["namespace"])
    if sidecar is None or _marks(pod).get(sidecar.refused_by[0]) == sidecar.refused_by[1]:
        return None
    return None if _is_over(pod) or _has_container(pod, sidecar.container) else "has no sidecar"


def _reason(pod: Object, asked: Mapping[str, str]) -> str | None:
    """Why the pod has to be started anew; None where it is right as it is."""
    revision = asked.get(pod["metadata"]["namespace"])
    if revision is None or not _is_injected(pod):
        return None
    if not _has_container(pod, "istio-proxy"):
        return "has no sidecar"
    present = _revision_of(pod)
    # A sidecar that says nothing of its revision is left alone: a restart could not be seen to have helped.
    return None if present in (None, revision) else f"has a sidecar of {present} and would get one of {revision}"


def _is_injected(pod: Object) -> bool:
    """Istio injects no pod that opts out or is on its node's network; one that ends or has ended needs none."""
    return _marks(pod).get(_INJECT) != "false" and not _is_over(pod)


def _is_over(pod: Object) -> bool:
    """Whether a pod has no use for a sidecar: it ends or has ended, or is on its node's network."""
    ends = "deletionTimestamp" in pod["metadata"] or pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    return ends or pod["spec"].get("hostNetwork", False)


def _marks(found: Object) -> Mapping[str, str]:
    return {**found["metadata"].get("annotations", {}), **_labels(found)}


def _has_container(pod: Object, name: str) -> bool:
    containers = [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]
    return any(container["name"] == name for container in containers)


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
    kind, name = _owner(pod)
    if kind != "ReplicaSet":
        return kind, name
    above = owners.get((pod["metadata"]["namespace"], name), ("", ""))
    return above if above[0] else (kind, name)


def _owner(found: Object) -> tuple[str, str]:
    for owner in found["metadata"].get("ownerReferences", []):
        if owner.get("controller", False):
            return owner["kind"], owner["name"]
    return "", ""


def _place(found: Object) -> tuple[str, str]:
    return found["metadata"]["namespace"], found["metadata"]["name"]


def _labels(found: Object) -> Mapping[str, str]:
    return found["metadata"].get("labels", {})
