"""The clusters of a stack, asked by the user's own kubectl with the kubeconfigs that the stack exports; and its state.

Owns: calling `pulumi stack` and `kubectl`. Does not own: what is asked. A kubeconfig lies in a file that only
its user may read, for as long as its cluster is open.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

_INSTALL = {
    "kubectl": "install it as https://kubernetes.io/docs/tasks/tools/ says",
    "pulumi": "install it as https://www.pulumi.com/docs/install/ says",
}


class ToolError(Exception):
    """A program is missing or gave no answer; the message says what to do."""


class Kubectl:
    """One cluster."""

    def __init__(self, cluster: str, kubeconfig: Path) -> None:
        self.cluster = cluster
        self._kubeconfig = kubeconfig

    def objects(self, *kinds: str) -> list[dict[str, Any]]:
        """All of the kinds, in all namespaces."""
        said = self.run("get", ",".join(kinds), "--all-namespaces", "--request-timeout=30s", "-o", "json")
        return json.loads(said)["items"]

    def run(self, *words: str) -> str:
        """What the command prints; raises `ToolError` with kubectl's words."""
        return _output("kubectl", *words, "--kubeconfig", str(self._kubeconfig))


@contextmanager
def cluster(name: str, kubeconfig: str) -> Generator[Kubectl]:
    """A cluster to ask; its kubeconfig's file is gone afterwards."""
    handle, path = tempfile.mkstemp(prefix="multimesh-", suffix=".kubeconfig")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(kubeconfig)
        yield Kubectl(name, Path(path))
    finally:
        Path(path).unlink(missing_ok=True)


def kubeconfigs(stack: str) -> dict[str, str]:
    """By cluster: what the stack exports as `kubeconfigs`; raises `ToolError` when it does not."""
    said = _output("pulumi", "stack", "output", "--json", "--show-secrets", "--stack", stack, "--non-interactive")
    outputs: dict[str, object] = json.loads(said)
    exported = outputs.get("kubeconfigs")
    if not isinstance(exported, dict):
        raise ToolError(
            f'the stack {stack} exports no kubeconfigs; add  pulumi.export("kubeconfigs", mesh.kubeconfigs)  to the '
            "program, and run  pulumi up"
        )
    return cast("dict[str, str]", exported)


def state(stack: str) -> dict[str, Any]:
    """The stack's state as the engine exports it, its secrets encrypted; raises `ToolError` when there is none."""
    return json.loads(_output("pulumi", "stack", "export", "--stack", stack, "--non-interactive"))


def installed(program: str) -> str:
    """Its path; raises `ToolError` where it is not there."""
    path = shutil.which(program)
    if path is None:
        raise ToolError(f"{program} is not on the PATH; {_INSTALL[program]}")
    return path


def _output(program: str, *words: str) -> str:
    answer = subprocess.run([installed(program), *words], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise ToolError(f"{program} {words[0]}: {answer.stderr.strip() or answer.stdout.strip() or 'no answer'}")
    return answer.stdout
