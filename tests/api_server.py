"""A real API server on loopback for tests: etcd, API server, controller-manager; no root, no node."""

import json
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import urllib3

from multimesh_lab import tools

TOKEN = "a-token-of-a-test"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def kubeconfig(port: int) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}}
            ],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "c",
        }
    )


@contextmanager
def running(folder: Path, *flags: str) -> Generator[str]:
    """The server's kubeconfig; everything ends with the block. `flags`: more of the API server's own."""
    client, peer, port = free_port(), free_port(), free_port()
    key = folder / "sa.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f'{TOKEN},admin,admin,"system:masters"\n')
    (folder / "kubeconfig").write_text(kubeconfig(port))
    etcd, here = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    commands = [
        [
            *(tools.binary("etcd"), "--data-dir", folder / "etcd", "--unsafe-no-fsync", "--log-level=error"),
            *("--listen-client-urls", etcd, "--advertise-client-urls", etcd),
            *("--listen-peer-urls", here, "--initial-advertise-peer-urls", here),
            *("--initial-cluster", f"default={here}"),
        ],
        [
            *(tools.binary("kube-apiserver"), f"--etcd-servers={etcd}", f"--secure-port={port}"),
            *(
                "--bind-address=127.0.0.1",
                f"--cert-dir={folder / 'certs'}",
                f"--token-auth-file={folder / 'tokens.csv'}",
            ),
            *(f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}"),
            *("--service-account-issuer=https://lab.test", "--service-cluster-ip-range=198.18.100.0/24"),
            *("--authorization-mode=RBAC", *flags),
        ],
        [
            *(tools.binary("kube-controller-manager"), f"--kubeconfig={folder / 'kubeconfig'}", "--leader-elect=false"),
            *(f"--service-account-private-key-file={key}", "--secure-port=0", "--use-service-account-credentials"),
            f"--root-ca-file={folder / 'certs' / 'apiserver.crt'}",
        ],
    ]
    processes: list[subprocess.Popen[bytes]] = []
    with (folder / "log").open("wb") as log:
        try:
            for command in commands[:2]:
                processes.append(subprocess.Popen([str(word) for word in command], stdout=log, stderr=log))
            _await_ready(port, processes)
            processes.append(subprocess.Popen([str(word) for word in commands[2]], stdout=log, stderr=log))
            yield kubeconfig(port)
        finally:
            for process in reversed(processes):
                process.kill()  # a polite end takes the API server a minute, and nothing here outlives the test
            for process in processes:
                process.wait(timeout=30)


def _await_ready(port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    urllib3.disable_warnings()
    pool = urllib3.PoolManager(cert_reqs="CERT_NONE")
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert all(process.poll() is None for process in processes), "the API server ended at once"
        try:
            answer = pool.request(
                "GET",
                f"https://127.0.0.1:{port}/readyz",
                headers={"Authorization": f"Bearer {TOKEN}"},
                retries=False,
                timeout=2,
            )
            if answer.data == b"ok":
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError("the API server is not ready after 90 s")
