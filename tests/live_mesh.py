"""An example's stack in the lab with real clusters, as the live tests use it."""

import json
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_engine import ROOT, Lab, passed
from secret_scanner import secrets_in, shown_by

from multimesh_lab import cluster as clusters_of_the_lab
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.verify import Verification, clusters_of, verify

STACK = "live"
UP = ("up", "--yes", "--skip-preview", "--stack", STACK)


@dataclass
class Mesh:
    """The stack of one example."""

    lab: Lab
    example: str

    @property
    def folder(self) -> Path:
        return ROOT / "examples" / self.example

    def pulumi(self, *words: str) -> str:
        return passed(self.lab.pulumi(*words, folder=self.folder, seconds=1500))

    def secrets(self) -> dict[str, str]:
        """What must not be readable, by what it is: what the state keeps as secret, and login tokens."""
        facts = clusters_of_the_lab.all_clusters(self.lab.home)
        tokens = {f"{each.name}: login token": clusters_of_the_lab.token(self.lab.home, each.name) for each in facts}
        return secrets_in(self.lab, self.folder, STACK) | tokens

    def shown(self) -> dict[str, str]:
        """What the stack leaves behind and shows to anybody, by name."""
        return shown_by(self.lab, self.folder, STACK)

    def verify(self, patience: float = 90) -> Verification:
        return verify(self.lab.home, self.folder, STACK, patience)

    def clusters(self) -> Any:
        return clusters_of(self.lab.home, self.folder, STACK)


_OUTSIDER = "outsider"
GIVEN = "/given"
"""Where the outsider has its files."""


@contextmanager
def outsider(member: Cluster, files: Mapping[str, str] | None = None) -> Generator[Callable[..., str]]:
    """A pod without a sidecar; what is yielded is curl in it, and answers what it says on both streams.

    `files`: by name, what it has under `GIVEN`.
    """
    metadata = {"name": _OUTSIDER, "namespace": "default"}
    image = {"image": "docker.io/curlimages/curl:latest", "imagePullPolicy": "IfNotPresent"}
    mounted = {"volumeMounts": [{"name": "given", "mountPath": GIVEN}]}
    container = {"name": "curl", **image, "command": ["sleep", "infinity"], **mounted}
    spec = {"containers": [container], "volumes": [{"name": "given", "secret": {"secretName": _OUTSIDER}}]}
    objects = [
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(files or {})},
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec},
    ]

    def curl(*words: str) -> str:
        answer = member.run("exec", "-n", "default", _OUTSIDER, "--", "curl", "-sS", "--max-time", "10", *words)
        return answer.stdout + answer.stderr

    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"apiVersion": "v1", "kind": "List", "items": objects}, file)
        file.flush()
        passed(member.run("apply", "-f", file.name))
        try:
            passed(member.run("wait", "--for=condition=Ready", f"pod/{_OUTSIDER}", "-n", "default", "--timeout=50s"))
            yield curl
        finally:
            passed(member.run("delete", "-f", file.name, "--grace-period=1"))


def plain_text_call(member: Cluster, url: str = "http://helloworld.sample:5000/hello", *options: str) -> str:
    """What HelloWorld answers to a pod without a sidecar; `options` are curl's."""
    with outsider(member) as curl:
        return curl(*options, url)


def ingress_address(member: Cluster) -> str:
    """Where the cluster's ingress gateway is reached from outside of all clusters."""
    service = member.get("service", "istio-ingressgateway", "istio-system")
    assert service is not None
    (entry,) = service["status"]["loadBalancer"]["ingress"]
    return entry["ip"]
