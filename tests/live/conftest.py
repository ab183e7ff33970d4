"""Tests that start real clusters: the mark `live`, and one lab for them all."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from multimesh_lab import lifecycle, machine, network, tools
from multimesh_lab.home import LabHome

STARTED_UNTIL = "MULTIMESH_LIVE_UNTIL"
"""Seconds since the epoch: no lab is started later, so that a run with a limit ends in time; none unless set."""

_PREFIX, _RUNNER = "multimesh-live-", "runner"
"""Of a lab's folder, and the file in it with the id of the process that runs the tests."""

FIRST = ("test_two_clouds", "test_zero_trust_live", "test_under_load", "test_topologies_live", "test_upgrade_in_place")
"""What a run whose time is short should have shown."""


def _is_live(item: pytest.Item) -> bool:
    return Path(__file__).parent in item.path.parents


def _turn(item: pytest.Item) -> int:
    return FIRST.index(item.path.stem) if _is_live(item) and item.path.stem in FIRST else len(FIRST)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live: starts real clusters; needs root, Debian packages and the built tools")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs them all, in order: a machine has one lab, and each module's tests follow one another."""
    items.sort(key=_turn)
    for item in items:
        if _is_live(item):
            item.add_marker(pytest.mark.xdist_group("live"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Live tests in two workers at once would take the one lab from each other, and fail in ways that tell nothing."""
    apart = [item.nodeid for item in session.items if _is_live(item) and not item.nodeid.endswith("@live")]
    if session.config.getoption("loadgroup", default=False) and apart:
        raise pytest.UsageError(f"pytest-xdist keeps no groups with this pytest; a live test by itself: {apart[0]}")


def reason_to_skip() -> str | None:
    """What this machine or this run lacks; None when a lab can be up here and now."""
    until = os.environ.get(STARTED_UNTIL)
    if until is not None and time.time() > float(until):
        return f"this run has no time left for another lab ({STARTED_UNTIL}); run this module by itself"
    absent = machine.missing(machine.LAB)
    if absent:
        return "the lab needs " + ", ".join(need.what for need in absent)
    try:
        for module in tools.modules_needed(for_tests=True):
            for command in module.commands:
                tools.binary(command, module.folder)
    except tools.ToolMissing as missing:
        return str(missing)
    return None


def _clear_what_a_killed_run_left() -> None:
    """A run that is killed leaves its lab up, and all live tests after it would be skipped for that."""
    owner = network.owner()
    folder = Path(owner).parent if owner else None
    if folder is None or not folder.name.startswith(_PREFIX) or not (folder / _RUNNER).exists():
        return
    runner = int((folder / _RUNNER).read_text())
    if not Path(f"/proc/{runner}").exists():
        lifecycle.down(LabHome(folder / "lab"))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def lab() -> Iterator[LabHome]:
    """A lab of its own in a temporary folder; `down` must leave nothing of it."""
    reason = reason_to_skip()
    if reason is not None:
        pytest.skip(reason)
    _clear_what_a_killed_run_left()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / _RUNNER).write_text(str(os.getpid()))
    home = LabHome(folder / "lab")
    try:
        lifecycle.up(home)
    except lifecycle.LabError as fault:
        shutil.rmtree(folder)
        if "another lab" in str(fault):
            pytest.skip(str(fault))
        raise
    try:
        yield home
    finally:
        lifecycle.down(home)
        left = lifecycle.leftovers(home)
        shutil.rmtree(folder, ignore_errors=True)
    assert left == []
