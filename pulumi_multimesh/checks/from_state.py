"""Items of a stack's exported state.

Owns: reading resources as the engine exports them. Does not own: fetching the state. Secrets stay encrypted: what the
engine keeps as one cannot be read here, and need not be.
"""

from collections.abc import Mapping
from typing import Any, cast

from pulumi_multimesh.checks.item import KUBERNETES, UNREAD, Item
from pulumi_multimesh.plan import reading

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks what is no plain value: a secret, an asset, a reference to a resource."""


def from_state(state: Mapping[str, Any]) -> list[Item]:
    """Every resource of what `pulumi stack export` writes, with the outputs that its inputs do not tell already."""
    deployment = reading.record(reading.as_record(state), "deployment")
    return [_item(reading.as_record(each)) for each in reading.as_list(deployment.get("resources"))]


def _item(resource: reading.Record) -> Item:
    urn = reading.text(resource, "urn") or ""
    kind = reading.text(resource, "type") or ""
    outputs, inputs = reading.record(resource, "outputs"), reading.record(resource, "inputs")
    # An output of Kubernetes has what the cluster added; its inputs are what was asked for.
    properties = {**outputs, **inputs}
    provider = (reading.text(resource, "provider") or "").rpartition("::")[0]
    return Item(
        type=kind,
        name=urn.rpartition("::")[2],
        properties=cast("dict[str, Any]", _readable(properties)),
        cluster=provider if kind.startswith(KUBERNETES) else "",
        urn=urn,
        outputs=cast("dict[str, Any]", _readable(outputs)),
    )


def _readable(value: object) -> object:
    if isinstance(value, Mapping):
        found = cast("Mapping[str, object]", value)
        if _SIGNATURE in found:
            return UNREAD
        return {key: _readable(inner) for key, inner in found.items()}
    if isinstance(value, list):
        return [_readable(inner) for inner in cast("list[object]", value)]
    return value
