"""API servers with stand-ins for what a mesh of Linkerd or Consul meets there: charts, load balancers, controllers.

Owns: starting them, reading what a mesh left on them, and having them judge its custom resources. Does not own: the
stand-ins themselves (stand_in_charts.py, stand_in_controllers.py). Nothing of a mesh runs.
"""

import base64
import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import stand_in_charts
from api_server import running
from lab_engine import missing_tools, passed
from stack_life import Life
from stand_in_controllers import Server, acting

_GROUPS = tuple(
    f"kubernetes:{group}/" for group in ("policy.linkerd.io", "multicluster.linkerd.io", "consul.hashicorp.com")
)
EMPTY = {"default", "kube-system", "kube-public", "kube-node-lease"}
"""The namespaces of a cluster in which nothing was installed."""


@dataclass(frozen=True)
class World:
    """The API servers and the charts."""

    kubeconfigs: Mapping[str, str]
    charts: str

    def server(self, name: str) -> Server:
        return Server(self.kubeconfigs[name])

    def sweep(self) -> None:
        """Nothing of a mesh stays on any server."""
        for name in self.kubeconfigs:
            found = [each["metadata"]["name"] for each in self.server(name).items("/api/v1/namespaces")]
            assert set(found) <= EMPTY, name


@contextmanager
def started(folder: Path, names: Iterable[str]) -> Generator[World]:
    """A server of each name; everything ends with the block. Skips the test where a tool is missing."""
    reason = missing_tools("pulumi", "helm", "etcd", "kube-apiserver", "kube-controller-manager")
    if reason:
        pytest.skip(f"needs real API servers: {reason}")
    (folder / "charts").mkdir()
    with ExitStack() as stack:
        url = stack.enter_context(stand_in_charts.served(folder / "charts"))
        configs: dict[str, str] = {}
        for name in names:
            (folder / name).mkdir()
            configs[name] = stack.enter_context(running(folder / name))
        stack.enter_context(acting(configs))
        yield World(configs, url)


def secret(server: Server, namespace: str, name: str) -> dict[str, str]:
    """What a Secret holds."""
    data = server.call("GET", f"/api/v1/namespaces/{namespace}/secrets/{name}")["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def recorded(server: Server, namespace: str, chart: str) -> dict[str, Any]:
    """What a stand-in of a chart was given."""
    found = server.call("GET", f"/api/v1/namespaces/{namespace}/configmaps/stand-in-{chart}")
    return json.loads(found["data"]["values"])


def bearer(server: Server, kubeconfig: str) -> str:
    """Who the API server takes the bearer of the kubeconfig for."""
    token = json.loads(kubeconfig)["users"][0]["user"]["token"]
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    answer = server.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)
    return answer["status"]["user"]["username"]


def custom_resources(life: Life) -> list[dict[str, Any]]:
    """The custom resources of the stack as its program declares them."""
    words = ("exec", "--", "pulumi", "stack", "export", "--stack", "test")
    deployment = json.loads(passed(life.lab.command(*words, folder=life.folder)))["deployment"]
    return [each["inputs"] for each in deployment["resources"] if each["type"].startswith(_GROUPS)]


def strictly_taken(server: Server, found: Iterable[Mapping[str, Any]]) -> set[str]:
    """The kinds of these resources; fails at the first with a field that its schema does not know.

    By a dry run with strict validation, under another name. What is applied else is taken without such fields, and the
    API server only warns of them.
    """
    kinds: set[str] = set()
    for each in found:
        version, metadata = each["apiVersion"], each["metadata"]
        served = server.call("GET", f"/apis/{version}")["resources"]
        (plural,) = [kind["name"] for kind in served if kind["kind"] == each["kind"] and "/" not in kind["name"]]
        body = {
            **{key: each[key] for key in ("apiVersion", "kind", "spec") if key in each},
            "metadata": {"generateName": "strict-", "namespace": metadata["namespace"]},
        }
        place = f"/apis/{version}/namespaces/{metadata['namespace']}/{plural}"
        server.call("POST", f"{place}?dryRun=All&fieldValidation=Strict", body)
        kinds.add(each["kind"])
    return kinds
