"""Which certificate ends when, and the days that are left.

Owns: counting. Does not own: where ends are read (expiry.py, certificates_command.py), and what is said of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Ending:
    """A certificate that ends."""

    name: str
    """`root`, `root-NAME`, the cluster whose intermediate it is, or `CLUSTER/SERVER`."""
    ends: datetime
    days: int
    """Whole days that are left; negative once it is over."""


def endings(ends: Mapping[str, str | None], now: datetime) -> list[Ending]:
    """The certificates, the first to end first; one whose end is not known is left out."""
    found = [
        Ending(name, moment, (moment - now).days)
        for name, text in ends.items()
        if text
        for moment in [datetime.fromisoformat(text).astimezone(UTC)]
    ]
    return sorted(found, key=lambda ending: (ending.ends, ending.name))
