"""Processes that outlive the command that starts them, and can be stopped later by their pid file alone.

Owns: starting, finding and stopping one. Does not own: what it runs, and finding those without a pid file (residue).
A pid file holds the pid and the start time that the kernel gives, so a pid used again by a stranger is never signalled.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MARK = "MULTIMESH_LAB_DAEMON"
"""An environment variable of every daemon and its children: its folder, by which it is found without a pid file."""

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Identity:
    """A process that cannot be mistaken for a later one with the same pid."""

    pid: int
    started: int
    """Clock ticks after boot, field 22 of /proc/PID/stat."""

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """The process as it is now; None when there is none or only its remains (a zombie)."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        # The command's name may hold spaces and brackets, so the fields are counted from its end.
        fields = stat[stat.rindex(")") + 2 :].split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    def alive(self) -> bool:
        return Identity.of(self.pid) == self

    def signal(self, number: signal.Signals) -> None:
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


@dataclass(frozen=True)
class Daemon:
    """One process of the lab: `pids/NAME.pid` and `logs/NAME.log` below its folder."""

    name: str
    folder: Path
    network: str | None = None
    """The network namespace it runs in; the machine's own when None."""

    @property
    def pid_file(self) -> Path:
        return self.folder / "pids" / f"{self.name}.pid"

    @property
    def log_file(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    def alive(self) -> bool:
        return alive(self.pid_file)

    def start(self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        """Start it in a session of its own, unless it runs already. Secrets belong into files, not into the command."""
        if self.alive():
            return
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        words = [str(word) for word in command]
        if self.network is not None:
            words = ["nsenter", f"--net=/run/netns/{self.network}", "--", *words]
        with self.log_file.open("ab") as log:
            child = subprocess.Popen(
                words,
                cwd=self.folder,
                env={"PATH": _PATH, "HOME": str(self.folder), MARK: str(self.folder), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _children[child.pid] = child
        identity = Identity.of(child.pid)
        if identity is None:
            raise ProcessEndedError(self)
        scratch = self.pid_file.with_suffix(".new")
        scratch.write_text(f"{identity.pid} {identity.started}\n")
        scratch.replace(self.pid_file)

    def stop(self, patience: float = 10) -> None:
        stop([self.pid_file], patience)

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, for an error's message."""
        return "\n".join(f"    {line}" for line in tail(self.log_file, lines)) or "    (its log is empty)"


class ProcessEndedError(Exception):
    """A process that should keep running has ended."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__(f"{daemon.name} has ended; the end of {daemon.log_file}:\n{daemon.last_words()}")


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a file that may be large; none when it is not there."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64 * 1024))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return []


def read(pid_file: Path) -> Identity | None:
    """Which process a pid file means, whether it lives or not."""
    try:
        pid, started = pid_file.read_text().split()
        return Identity(int(pid), int(started))
    except (OSError, ValueError):
        return None


def alive(pid_file: Path) -> bool:
    identity = read(pid_file)
    return identity is not None and identity.alive()


def stop(pid_files: Iterable[Path], patience: float = 10) -> None:
    """TERM to all of them, KILL to those that are still there when patience ends; then their pid files go."""
    files = list(pid_files)
    end([identity for identity in map(read, files) if identity is not None], patience)
    for path in files:
        path.unlink(missing_ok=True)


def end(identities: Sequence[Identity], patience: float = 10) -> None:
    """Make the processes end: TERM, a wait, KILL."""
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 10.0)):
        rest = [identity for identity in identities if identity.alive()]
        for identity in rest:
            identity.signal(number)
        _await_end(rest, seconds)
    for identity in identities:
        child = _children.get(identity.pid)
        if child is not None and child.poll() is not None:
            del _children[identity.pid]


def _await_end(identities: Sequence[Identity], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(identity.alive() for identity in identities):
        time.sleep(0.02)
