"""Stand-ins for what runs in a cluster and is not here: a cloud's load balancers, and Consul's own controllers.

Owns: addresses for Services, tokens for peerings, and that they are said to be there. Does not own: the API servers.
They do what the real ones do as far as a program can see it, and nothing else.
"""

import base64
import json
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import urllib3

_CONSUL = "/apis/consul.hashicorp.com/v1alpha1"
_MERGE = "application/merge-patch+json"
_SECONDS = 0.3
_PATIENCE = 60
"""Seconds."""
_FINALIZER = "finalizers.consul.hashicorp.com"
"""By which the controllers of peerings have what is deleted kept until they have dealt with it."""


class Busy(Exception):
    """The server says to come again: a kind that was just defined is not served yet."""


class Server:
    """One API server, by its kubeconfig."""

    def __init__(self, kubeconfig: str) -> None:
        config = json.loads(kubeconfig)
        self._url = config["clusters"][0]["cluster"]["server"]
        self._headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}
        self._pool = urllib3.PoolManager(cert_reqs="CERT_NONE")

    def call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> dict[str, Any]:
        """The answer; empty where there is nothing at the path."""
        answer = self._pool.request(
            method,
            self._url + path,
            headers={**self._headers, "Content-Type": kind},
            body=None if body is None else json.dumps(body),
            retries=False,
            timeout=5,
        )
        if answer.status == 404:
            return {}
        if answer.status in (429, 503):
            raise Busy(path)
        assert answer.status < 300, (method, path, answer.data)
        return answer.json()

    def items(self, path: str) -> list[dict[str, Any]]:
        """What is listed at the path."""
        return self.call("GET", path).get("items", [])

    def items_in_the_end(self, path: str) -> list[dict[str, Any]]:
        """The same, once the server has it: a kind that nobody has listed before is not served at once."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self.items(path)
            except Busy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_SECONDS)


@contextmanager
def acting(kubeconfigs: Mapping[str, str]) -> Generator[None]:
    """All of them act on all servers until the block ends."""
    stopping, faults = threading.Event(), list[BaseException]()
    servers = {name: Server(config) for name, config in kubeconfigs.items()}

    def run() -> None:
        while not stopping.wait(_SECONDS):
            for position, server in enumerate(servers.values(), 1):
                try:
                    _balance(server, position)
                    _accept(server)
                    _dial(server)
                    _let_go(server)
                except (Busy, urllib3.exceptions.HTTPError):
                    continue
                except AssertionError as fault:
                    faults.append(fault)
                    return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(timeout=30)
    assert not faults, faults


def _balance(server: Server, position: int) -> None:
    for service in server.items("/api/v1/services"):
        if service["spec"].get("type") == "LoadBalancer" and not service["status"].get("loadBalancer"):
            status = {"status": {"loadBalancer": {"ingress": [{"ip": f"198.18.200.{position}"}]}}}
            server.call("PATCH", f"{_place('/api/v1', service, 'services')}/status", status, _MERGE)


def _accept(server: Server) -> None:
    """The token of a new peering, and then that it is there."""
    for acceptor in _unsynced(server, "peeringacceptors"):
        wanted, metadata = acceptor["spec"]["peer"]["secret"], acceptor["metadata"]
        assert wanted["backend"] == "kubernetes"
        token = base64.b64encode(f"a token for {metadata['name']}".encode()).decode()
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": wanted["name"], "labels": {"consul.hashicorp.com/peering-token": "true"}},
            "stringData": {wanted["key"]: token},
        }
        if not server.call("GET", f"/api/v1/namespaces/{metadata['namespace']}/secrets/{wanted['name']}"):
            server.call("POST", f"/api/v1/namespaces/{metadata['namespace']}/secrets", secret)
        _say_synced(server, acceptor, "peeringacceptors")


def _dial(server: Server) -> None:
    """A dialer needs its token, in a Secret that says of itself that it is one."""
    for dialer in _unsynced(server, "peeringdialers"):
        wanted, metadata = dialer["spec"]["peer"]["secret"], dialer["metadata"]
        secret = server.call("GET", f"/api/v1/namespaces/{metadata['namespace']}/secrets/{wanted['name']}")
        if secret and wanted["key"] in secret["data"]:
            assert secret["metadata"]["labels"]["consul.hashicorp.com/peering-token"] == "true"
            _say_synced(server, dialer, "peeringdialers")


def _let_go(server: Server) -> None:
    """What is deleted, while the controllers of peerings run: not once the chart was told that there are none."""
    told = server.call("GET", "/api/v1/namespaces/consul/configmaps/stand-in-consul")
    if not told or not json.loads(told["data"]["values"])["global"]["peering"]["enabled"]:
        return
    for plural in ("peeringacceptors", "peeringdialers"):
        for found in server.items(f"{_CONSUL}/{plural}"):
            if "deletionTimestamp" in found["metadata"] and found["metadata"].get("finalizers"):
                server.call("PATCH", _place(_CONSUL, found, plural), {"metadata": {"finalizers": None}}, _MERGE)


def _unsynced(server: Server, plural: str) -> Iterator[dict[str, Any]]:
    for found in server.items(f"{_CONSUL}/{plural}"):
        if not found.get("status", {}).get("conditions") and "deletionTimestamp" not in found["metadata"]:
            yield found


def _say_synced(server: Server, found: dict[str, Any], plural: str) -> None:
    server.call("PATCH", _place(_CONSUL, found, plural), {"metadata": {"finalizers": [_FINALIZER]}}, _MERGE)
    condition = {"type": "Synced", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    status = {"status": {"conditions": [condition]}}
    server.call("PATCH", f"{_place(_CONSUL, found, plural)}/status", status, _MERGE)


def _place(api: str, found: dict[str, Any], plural: str) -> str:
    return f"{api}/namespaces/{found['metadata']['namespace']}/{plural}/{found['metadata']['name']}"
