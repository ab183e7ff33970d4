"""Programs that stand in for others on the PATH, and answer from files of a folder."""

import json
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, programs: Mapping[str, str]) -> None:
    """A PATH that holds these alone, by name: Python that finds its files in `FOLDER`."""
    (folder / "bin").mkdir()
    for name, text in programs.items():
        program = folder / "bin" / name
        program.write_text(f"#!{sys.executable}\nimport pathlib\nFOLDER = pathlib.Path({str(folder)!r})\n{text}")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder / "bin"))


def has(folder: Path, **documents: Any) -> None:
    """Write what they answer, as JSON."""
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
