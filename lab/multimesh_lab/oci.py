"""Container images without a registry or a container engine: archives in OCI's own layout.

Owns: the OCI image layout (image-spec v1.0) of an image with one layer. Does not own: what is in an image (images).
Equal content makes an equal archive: entries are sorted, and no time, user or host of the build goes in.
"""

import hashlib
import io
import json
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

_FOLDERS = ("dev", "etc", "proc", "root", "run", "sys", "tmp", "var/run")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_MEDIA = "application/vnd.oci.image"


@dataclass
class Image:
    """What one image holds, before it is written."""

    name: str
    """The full name with its tag, as a pod asks for it."""
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    """OCI's own words: Entrypoint, Cmd, User, Env."""
    files: dict[str, tuple[Path | bytes, int]] = field(default_factory=dict[str, tuple[Path | bytes, int]])
    links: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, path: str, content: Path | bytes, mode: int = 0o755) -> "Image":
        self.files[path] = (content, mode)
        return self

    def add_program(self, path: str, program: Path) -> "Image":
        """A program of this machine together with the shared libraries it names."""
        self.add(path, program.resolve())
        for library in shared_libraries(program):
            self.add(str(library).lstrip("/"), library.resolve())
        return self

    def link(self, path: str, target: str) -> "Image":
        self.links[path] = target
        return self

    def key(self) -> str:
        """A digest of all that the archive is made from."""
        digest = hashlib.sha256(json.dumps([self.name, self.config, self.links], sort_keys=True).encode())
        for path, (content, mode) in sorted(self.files.items()):
            inner = content if isinstance(content, bytes) else _digest_of_file(content).encode()
            digest.update(f"{path} {mode} {hashlib.sha256(inner).hexdigest()}".encode())
        return digest.hexdigest()[:16]

    def save(self, target: Path) -> None:
        """Write the archive in one step."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".image-") as folder:
            layer, scratch = Path(folder) / "layer.tar", Path(folder) / "image.tar"
            with layer.open("wb") as file:
                self._write_layer(file)
            with tarfile.open(scratch, "w") as archive:
                self._write_layout(archive, layer)
            scratch.replace(target)

    def _write_layer(self, file: BinaryIO) -> None:
        folders: set[str] = set()
        for path in (*self.files, *self.links, *_FOLDERS):
            folders |= {str(parent) for parent in PurePosixPath(path).parents if str(parent) != "."}
        with tarfile.open(fileobj=file, mode="w") as archive:
            for path in sorted(folders | set(_FOLDERS)):
                _add_folder(archive, path)
            for path, (content, mode) in sorted(self.files.items()):
                _add_file(archive, path, content, mode)
            for path, goal in sorted(self.links.items()):
                entry = tarfile.TarInfo(path)
                entry.type, entry.linkname = tarfile.SYMTYPE, goal
                archive.addfile(entry)

    def _write_layout(self, archive: tarfile.TarFile, layer: Path) -> None:
        layer_digest = "sha256:" + _digest_of_file(layer)
        config = _json(
            {
                "architecture": _ARCHITECTURES[platform.machine()],
                "os": "linux",
                "config": {"Env": ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], **self.config},
                "rootfs": {"type": "layers", "diff_ids": [layer_digest]},
            }
        )
        layer_entry = {
            "mediaType": f"{_MEDIA}.layer.v1.tar",
            "digest": layer_digest,
            "size": layer.stat().st_size,
        }
        manifest = _json(
            {
                "schemaVersion": 2,
                "mediaType": f"{_MEDIA}.manifest.v1+json",
                "config": _descriptor(f"{_MEDIA}.config.v1+json", config),
                "layers": [layer_entry],
            }
        )
        named = {
            **_descriptor(f"{_MEDIA}.manifest.v1+json", manifest),
            "annotations": {"io.containerd.image.name": self.name},
        }
        _add_file(archive, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}), 0o644)
        _add_file(archive, "index.json", _json({"schemaVersion": 2, "manifests": [named]}), 0o644)
        for blob in (config, manifest):
            _add_file(archive, "blobs/sha256/" + hashlib.sha256(blob).hexdigest(), blob, 0o644)
        _add_file(archive, "blobs/sha256/" + layer_digest.removeprefix("sha256:"), layer, 0o644)


@cache
def shared_libraries(program: Path) -> tuple[Path, ...]:
    """The libraries that the loader would open, the loader among them; none for a static program."""
    ldd = shutil.which("ldd")
    if ldd is None:
        return ()
    answer = subprocess.run([ldd, str(program)], capture_output=True, text=True, check=False)
    return tuple(Path(found) for found in re.findall(r"(/\S+\.so\S*) \(", answer.stdout))


def _add_folder(archive: tarfile.TarFile, path: str) -> None:
    entry = tarfile.TarInfo(path)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if path == "tmp" else 0o755
    archive.addfile(entry)


def _add_file(archive: tarfile.TarFile, path: str, content: Path | bytes, mode: int) -> None:
    entry = tarfile.TarInfo(path)
    entry.mode = mode
    if isinstance(content, bytes):
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        return
    entry.size = content.stat().st_size
    with content.open("rb") as source:
        archive.addfile(entry, source)


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {
        "mediaType": media_type,
        "digest": f"sha256:{hashlib.sha256(blob).hexdigest()}",
        "size": len(blob),
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
