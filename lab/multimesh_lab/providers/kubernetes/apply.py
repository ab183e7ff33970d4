"""Making, changing and removing objects, and knowing when each is done.

Owns: the calls and their retries. Does not own: readiness (awaiting.py), the wire (provider.py).
"""

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from multimesh_lab.providers.kubernetes.api import (
    APPLY,
    FIELD_MANAGER,
    JSON_PATCH,
    Api,
    ApiError,
    Kind,
    NoSuchKind,
    Object,
    Unreachable,
)
from multimesh_lab.providers.kubernetes.awaiting import NotReady, skips_await, validate, wait_until_ready
from multimesh_lab.providers.kubernetes.inputs import split_id
from multimesh_lab.providers.kubernetes.ownership import handed_over, made_by_earlier, without_ignored
from multimesh_lab.providers.kubernetes.paths import Path
from multimesh_lab.providers.wire import plain

_RETRY_SECONDS = (1, 2, 4, 8, 16, 32)
_WRITES = 5
_DELETE_SECONDS = 600.0
_DELETE_POLL_SECONDS = 0.3
_DELETE_UNAWAITED = frozenset(
    {"DaemonSet", "Deployment", "Job", "Namespace", "Pod", "ReplicationController", "StatefulSet"}
)
"""The kinds whose removal `pulumi.com/skipAwait` shortens."""
_CONFLICT = (
    "; another manager owns the field: leave it to that one with ignoreChanges, or take it with the annotation"
    ' pulumi.com/patchForce: "true"'
)


class Refused(Exception):
    """The API server refused, in words for a user."""


@dataclass(frozen=True)
class Change:
    """An object's inputs and how they are to be applied."""

    inputs: dict[str, Any]
    seconds: float
    manager: str
    apply: bool = False
    """Server-side apply even where the object is to be made: what exists is taken over."""
    patch: bool = False
    """A Patch resource: only some fields of an object that is not ours."""
    force: bool = False
    ignored: Sequence[Path] = ()

    @property
    def plain(self) -> Object:
        return cast("Object", plain(self.inputs))

    @property
    def metadata(self) -> dict[str, Any]:
        return self.plain["metadata"]

    @property
    def replaces_whole(self) -> bool:
        """Definitions are written whole, as the real provider does."""
        return self.inputs["kind"] == "CustomResourceDefinition" and not self.patch

    def described(self) -> str:
        metadata = self.metadata
        where = f" in {metadata['namespace']}" if metadata.get("namespace") else ""
        return f"{self.inputs['kind']} {metadata.get('name')}{where}"


def create(api: Api, change: Change, *, stopping: threading.Event) -> Object:
    """The object as the server made it, once it is ready."""
    _validated(change)
    for pause in (*_RETRY_SECONDS, None):
        try:
            kind = api.kind(change.inputs["apiVersion"], change.inputs["kind"])
            live = _make(api, kind, change)
            break
        except (NoSuchKind, ApiError) as fault:
            missing = isinstance(fault, NoSuchKind) or fault.code == 404
            # A namespace or a definition may be what another resource is just making.
            if pause is None or not missing or stopping.wait(pause):
                raise Refused(words(change, fault)) from fault
            api.forget(change.inputs["apiVersion"])
    else:
        raise AssertionError("unreachable: the last try either breaks or raises")
    return wait_until_ready(api, kind, live, change.inputs, change.seconds, stopping)


def try_create(api: Api, change: Change) -> Object:
    """What the server says it would make; nothing is made, retried or awaited."""
    _validated(change)
    return _make(api, api.kind(change.inputs["apiVersion"], change.inputs["kind"]), change, dryRun="All")


def _make(api: Api, kind: Kind, change: Change, **params: str) -> Object:
    namespace = change.metadata.get("namespace", "")
    if change.apply or change.patch:
        return _apply(api, kind, namespace, change, change.plain, force=change.force, **params)
    params |= {"fieldManager": FIELD_MANAGER, "fieldValidation": "Warn"}
    return api.request("POST", kind.collection(namespace), change.plain, params=params)


def _apply(api: Api, kind: Kind, namespace: str, change: Change, body: Object, *, force: bool, **params: str) -> Object:
    params |= {"fieldManager": change.manager, "fieldValidation": "Warn", **({"force": "true"} if force else {})}
    path = kind.member(namespace, body["metadata"]["name"])
    return api.request("PATCH", path, body, content_type=APPLY, params=params)


def _validated(change: Change) -> None:
    """An annotation that cannot be read must not be noticed only once the object is there."""
    try:
        validate(change.metadata.get("annotations") or {})
    except ValueError as fault:
        raise Refused(f"{change.described()}: {fault}") from fault


def words(change: Change, fault: Exception) -> str:
    """The refusal as a user needs it."""
    if isinstance(fault, ApiError) and fault.reason == "AlreadyExists":
        return (
            f"{change.described()} exists already and is not this stack's: import it (pulumi import), remove it, or set"
            " upsertExistingObjects on the provider to take it over"
        )
    hint = _CONFLICT if isinstance(fault, ApiError) and fault.is_owned else ""
    return f"{change.described()}: {fault}{hint}"


def update(api: Api, change: Change, state: dict[str, Any], *, stopping: threading.Event) -> Object:
    """The object after a server-side apply of the inputs, once it is ready."""
    _validated(change)
    kind = api.kind(change.inputs["apiVersion"], change.inputs["kind"])
    namespace, name = change.metadata.get("namespace", ""), state["metadata"]["name"]
    live = api.get(kind, namespace, name)
    if live is None:
        raise Refused(f"{change.described()} is gone; run `pulumi refresh` to learn so, then `pulumi up`")
    try:
        after = _written(api, kind, change, live, _replace if change.replaces_whole else _change)
        _release_former(api, kind, namespace, change, state)
    except ApiError as fault:
        raise NotReady(live, [words(change, fault)]) from fault
    return wait_until_ready(api, kind, after, change.inputs, change.seconds, stopping)


def _written(
    api: Api, kind: Kind, change: Change, live: Object, write: Callable[[Api, Kind, Change, Object], Object]
) -> Object:
    for tries_left in reversed(range(_WRITES)):
        try:
            return write(api, kind, change, live)
        except ApiError as fault:
            # Controllers write an object's status all the time, and whoever comes second is refused.
            if not fault.is_outdated or not tries_left:
                raise
            live = api.request("GET", kind.member(change.metadata.get("namespace", ""), live["metadata"]["name"]))
    raise AssertionError("unreachable: the last try either returns or raises")


def _replace(api: Api, kind: Kind, change: Change, live: Object, **params: str) -> Object:
    version = {"resourceVersion": live["metadata"]["resourceVersion"]}
    body = {**change.plain, "metadata": {**change.metadata, **version}}
    params |= {"fieldManager": change.manager, "fieldValidation": "Warn"}
    return api.request("PUT", kind.member("", live["metadata"]["name"]), body, params=params)


def _change(api: Api, kind: Kind, change: Change, live: Object) -> Object:
    namespace = change.metadata.get("namespace", "")
    if not change.patch:
        live = _hand_over(api, kind, live, change.manager)
    body = without_ignored(change.plain, live, change.ignored, change.manager)
    force = change.force or not live["metadata"].get("managedFields")
    return _apply(api, kind, namespace, change, body, force=force)


def try_update(api: Api, change: Change, state: dict[str, Any]) -> Object:
    """What the server says the object would become; nothing is changed."""
    _validated(change)
    kind = api.kind(change.inputs["apiVersion"], change.inputs["kind"])
    namespace = change.metadata.get("namespace", "")
    live = api.get(kind, namespace, state["metadata"]["name"])
    body, force = change.plain, change.force or live is None
    if live is not None and change.replaces_whole:
        return _written(api, kind, change, live, partial(_replace, dryRun="All"))
    if live is not None:
        body = without_ignored(body, live, change.ignored, change.manager)
        force = force or not live["metadata"].get("managedFields") or made_by_earlier(live)
    return _apply(api, kind, namespace, change, body, force=force, dryRun="All")


def _hand_over(api: Api, kind: Kind, live: Object, manager: str) -> Object:
    """The object with earlier tools' fields made this manager's."""
    fields = live["metadata"].get("managedFields") or []
    moved = handed_over(fields, manager)
    if moved == fields:
        return live
    path = kind.member(live["metadata"].get("namespace", ""), live["metadata"]["name"])
    patch = [
        {"op": "replace", "path": "/metadata/managedFields", "value": moved},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]
    return api.request("PATCH", path, patch, content_type=JSON_PATCH)


def _release_former(api: Api, kind: Kind, namespace: str, change: Change, state: dict[str, Any]) -> None:
    """A resource whose field manager was renamed lets go of what the former one owned."""
    former = state.get("__fieldManager")
    if former and former != change.manager:
        _let_go(api, kind, namespace, state, former)


def _let_go(api: Api, kind: Kind, namespace: str, state: dict[str, Any], manager: str) -> None:
    """Apply nothing: what only this manager owned goes, all else stays."""
    name = state["metadata"]["name"]
    body = {"apiVersion": state["apiVersion"], "kind": state["kind"], "metadata": {"name": name}}
    path = kind.member(namespace, name)
    api.request("PATCH", path, body, content_type=APPLY, params={"fieldManager": manager, "force": "true"})


def new_manager() -> str:
    """A field manager of a resource's own."""
    return f"pulumi-kubernetes-{secrets.token_hex(4)}"


def unpatch(api: Api, state: dict[str, Any], resource_id: str) -> None:
    """Give up a Patch resource's fields; an object that is gone has none of them."""
    namespace, name = split_id(resource_id)
    try:
        kind = api.kind(state["apiVersion"], state["kind"])
        if api.get(kind, namespace, name) is not None:
            _let_go(api, kind, namespace, state, state["__fieldManager"])
    except NoSuchKind:
        return
    except ApiError as fault:
        reason = "a required field is this patch's alone, so it cannot be given up" if fault.code == 422 else "refused"
        raise Refused(f"{state['kind']} {name}: {reason}: {fault.message}") from fault


def delete(api: Api, state: dict[str, Any], resource_id: str, seconds: float, stopping: threading.Event) -> None:
    """Remove the object and wait until it is gone; what is not there is gone already."""
    namespace, name = split_id(resource_id)
    annotations = state.get("metadata", {}).get("annotations") or {}
    policy = annotations.get("pulumi.com/deletionPropagationPolicy", "foreground").capitalize()
    try:
        kind = api.kind(state["apiVersion"], state["kind"])
        api.request("DELETE", kind.member(namespace, name), {"propagationPolicy": policy})
    except NoSuchKind:
        return
    except ApiError as fault:
        if fault.code == 404:
            return
        raise Refused(f"{state['kind']} {name}: {fault.message}") from fault
    if not (skips_await(annotations) and state["kind"] in _DELETE_UNAWAITED):
        _await_gone(api, kind, state, (namespace, name), seconds, stopping)


def _await_gone(
    api: Api, kind: Kind, state: dict[str, Any], at: tuple[str, str], seconds: float, stopping: threading.Event
) -> None:
    uid = state.get("metadata", {}).get("uid")
    deadline = time.monotonic() + (seconds or _DELETE_SECONDS)
    seen, silence = state, ""
    while True:
        try:
            live, silence = api.get(kind, *at), ""
        except (ApiError, Unreachable) as fault:
            live, silence = seen, f" (the last look failed: {fault})"
        if live is None or (uid and live["metadata"].get("uid") != uid):
            return  # gone, or another object of that name
        seen = live
        if time.monotonic() > deadline or stopping.wait(_DELETE_POLL_SECONDS):
            finalizers = ", ".join(seen["metadata"].get("finalizers") or []) or "none"
            raise NotReady(seen, [f"{state['kind']} {at[1]} is not gone; its finalizers are {finalizers}{silence}"])
