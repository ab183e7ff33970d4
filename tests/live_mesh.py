"""An example's stack in the lab with real clusters, as the live tests use it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_engine import ROOT, Lab, passed

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


def plain_text_call(member: Cluster) -> str:
    """What HelloWorld answers to a pod without a sidecar."""
    pod, image = "outsider", "docker.io/curlimages/curl:latest"
    passed(
        member.run(
            *("run", pod, "-n", "default", f"--image={image}", "--image-pull-policy=IfNotPresent"),
            *("--command", "--", "sleep", "infinity"),
        )
    )
    try:
        passed(member.run("wait", "--for=condition=Ready", f"pod/{pod}", "-n", "default", "--timeout=50s"))
        url = "http://helloworld.sample:5000/hello"
        answer = member.run("exec", "-n", "default", pod, "--", "curl", "-sS", "--max-time", "10", url)
        return answer.stdout + answer.stderr
    finally:
        passed(member.run("delete", "pod", pod, "-n", "default", "--grace-period=1"))
