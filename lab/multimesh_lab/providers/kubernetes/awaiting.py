"""When an object counts as ready, by kind, as the real provider counts it.

Owns: the rules and the waiting. Does not own: what happens when it never is (apply.py).
"""

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from multimesh_lab.providers.kubernetes.api import Api, ApiError, Kind, Object, Unreachable
from multimesh_lab.providers.wire import plain

_DEFAULT_SECONDS = 600.0
_QUIET_SECONDS = 10.0
"""How long a Service's endpoints must not have changed."""
_POLL_SECONDS = 0.4

Rule = Callable[[Api, Object], str | None]
"""None when ready, else what is still missing."""


class NotReady(Exception):
    """The object is there but not ready; carries it as last seen."""

    def __init__(self, live: Object, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.live, self.reasons = live, reasons


def wait_until_ready(
    api: Api, kind: Kind, live: Object, inputs: dict[str, Any], seconds: float, stopping: threading.Event
) -> Object:
    """The object once it is ready; raises `NotReady` when its time is over."""
    given = plain(inputs)
    annotations = given.get("metadata", {}).get("annotations", {}) or {}
    if annotations.get("pulumi.com/skipAwait") == "true":
        return live
    rule = _wait_for(annotations["pulumi.com/waitFor"]) if "pulumi.com/waitFor" in annotations else _rule(live)
    if rule is None:
        return live
    limit = _limit(live, annotations, seconds)
    deadline = time.monotonic() + limit
    metadata = live["metadata"]
    while True:
        missing = rule(api, live)
        if missing is None:
            return live
        if time.monotonic() > deadline or stopping.is_set():
            said = "cancelled" if stopping.is_set() else f"{limit:.0f} s are over"
            raise NotReady(
                live,
                [
                    f"{live['kind']} {metadata['name']} is not ready: {missing} ({said})",
                    *_pod_troubles(api, live),
                ],
            )
        time.sleep(_POLL_SECONDS)
        try:
            live = api.get(kind, metadata.get("namespace", ""), metadata["name"]) or live
        except (ApiError, Unreachable):
            continue


def _limit(live: Object, annotations: dict[str, str], seconds: float) -> float:
    if live["kind"] == "Secret":
        return 5.0
    if live["kind"] in ("PersistentVolumeClaim", "PersistentVolume"):
        return 300.0
    if seconds:
        return seconds
    return float(annotations.get("pulumi.com/timeoutSeconds", _DEFAULT_SECONDS))


def unready(api: Api, live: Object) -> str | None:
    """What is missing right now; for a refresh, which looks once."""
    rule = _rule(live)
    return rule(api, live) if rule and live["kind"] not in ("Secret", "Service") else None


def _rule(live: Object) -> Rule | None:
    group = live["apiVersion"].rpartition("/")[0]
    # A Service's rule remembers when its endpoints last changed, so each wait has one of its own.
    return _service_rule() if (group, live["kind"]) == ("", "Service") else _RULES.get((group, live["kind"]))


def _condition(live: Object, name: str) -> dict[str, Any]:
    conditions = live.get("status", {}).get("conditions") or []
    return next((each for each in conditions if each["type"] == name), {})


def _observed(live: Object) -> bool:
    return live.get("status", {}).get("observedGeneration", 0) >= live["metadata"].get("generation", 0)


def _deployment(api: Api, live: Object) -> str | None:
    revision = live["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision")
    if not _observed(live) or not revision:
        return "the controller has not seen it yet"
    if _condition(live, "Available").get("status") != "True":
        return "minimum replicas are not available"
    if revision != "1" and _condition(live, "Progressing").get("reason") != "NewReplicaSetAvailable":
        return "the new ReplicaSet is not available"
    wanted = live["spec"].get("replicas", 1)
    status = live.get("status", {})
    if status.get("updatedReplicas", 0) < wanted or status.get("readyReplicas", 0) < wanted:
        return f"{status.get('readyReplicas', 0)} of {wanted} replicas are ready"
    return None


def _stateful_set(api: Api, live: Object) -> str | None:
    status, wanted = live.get("status", {}), live["spec"].get("replicas", 1)
    if not _observed(live):
        return "the controller has not seen it yet"
    if not all(status.get(key, 0) == wanted for key in ("replicas", "readyReplicas", "currentReplicas")):
        return f"{status.get('readyReplicas', 0)} of {wanted} replicas are ready"
    return None if status.get("currentRevision") == status.get("updateRevision") else "the revision is rolling out"


def _daemon_set(api: Api, live: Object) -> str | None:
    status = live.get("status", {})
    wanted = status.get("desiredNumberScheduled", 0)
    if not _observed(live):
        return "the controller has not seen it yet"
    if any(status.get(key, 0) < wanted for key in ("updatedNumberScheduled", "numberAvailable", "numberReady")):
        return f"{status.get('numberReady', 0)} of {wanted} pods are ready"
    return None


def _pod(api: Api, live: Object) -> str | None:
    if live.get("status", {}).get("phase") == "Succeeded" or _condition(live, "Ready").get("status") == "True":
        return None
    return f"phase {live.get('status', {}).get('phase', 'unknown')}"


def _job(api: Api, live: Object) -> str | None:
    failed = _condition(live, "Failed")
    if failed.get("status") == "True":
        raise NotReady(live, [f"Job {live['metadata']['name']} failed: {failed.get('reason', '')}"])
    return None if _condition(live, "Complete").get("status") == "True" else "it has not completed"


def _service_rule() -> Rule:
    """A rule with a memory: endpoints must have been quiet for a while."""
    seen: list[tuple[str, float]] = []

    def rule(api: Api, live: Object) -> str | None:
        spec = live["spec"]
        balanced = spec.get("type") == "LoadBalancer"
        if balanced and not live.get("status", {}).get("loadBalancer", {}).get("ingress"):
            return "the load balancer has no address"
        if not spec.get("selector") or spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName":
            return None
        state, waiting = _endpoints(api, live)
        if not seen or seen[-1][0] != state:
            seen.append((state, time.monotonic()))
        if waiting:
            return "its pods are not ready"
        return None if time.monotonic() - seen[-1][1] >= _QUIET_SECONDS else "its endpoints have just changed"

    return rule


def _endpoints(api: Api, live: Object) -> tuple[str, bool]:
    """The endpoints' state as text, and whether some are not ready."""
    metadata = live["metadata"]
    path = f"/apis/discovery.k8s.io/v1/namespaces/{metadata['namespace']}/endpointslices"
    answer = api.request("GET", path, params={"labelSelector": f"kubernetes.io/service-name={metadata['name']}"})
    points = [point for piece in answer.get("items", []) for point in piece.get("endpoints") or []]
    ready = [point.get("conditions", {}).get("ready", True) for point in points]
    return json.dumps([(point.get("addresses"), state) for point, state in zip(points, ready, strict=True)]), not all(
        ready
    )


def _ingress(api: Api, live: Object) -> str | None:
    return None if live.get("status", {}).get("loadBalancer", {}).get("ingress") else "it has no address"


def _claim(api: Api, live: Object) -> str | None:
    return None if live.get("status", {}).get("phase") == "Bound" else "it is not bound"


def _volume(api: Api, live: Object) -> str | None:
    return None if live.get("status", {}).get("phase") in ("Available", "Bound") else "it is not available"


def _secret(api: Api, live: Object) -> str | None:
    if live.get("type") != "kubernetes.io/service-account-token":
        return None
    return None if live.get("data") else "the token has not been made"


_RULES: dict[tuple[str, str], Rule] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("", "Pod"): _pod,
    ("batch", "Job"): _job,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "PersistentVolume"): _volume,
    ("", "Secret"): _secret,
}


def _wait_for(text: str) -> Rule:
    """The annotation's rule: `condition=Type[=Status]` or `jsonpath={.path}[=value]`, or a list that must all hold."""
    wanted: list[str] = json.loads(text) if text.lstrip().startswith("[") else [text]

    def rule(api: Api, live: Object) -> str | None:
        return next((f"waiting for {each}" for each in wanted if not _holds(each, live)), None)

    return rule


def _holds(wanted: str, live: Object) -> bool:
    form, _, rest = wanted.partition("=")
    if form == "condition":
        name, _, status = rest.partition("=")
        conditions = live.get("status", {}).get("conditions") or []
        return any(
            each["type"].lower() == name.lower() and each["status"].lower() == (status or "True").lower()
            for each in conditions
        )
    match = re.fullmatch(r"\{(\.[^}]*)\}(?:=(.*))?", rest)
    if form != "jsonpath" or match is None:
        raise ValueError(f"pulumi.com/waitFor: {wanted!r} is neither condition=… nor jsonpath={{.path}}[=value]")
    value: Any = live
    for step in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", match[1]):
        key: Any = step[0] or int(step[1])
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return False
    return match[2] is None or str(value) == match[2]


def _pod_troubles(api: Api, live: Object) -> list[str]:
    """Why an object's pods do not come up: what a user would look for next."""
    labels = live.get("spec", {}).get("selector", {}).get("matchLabels") if isinstance(live.get("spec"), dict) else None
    if not labels:
        return []
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    path = f"/api/v1/namespaces/{live['metadata']['namespace']}/pods"
    try:
        pods = api.request("GET", path, params={"labelSelector": selector}).get("items", [])
    except (ApiError, Unreachable):
        return []
    troubles: list[str] = []
    for pod in pods:
        statuses = pod.get("status", {}).get("containerStatuses") or []
        for status in statuses:
            waiting = status.get("state", {}).get("waiting")
            if waiting:
                why = f"{waiting.get('reason')}: {waiting.get('message', '')}"
                troubles.append(f"pod {pod['metadata']['name']}, {status['name']}: {why}")
        unscheduled = _condition(pod, "PodScheduled")
        if unscheduled.get("status") == "False":
            troubles.append(f"pod {pod['metadata']['name']}: {unscheduled.get('message', 'not scheduled')}")
    return troubles[:8]
