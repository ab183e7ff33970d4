"""Waiting for an object to be ready, as long as its program says.

Owns: the waiting, its end and its annotations. Does not own: what ready means for a kind (readiness.py).
"""

import json
import threading
import time
from typing import Any

from multimesh_lab.providers.kubernetes.api import Api, ApiError, Kind, Object, Unreachable
from multimesh_lab.providers.kubernetes.paths import below, steps
from multimesh_lab.providers.kubernetes.readiness import SETTLING, Failed, Rule, condition, observed, rule_of
from multimesh_lab.providers.wire import plain

_DEFAULT_SECONDS = 600.0
_POLL_SECONDS = 0.4
_FIXED_SECONDS = {
    "Secret": 5.0,
    "PersistentVolumeClaim": 300.0,
    "PersistentVolume": 300.0,
    "ResourceQuota": 60.0,
    "ReplicationController": 600.0,
}
_TIMED_ANEW = frozenset({"Pod", "Job"})
"""Kinds whose time begins again whenever they change."""
_REFRESHED = frozenset({"DaemonSet", "Deployment", "Ingress", "Job", "Pod", "Service", "StatefulSet"})
"""Kinds whose readiness a refresh looks at."""
_SKIP, _TIMEOUT, _WAIT_FOR = (f"pulumi.com/{name}" for name in ("skipAwait", "timeoutSeconds", "waitFor"))

Annotations = dict[str, str]


class NotReady(Exception):
    """The object is there but not ready; carries it as last seen."""

    def __init__(self, live: Object, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.live, self.reasons = live, reasons


def skips_await(annotations: Annotations) -> bool:
    return str(annotations.get(_SKIP, "")).lower() == "true"


def validate(annotations: Annotations) -> None:
    """Raises ValueError for an annotation that says nothing that can be waited for."""
    timeout = str(annotations.get(_TIMEOUT, "0"))
    if not timeout.isdigit():
        raise ValueError(f"annotation {_TIMEOUT} is {timeout!r}; a whole number of seconds is allowed")
    for wanted in _wanted(annotations.get(_WAIT_FOR, "[]")):
        _parsed(wanted)


def wait_until_ready(
    api: Api, kind: Kind, live: Object, inputs: dict[str, Any], seconds: float, stopping: threading.Event
) -> Object:
    """The object once it is ready; raises `NotReady` when its time is over."""
    annotations: Annotations = plain(inputs).get("metadata", {}).get("annotations") or {}
    custom = _WAIT_FOR in annotations
    rule = _wait_for(annotations[_WAIT_FOR]) if custom else rule_of(live)
    if rule is None or skips_await(annotations):
        return live
    limit = seconds or float(annotations.get(_TIMEOUT, _DEFAULT_SECONDS))
    if not custom:
        limit = _FIXED_SECONDS.get(live["kind"], limit)
    deadline = time.monotonic() + limit
    while (missing := _missing(api, rule, live)) is not None:
        over = time.monotonic() > deadline
        if over and missing == SETTLING:
            break
        if over or stopping.wait(_POLL_SECONDS):
            said = f"{limit:.0f} s are over" if over else "cancelled"
            name = f"{live['kind']} {live['metadata']['name']}"
            raise NotReady(live, [f"{name} is not ready: {missing} ({said})", *_pod_troubles(api, live)])
        seen = live["metadata"].get("resourceVersion")
        live = _again(api, kind, live)
        if live["kind"] in _TIMED_ANEW and live["metadata"].get("resourceVersion") != seen:
            deadline = time.monotonic() + limit
    return live


def _missing(api: Api, rule: Rule, live: Object) -> str | None:
    """What the object lacks. A server that does not answer now must not lose an object that is already made."""
    try:
        return rule(api, live)
    except Failed as fault:
        raise NotReady(
            live, [f"{live['kind']} {live['metadata']['name']}: {fault}", *_pod_troubles(api, live)]
        ) from fault
    except (ApiError, Unreachable) as fault:
        return str(fault)


def _again(api: Api, kind: Kind, live: Object) -> Object:
    metadata = live["metadata"]
    try:
        return api.get(kind, metadata.get("namespace", ""), metadata["name"]) or live
    except (ApiError, Unreachable):
        return live


def unready(api: Api, live: Object) -> list[str]:
    """What is missing right now; for a refresh, which looks once and does not wait for quiet."""
    rule = rule_of(live) if live["kind"] in _REFRESHED else None
    if rule is None or skips_await(live["metadata"].get("annotations") or {}):
        return []
    try:
        missing = _missing(api, rule, live)
    except NotReady as fault:
        return fault.reasons
    if missing in (None, SETTLING):
        return []
    return [f"{live['kind']} {live['metadata']['name']} is not ready: {missing}", *_pod_troubles(api, live)]


def _wanted(text: str) -> list[str]:
    return json.loads(text) if text.lstrip().startswith("[") else [text]


def _wait_for(text: str) -> Rule:
    """The annotation's rule: `condition=Type[=Status]` or `jsonpath={.path}[=value]`, or a list that must all hold."""
    wanted = _wanted(text)

    def rule(api: Api, live: Object) -> str | None:
        if not observed(live):
            return "the controller has not seen it yet"
        return next((f"waiting for {each}" for each in wanted if not _holds(each, live)), None)

    return rule


def _parsed(wanted: str) -> tuple[str, str, str | None]:
    """Form, what to look at, and the value that it must have."""
    form, _, rest = wanted.partition("=")
    if form == "condition" and rest:
        name, _, status = rest.partition("=")
        return form, name, status or "True"
    path, closing, value = rest.partition("}")
    if form == "jsonpath" and path.startswith("{") and closing and (not value or value.startswith("=")):
        return form, path[1:].removeprefix("$"), value[1:] if value else None
    allowed = "condition=Type[=Status] or jsonpath={.path}[=value]"
    raise ValueError(f"annotation {_WAIT_FOR} holds {wanted!r}; {allowed} is allowed, or a JSON array of these")


def _holds(wanted: str, live: Object) -> bool:
    form, what, expected = _parsed(wanted)
    if form == "condition":
        return condition(live, what).get("status", "").lower() == str(expected).lower()
    value = below(live, steps(what))
    if expected is None or value is None:
        return value is not None
    return (value if isinstance(value, str) else json.dumps(value)) == expected


def _pod_troubles(api: Api, live: Object) -> list[str]:
    """Why an object's pods do not come up: what a user would look for next."""
    labels = live.get("spec", {}).get("selector", {}).get("matchLabels") if isinstance(live.get("spec"), dict) else None
    if not labels:
        return []
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    path = f"/api/v1/namespaces/{live['metadata'].get('namespace', 'default')}/pods"
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
        unscheduled = condition(pod, "PodScheduled")
        if unscheduled.get("status") == "False":
            troubles.append(f"pod {pod['metadata']['name']}: {unscheduled.get('message', 'not scheduled')}")
    return troubles[:8]
