"""The folder of a lab: made for it alone."""

import stat
from pathlib import Path

import pytest

from multimesh_lab import lifecycle
from multimesh_lab.home import LabHome, NotALabError


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    """`down` would remove it whole."""
    (tmp_path / "thesis.md").write_text("years of work")
    mode = tmp_path.stat().st_mode
    with pytest.raises(NotALabError, match=r"holds thesis\.md.*remedy: MULTIMESH_LAB_DIR="):
        LabHome(tmp_path).create()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.md"]
    assert tmp_path.stat().st_mode == mode


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "lab").touch()
    with pytest.raises(NotALabError, match="is no folder"):
        LabHome(tmp_path / "lab").create()


def test_an_empty_folder_becomes_a_private_lab_and_stays_one(tmp_path: Path) -> None:
    home = LabHome(tmp_path)
    home.create()
    (home.root / "passphrase").touch()
    home.create()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_lab_whose_making_was_interrupted_is_made_whole(tmp_path: Path) -> None:
    home = LabHome(tmp_path)
    home.bin.mkdir()
    home.create()
    assert home.clusters.is_dir()


def test_down_removes_no_folder_that_up_would_not_take(tmp_path: Path) -> None:
    (tmp_path / "thesis.md").touch()
    with pytest.raises(NotALabError, match=r"holds thesis\.md"):
        lifecycle.down(LabHome(tmp_path))
    assert (tmp_path / "thesis.md").exists()
