"""The outputs of a resource before, during and after a change.

Owns: what is known at preview, what an update carries over, and which outputs are secret on the wire.
Does not own: what a type computes (kinds).
"""

from typing import Any, cast

from google.protobuf import struct_pb2

from multimesh_lab.providers import sdk_schema
from multimesh_lab.providers.kinds import Call, Kind
from multimesh_lab.providers.wire import UNKNOWN, Properties, Secret, encode


def planned(kind: Kind, call: Call) -> Properties:
    """The inputs and what the provider knows without asking the cloud."""
    known = {**kind.planned(call), **{k: v for k, v in call.inputs.items() if v is not None}}
    return _overlay_nested(known, kind.planned(call))


def at_preview(kind: Kind, call: Call) -> Properties:
    """What a create will give: inputs and plan known, everything that the cloud computes unknown."""
    known = planned(kind, call)
    for name in sdk_schema.resource_shape(kind.token).computed:
        known.setdefault(name, UNKNOWN)
    for path in kind.computed_within:
        known = _with_default(known, path.split("."), UNKNOWN)
    return known


def carried(kind: Kind, call: Call) -> Properties:
    """What an update starts from: the new inputs and plan over what was computed before."""
    shape = sdk_schema.resource_shape(kind.token)
    own = frozenset(shape.inputs.properties)
    # An output that no input ever set was chosen by the cloud and stays; one whose input is gone goes with
    # it.
    kept = {k: v for k, v in call.old.items() if k not in own or k not in call.old_inputs}
    state = {**kept, **planned(kind, call)}
    for path in kind.computed_within:
        before: Any = call.old
        for part in path.split("."):
            before = cast("Properties", before).get(part) if isinstance(before, dict) else None
        if before is not None:
            state = _with_default(state, path.split("."), before)
    return state


def _with_default(holder: Properties, path: list[str], value: Any) -> Properties:
    """The holder with the value at the path, where there is an object to hold it and it is not there."""
    first, *rest = path
    if not rest:
        return {first: value, **holder}
    inner = holder.get(first)
    if not isinstance(inner, dict):
        return holder
    return {**holder, first: _with_default(cast("Properties", inner), rest, value)}


def on_wire(kind: Kind, state: Properties) -> struct_pb2.Struct:
    """The outputs with the private ones marked as secret."""
    marked = dict(state)
    for path in kind.private:
        outer, _, inner = path.partition(".")
        value = marked.get(outer)
        if value is None or value is UNKNOWN:
            continue
        if not inner:
            marked[outer] = Secret(value)
        elif isinstance(value, dict) and inner in value:
            nested = cast("Properties", value)
            marked[outer] = {**nested, inner: Secret(nested[inner])}
    return encode(marked)


def _overlay_nested(known: Properties, plan: Properties) -> Properties:
    """Defaults within an object that the program gave in part."""
    for key, value in plan.items():
        if isinstance(value, dict) and isinstance(known.get(key), dict):
            known[key] = {**cast("dict[str, Any]", value), **known[key]}
    return known
