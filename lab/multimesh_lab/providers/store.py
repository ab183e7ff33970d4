"""What one simulated cloud remembers between commands, and what it was told about the way it behaves.

Owns: the files under the lab's folder of that cloud. Does not own: what a resource means.
Files are private (0600), written whole or not at all, and guarded by one lock per cloud, because
the engine runs one provider process per provider instance.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, cast

from multimesh_lab.home import LabHome

_PRIVATE = "$private"
_thread_lock = threading.RLock()
_depth: dict[Path, int] = {}  # guarded by _thread_lock


@dataclass(frozen=True)
class Record:
    """One resource that the simulated cloud has."""

    type: str
    id: str
    urn: str
    name: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    private: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A call that is told to fail: the first `times` calls of this method on this type."""

    type: str
    method: str
    times: int = 1
    message: str = "the simulated cloud was told to fail this call"


@dataclass(frozen=True)
class Settings:
    """How the simulated clouds of a lab behave; `settings.json` in the folder of the clouds."""

    duration_scale: float = 0.0
    nodes: str = "real"
    clusters: str = "real"
    failures: tuple[Failure, ...] = field(default=())
    login_authority: str = ""
    """PEM of an authority that API servers believe an OIDC provider by, where clouds believe public ones; or empty."""

    @property
    def real_nodes(self) -> bool:
        return self.nodes == "real"


class SettingsError(ValueError):
    """The lab's settings file says something that is not known."""


def read_settings(home: LabHome) -> Settings:
    """The settings of this lab; the defaults if none are written."""
    path = home.clouds / "settings.json"
    if not path.exists():
        return Settings()
    written = cast("dict[str, Any]", json.loads(path.read_text()))
    unknown = sorted(set(written) - set(known := [each.name for each in fields(Settings)]))
    if unknown:
        raise SettingsError(f"{path}: unknown {unknown}; known are {', '.join(known)}")
    for key in ("nodes", "clusters"):
        if written.get(key, "real") not in ("real", "none"):
            raise SettingsError(f"{path}: {key} is {written[key]!r}; allowed are 'real' and 'none'")
    failures = cast("list[dict[str, Any]]", written.get("failures", []))
    return Settings(
        duration_scale=float(written.get("duration_scale", 0.0)),
        nodes=str(written.get("nodes", "real")),
        clusters=str(written.get("clusters", "real")),
        login_authority=str(written.get("login_authority", "")),
        failures=tuple(Failure(**failure) for failure in failures),
    )


def write_settings(home: LabHome, settings: Settings) -> None:
    """Tell the lab's clouds how to behave from the next call on."""
    home.clouds.mkdir(parents=True, exist_ok=True)
    _write(home.clouds / "settings.json", asdict(settings))


class Store:
    """The memory of one simulated cloud."""

    def __init__(self, home: LabHome, cloud: str) -> None:
        self.home = home
        self.cloud = cloud
        self.folder = home.clouds / cloud
        self._resources = self.folder / "resources"
        self._resources.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Nobody else changes anything meanwhile, in this process or another; may be nested."""
        with _thread_lock, contextlib.ExitStack() as stack:
            if _depth.get(self.folder, 0) == 0:
                handle = stack.enter_context((self.folder / ".lock").open("w"))
                fcntl.flock(handle, fcntl.LOCK_EX)
            _depth[self.folder] = _depth.get(self.folder, 0) + 1
            try:
                yield
            finally:
                _depth[self.folder] -= 1

    def put(self, record: Record) -> None:
        """Remember the resource, in place of what was remembered under its type and id."""
        document = asdict(record)
        for part in ("inputs", "outputs"):
            document[part] = _mark(document[part], record.private)
        _write(self._path(record.type, record.id), document)

    def get(self, type_token: str, resource_id: str) -> Record | None:
        """The resource, or None if the cloud does not have it."""
        path = self._path(type_token, resource_id)
        return _read(path) if path.exists() else None

    def change(self, type_token: str, resource_id: str, outputs: Mapping[str, Any]) -> None:
        """Change a resource behind the engine's back: drift."""
        record = self.get(type_token, resource_id)
        if record is None:
            raise KeyError(f"{self.cloud} has no {type_token} {resource_id!r}")
        self.put(replace(record, outputs={**record.outputs, **outputs}))

    def remove(self, type_token: str, resource_id: str) -> None:
        """Forget the resource; no fault if it is already gone."""
        self._path(type_token, resource_id).unlink(missing_ok=True)

    def retire(self, type_token: str, resource_id: str) -> None:
        """Forget the resource but not its name: the cloud keeps such a thing for ever, and takes no second one."""
        with self.locked():
            known = {*self._retired(), f"{type_token} {resource_id}"}
            _write(self.folder / "retired.json", sorted(known))
        self.remove(type_token, resource_id)

    def is_retired(self, type_token: str, resource_id: str) -> bool:
        """Whether the cloud had such a resource, and so keeps its name."""
        return f"{type_token} {resource_id}" in self._retired()

    def _retired(self) -> list[str]:
        path = self.folder / "retired.json"
        return cast("list[str]", json.loads(path.read_text())) if path.exists() else []

    def all(self, type_token: str | None = None) -> list[Record]:
        """Every resource, or every one of a type, by type and id."""
        chosen: list[Record] = []
        for path in self._resources.glob("*.json"):
            with contextlib.suppress(FileNotFoundError):  # deleted by another process since it was listed
                record = _read(path)
                if type_token in (None, record.type):
                    chosen.append(record)
        return sorted(chosen, key=lambda record: (record.type, record.id))

    def log_call(self, method: str, type_token: str, urn: str, resource_id: str, preview: bool) -> None:
        """Note a call; identities only, never a value."""
        entry = {"method": method, "type": type_token, "urn": urn, "id": resource_id, "preview": preview}
        with self.locked(), _open_private(self.folder / "calls.jsonl", os.O_APPEND) as handle:
            handle.write(json.dumps(entry) + "\n")

    def calls(self) -> list[dict[str, Any]]:
        """Every call noted so far, oldest first."""
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def failure_due(self, settings: Settings, method: str, type_token: str) -> str | None:
        """The message of a failure that this call was told to have, counting it as used."""
        path = self.folder / "failures-used.json"
        with self.locked():
            used = cast("dict[str, int]", json.loads(path.read_text())) if path.exists() else {}
            for index, failure in enumerate(settings.failures):
                key = f"{index}:{failure.type}:{failure.method}"
                matches = (failure.type, failure.method) == (type_token, method)
                if matches and used.get(key, 0) < failure.times:
                    _write(path, {**used, key: used.get(key, 0) + 1})
                    return failure.message
        return None

    def _path(self, type_token: str, resource_id: str) -> Path:
        digest = hashlib.sha256(f"{type_token}\0{resource_id}".encode()).hexdigest()[:24]
        return self._resources / f"{type_token.rpartition(':')[2]}-{digest}.json"


def inventory(home: LabHome, cloud: str) -> list[Record]:
    """What a simulated cloud has; the empty list if it was never used."""
    return Store(home, cloud).all() if (home.clouds / cloud).exists() else []


def _mark(properties: Mapping[str, Any], private: tuple[str, ...]) -> dict[str, Any]:
    return {k: {_PRIVATE: v} if k in private else v for k, v in properties.items()}


def _unmark(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: cast("dict[str, Any]", value)[_PRIVATE]
        if isinstance(value, dict) and set(cast("dict[str, Any]", value)) == {_PRIVATE}
        else value
        for key, value in properties.items()
    }


def _read(path: Path) -> Record:
    document = cast("dict[str, Any]", json.loads(path.read_text()))
    for part in ("inputs", "outputs"):
        document[part] = _unmark(document[part])
    document["private"] = tuple(document["private"])
    return Record(**document)


def _write(path: Path, document: Any) -> None:
    """Write beside and rename, so that a killed process leaves the old file whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with _open_private(beside, os.O_TRUNC) as handle:
        json.dump(document, handle, indent=1, sort_keys=True)
    beside.replace(path)


def _open_private(path: Path, flags: int) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600), "w")
