"""Careful reading of a configuration that may be wrong: a value of another type counts as not given.

Owns: access by type. Does not own: saying that a type is wrong (shape.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard, cast

from pulumi_multimesh.plan.cluster_fields import CLUSTER_KINDS

Record = Mapping[str, object]


def as_record(value: object) -> Record:
    """The value's entries with text keys; none when it is no table."""
    if not isinstance(value, Mapping):
        return {}
    entries = cast("Mapping[object, object]", value)
    return {key: entries[key] for key in sorted(key for key in entries if isinstance(key, str))}


def record(holder: Record, key: str) -> Record:
    """The table under a key."""
    return as_record(holder.get(key))


def text(holder: Record, key: str) -> str | None:
    """The text under a key."""
    value = holder.get(key)
    return value if isinstance(value, str) else None


def integer(holder: Record, key: str) -> int | None:
    """The whole number under a key; other languages' programs send it as a float."""
    value = holder.get(key)
    return int(value) if is_whole(value) else None


def is_whole(value: object) -> TypeGuard[int | float]:
    """Whether the value is a whole number, and neither true nor false, which Python counts as numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


def texts(holder: Record, key: str) -> tuple[str, ...]:
    """The texts of the list under a key."""
    value = holder.get(key)
    return tuple(item for item in as_list(value) if isinstance(item, str))


def as_list(value: object) -> Sequence[object]:
    """The value's items; none when it is no list."""
    return cast("Sequence[object]", value) if is_list(value) else ()


def is_list(value: object) -> bool:
    """Whether the value is a list, as YAML and programs write it."""
    return isinstance(value, list | tuple)


def is_output(value: object) -> bool:
    """Whether the value is an output of the program, which is known only when the engine runs."""
    return hasattr(value, "apply")


def records(holder: Record, key: str) -> dict[str, Record]:
    """The tables under a key, by name."""
    return {name: as_record(value) for name, value in record(holder, key).items()}


def text_table(holder: Record, key: str) -> dict[str, str]:
    """The table of texts under a key."""
    return {name: value for name, value in record(holder, key).items() if isinstance(value, str)}


def clusters(args: Record, *kinds: str) -> Iterator[tuple[str, str, Record]]:
    """Kind, name and wishes of each cluster, of all kinds unless some are named."""
    for kind in kinds or CLUSTER_KINDS:
        for name, wish in record(args, kind).items():
            yield kind, name, as_record(wish)
