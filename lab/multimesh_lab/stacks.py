"""The user's stacks in the lab: made known to the lab's empty state backend, configured by copies of the user's files.

Owns: the copies. Does not own: the user's Pulumi.<stack>.yaml, which the lab never writes; the engine would put the
lab's encryption salt into it.
"""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from multimesh_lab.home import LabHome
from multimesh_lab.lifecycle import LabError

_SALT = re.compile(r"^encryptionsalt:.*\n?", re.MULTILINE)
_PROVIDER = re.compile(r"^(secretsprovider|encryptedkey):", re.MULTILINE)


@dataclass(frozen=True)
class Project:
    """A Pulumi program's folder."""

    folder: Path
    name: str

    @classmethod
    def around(cls, folder: Path) -> "Project | None":
        """The project that a command in this folder means: the nearest Pulumi.yaml at or above it."""
        for candidate in (folder, *folder.parents):
            path = candidate / "Pulumi.yaml"
            if path.exists():
                document = yaml.safe_load(path.read_text())
                return cls(candidate, str(document["name"]))
        return None


def stack_of(words: Sequence[str]) -> str | None:
    """The stack that a pulumi command line names, or None."""
    for position, word in enumerate(words):
        if word in ("--stack", "-s") and position + 1 < len(words):
            return words[position + 1]
        if word.startswith("--stack="):
            return word.removeprefix("--stack=")
    return None


def selected(pulumi: Path, project: Project, environment: Mapping[str, str]) -> str | None:
    """The stack that is selected in the lab, or None."""
    answer = subprocess.run(
        [pulumi, "stack", "--show-name", "--non-interactive"],
        cwd=project.folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip() or None if answer.returncode == 0 else None


def adopt(home: LabHome, pulumi: Path, project: Project, stack: str, environment: Mapping[str, str]) -> Path:
    """Make the stack known to the lab's backend; returns the copy of its configuration, fresh from the user's file."""
    stack = stack.rsplit("/", 1)[-1]
    folder = home.root / "config" / project.name
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"Pulumi.{stack}.yaml"
    own = project.folder / copy.name
    wanted = own.read_text() if own.exists() else None
    if wanted is not None and _PROVIDER.search(wanted):
        raise LabError(
            f"{own.name} keeps its secrets with a provider that the lab has no access to (secretsprovider);"
            " give the lab a stack file of its own, such as Pulumi.lab.yaml"
        )
    known = (home.backend / ".pulumi" / "stacks" / project.name / f"{stack}.json").exists()
    if not known:
        copy.write_text(_SALT.sub("", wanted or ""))
        shutil.copyfile(project.folder / "Pulumi.yaml", folder / "Pulumi.yaml")
        _init(pulumi, folder, stack, environment)
    elif wanted is not None:
        salt = _SALT.search(copy.read_text()) if copy.exists() else None
        copy.write_text((salt.group(0) if salt else "") + _SALT.sub("", wanted))
    return copy


def _init(pulumi: Path, folder: Path, stack: str, environment: Mapping[str, str]) -> None:
    answer = subprocess.run(
        [pulumi, "stack", "init", stack, "--no-select", "--non-interactive"],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise LabError(f"the stack {stack} cannot be made in the lab's backend:\n{answer.stderr.strip()}")
