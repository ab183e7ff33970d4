"""Limits of the kernel: raised while a lab is up, and then as they were."""

from pathlib import Path

import pytest

from multimesh_lab import limits
from multimesh_lab.home import LabHome


@pytest.fixture
def home(tmp_path: Path) -> LabHome:
    made = LabHome(tmp_path / "lab")
    made.create()
    return made


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "max_user_instances"
    path.write_text("128\n")
    monkeypatch.setattr(limits, "INOTIFY", path)
    return path


def test_raised_by_up_and_as_before_after_down(home: LabHome, setting: Path) -> None:
    for _ in range(2):
        limits.ensure(home)
        assert int(setting.read_text()) == limits.WANTED
    limits.restore(home)
    assert int(setting.read_text()) == 128
    limits.restore(home)
    assert int(setting.read_text()) == 128


def test_a_machine_with_more_keeps_it(home: LabHome, setting: Path) -> None:
    setting.write_text("8192\n")
    limits.ensure(home)
    limits.restore(home)
    assert setting.read_text() == "8192\n"


def test_what_somebody_else_set_meanwhile_stays(home: LabHome, setting: Path) -> None:
    limits.ensure(home)
    setting.write_text("4096\n")
    limits.restore(home)
    assert setting.read_text() == "4096\n"


def test_a_machine_without_the_setting_is_let_be(home: LabHome, setting: Path) -> None:
    setting.unlink()
    limits.ensure(home)
    limits.restore(home)
    assert not setting.exists()
