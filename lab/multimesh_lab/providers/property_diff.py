"""Where two sets of properties differ, path by path.

Owns: the comparison and the form of paths. Does not own: which difference forces a replacement.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

Change = Literal["add", "delete", "update"]
_INDEX = re.compile(r"\[\d+\]")
_IGNORED = frozenset({"__defaults", "__meta"})


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Change]:
    """Every path that differs; absent and null are the same, as they are to a bridged provider."""
    return dict(_object_changes("", old, new))


def forced(path: str, forcing: frozenset[str]) -> bool:
    """Whether the path is one of the forcing ones or lies within one; indices do not count."""
    plain_path = _INDEX.sub("", path)
    return any(plain_path == each or plain_path.startswith(f"{each}.") for each in forcing)


def top_level(path: str) -> str:
    """The property that the path begins with."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def prune(value: Any, like: Any) -> Any:
    """The value cut down to the keys that `like` has, at every depth."""
    if isinstance(value, Mapping) and isinstance(like, Mapping):
        have, keys = cast("Mapping[str, Any]", value), cast("Mapping[str, Any]", like)
        return {key: prune(have[key], keys[key]) for key in keys if key in have}
    if isinstance(value, list) and isinstance(like, list):
        items, patterns = cast("list[Any]", value), cast("list[Any]", like)
        tail = items[len(patterns) :]
        return [prune(item, pattern) for item, pattern in zip(items, patterns, strict=False)] + tail
    return cast("Any", value)


def _object_changes(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Change]]:
    for key in sorted({*old, *new} - _IGNORED):
        where = f"{path}.{key}" if path else key
        yield from _value_changes(where, old.get(key), new.get(key))


def _value_changes(path: str, old: Any, new: Any) -> Iterator[tuple[str, Change]]:
    if old is None and new is None:
        return
    if old is None:
        yield path, "add"
    elif new is None:
        yield path, "delete"
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _object_changes(path, cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_changes(path, cast("list[Any]", old), cast("list[Any]", new))
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, "update"


def _list_changes(path: str, old: list[Any], new: list[Any]) -> Iterator[tuple[str, Change]]:
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        yield from _value_changes(f"{path}[{index}]", before, after)
