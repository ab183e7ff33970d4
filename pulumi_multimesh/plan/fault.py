"""A fault of a configuration, and all of them as one exception.

Owns: how a fault reads. Does not own: what is a fault (validate.py and rules/).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where, what, what would be right, and what to do."""

    path: str
    """Where, as keys joined by dots: `gke.gcp-eu.project`."""
    value: object
    """The offending value where showing it helps; None where there is none, or where it may be a secret."""
    problem: str
    """Continues the sentence that starts with the path and the value: `is missing`."""
    allowed: str
    """What would be right."""
    remedy: str
    """What to do."""

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> tuple[str, str, str]:
        """The fault as three lines: what is wrong, what is allowed, the remedy."""
        where = self.path if self.value is None else f"{self.path}: {shown(self.value)}"
        return (f"{where} {self.problem}", f"allowed: {self.allowed}", f"remedy: {self.remedy}")


class ConfigurationFaults(Exception):
    """Every fault of the configuration of a mesh, or of a cluster alone."""

    def __init__(self, name: str, faults: Sequence[Fault], what: str = "mesh") -> None:
        super().__init__(name, tuple(faults))
        self.name: str = name
        """The mesh, or the cluster that stands alone."""
        self.what: str = what
        """`mesh` or `cluster`."""
        self.faults: tuple[Fault, ...] = tuple(faults)

    def __str__(self) -> str:
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        lines = [f"{count} in the configuration of {self.what} {shown(self.name)}; nothing was registered:"]
        margin = len(f"  {len(self.faults)}. ")
        for number, fault in enumerate(self.faults, 1):
            first, *rest = fault.lines()
            lines.append(f"{number}. ".rjust(margin) + first)
            lines.extend(" " * margin + line for line in rest)
        return "\n".join(lines)


def shown(value: object) -> str:
    """A value as a user would write it, cut when long."""
    text = json.dumps(value, ensure_ascii=False, default=lambda thing: f"({type(thing).__name__})")
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
