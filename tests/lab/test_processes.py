"""Processes that outlive their starter."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from multimesh_lab import processes, residue
from multimesh_lab.processes import Daemon, Identity


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    made = Daemon("sleeper", tmp_path)
    yield made
    made.stop(patience=1)


class TestDaemon:
    def test_starts_in_a_session_of_its_own_and_stops(self, daemon: Daemon) -> None:
        daemon.start(["sleep", "60"])
        identity = processes.read(daemon.pid_file)
        assert identity is not None
        assert daemon.alive()
        assert os.getsid(identity.pid) == identity.pid
        daemon.stop()
        assert not daemon.alive()
        assert not daemon.pid_file.exists()

    def test_a_second_start_changes_nothing(self, daemon: Daemon) -> None:
        """`up` after `up` must not leave a second process that nobody knows."""
        daemon.start(["sleep", "60"])
        before = processes.read(daemon.pid_file)
        daemon.start(["sleep", "60"])
        assert processes.read(daemon.pid_file) == before

    def test_one_that_died_is_started_again(self, daemon: Daemon) -> None:
        daemon.start(["sleep", "60"])
        first = processes.read(daemon.pid_file)
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while daemon.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not daemon.alive(), "a zombie counts as dead"
        daemon.start(["sleep", "60"])
        assert daemon.alive()
        assert processes.read(daemon.pid_file) != first

    def test_another_process_stops_it_by_its_pid_file_alone(self, daemon: Daemon) -> None:
        daemon.start(["sleep", "60"])
        code = "import sys, pathlib; from multimesh_lab import processes; processes.stop([pathlib.Path(sys.argv[1])])"
        environment = {**os.environ, "PYTHONPATH": str(Path(processes.__file__).parents[1])}
        subprocess.run([sys.executable, "-c", code, daemon.pid_file], check=True, env=environment)
        assert not daemon.alive()

    def test_one_that_ignores_TERM_is_killed(self, daemon: Daemon) -> None:
        daemon.start(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"])
        deadline = time.monotonic() + 5
        while "ready" not in daemon.last_words() and time.monotonic() < deadline:
            time.sleep(0.01)
        daemon.stop(patience=0.2)
        assert not daemon.alive()

    def test_a_stranger_with_the_same_pid_is_left_alone(self, tmp_path: Path) -> None:
        """After a reboot the pid of the file belongs to someone else; here, to this test."""
        pid_file = tmp_path / "old.pid"
        own = Identity.of(os.getpid())
        assert own is not None
        pid_file.write_text(f"{own.pid} {own.started - 1}\n")
        assert not processes.alive(pid_file)
        processes.stop([pid_file])
        assert not pid_file.exists()

    def test_a_pid_file_cut_short_is_no_process(self, tmp_path: Path) -> None:
        pid_file = tmp_path / "cut.pid"
        pid_file.write_text("12")
        assert processes.read(pid_file) is None
        assert not processes.alive(pid_file)

    def test_the_environment_is_its_own(self, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
        """The user's tokens have no business in a process that outlives the command."""
        monkeypatch.setenv("SOME_TOKEN", "secret")
        daemon.start(["sh", "-c", "env; sleep 0.3"])
        deadline = time.monotonic() + 5
        while daemon.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert "SOME_TOKEN" not in daemon.last_words(50)
        assert f"{processes.MARK}={daemon.folder}" in daemon.last_words(50)


def _names(folder: Path) -> list[str]:
    return sorted(lost.name for lost in residue.processes(folder, []))


class TestLostProcesses:
    def test_are_found_without_a_pid_file(self, daemon: Daemon, tmp_path: Path) -> None:
        daemon.start(["sh", "-c", "sleep 60 & wait"])
        deadline = time.monotonic() + 5
        # The shell's child is called `sh` too, until it has become `sleep`.
        while _names(tmp_path) != ["sh", "sleep"] and time.monotonic() < deadline:
            time.sleep(0.02)
        daemon.pid_file.unlink()
        assert _names(tmp_path) == ["sh", "sleep"]
        residue.kill(tmp_path, [])
        assert residue.processes(tmp_path, []) == []

    def test_a_folder_whose_name_begins_alike_is_another(self, tmp_path: Path) -> None:
        """Slot 1 must not end what slot 10 runs."""
        other = Daemon("sleeper", tmp_path / "10")
        (tmp_path / "10").mkdir()
        other.start(["sleep", "60"])
        try:
            assert residue.processes(tmp_path / "1", []) == []
            assert len(residue.processes(tmp_path, [])) == 1
        finally:
            other.stop()
