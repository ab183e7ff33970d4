"""Which checks insist, which are silent, and what they leave alone: the file that the engine takes as
`--policy-pack-config`, so that a preview and an audit are judged alike.

Owns: its form. Does not own: reading files.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_multimesh.checks.catalogue import BY_ID, CATALOGUE
from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault

DISABLED = "disabled"
_LEVELS = (*(str(level) for level in Level), DISABLED)
_ALL = "all"
_LEVEL, _EXCEPT = "enforcementLevel", "except"


@dataclass(frozen=True)
class Settings:
    """How the checks are run."""

    levels: Mapping[str, str] = field(default_factory=dict[str, str])
    """By id; `all` is for those that are not named."""
    excepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Patterns of names by id."""

    def level(self, check: Check) -> str:
        """`mandatory`, `advisory` or `disabled`."""
        return self.levels.get(check.id, self.levels.get(_ALL, check.level))

    def checks(self) -> list[Check]:
        """Those that are run."""
        return [check for check in CATALOGUE if self.level(check) != DISABLED]


def settings(document: object) -> tuple[Settings, list[Fault]]:
    """The settings, and all that is wrong with them."""
    levels: dict[str, str] = {}
    excepted: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for name, said in reading.as_record(document).items():
        if name != _ALL and name not in BY_ID:
            near = difflib.get_close_matches(name, BY_ID, 1)
            remedy = f"write  {near[0]}" if near else "see  multimesh checks"
            faults.append(Fault(name, None, "is no check", "an id of a check, or all", remedy))
            continue
        wish = {_LEVEL: said} if isinstance(said, str) else reading.as_record(said)
        level = wish.get(_LEVEL)
        if level is not None and level not in _LEVELS:
            faults.append(Fault(f"{name}.{_LEVEL}", level, "is no level", ", ".join(_LEVELS), "correct it"))
        elif isinstance(level, str):
            levels[name] = level
        excepted[name] = tuple(reading.texts(wish, _EXCEPT))
    return Settings(levels, excepted), faults
