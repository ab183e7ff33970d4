"""Making, changing and removing objects, and knowing when each is done.

Owns: the calls and their retries. Does not own: readiness (awaiting.py), the wire (provider.py).
"""

import secrets
import threading
import time
from dataclasses import dataclass
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
)
from multimesh_lab.providers.kubernetes.awaiting import NotReady, wait_until_ready
from multimesh_lab.providers.kubernetes.inputs import split_id
from multimesh_lab.providers.wire import plain

_RETRY_SECONDS = (1, 2, 4, 8, 16, 32)
_DELETE_SECONDS = 600.0
_OLD_MANAGERS = (
    "kubectl",
    "before-first-apply",
    "pulumi-kubernetes",
    "pulumi-kubernetes.exe",
    "pulumi-resource-kubernetes",
)


class Refused(Exception):
    """The API server refused, in words for a user."""


@dataclass(frozen=True)
class Change:
    """An object's inputs and how they are to be applied."""

    inputs: dict[str, Any]
    seconds: float
    upsert: bool = False
    force: bool = False

    @property
    def plain(self) -> Object:
        return cast("Object", plain(self.inputs))

    @property
    def metadata(self) -> dict[str, Any]:
        return self.plain["metadata"]

    def described(self) -> str:
        metadata = self.metadata
        where = f" in {metadata['namespace']}" if metadata.get("namespace") else ""
        return f"{self.inputs['kind']} {metadata.get('name')}{where}"


def create(api: Api, change: Change, *, dry_run: bool, stopping: threading.Event) -> Object:
    """The object as the server made it, once it is ready. A dry run neither retries nor waits."""
    for pause in (*_RETRY_SECONDS, None):
        try:
            kind = api.kind(change.inputs["apiVersion"], change.inputs["kind"])
            live = _post(api, kind, change, dry_run=dry_run)
            break
        except (NoSuchKind, ApiError) as fault:
            missing = isinstance(fault, NoSuchKind) or fault.code == 404
            if dry_run or pause is None or not missing or stopping.is_set():
                if isinstance(fault, ApiError) and dry_run:
                    raise
                raise Refused(_words(change, fault)) from fault
            # A namespace or a definition that another resource is just making.
            time.sleep(pause)
    else:
        raise AssertionError("unreachable: the last try either breaks or raises")
    return live if dry_run else wait_until_ready(api, kind, live, change.inputs, change.seconds, stopping)


def _post(api: Api, kind: Kind, change: Change, *, dry_run: bool) -> Object:
    params = {
        "fieldManager": FIELD_MANAGER,
        "fieldValidation": "Warn",
        **({"dryRun": "All"} if dry_run else {}),
    }
    namespace = change.metadata.get("namespace", "")
    if change.upsert:
        path = kind.member(namespace, change.metadata["name"])
        force = {"force": "true"} if change.force else {}
        return api.request("PATCH", path, change.plain, content_type=APPLY, params={**params, **force})
    return api.request("POST", kind.collection(namespace), change.plain, params=params)


def _words(change: Change, fault: Exception) -> str:
    if isinstance(fault, ApiError) and fault.reason == "AlreadyExists":
        return (
            f"{change.described()} exists already and is not this stack's: import it (pulumi import), remove it, or set"
            " upsertExistingObjects on the provider to take it over"
        )
    return f"{change.described()}: {fault}"


def update(
    api: Api, change: Change, state: dict[str, Any], manager: str, *, dry_run: bool, stopping: threading.Event
) -> Object:
    """The object after a server-side apply of the inputs, once it is ready."""
    kind = api.kind(change.inputs["apiVersion"], change.inputs["kind"])
    namespace, name = change.metadata.get("namespace", ""), state["metadata"]["name"]
    live = api.get(kind, namespace, name)
    if live is None:
        raise Refused(f"{change.described()} is gone; run `pulumi refresh` to learn so, then `pulumi up`")
    try:
        if change.inputs["kind"] == "CustomResourceDefinition" and not dry_run:
            body = {
                **change.plain,
                "metadata": {**change.metadata, "resourceVersion": live["metadata"]["resourceVersion"]},
            }
            after = api.request("PUT", kind.member(namespace, name), body, params={"fieldManager": manager})
        else:
            if not dry_run:
                live = _hand_over(api, kind, live, manager)
            params = {"fieldManager": manager, **({"dryRun": "All"} if dry_run else {})}
            if change.force or not live["metadata"].get("managedFields") or dry_run:
                params["force"] = "true"
            after = api.request("PATCH", kind.member(namespace, name), change.plain, content_type=APPLY, params=params)
    except ApiError as fault:
        if dry_run:
            raise
        hint = (
            "; another manager owns the field: leave it to that one with ignoreChanges, or take it with the annotation"
            ' pulumi.com/patchForce: "true"'
            if fault.reason == "Conflict"
            else ""
        )
        raise NotReady(live, [f"{change.described()}: {fault.message}{hint}"]) from fault
    return after if dry_run else wait_until_ready(api, kind, after, change.inputs, change.seconds, stopping)


def _hand_over(api: Api, kind: Kind, live: Object, manager: str) -> Object:
    """Fields that earlier tools own become this resource's, or what is removed from the program would stay."""
    fields = live["metadata"].get("managedFields") or []
    moved = [
        {**entry, "manager": manager, "operation": "Apply"}
        if entry["manager"] in _OLD_MANAGERS and not entry.get("subresource")
        else entry
        for entry in fields
    ]
    if moved == fields:
        return live
    own = [entry for entry in moved if entry["manager"] == manager and entry["operation"] == "Apply"]
    if len(own) > 1:
        moved = [entry for entry in moved if entry not in own] + [own[-1]]
    patch = [
        {"op": "replace", "path": "/metadata/managedFields", "value": moved},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]
    path = kind.member(live["metadata"].get("namespace", ""), live["metadata"]["name"])
    return api.request("PATCH", path, patch, content_type=JSON_PATCH)


def new_manager() -> str:
    """A field manager of a resource's own."""
    return f"pulumi-kubernetes-{secrets.token_hex(4)}"


def delete(api: Api, state: dict[str, Any], resource_id: str, seconds: float, stopping: threading.Event) -> None:
    """Remove the object and wait until it is gone; what is not there is gone already."""
    namespace, name = split_id(resource_id)
    annotations = state.get("metadata", {}).get("annotations", {}) or {}
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
    deadline = time.monotonic() + (seconds or _DELETE_SECONDS)
    while (live := api.get(kind, namespace, name)) is not None:
        if live["metadata"].get("uid") != state.get("metadata", {}).get("uid") and state.get("metadata", {}).get("uid"):
            return
        if time.monotonic() > deadline or stopping.is_set():
            finalizers = ", ".join(live["metadata"].get("finalizers") or []) or "none"
            raise NotReady(live, [f"{state['kind']} {name} is not gone; its finalizers are {finalizers}"])
        time.sleep(0.3)
