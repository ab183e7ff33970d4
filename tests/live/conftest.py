"""Tests that start real clusters: the mark `live`, and one lab for them all."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from multimesh_lab import lifecycle, machine, tools
from multimesh_lab.home import LabHome


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live: starts real clusters; needs root, Debian packages and the built tools")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs them all, in order: a machine has one lab, and each module's tests follow one another."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("live"))


def reason_to_skip() -> str | None:
    """What this machine lacks; None when a lab can be up here."""
    absent = machine.missing(machine.LAB)
    if absent:
        return "the lab needs " + ", ".join(need.what for need in absent)
    try:
        for module in tools.modules_needed():
            for command in module.commands:
                tools.binary(command)
    except tools.ToolMissing as missing:
        return str(missing)
    return None


@pytest.fixture(scope="module")
def lab() -> Iterator[LabHome]:
    """A lab of its own in a temporary folder; `down` must leave nothing of it."""
    reason = reason_to_skip()
    if reason is not None:
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="multimesh-live-"))
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
