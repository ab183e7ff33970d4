"""Which manager owns which field of an object, as `metadata.managedFields` says.

Owns: reading and rewriting that record. Does not own: sending it (apply.py).
"""

import copy
from collections.abc import Sequence
from typing import Any, cast

from multimesh_lab.providers.kubernetes.api import Object
from multimesh_lab.providers.kubernetes.paths import Path, below, expanded

EARLIER_MANAGERS = (
    "kubectl",
    "before-first-apply",
    "pulumi-kubernetes",
    "pulumi-kubernetes.exe",
    "pulumi-resource-kubernetes",
)
"""Tools whose fields become the resource's own, or what is removed from the program would stay on the server."""

Entry = dict[str, Any]


def handed_over(entries: list[Entry], manager: str) -> list[Entry]:
    """The record with the earlier managers' fields as applied by this one; subresources stay whose they are."""
    others: list[Entry] = []
    own: list[Entry] = []
    for entry in entries:
        ours = entry["manager"] == manager and entry["operation"] == "Apply"
        earlier = entry["manager"] in EARLIER_MANAGERS
        (own if (ours or earlier) and not entry.get("subresource") else others).append(entry)
    if not own or (len(own) == 1 and own[0]["manager"] == manager):
        return entries
    fields: Object = {}
    for entry in own:
        fields = _union(fields, entry.get("fieldsV1", {}))
    return [*others, {**own[-1], "manager": manager, "operation": "Apply", "fieldsV1": fields}]


def _union(one: Object, other: Object) -> Object:
    return {
        key: _union(one[key], other[key]) if key in one and key in other else one.get(key, other.get(key))
        for key in {**one, **other}
    }


def made_by_earlier(live: Object) -> bool:
    """Whether an earlier tool's Update entry is still there, as after a plain POST."""
    return any(
        entry["manager"] in EARLIER_MANAGERS and entry["operation"] == "Update"
        for entry in live["metadata"].get("managedFields") or []
    )


def without_ignored(wanted: Object, live: Object, ignored: Sequence[Path], manager: str) -> Object:
    """What to apply when the program ignores changes of some paths.

    A field that only others own is left out, so that applying does not conflict with them; else its live value is sent.
    """
    result = copy.deepcopy(wanted)
    for path in (each for pattern in ignored for each in expanded(wanted, pattern)):
        holder = below(result, path[:-1])
        if not isinstance(holder, dict) or path[-1] not in holder:
            continue
        holder = cast("dict[Any, Any]", holder)
        value = below(live, path)
        if value is None or (_owners(live, path) and manager not in _owners(live, path)):
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(value)
    return result


def _owners(live: Object, path: Path) -> set[str]:
    """The managers of a field outside lists, which are recorded by key and not by position."""
    keys = [f"f:{step}" for step in path]
    entries = live["metadata"].get("managedFields") or []
    return {entry["manager"] for entry in entries if below(entry.get("fieldsV1", {}), keys) is not None}
