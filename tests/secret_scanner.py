"""Whether what a stack leaves behind or shows has a secret in the open: state, plans, previews, outputs, logs.

Owns: which secrets there are, by the state itself, and looking for them in every form. Does not own: the clouds' and
clusters' own memory, which has to have them. What is looked for is all that the engine keeps as a secret, and besides
whatever has the form of a private key or of a token.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lab_engine import Lab, passed

_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""How the engine marks a secret in a state."""
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", re.DOTALL)
_TOKEN = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")
_LONG = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_IN_KUBECONFIG = re.compile(r"""(?:^\s*|")token"?: *"?([^\s"]+)""", re.MULTILINE)
_SHORTEST = 16
"""Characters: a shorter secret is found everywhere by chance."""
_RANDOM = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=-]{16,}|[a-z]?[0-9a-f]{32,}")
"""What a machine drew: the engine keeps whole objects as secret, and the words in them are none."""


def secrets_of(export: Mapping[str, Any]) -> dict[str, str]:
    """What must not be readable, by where the state has it; `export` is a stack's, with its secrets shown."""
    found: dict[str, str] = {}
    for resource in export["deployment"].get("resources", []):
        name = resource["urn"].rpartition("::")[2]
        for part in ("inputs", "outputs"):
            for path, text in _hidden(resource.get(part) or {}, part):
                found |= {f"{name}: {path}{where}": secret for where, secret in _kernels(text)}
    return found


def _hidden(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The texts within what the engine keeps as secret."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            yield from _texts(json.loads(value["plaintext"]), path)
            return
        for key, inner in value.items():
            yield from _hidden(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _hidden(inner, f"{path}[{position}]")


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{position}]")


def _kernels(text: str) -> Iterator[tuple[str, str]]:
    """The secret within a text, without what is public beside it, such as a certificate or an address."""
    inner = _decoded(text)
    if inner is not None:
        yield from ((f" in base64{where}", secret) for where, secret in _kernels(inner))
        return
    keys = [match.group(1) for match in _KEY.finditer(text)]
    for key in keys:
        lines = [line for line in key.split() if len(line) > _SHORTEST]
        yield from ((" (key)", line) for line in lines[1:2] or lines[:1])
    tokens = _IN_KUBECONFIG.findall(text)
    yield from ((" (token)", token) for token in tokens)
    if _RANDOM.fullmatch(text):
        yield "", text


def _decoded(text: str) -> str | None:
    try:
        inner = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return inner if inner and (inner.isprintable() or "-----" in inner) else None


def readable(texts: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """What can be read where; nothing, if all is well."""
    found: list[str] = []
    for place, text in texts.items():
        forms = {"": text, " in base64": "\n".join(_hidden_texts(text))}
        for form, shown in forms.items():
            found += [f"{place}: {what}{form}" for what, secret in secrets.items() if secret in shown]
            found += [f"{place}: a private key{form}"] if _KEY.search(shown.replace("\\n", "\n")) else []
            found += [f"{place}: a token{form}"] if _TOKEN.search(shown) else []
    return found


def _hidden_texts(text: str) -> Iterator[str]:
    for match in _LONG.finditer(text):
        inner = _decoded(match.group())
        if inner is not None:
            yield inner


def shown_by(lab: Lab, folder: Path, stack: str) -> dict[str, str]:
    """By name: what the stack's state, previews, plan and outputs say, and every log of the lab."""
    return {**previewed(lab, folder, stack), **kept(lab, folder, stack)}


def previewed(lab: Lab, folder: Path, stack: str, *, unfinished: bool = False) -> dict[str, str]:
    """By name: what previews say, for people and for machines, and the plan that one saves.

    `unfinished`: whether parts of the stack are still to be made. Of unknown secrets the engine's preview as JSON may
    end in a panic (docs/lab.md): then what it said until then, and of the panic, is looked at.
    """
    run = ("--stack", stack)
    plan = lab.home.root / "update-plan.json"
    machines = lab.pulumi("preview", "--json", *run, folder=folder)
    panicked = unfinished and machines.returncode != 0 and "panic: " in machines.stdout
    texts = {
        "a preview": passed(
            lab.pulumi("preview", "--diff", "--show-sames", "--save-plan", str(plan), *run, folder=folder)
        ),
        "an update plan": plan.read_text(),
        "a preview for machines": machines.stdout if panicked else passed(machines),
    }
    plan.unlink()
    return texts


def kept(lab: Lab, folder: Path, stack: str) -> dict[str, str]:
    """By name: what the stack's state and outputs say, and every log of the lab."""
    run = ("--stack", stack)
    texts = {
        "the exported state": passed(lab.command("exec", "--", "pulumi", "stack", "export", *run, folder=folder)),
        "the outputs": passed(lab.command("exec", "--", "pulumi", "stack", "output", "--json", *run, folder=folder)),
    }
    places = [*lab.home.logs.rglob("*"), *lab.home.backend.rglob("*")]
    places += [path for path in lab.home.root.rglob("*") if path.suffix in (".log", ".jsonl")]
    return texts | {str(path): path.read_text(errors="replace") for path in places if path.is_file()}


def secrets_in(lab: Lab, folder: Path, stack: str) -> dict[str, str]:
    """The secrets of a stack."""
    words = ("exec", "--", "pulumi", "stack", "export", "--show-secrets", "--stack", stack)
    return secrets_of(json.loads(passed(lab.command(*words, folder=folder))))
