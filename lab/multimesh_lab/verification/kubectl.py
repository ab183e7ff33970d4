"""The clusters of a stack, asked by kubectl with the kubeconfigs that the stack itself offers.

Owns: asking. Does not own: what is asked.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multimesh_lab import tools


class Unreachable(Exception):
    """The cluster gave no answer; the message is kubectl's."""


class Cluster:
    """One cluster of the mesh; its kubeconfig lies in a private temporary file while the object lives."""

    def __init__(self, name: str, kubeconfig: str, kubectl: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        handle, path = tempfile.mkstemp(prefix="multimesh-lab-", suffix=".kubeconfig")
        with os.fdopen(handle, "w") as file:
            file.write(kubeconfig)
        self._path = Path(path)
        self._kubectl = kubectl
        self._environment = dict(environment)

    def close(self) -> None:
        self._path.unlink(missing_ok=True)

    def analyze(self, namespace: str, revision: str = "") -> subprocess.CompletedProcess[str]:
        """`istioctl analyze` of everything that a control plane of that revision reads.

        It ends with 0 unless it warns of something.
        """
        command = [str(tools.binary("istioctl")), "--kubeconfig", str(self._path), "analyze", "--all-namespaces"]
        options = ["--istioNamespace", namespace, "--failure-threshold", "Warning"]
        options += ["--revision", revision] if revision else []
        return subprocess.run(
            [*command, *options], env=self._environment, capture_output=True, text=True, timeout=120, check=False
        )

    def run(self, *words: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
        """A kubectl command; its own exit code says how it went."""
        command = [str(self._kubectl), "--kubeconfig", str(self._path), "--request-timeout=15s", *words]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=seconds, check=False
        )

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        """The object, or None when there is none; raises `Unreachable` for every other trouble."""
        answer = self.run("get", kind, name, "-n", namespace, "-o", "json")
        if answer.returncode == 0:
            return json.loads(answer.stdout)
        if "NotFound" in answer.stderr or "not found" in answer.stderr:
            return None
        raise Unreachable(answer.stderr.strip() or "no answer")

    def names(self, kind: str, selector: str) -> list[str]:
        """The names of those of a kind without namespaces that carry the labels."""
        return [found["metadata"]["name"] for found in self._listed("get", kind, "-l", selector)]

    def items(self, kind: str, namespace: str, selector: str) -> list[dict[str, Any]]:
        """The objects that carry the labels."""
        return self._listed("get", kind, "-n", namespace, "-l", selector)

    def items_everywhere(self, kind: str) -> list[dict[str, Any]]:
        """The objects of every namespace."""
        return self._listed("get", kind, "--all-namespaces")

    def _listed(self, *words: str) -> list[dict[str, Any]]:
        answer = self.run(*words, "-o", "json")
        if answer.returncode:
            raise Unreachable(answer.stderr.strip() or "no answer")
        return json.loads(answer.stdout)["items"]
