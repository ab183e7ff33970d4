"""Where `multimesh` finds a mesh's arguments: a file of their own, or a stack's configuration.

Owns: reading YAML, names of stacks and projects. Does not own: what the arguments mean. Secrets stay opaque.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from pulumi_multimesh.strict_yaml import StrictLoader

DEFAULT_NAME = "mesh"
_MESH, _NAME = "multimesh:mesh", "multimesh:name"


class SourceError(Exception):
    """A file that cannot be read as what it should be; the message says what to do."""


@dataclass(frozen=True)
class MeshSource:
    """A mesh as somebody wrote it."""

    name: str
    args: Mapping[str, Any]
    folder: Path
    """What paths in the arguments start from: where the file is that holds them."""


class Secret:
    """Stands for an encrypted value of a stack; what it encrypts is neither known nor shown."""

    def __repr__(self) -> str:
        return "[secret]"


def read_source(file: str | None, stack: str | None, name: str | None) -> MeshSource:
    """The mesh that a command line names; an only stack is not guessed, as a second would change it."""
    if stack is not None:
        return from_stack(stack, name)
    if file is not None:
        return from_file(file, name)
    raise SourceError(f"which mesh? give --stack NAME or -f FILE (- is standard input); {_stacks_in(Path())}")


def from_file(file: str, name: str | None) -> MeshSource:
    """The arguments in a file, or on standard input when it is `-`."""
    document = _parse("standard input", sys.stdin.read()) if file == "-" else _read(Path(file))
    if _MESH in _table(_table(document).get("config")):
        raise SourceError(f"{file} is a stack's configuration, not mesh arguments; give its stack with --stack")
    folder = Path() if file == "-" else Path(file).parent
    return MeshSource(name or DEFAULT_NAME, cast("Mapping[str, Any]", _opaque(document)), folder)


def from_stack(stack: str, name: str | None) -> MeshSource:
    """The arguments in a stack's configuration, in the current folder; `org/project/stack` will do too."""
    project = _table(_read(Path("Pulumi.yaml"))) if Path("Pulumi.yaml").exists() else {}
    folder = Path(str(project.get("stackConfigDir") or "."))
    path = folder / f"Pulumi.{stack.rpartition('/')[2]}.yaml"
    if not path.exists():
        raise SourceError(f"{path} does not exist; {_stacks_in(folder)}")
    config = _table(_table(_read(path)).get("config"))
    if _MESH not in config:
        raise SourceError(f'{path} has no "{_MESH}" under "config"; put the mesh arguments there')
    mesh = config[_MESH]
    if isinstance(mesh, str):
        # `pulumi config set multimesh:mesh '{…}'` stores JSON as text.
        mesh = _parse(f'"{_MESH}" in {path}', mesh)
    chosen = name or config.get(_NAME) or project.get("name") or DEFAULT_NAME
    return MeshSource(str(chosen), cast("Mapping[str, Any]", _opaque(mesh)), folder)


def _stacks_in(folder: Path) -> str:
    stacks = sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in folder.glob("Pulumi.?*.yaml"))
    return f"stacks here: {', '.join(stacks)}" if stacks else "no Pulumi.NAME.yaml is in this folder"


def _read(path: Path) -> object:
    try:
        return _parse(str(path), path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SourceError(f"cannot read {path}: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise SourceError(f"cannot read {path}: it is not UTF-8 text") from None


def _parse(what: str, text: str) -> object:
    try:
        return cast("object", yaml.load(text, Loader=StrictLoader))
    except yaml.MarkedYAMLError as problem:
        # The offending line itself is not shown, as it may hold a secret.
        mark = problem.problem_mark or problem.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SourceError(f"{what}{place}: not valid YAML: {problem.problem or problem.context}") from None
    except yaml.YAMLError:
        raise SourceError(f"{what}: not valid YAML") from None


def _opaque(value: object) -> object:
    """The value with every `{secure: …}` replaced."""
    if isinstance(value, list):
        return [_opaque(item) for item in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    table = cast("dict[object, object]", value)
    if list(table) == ["secure"]:
        return Secret()
    return {key: _opaque(item) for key, item in table.items()}


def _table(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
