"""A stack of one program in the lab's real engine: previewed, brought up, changed, refreshed, destroyed.

`clusters: none` puts clusters on paper behind the simulated clouds, so that no root and no API server is needed.
"""

import hashlib
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lab_engine import Lab, passed

from multimesh_lab.providers import store
from multimesh_lab.providers.store import Record, Settings

_QUIET = {"same", "read", "refresh"}
_CLOUDS = ("gcp", "aws", "azure-native", "oci")


@dataclass(frozen=True)
class Step:
    """What the engine would do with one resource."""

    op: str
    type: str
    name: str
    paths: tuple[str, ...]
    """Properties that differ."""
    replaces: tuple[str, ...]
    """Properties that force a replacement."""


@dataclass(frozen=True)
class Life:
    """A stack called `test` whose program is one file."""

    lab: Lab
    folder: Path

    @classmethod
    def begin(cls, lab: Lab, folder: Path) -> "Life":
        """An empty project in the folder; the lab's clusters are on paper from now on."""
        store.write_settings(lab.home, Settings(clusters="none"))
        # The lab's state is shared by all tests of a module, so each has a project of its own.
        project = "life-" + hashlib.sha256(str(folder).encode()).hexdigest()[:8]
        (folder / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")
        return cls(lab, folder)

    def program(self, text: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(textwrap.dedent(text))

    def _run(self, *words: str) -> str:
        return passed(self.lab.pulumi(*words, "--stack", "test", folder=self.folder))

    def up(self) -> None:
        self._run("up", "--yes", "--skip-preview")

    def unchanged(self) -> None:
        """Fail unless an `up` and a refresh find nothing to do."""
        self._run("up", "--yes", "--skip-preview", "--expect-no-changes")
        self._run("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    def refresh(self) -> None:
        self._run("refresh", "--yes", "--skip-preview")

    def repair(self) -> None:
        """Find what drifted and set it right, after which there is nothing left to do."""
        self._run("up", "--yes", "--skip-preview", "--refresh")
        self.unchanged()

    def destroy(self, *words: str) -> None:
        self._run("destroy", "--yes", "--skip-preview", *words)

    def refused(self, *words: str) -> str:
        """What a command says that must fail."""
        answer = self.lab.pulumi(*words, "--stack", "test", folder=self.folder)
        assert answer.returncode, answer.stdout
        return answer.stdout

    def preview(self) -> list[Step]:
        """All that the engine would change; empty when nothing."""
        text = self._run("preview", "--json")
        document = cast("dict[str, Any]", json.loads(text[text.index("{") :]))
        return [_step(each) for each in document["steps"] if each["op"] not in _QUIET]

    def output(self, name: str) -> str:
        """One of the stack's outputs."""
        words = ("stack", "output", name, "--stack", "test")
        return passed(self.lab.command("exec", "--", "pulumi", *words, folder=self.folder)).strip()

    def inventory(self) -> list[Record]:
        """What the simulated clouds have."""
        return [record for cloud in _CLOUDS for record in store.inventory(self.lab.home, cloud)]


def _step(each: dict[str, Any]) -> Step:
    _, _, kind, name = cast("str", each["urn"]).split("::", 3)
    detailed = cast("dict[str, Any]", each.get("detailedDiff") or {})
    reasons = cast("list[str]", each.get("diffReasons") or [])
    paths = tuple(sorted({*detailed, *reasons}))
    return Step(each["op"], kind.rpartition("$")[2], name, paths, tuple(each.get("replaceReasons") or ()))


@dataclass(frozen=True)
class Change:
    """A change of a program's arguments, and the whole of what the engine may do about it."""

    args: dict[str, Any]
    steps: set[tuple[str, str, str]]
    """Type, name and operation of each step."""
    paths: set[str] = field(default_factory=set[str])
    """Properties that differ in what is updated, of the cluster's own resource or of the one resource that is."""


def each_in_place(life: Life, write: Callable[..., None], changes: Mapping[str, Change], cluster: str) -> None:
    """Preview each change from the same state: what is expected and no more, and nothing replaced."""
    for name, change in changes.items():
        write(life, **change.args)
        steps = life.preview()
        assert work(steps) == change.steps, name
        assert [step for step in steps if step.replaces] == [], name
        assert paths_of(steps, cluster) == change.paths, name


def paths_of(steps: list[Step], token: str) -> set[str]:
    """Properties that differ in the resources of a type, each as deep as the engine knows it."""
    paths = {path for step in steps if step.type == token for path in step.paths}
    return {path for path in paths if not any(other.startswith((f"{path}.", f"{path}[")) for other in paths)}


def work(steps: list[Step]) -> set[tuple[str, str, str]]:
    """Type, name and operation of each step, but for the stack's and components' own."""
    return {
        (step.type, step.name, step.op) for step in steps if not step.type.startswith(("multimesh:", "pulumi:pulumi:"))
    }
