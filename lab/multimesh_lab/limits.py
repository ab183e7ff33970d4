"""Limits of the machine's kernel that a lab of many clusters would reach.

Owns: raising them while the lab is up, and what they were before. Does not own: anything that counts against them.
"""

import contextlib
from pathlib import Path

from multimesh_lab import files
from multimesh_lab.home import LabHome

INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
"""How many inotify instances a user may have; Debian's 128 end at some fifty proxies, because all are one user's."""

WANTED = 1024


def ensure(home: LabHome) -> None:
    """High enough from now on, where the kernel lets us; a machine that has more keeps it."""
    before = _current()
    if before is None or before >= WANTED:
        return
    files.write(_memory(home), str(before))
    # In a container the setting may be the host's alone; then a small mesh works all the same.
    with contextlib.suppress(OSError):
        INOTIFY.write_text(str(WANTED))


def restore(home: LabHome) -> None:
    """As it was before the lab, unless somebody else has set it since."""
    memory = _memory(home)
    if memory.exists():
        if _current() == WANTED:
            INOTIFY.write_text(memory.read_text())
        memory.unlink()


def _current() -> int | None:
    try:
        return int(INOTIFY.read_text())
    except OSError:
        return None


def _memory(home: LabHome) -> Path:
    return home.root / "inotify-before"
