"""A check: what should hold, why, and how it is found out.

Owns: the shape of a check and of a finding, and running checks over items. Does not own: any check (catalogue.py).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from pulumi_multimesh.checks.item import Item

Look = Callable[[Item], Iterable[str]]
"""What is wrong with one item, as sentences without a subject."""
Survey = Callable[[Sequence[Item]], Iterable[tuple[Item, str]]]
"""What is wrong with items that belong together, each with the item that is told."""


class Level(StrEnum):
    """How much a check insists."""

    MANDATORY = "mandatory"
    """What it finds stops an update, and an audit ends with 1."""
    ADVISORY = "advisory"
    """What it finds is told."""


@dataclass(frozen=True)
class Check:
    """One thing that should hold."""

    id: str
    """Stays as it is for good: configuration, exceptions and pages are by it."""
    level: Level
    """Unless configured otherwise."""
    title: str
    """What should hold, as a sentence."""
    why: str
    """What could happen otherwise, for whoever has to decide."""
    remedy: str
    """What to do."""
    source: str
    """Where the fact is from: an address, or a number of a standard."""
    types: tuple[str, ...]
    """The engine's tokens that it looks at, with `*` for any part; of Kubernetes `kubernetes:GROUP:KIND`."""
    look: Look | None = None
    survey: Survey | None = None

    def finds(self, items: Iterable[Item]) -> Iterator["Finding"]:
        """What it finds; items of other types are not looked at."""
        chosen = [item for item in items if self.is_for(item)]
        if self.look is not None:
            for item in chosen:
                yield from (Finding(self, item, message) for message in self.look(item))
        if self.survey is not None:
            for together in _by_cluster(chosen):
                yield from (Finding(self, item, message) for item, message in self.survey(together))

    def is_for(self, item: Item) -> bool:
        """Whether it looks at such an item."""
        called = f"kubernetes:{item.group}:{item.kind}" if item.kind else item.type
        return any(fnmatchcase(called, pattern) for pattern in self.types)


@dataclass(frozen=True)
class Finding:
    """What a check found."""

    check: Check
    item: Item
    message: str
    """What is wrong, without a subject: `admits everybody`."""


def run(
    checks: Iterable[Check], items: Collection[Item], excepted: Mapping[str, Sequence[str]] | None = None
) -> list[Finding]:
    """What the checks find, in their order; `excepted`: patterns of names that a check leaves alone, by its id."""
    found = [finding for check in checks for finding in check.finds(items)]
    allowed = excepted or {}
    return [each for each in found if not is_excepted(each.item.name, allowed.get(each.check.id, ()))]


def is_excepted(name: str, patterns: Iterable[str]) -> bool:
    """Whether any of the patterns, with `*` for any part, is for the name."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _by_cluster(items: Sequence[Item]) -> list[list[Item]]:
    return [[each for each in items if each.cluster == name] for name in dict.fromkeys(each.cluster for each in items)]
