"""The real engine in a lab of a test's own, run as a user runs it: `multimesh-lab exec -- pulumi …`."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from multimesh_lab import lifecycle, tools
from multimesh_lab.home import ENVIRONMENT_VARIABLE, LabHome

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Lab:
    """A lab and the ways to use it."""

    home: LabHome

    def command(self, *words: str, folder: Path = ROOT, seconds: int = 600) -> subprocess.CompletedProcess[str]:
        """`multimesh-lab WORDS` in the folder; stdout and stderr are joined."""
        environment = {**os.environ, ENVIRONMENT_VARIABLE: str(self.home.root)}
        return subprocess.run(
            [sys.executable, "-m", "multimesh_lab.cli", *words],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )

    def pulumi(self, *words: str, folder: Path = ROOT, seconds: int = 600) -> subprocess.CompletedProcess[str]:
        """`pulumi WORDS`, without questions and colours."""
        return self.command(
            *("exec", "--", "pulumi", *words, "--non-interactive", "--color", "never"), folder=folder, seconds=seconds
        )


@contextmanager
def simulated_clouds(folder: Path) -> Generator[Lab]:
    """A lab with simulated clouds of its own, taken down afterwards; skips the test where the engine is missing."""
    reason = missing_tools("pulumi", "helm", "manifests")
    if reason:
        pytest.skip(f"needs the engine: {reason}")
    home = LabHome(folder / "lab")
    yield Lab(home)
    lifecycle.down(home)


def missing_tools(*names: str) -> str | None:
    """Why the tools cannot be used, or None."""
    try:
        for name in names:
            tools.binary(name)
    except tools.ToolMissing as fault:
        return str(fault)
    return None


def passed(answer: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that must have succeeded."""
    assert answer.returncode == 0, f"{answer.args} ended with {answer.returncode}:\n{answer.stdout[-6000:]}"
    return answer.stdout
