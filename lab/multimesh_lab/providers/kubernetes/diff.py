"""What differs between an object as it was last seen and the inputs of now; no call is made.

Owns: the comparison and its form on the wire. Does not own: which paths replace (replacement.py).
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.kubernetes.inputs import AUTONAMED
from multimesh_lab.providers.kubernetes.normal_form import normal
from multimesh_lab.providers.kubernetes.paths import Path, starts_with, steps, written
from multimesh_lab.providers.kubernetes.replacement import forces
from multimesh_lab.providers.wire import has_unknown, plain

Properties = dict[str, Any]
_Kind = provider_pb2.PropertyDiff
_KINDS = {
    "add": (_Kind.ADD, _Kind.ADD_REPLACE),
    "delete": (_Kind.DELETE, _Kind.DELETE_REPLACE),
    "update": (_Kind.UPDATE, _Kind.UPDATE_REPLACE),
}


def pruned(live: Any, like: Any) -> Any:
    """The live value cut to the keys that were given; lists by position, cut to the shorter."""
    if isinstance(live, dict) and isinstance(like, dict):
        have, keys = cast("Properties", live), cast("Properties", like)
        return {key: pruned(have[key], keys[key]) for key in keys if key in have}
    if isinstance(live, list) and isinstance(like, list):
        items, patterns = cast("list[Any]", live), cast("list[Any]", like)
        return [pruned(item, pattern) for item, pattern in zip(items, patterns, strict=False)]
    return live


def changes(old: Any, new: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Path, str]]:
    """Every path that differs, and how; lists position by position, null as absent."""
    if old is None or new is None:
        if old is not None or new is not None:
            yield path, "add" if old is None else "delete"
    elif isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("Properties", old), cast("Properties", new)
        for key in sorted({*before, *after}):
            yield from changes(before.get(key), after.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        was, now = cast("list[Any]", old), cast("list[Any]", new)
        for index in range(max(len(was), len(now))):
            before, after = (items[index] if index < len(items) else None for items in (was, now))
            yield from changes(before, after, (*path, index))
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, "update"


def diff(
    state: Properties,
    old_inputs: Properties,
    news: Properties,
    *,
    namespaced: bool,
    forcing: Sequence[str],
    ignored: Sequence[str] = (),
) -> provider_pb2.DiffResponse:
    """The engine's answer: path by path, what replaces, and whether the old object must go first."""
    live = {key: value for key, value in plain(state).items() if not key.startswith("__")}
    old = _placed(normal(pruned(live, plain(old_inputs))), namespaced)
    new = _placed(normal(plain(news)), namespaced)
    left_out = [steps(path) for path in ignored]
    found = {
        path: change for path, change in changes(old, new) if not any(starts_with(path, each) for each in left_out)
    }
    replacing = [path for path in found if forces(path, forcing)]
    detailed = {
        written(path): provider_pb2.PropertyDiff(kind=_KINDS[change][path in replacing])
        for path, change in found.items()
    }
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if detailed else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=[written(path) for path in replacing],
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=bool(replacing) and _in_the_way(live, new),
    )


def _placed(given: Properties, namespaced: bool) -> Properties:
    """With the namespace that the API server means when none is given."""
    metadata = given.get("metadata")
    if not isinstance(metadata, dict):
        return given
    rest = {key: value for key, value in cast("Properties", metadata).items() if key != "namespace"}
    namespace = cast("Properties", metadata).get("namespace") or "default"
    return {**given, "metadata": {**rest, "namespace": namespace} if namespaced else rest}


def _in_the_way(old: Properties, new: Properties) -> bool:
    """Two objects cannot carry one name; a drawn name is drawn anew."""
    metadata = new.get("metadata", {})
    if has_unknown(metadata) or not metadata.get("name"):
        return False
    if metadata.get("annotations", {}).get(AUTONAMED) == "true":
        return False
    was = old.get("metadata", {})
    return metadata["name"] == was.get("name") and metadata.get("namespace") == was.get("namespace")
