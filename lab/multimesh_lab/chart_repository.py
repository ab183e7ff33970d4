"""Istio's charts as a Helm repository on loopback.

Owns: making and serving it. Does not own: what a chart says (istio_release), who is sent here (mirrors).
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from multimesh_lab import files, istio_release, tools
from multimesh_lab.home import LabHome
from multimesh_lab.processes import Daemon, ProcessEndedError

CHARTS = {
    "base": "base",
    "istiod": "istio-control/istio-discovery",
    "gateway": "gateway",
    "cni": "istio-cni",
    "ztunnel": "ztunnel",
}
"""Chart → its folder in the module."""
_LOOPBACK = "127.0.0.1"


def daemon(home: LabHome) -> Daemon:
    return Daemon("charts", home.root)


def versions() -> list[str]:
    """The versions of all charts, the newest first."""
    return [build.version for build in istio_release.builds()]


def url(home: LabHome) -> str:
    """Where it is served; the port stays the same for as long as the lab is there."""
    with files.locked(home.root / "charts.lock"):
        remembered = home.root / "charts.port"
        if not remembered.exists():
            with socket.socket() as sock:
                sock.bind((_LOOPBACK, 0))
                files.write(remembered, str(sock.getsockname()[1]))
        return f"http://{_LOOPBACK}:{remembered.read_text()}"


def ensure(home: LabHome) -> None:
    """The repository is made and answers when this returns."""
    address = url(home)
    with files.locked(home.root / "charts.lock"):
        if not all((home.charts / f"istiod-{version}.tgz").exists() for version in versions()):
            _package(home, address)
        server = daemon(home)
        port = address.rsplit(":", 1)[1]
        server.start([sys.executable, "-m", "http.server", port, "--bind", _LOOPBACK, "--directory", home.charts])
        _await(server, int(port))


def _package(home: LabHome, address: str) -> None:
    """Package into a scratch folder that then takes the repository's place, so a half-made one is never served."""
    scratch = Path(tempfile.mkdtemp(dir=home.root, prefix=".charts-"))
    try:
        packages = scratch / "packages"
        packages.mkdir()
        for build in istio_release.builds():
            sources = shutil.copytree(tools.binary("manifests", build.folder), scratch / build.folder)
            for folder in CHARTS.values():
                chart = sources / "charts" / folder
                build.fill_placeholders(chart)
                _run(tools.binary("helm"), "package", chart, "--destination", packages)
        _run(tools.binary("helm"), "repo", "index", packages, "--url", address)
        shutil.rmtree(home.charts, ignore_errors=True)
        packages.rename(home.charts)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(*words: str | Path) -> None:
    answer = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if answer.returncode:
        command = " ".join(str(word) for word in words)
        raise RuntimeError(f"`{command}` ended with {answer.returncode}: {answer.stderr.strip()}")


def _await(server: Daemon, port: int) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection((_LOOPBACK, port), timeout=1).close()
            return
        except OSError:
            if not server.alive() or time.monotonic() > deadline:
                raise ProcessEndedError(server) from None
            time.sleep(0.05)
