"""Paths into an object: as steps, and as the engine writes them.

Owns: their two forms and what lies at one. Does not own: what differs there (diff.py).
"""

import re
from collections.abc import Sequence
from typing import Any, cast

Path = Sequence[str | int]

_STEP = re.compile(r'\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[\'([^\']*)\'\]|([^.\[\]]+)')


def steps(text: str) -> list[str | int]:
    """`spec.ports[0]["a.b"]` as its steps."""
    found: list[str | int] = []
    for match in _STEP.finditer(text):
        index, double, single, word = match.groups()
        if index is not None:
            found.append(int(index))
        elif double is not None:
            found.append(re.sub(r"\\(.)", r"\1", double))
        else:
            found.append(single if single is not None else word)
    return found


def written(path: Path) -> str:
    """The path in the engine's form: keys with a dot, a bracket or a quote are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step == "" or re.search(r'[.\[\]"\\]', step):
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
        else:
            text += f".{step}" if text else step
    return text


def below(value: Any, path: Path) -> Any:
    """What lies at the path, or None."""
    for step in path:
        if isinstance(value, list) and isinstance(step, int):
            items = cast("list[Any]", value)
            value = items[step] if step < len(items) else None
        elif isinstance(value, dict):
            value = cast("dict[Any, Any]", value).get(step)
        else:
            return None
    return value


def starts_with(path: Path, beginning: Path) -> bool:
    """Whether the path lies at or below the other, in which `*` stands for any step."""
    return len(path) >= len(beginning) and all(
        wanted in ("*", step) for step, wanted in zip(path, beginning, strict=False)
    )


def expanded(value: Any, path: Path) -> list[Path]:
    """The paths that one with `*` stands for in this value."""
    if "*" not in path:
        return [path]
    at = list(path).index("*")
    inner = below(value, path[:at])
    keys: list[Any] = []
    if isinstance(inner, dict | list):
        keys = list(cast("dict[str, Any]", inner)) if isinstance(inner, dict) else list(range(len(inner)))
    return [each for key in keys for each in expanded(value, [*path[:at], key, *path[at + 1 :]])]
