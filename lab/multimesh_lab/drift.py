"""Drift: what somebody does to a simulated cloud's resources behind the engine's back.

Owns: finding a resource by what a person calls it, changing it and deleting it as the cloud's own console would.
Does not own: what a change does to a real cluster or address, which is the provider's own effect (providers).
"""

import importlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from multimesh_lab.home import LabHome
from multimesh_lab.property_paths import Assignment
from multimesh_lab.providers import outputs, sdk_schema
from multimesh_lab.providers.cloud import CloudProvider
from multimesh_lab.providers.kinds import Call, Kind, RefusedError, UnhealthyError
from multimesh_lab.providers.property_diff import changes
from multimesh_lab.providers.runtime import ClusterRuntime
from multimesh_lab.providers.store import Record, Store, inventory

_CONFIGURED = ("project", "region", "zone")
_NAMES = ("name", "displayName")
_IN_IDS = {
    "region": re.compile(r"^ocid1\.[^.]+\.[^.]+\.([^.]+)\."),
    "subscriptionId": re.compile("^/subscriptions/([^/]+)"),
}
"""What a provider is configured with and its resources say in their ids alone: Oracle's and Azure's."""


class DriftError(Exception):
    """The drift cannot be made; the message says what there is."""


@dataclass(frozen=True)
class Found:
    """A resource of a simulated cloud."""

    cloud: str
    record: Record

    @property
    def type(self) -> str:
        """The type as short as people say it."""
        return self.record.type.rpartition(":")[2]


def clouds(home: LabHome) -> list[str]:
    """The simulated clouds that were used in this lab."""
    return sorted(folder.parent.name for folder in home.clouds.glob("*/resources"))


def all_resources(home: LabHome, cloud: str | None = None) -> list[Found]:
    """Everything that the simulated clouds have, or that one of them has."""
    return [Found(name, record) for name in _chosen(home, cloud) for record in inventory(home, name)]


def _chosen(home: LabHome, cloud: str | None) -> list[str]:
    known = clouds(home)
    if cloud is None:
        return known
    # Azure's cloud is called by its provider's name; people call it azure.
    for name in (cloud, f"{cloud}-native"):
        if name in known:
            return [name]
    raise DriftError(f"the simulated cloud {cloud!r} has nothing in this lab; there are: {_listed(known)}")


def find(home: LabHome, cloud: str, type_name: str, name: str) -> Found:
    """The one resource that is meant, by its type (`NodePool` is enough) and its name in the program, or its id."""
    there = all_resources(home, cloud)
    of_type = [found for found in there if type_name.casefold() in _names_of(found.record.type)]
    tokens = sorted({found.record.type for found in of_type})
    if not tokens:
        raise DriftError(
            f"the simulated cloud {cloud} has no {type_name}; it has: {_listed({found.type for found in there})}"
        )
    if len(tokens) > 1:
        raise DriftError(f"{type_name} can be {_listed(tokens)}; remedy: write the type as it stands here")
    called = [found for found in of_type if name in (found.record.name, found.record.id)]
    called = called or [
        found for found in of_type if name in (found.record.outputs.get(property_) for property_ in _NAMES)
    ]
    if len(called) == 1:
        return called[0]
    if called:
        ids = _listed(found.record.id for found in called)
        raise DriftError(f"{name} is the name of {len(called)} resources of the type {tokens[0]}; name an id: {ids}")
    names = _listed(found.record.name for found in of_type)
    raise DriftError(f"the simulated cloud {cloud} has no {type_name} called {name}; there are: {names}")


def _names_of(token: str) -> set[str]:
    """What a type may be called: `NodePool`, `container:NodePool`, `container/nodePool:NodePool`, or all of it."""
    package, module, name = token.casefold().split(":")
    short = module.split("/")[0]
    return {name, f"{short}:{name}", f"{module}:{name}", f"{package}:{short}:{name}", token.casefold()}


def _listed(words: Any) -> str:
    return ", ".join(sorted(words)) or "nothing"


def change(
    home: LabHome, found: Found, assignments: Sequence[Assignment], runtime: ClusterRuntime | None = None
) -> list[str]:
    """Change the resource as the cloud's own console would; what changed, a line for each property.

    What a program can set goes through the cloud's rules and has the provider's effects on real clusters, and both
    inputs and outputs have it then; what only the cloud computes is laid over the outputs. The runtime is the lab's
    unless a test passes its own.
    """
    provider = _provider(home, found.cloud, runtime)
    kind = _kind(provider, found.record)
    shape = sdk_schema.resource_shape(kind.token)
    _refuse_unknown(shape, assignments)
    inputs, computed = dict(found.record.inputs), dict(found.record.outputs)
    for assignment in assignments:
        if assignment.top in shape.inputs.properties:
            inputs = _input_after(assignment, inputs, computed)
    faults = sdk_schema.faults(shape, inputs)
    if faults:
        raise DriftError("; ".join(f"{fault.path}: {fault.reason}" for fault in faults))
    state = _updated(provider, kind, found.record, inputs) if inputs != found.record.inputs else computed
    for assignment in assignments:
        if assignment.top not in shape.inputs.properties:
            state = assignment.applied(state)
    with provider.store.locked():
        provider.store.put(replace(found.record, inputs=inputs, outputs=state))
    return _differences(found.record, state)


def _refuse_unknown(shape: sdk_schema.ResourceShape, assignments: Sequence[Assignment]) -> None:
    known = {*shape.inputs.properties, *shape.outputs}
    for assignment in assignments:
        if assignment.top not in known:
            raise DriftError(
                f"{assignment.path}: {shape.token} has no property {assignment.top!r}; it has: {_listed(known)}"
            )


def _input_after(assignment: Assignment, inputs: dict[str, Any], computed: dict[str, Any]) -> dict[str, Any]:
    """A property that the program left to the cloud begins as the cloud chose it."""
    if assignment.top not in inputs and len(assignment.steps) > 1 and assignment.top in computed:
        inputs = {**inputs, assignment.top: computed[assignment.top]}
    return assignment.applied(inputs)


def _updated(provider: CloudProvider, kind: Kind, record: Record, inputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs after the cloud has accepted and made the change."""
    call = _call(provider, record, inputs)
    try:
        with provider.store.locked():
            for rule in kind.rules:
                rule(call)
        before = outputs.planned(kind, _call(provider, record, dict(record.inputs)))
        # Only what the change touches: the engine's provider may have been configured with tags that are unknown here.
        state = _merged(dict(record.outputs), before, outputs.planned(kind, call))
        return {**cast("dict[str, Any]", state), **kind.update(call)}
    except (RefusedError, UnhealthyError) as refusal:
        raise DriftError(f"{provider.store.cloud} (simulated) refuses the change: {refusal}") from refusal


def _merged(current: Any, before: Any, after: Any) -> Any:
    """The current value with what differs between before and after, key by key."""
    if not (isinstance(current, dict) and isinstance(before, dict) and isinstance(after, dict)):
        return after
    held, was, becomes = (cast("dict[str, Any]", value) for value in (current, before, after))
    merged = {key: value for key, value in held.items() if key not in was or key in becomes}
    for key, value in becomes.items():
        if key not in was:
            merged[key] = value
        elif was[key] != value:
            merged[key] = _merged(held.get(key), was[key], value)
    return merged


def _differences(record: Record, state: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for path, kind in changes(record.outputs, state).items():
        if any(path == private or path.startswith((f"{private}.", f"{private}[")) for private in record.private):
            lines.append(f"{path}: [secret] ({kind})")
            continue
        before, after = _at(record.outputs, path), _at(state, path)
        lines.append(f"{path}: {before} → {after}")
    return lines


def _at(properties: Any, path: str) -> str:
    """What a path of `changes` leads to; keys may hold dots, so the longest that fits is taken."""
    if not path:
        return json.dumps(properties)
    if isinstance(properties, list):
        index, _, rest = path.removeprefix("[").partition("]")
        items = cast("list[Any]", properties)
        return _at(items[int(index)], rest.removeprefix(".")) if int(index) < len(items) else "nothing"
    if isinstance(properties, dict):
        fitting = [
            key for key in cast("dict[str, Any]", properties) if path == key or path.startswith((f"{key}.", f"{key}["))
        ]
        if fitting:
            key = max(fitting, key=len)
            return _at(properties[key], path[len(key) :].removeprefix("."))
    return "nothing"


def delete(home: LabHome, found: Found, *, force: bool = False, runtime: ClusterRuntime | None = None) -> None:
    """The resource is gone, and with it its real cluster, node or address; forced, even if others still use it."""
    provider = _provider(home, found.cloud, runtime)
    kind = _kind(provider, found.record)
    call = _call(provider, found.record, dict(found.record.inputs))
    try:
        if not force:
            with provider.store.locked():
                for rule in kind.in_use:
                    rule(call)
        kind.delete(call)
    except RefusedError as refusal:
        raise DriftError(
            f"{found.cloud} (simulated) refuses the deletion: {refusal}; remedy: --force deletes it all the same"
        ) from refusal
    provider.store.remove(kind.token, call.id)


def _provider(home: LabHome, cloud: str, runtime: ClusterRuntime | None) -> CloudProvider:
    module = importlib.import_module(f"multimesh_lab.providers.{cloud.replace('-', '_')}.provider")
    return cast(CloudProvider, module.provider(home, runtime))


def _kind(provider: CloudProvider, record: Record) -> Kind:
    kind = provider.kinds.get(record.type)
    if kind is None:
        raise DriftError(f"resource type {record.type!r} is not simulated any more; remedy: multimesh-lab down")
    return kind


def _call(provider: CloudProvider, record: Record, inputs: dict[str, Any]) -> Call:
    """The call that the engine would make; what its provider was configured with is read from what there is."""
    call = Call(provider.store, provider.runtime, _config(provider.store, record), record.type, record.urn, inputs)
    call.id, call.old, call.old_inputs = record.id, dict(record.outputs), dict(record.inputs)
    return call


def _config(store: Store, record: Record) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for each in (record, *store.all()):
        for key in _CONFIGURED:
            if each.outputs.get(key):
                known.setdefault(key, each.outputs[key])
        for key, pattern in _IN_IDS.items():
            written = pattern.match(each.id)
            if written is not None:
                known.setdefault(key, written[1])
    return known
