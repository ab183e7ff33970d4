"""When an object counts as ready, by kind, as the real provider counts it.

Owns: the rule of each kind. Does not own: waiting (awaiting.py).
"""

import json
import time
from collections.abc import Callable
from typing import Any

from multimesh_lab.providers.kubernetes.api import Api, Object

_QUIET_SECONDS = 10.0
"""How long a Service's endpoints must not have changed."""
SETTLING = "its endpoints have just changed"
"""All that a Service lacks is quiet, which at the end of its time counts as ready."""

Rule = Callable[[Api, Object], str | None]
"""None when ready, else what is still missing."""


class Failed(Exception):
    """It will never be ready."""


def rule_of(live: Object) -> Rule | None:
    """The kind's rule; None for a kind that is ready at once. A Service's rule has a memory, so each wait needs one."""
    identity = (live["apiVersion"].rpartition("/")[0], live["kind"])
    return _service_rule() if identity == ("", "Service") else _RULES.get(identity)


def condition(live: Object, name: str) -> dict[str, Any]:
    """The condition of that type, whatever its letters' case."""
    conditions = live.get("status", {}).get("conditions") or []
    return next((each for each in conditions if each["type"].lower() == name.lower()), {})


def observed(live: Object) -> bool:
    """Whether the status is of this generation; one that names none is taken as it is."""
    generation = live["metadata"].get("generation", 0)
    return live.get("status", {}).get("observedGeneration", generation) >= generation


def _seen(live: Object) -> bool:
    """Stricter than `observed`: a controller that always names the generation has done so."""
    return "observedGeneration" in live.get("status", {}) and observed(live)


def _deployment(api: Api, live: Object) -> str | None:
    revision = live["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision")
    if not _seen(live) or not revision:
        return "the controller has not seen it yet"
    if condition(live, "Available").get("status") != "True":
        return "minimum replicas are not available"
    if revision != "1" and condition(live, "Progressing").get("reason") != "NewReplicaSetAvailable":
        return "the new ReplicaSet is not available"
    wanted = live["spec"].get("replicas", 1)
    status = live.get("status", {})
    if status.get("updatedReplicas", 0) < wanted or status.get("readyReplicas", 0) < wanted:
        return f"{status.get('readyReplicas', 0)} of {wanted} replicas are ready"
    return None


def _stateful_set(api: Api, live: Object) -> str | None:
    status, wanted = live.get("status", {}), live["spec"].get("replicas", 1)
    if not _seen(live):
        return "the controller has not seen it yet"
    by_hand = live["spec"].get("updateStrategy", {}).get("type") == "OnDelete" and live["metadata"]["generation"] > 1
    counts = ("replicas", "readyReplicas") if by_hand else ("replicas", "readyReplicas", "currentReplicas")
    if not all(status.get(key, 0) == wanted for key in counts):
        return f"{status.get('readyReplicas', 0)} of {wanted} replicas are ready"
    done = by_hand or status.get("currentRevision") == status.get("updateRevision")
    return None if done else "the revision is rolling out"


def _daemon_set(api: Api, live: Object) -> str | None:
    status = live.get("status", {})
    wanted = status.get("desiredNumberScheduled", 0)
    if not _seen(live):
        return "the controller has not seen it yet"
    if any(status.get(key, 0) < wanted for key in ("updatedNumberScheduled", "numberAvailable", "numberReady")):
        return f"{status.get('numberReady', 0)} of {wanted} pods are ready"
    return None


def _pod(api: Api, live: Object) -> str | None:
    if live.get("status", {}).get("phase") == "Succeeded" or condition(live, "Ready").get("status") == "True":
        return None
    return f"phase {live.get('status', {}).get('phase', 'unknown')}"


def _job(api: Api, live: Object) -> str | None:
    failed = condition(live, "Failed")
    if failed.get("status") == "True" and failed.get("reason") in ("BackoffLimitExceeded", "DeadlineExceeded"):
        raise Failed(f"the job failed: {failed['reason']}: {failed.get('message', '')}")
    return None if condition(live, "Complete").get("status") == "True" else "it has not completed"


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
        return None if time.monotonic() - seen[-1][1] >= _QUIET_SECONDS else SETTLING

    return rule


def _endpoints(api: Api, live: Object) -> tuple[str, bool]:
    """The endpoints' state as text, and whether some are not ready."""
    metadata = live["metadata"]
    path = f"/apis/discovery.k8s.io/v1/namespaces/{metadata['namespace']}/endpointslices"
    answer = api.request("GET", path, params={"labelSelector": f"kubernetes.io/service-name={metadata['name']}"})
    points = [point for piece in answer.get("items", []) for point in piece.get("endpoints") or []]
    # A pod that is on its way out is in no Endpoints object, which is what the real provider looks at.
    states = [
        (point.get("addresses"), point.get("conditions", {}).get("ready", True))
        for point in points
        if not point.get("conditions", {}).get("terminating")
    ]
    return json.dumps(states), not all(ready for _, ready in states)


def _ingress(api: Api, live: Object) -> str | None:
    return None if live.get("status", {}).get("loadBalancer", {}).get("ingress") else "it has no address"


def _claim(api: Api, live: Object) -> str | None:
    phase = live.get("status", {}).get("phase")
    if phase == "Bound" or (phase == "Pending" and _binds_late(api, live["spec"].get("storageClassName"))):
        return None
    return "it is not bound"


def _binds_late(api: Api, storage_class: str | None) -> bool:
    """Whether a volume is only bound once a pod uses the claim."""
    if not storage_class:
        return False
    found = api.get(api.kind("storage.k8s.io/v1", "StorageClass"), "", storage_class)
    return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"


def _volume(api: Api, live: Object) -> str | None:
    return None if live.get("status", {}).get("phase") in ("Available", "Bound") else "it is not available"


def _secret(api: Api, live: Object) -> str | None:
    if live.get("type") != "kubernetes.io/service-account-token":
        return None
    return None if live.get("data") else "the token has not been made"


def _quota(api: Api, live: Object) -> str | None:
    hard = live.get("status", {}).get("hard") or {}
    return None if hard == (live["spec"].get("hard") or {}) else "its limits are not in force yet"


def _replication_controller(api: Api, live: Object) -> str | None:
    available, wanted = live.get("status", {}).get("availableReplicas", 0), live["spec"].get("replicas", 1)
    return None if available == wanted else f"{available} of {wanted} replicas are available"


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
    ("", "ResourceQuota"): _quota,
    ("", "ReplicationController"): _replication_controller,
}
