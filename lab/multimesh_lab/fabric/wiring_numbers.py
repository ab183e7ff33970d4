"""The small numbers of routers and of tunnels' ends, from which the kernel's names are made.

Owns: who has which, remembered on disk, so that nothing is renumbered when another network or tunnel comes or goes.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from multimesh_lab import files
from multimesh_lab.home import LabHome


@dataclass(frozen=True)
class Numbers:
    """By the id of the network, and by the key of the end."""

    routers: dict[str, int] = field(default_factory=dict[str, int])
    ends: dict[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def load(cls, home: LabHome) -> "Numbers":
        return cls(**files.read_json(home.fabric / "numbers.json", {}))

    def save(self, home: LabHome) -> None:
        files.write_json(home.fabric / "numbers.json", asdict(self))

    def of(self, networks: Iterable[str], ends: Iterable[str]) -> "Numbers":
        """Numbers for these and no others; who has one keeps it, the others get the lowest that are free."""
        return Numbers(_numbered(self.routers, networks), _numbered(self.ends, ends))


def _numbered(held: dict[str, int], wanted: Iterable[str]) -> dict[str, int]:
    names = sorted(wanted)
    found = {name: held[name] for name in names if name in held}
    free = (number for number in range(1, len(names) + len(held) + 1) if number not in held.values())
    # A number is free again only at the next change, when what had it is gone.
    return found | {name: next(free) for name in names if name not in found}
