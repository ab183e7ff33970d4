"""`PATH=VALUE` as people type it: one value of one property, however deep it lies.

Owns: reading the words and setting the value. Does not own: what a resource's properties mean (drift).
A path is written as Pulumi writes it: `tags.owner`, `cidrBlocks[0].displayName`, `labels["example.test/team"]`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_STEP = re.compile(r'\.?(?P<name>[^.\[\]="]+)|\[(?P<index>\d+)\]|\["(?P<key>[^"]+)"\]')


class PathError(ValueError):
    """The words cannot be read, or the path leads nowhere."""


@dataclass(frozen=True)
class Assignment:
    """A value for what lies at a path; None takes it away."""

    path: str
    steps: tuple[str | int, ...]
    value: Any

    @property
    def top(self) -> str:
        """The property that the path begins with."""
        return cast(str, self.steps[0])

    def applied(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of the properties with the value in it; objects on the way are made, list items are not."""
        result = cast("dict[str, Any]", json.loads(json.dumps(dict(properties))))
        holder: Any = result
        for position, step in enumerate(self.steps):
            self._check(holder, step, position)
            if position == len(self.steps) - 1:
                self._put(holder, step)
            elif isinstance(holder, dict) and cast("dict[str | int, Any]", holder).get(step) is None:
                holder[step] = {}
            holder = (
                holder.get(step) if isinstance(holder, dict) else holder[step] if self._within(holder, step) else None
            )
        return result

    def _within(self, holder: Any, step: str | int) -> bool:
        return isinstance(step, int) and step < len(holder)

    def _put(self, holder: Any, step: str | int) -> None:
        if self.value is not None:
            holder[step] = self.value
        elif isinstance(holder, dict):
            cast("dict[str | int, Any]", holder).pop(step, None)
        else:
            del holder[step]

    def _check(self, holder: Any, step: str | int, position: int) -> None:
        before = _written(self.steps[:position])
        if isinstance(step, int):
            if not isinstance(holder, list):
                raise PathError(f"{self.path}: {before} is no list, so it has no item [{step}]")
            items = cast("list[Any]", holder)
            if step >= len(items):
                raise PathError(f"{self.path}: {before} has {len(items)} items; the last is [{len(items) - 1}]")
        elif not isinstance(holder, dict):
            raise PathError(f"{self.path}: {before} is {json.dumps(holder)}, which has nothing called {step!r} in it")


def parse(word: str) -> Assignment:
    """The assignment that a word of the command line means; a value that is no JSON is text."""
    steps: list[str | int] = []
    position = 0
    while position < len(word) and word[position] != "=":
        found = _STEP.match(word, position)
        if found is None:
            break
        name, index, key = found["name"], found["index"], found["key"]
        steps.append(int(index) if index is not None else name or key)
        position = found.end()
    if not steps or isinstance(steps[0], int) or word[position : position + 1] != "=":
        raise PathError(
            f"{word!r} is not PATH=VALUE, such as tags.owner=me, scalingConfig.minSize=3, "
            "'labels[\"example.test/team\"]=null'"
        )
    return Assignment(word[:position], tuple(steps), _value(word[position + 1 :]))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _written(steps: tuple[str | int, ...]) -> str:
    words = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps]
    return "".join(words).removeprefix(".")
