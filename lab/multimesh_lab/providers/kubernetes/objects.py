"""The life of one object: what each of the protocol's calls does with it.

Owns: the calls' order and when a preview asks the server. Does not own: the wire (provider.py), requests (apply.py).
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.kubernetes import apply, awaiting, inputs
from multimesh_lab.providers.kubernetes.api import Api, ApiError, NoSuchKind, Object, Unreachable
from multimesh_lab.providers.kubernetes.apply import Change, Refused
from multimesh_lab.providers.kubernetes.config import Options
from multimesh_lab.providers.kubernetes.diff import diff
from multimesh_lab.providers.kubernetes.paths import steps
from multimesh_lab.providers.kubernetes.replacement import forcing_paths
from multimesh_lab.providers.kubernetes.state import (
    imported,
    is_cluster_scoped,
    is_patch,
    kind_of,
    refreshed,
    state_of,
)
from multimesh_lab.providers.wire import has_unknown, plain

Properties = dict[str, Any]


class Unhealthy(Exception):
    """The object is there but not as it should be; carries what the engine is to keep."""

    def __init__(self, resource_id: str, state: Properties, given: Properties, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.resource_id, self.state, self.given, self.reasons = resource_id, state, given, reasons


@dataclass
class Objects:
    """The objects of one cluster, which may be out of reach."""

    options: Options
    api: Api | None
    unreachable: str
    stopping: threading.Event

    def __post_init__(self) -> None:
        self._scopes: dict[tuple[str, str], bool] = {}

    def reached(self) -> Api:
        if self.api is None:
            raise Unreachable(self.unreachable)
        return self.api

    def default_namespace(self) -> str | None:
        return self.options.namespace or (self.api.namespace if self.api else None)

    def _namespaced(self, given: Properties) -> bool:
        version, kind = str(given.get("apiVersion", "")), str(given.get("kind", ""))
        if is_cluster_scoped(version, kind):
            return False
        seen = self._scopes.get((version.rpartition("/")[0], kind))
        if seen is not None:
            return seen
        try:
            return self.reached().kind(version, kind).namespaced
        except (NoSuchKind, Unreachable, ApiError):
            return True

    def _remember_scope(self, given: Properties) -> None:
        """A definition of this run says where its objects lie before the server does."""
        spec = given.get("spec")
        if given.get("kind") == "CustomResourceDefinition" and isinstance(spec, dict) and not has_unknown(spec):
            names: Any = spec.get("names", {})
            self._scopes[str(spec.get("group")), str(names.get("kind"))] = spec.get("scope") != "Cluster"

    def check(self, news: Properties, olds: Properties, naming: inputs.Naming) -> Properties:
        bare = plain(news)
        self._remember_scope(bare)
        namespace, namespaced = self.default_namespace(), self._namespaced(bare)
        return inputs.checked(news, olds, naming, default_namespace=namespace, namespaced=namespaced)

    def diff(
        self, urn: str, state: Properties, old_inputs: Properties, news: Properties, ignored: Sequence[str]
    ) -> provider_pb2.DiffResponse:
        forcing = forcing_paths(
            plain(news),
            secret_mutable=self.options.secret_mutable,
            config_map_mutable=self.options.config_map_mutable,
            patch=is_patch(urn, news),
        )
        namespaced = self._namespaced(plain(news))
        return diff(state, old_inputs, news, namespaced=namespaced, forcing=forcing, ignored=ignored)

    def _change(self, urn: str, given: Properties, seconds: float, manager: str, ignored: Sequence[str] = ()) -> Change:
        force = self.options.force or _annotation(given, "patchForce").lower() == "true"
        return Change(
            given,
            seconds,
            manager,
            apply=self.options.upsert,
            patch=is_patch(urn, given),
            force=force,
            ignored=[steps(path) for path in ignored],
        )

    def create(self, urn: str, given: Properties, seconds: float) -> tuple[str, Properties]:
        """The new object's ID and state."""
        manager = _annotation(given, "patchFieldManager") or apply.new_manager()
        change = self._change(urn, given, seconds, manager)
        try:
            live = apply.create(self.reached(), change, stopping=self.stopping)
        except awaiting.NotReady as fault:
            after = state_of(fault.live, given, manager)
            raise Unhealthy(inputs.object_id(fault.live), after, given, fault.reasons) from fault
        return inputs.object_id(live), state_of(live, given, manager)

    def preview_create(self, urn: str, given: Properties) -> Properties:
        """What the server would make of the inputs, or the inputs where it cannot say yet."""
        if self.api is None or has_unknown(given) or is_patch(urn, given):
            return given
        live = _tried(apply.try_create, self.api, self._change(urn, given, 0, apply.new_manager()))
        if live is None:
            return given
        return inputs.with_secrets({key: value for key, value in live.items() if key != "status"}, given)

    def update(
        self, urn: str, resource_id: str, state: Properties, given: Properties, seconds: float, ignored: Sequence[str]
    ) -> Properties:
        known = plain(state)
        manager = _manager(known, given)
        change = self._change(urn, given, seconds, manager, ignored)
        try:
            live = apply.update(self.reached(), change, known, stopping=self.stopping)
        except awaiting.NotReady as fault:
            raise Unhealthy(resource_id, state_of(fault.live, given, manager), given, fault.reasons) from fault
        return state_of(live, given, manager)

    def preview_update(self, urn: str, state: Properties, given: Properties, ignored: Sequence[str]) -> Properties:
        """What the object would become, or the inputs where the server cannot say yet."""
        if self.api is None or has_unknown(given):
            return given
        known = plain(state)
        manager = _manager(known, given)
        change = self._change(urn, given, 0, manager, ignored)
        live = _tried(partial(apply.try_update, state=known), self.api, change)
        return given if live is None else state_of(live, given, manager)

    def read(
        self, urn: str, resource_id: str, state: Properties, given: Properties
    ) -> tuple[Properties, Properties] | None:
        """State and inputs as the cluster has them, or None for an object that is gone."""
        api, (namespace, name) = self.reached(), inputs.split_id(resource_id)
        try:
            live = api.get(api.kind(*kind_of(urn, state)), namespace, name)
        except NoSuchKind:
            return None
        if live is None:
            return None
        found = refreshed(live, given) if given else imported(live)
        manager = plain(state).get("__fieldManager") or apply.new_manager()
        after = state_of(live, found, manager)
        missing = awaiting.unready(api, live) if given else []
        if missing:
            raise Unhealthy(resource_id, after, found, missing)
        return after, found

    def delete(self, urn: str, resource_id: str, state: Properties, seconds: float) -> None:
        """Remove the object and wait until it is gone; a Patch resource only gives up its fields."""
        if is_patch(urn, state):
            apply.unpatch(self.reached(), state, resource_id)
        else:
            apply.delete(self.reached(), state, resource_id, seconds, self.stopping)


def _tried(attempt: Callable[[Api, Change], Object], api: Api, change: Change) -> Object | None:
    """A dry run's answer; None where the refusal says nothing of the object itself."""
    try:
        return attempt(api, change)
    except (NoSuchKind, Unreachable):
        return None
    except ApiError as fault:
        silent = fault.code in (403, 404) or fault.reason == "AlreadyExists" or "dry run" in fault.message
        if silent:
            return None
        raise Refused(apply.words(change, fault)) from fault


def _annotation(given: Properties, name: str) -> str:
    metadata = plain(given).get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return str(annotations.get(f"pulumi.com/{name}") or "") if isinstance(annotations, dict) else ""


def _manager(known: Properties, given: Properties) -> str:
    return _annotation(given, "patchFieldManager") or known.get("__fieldManager") or apply.new_manager()
