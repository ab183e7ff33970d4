"""The one registry that the lab's nodes know: `python -m multimesh_lab.image_registry FOLDER`.

Owns: serving the lab's images for pulls, whatever registry a pod names (OCI distribution-spec, "Pull"). Does not own:
the images. Without it a pod that always pulls, as Istio's gateways do, could not start.
"""

import hashlib
import json
import socket
import sys
import tarfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from multimesh_lab import files, firewall, network
from multimesh_lab.home import LabHome
from multimesh_lab.images import archives
from multimesh_lab.processes import Daemon, ProcessEndedError

_CHUNK = 1 << 20
_BLOB = "application/octet-stream"


def daemon(home: LabHome) -> Daemon:
    return Daemon("images", home.root)


def url() -> str:
    return f"http://{network.HOST}:{firewall.REGISTRY_PORT}"


def ensure(home: LabHome) -> None:
    """The registry answers when this returns."""
    server = daemon(home)
    package_folder = Path(__file__).resolve().parents[1]
    server.start([sys.executable, "-m", "multimesh_lab.image_registry", home.root], {"PYTHONPATH": str(package_folder)})
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection((network.HOST, firewall.REGISTRY_PORT), timeout=1).close()
            return
        except OSError:
            if not server.alive() or time.monotonic() > deadline:
                raise ProcessEndedError(server) from None
            time.sleep(0.05)


def write_client_config(folder: Path) -> None:
    """containerd's hosts files: every registry is this one, and the real one is not asked after it."""
    text = f'server = "{url()}"\n[host."{url()}"]\n  capabilities = ["pull", "resolve"]\n'
    files.write(folder / "_default" / "hosts.toml", text, 0o644)


class Library:
    """The archives, looked through anew for every request: they are few, and `up` may change them."""

    def __init__(self, home: LabHome) -> None:
        self._home = home

    def manifest(self, registry: str, repository: str, reference: str) -> tuple[bytes, str] | None:
        """A manifest and its media type, by tag or digest."""
        for archive in archives(self._home):
            with tarfile.open(archive) as tar:
                (entry,) = json.loads(_content(tar, "index.json"))["manifests"]
                name: str = entry["annotations"]["io.containerd.image.name"]
                digest: str = entry["digest"]
                if name == f"{registry}/{repository}:{reference}" or digest == reference:
                    return _content(tar, _path(digest)), entry["mediaType"]
        return None

    def blob(self, digest: str) -> tuple[int, Iterator[bytes]] | None:
        """A blob's size and its bytes."""
        for archive in archives(self._home):
            with tarfile.open(archive) as tar:
                try:
                    member = tar.getmember(_path(digest))
                except KeyError:
                    continue
                return member.size, _slice(archive, member.offset_data, member.size)
        return None


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    return file.read() if file is not None else b""


def _path(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/", 1)


def _slice(archive: Path, offset: int, size: int) -> Iterator[bytes]:
    with archive.open("rb") as file:
        file.seek(offset)
        while size > 0 and (chunk := file.read(min(_CHUNK, size))):
            size -= len(chunk)
            yield chunk


def handler(library: Library) -> type[BaseHTTPRequestHandler]:
    """The request handler for a library."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            parts = urlsplit(self.path)
            words = parts.path.removeprefix("/v2/").split("/")
            if parts.path.rstrip("/") == "/v2":
                self._send(b"{}", "application/json", with_body)
            elif len(words) > 2 and words[-2] == "manifests":
                # containerd tells which registry it really means (its documentation "Registry Configuration").
                meant = parse_qs(parts.query).get("ns", [""])[0]
                self._send_manifest(library.manifest(meant, "/".join(words[:-2]), words[-1]), with_body)
            elif len(words) > 2 and words[-2] == "blobs":
                self._send_blob(library.blob(words[-1]), words[-1], with_body)
            else:
                self._send_missing("UNSUPPORTED", self.path)

        def _send_manifest(self, found: tuple[bytes, str] | None, with_body: bool) -> None:
            if found is None:
                self._send_missing("MANIFEST_UNKNOWN", "the lab makes no such image")
            else:
                self._send(found[0], found[1], with_body)

        def _send(self, content: bytes, media_type: str, with_body: bool) -> None:
            self._head(len(content), media_type, "sha256:" + hashlib.sha256(content).hexdigest())
            if with_body:
                self.wfile.write(content)

        def _send_blob(self, found: tuple[int, Iterator[bytes]] | None, digest: str, with_body: bool) -> None:
            if found is None:
                self._send_missing("BLOB_UNKNOWN", digest)
                return
            self._head(found[0], _BLOB, digest)
            if with_body:
                for chunk in found[1]:
                    self.wfile.write(chunk)

        def _head(self, size: int, media_type: str, digest: str, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(size))
            if digest:
                self.send_header("Docker-Content-Digest", digest)
            self.end_headers()

        def _send_missing(self, code: str, message: str) -> None:
            body: dict[str, Any] = {"errors": [{"code": code, "message": message}]}
            content = json.dumps(body).encode()
            self._head(len(content), "application/json", "", 404)
            if self.command != "HEAD":
                self.wfile.write(content)

    return Handler


def main() -> int:
    library = Library(LabHome(Path(sys.argv[1])))
    with ThreadingHTTPServer((network.HOST, firewall.REGISTRY_PORT), handler(library)) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
