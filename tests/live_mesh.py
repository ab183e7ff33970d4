"""An example's stack in the lab with real clusters, as the live tests use it."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_engine import ROOT, Lab, passed

from multimesh_lab import tools
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

    def export(self) -> str:
        """The state as `pulumi stack export` writes it."""
        return passed(self.lab.command("exec", "--", "pulumi", "stack", "export", "--stack", STACK, folder=self.folder))

    def verify(self, patience: float = 90) -> Verification:
        return verify(self.lab.home, self.folder, STACK, patience)

    def clusters(self) -> Any:
        return clusters_of(self.lab.home, self.folder, STACK)


def plain_call(cluster: Cluster) -> subprocess.CompletedProcess[str]:
    """HelloWorld called by a pod without a sidecar, in a namespace that is not enrolled."""
    pod = ("run", "plain", "-n", "default", "--image=docker.io/curlimages/curl:latest")
    passed(cluster.run(*pod, "--image-pull-policy=IfNotPresent", "--command", "--", "sleep", "infinity"))
    waited = ("wait", "pod/plain", "-n", "default", "--for=condition=Ready", "--timeout=60s", "--request-timeout=0")
    passed(cluster.run(*waited, seconds=90))
    call = ("curl", "-sS", "--max-time", "10", "http://helloworld.sample:5000/hello")
    answer = cluster.run("exec", "-n", "default", "plain", "--", *call)
    passed(cluster.run("delete", "pod", "plain", "-n", "default", "--grace-period=0", "--force"))
    return answer


def complaints(cluster: Cluster) -> tuple[str, ...]:
    """The errors and warnings of `istioctl analyze`; infos, such as of a namespace that is not enrolled, are none."""
    answer = cluster.analyze(tools.binary("istioctl"))
    return tuple(line for line in answer.splitlines() if re.match(r"(Error|Warning) \[", line))
