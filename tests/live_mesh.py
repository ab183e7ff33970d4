"""An example's stack in the lab with real clusters, as the live tests use it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_engine import ROOT, Lab, passed

from multimesh_lab.verification.verify import Verification, clusters_of, verify

STACK = "live"
UP = ("up", "--yes", "--skip-preview", "--stack", STACK)


@dataclass
class Mesh:
    """The stack of one example."""

    lab: Lab
    example: str

    @property
    def folder(self) -> Path:
        return ROOT / "examples" / self.example

    def pulumi(self, *words: str) -> str:
        return passed(self.lab.pulumi(*words, folder=self.folder, seconds=1500))

    def export(self) -> str:
        """The state as `pulumi stack export` writes it."""
        return passed(self.lab.command("exec", "--", "pulumi", "stack", "export", "--stack", STACK, folder=self.folder))

    def verify(self, patience: float = 90) -> Verification:
        return verify(self.lab.home, self.folder, STACK, patience)

    def clusters(self) -> Any:
        return clusters_of(self.lab.home, self.folder, STACK)
