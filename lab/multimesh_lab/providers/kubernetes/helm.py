"""The real Helm, run for one cluster.

Owns: command lines and what they answer. Does not own: what a release's properties mean (release.py).
Helm 4 is told to behave as the Helm 3 inside the real provider does: client-side apply, and its way of waiting.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from multimesh_lab import mirrors, tools
from multimesh_lab.home import LabHome

__all__ = ["Helm", "HelmError", "Source", "source_of"]


class HelmError(Exception):
    """Helm ended with an error; the message is Helm's own."""


@dataclass(frozen=True)
class Source:
    """Where a chart is taken from in the lab, which may be the lab's own copy of a public repository."""

    chart: str
    repository: str
    version: str
    values: Mapping[str, Any]
    """Laid over the program's."""
    mirrored: bool

    def words(self) -> list[str]:
        words = [self.chart]
        if self.repository:
            words += ["--repo", self.repository]
        return [*words, "--version", self.version] if self.version else words


def source_of(inputs: Mapping[str, Any]) -> Source:
    """The chart's source, by way of the lab's mirror when there is one."""
    repository = (inputs.get("repositoryOpts") or {}).get("repo") or ""
    chart, version = inputs["chart"], inputs.get("version") or ""
    mirror = mirrors.find(LabHome.from_environment(), repository) if repository else None
    if mirror is None:
        return Source(chart, repository, version, {}, mirrored=False)
    return Source(chart, mirror.repository, mirror.version, mirror.values.get(chart, {}), mirrored=True)


class Helm:
    """Helm with a home of its own and, for what needs a cluster, a kubeconfig that is gone afterwards."""

    def __init__(self, kubeconfig: str) -> None:
        self._kubeconfig = kubeconfig

    def chart(self, source: Source) -> dict[str, Any]:
        """The chart's own description."""
        return yaml.safe_load(self._run(["show", "chart", *source.words()], cluster=False))

    def apply(self, action: str, name: str, source: Source, inputs: Mapping[str, Any], values: Any) -> None:
        """`install` or `upgrade`."""
        with _private_file(json.dumps(values)) as path:
            words = [action, name, *source.words(), "--namespace", inputs["namespace"], "--values", str(path)]
            words += ["--timeout", f"{inputs.get('timeout') or 300}s", "--server-side=false"]
            waits = not inputs.get("skipAwait") or inputs.get("atomic")
            words += ["--wait=legacy"] if waits else ["--wait=hookOnly"]
            words += [flag for key, flag in _FLAGS[action].items() if inputs.get(key)]
            if inputs.get("waitForJobs"):
                words.append("--wait-for-jobs")
            if action == "upgrade":
                words += ["--history-max", str(inputs.get("maxHistory") or 0)]
                words += [] if inputs.get("reuseValues") else ["--reset-values"]
            self._run(words)

    def uninstall(self, name: str, inputs: Mapping[str, Any]) -> None:
        wait = "hookOnly" if inputs.get("skipAwait") and not inputs.get("atomic") else "legacy"
        words = ["uninstall", name, "--namespace", inputs["namespace"], f"--wait={wait}"]
        self._run([*words, "--timeout", f"{inputs.get('timeout') or 300}s"])

    def status(self, name: str, namespace: str) -> dict[str, Any] | None:
        """The release as Helm records it, or None when there is none."""
        try:
            return json.loads(self._run(["status", name, "--namespace", namespace, "--output", "json"]))
        except HelmError as fault:
            if "not found" in str(fault):
                return None
            raise

    def values(self, name: str, namespace: str) -> dict[str, Any]:
        """The values that the release was given."""
        return json.loads(self._run(["get", "values", name, "--namespace", namespace, "--output", "json"])) or {}

    def _run(self, words: list[str], *, cluster: bool = True) -> str:
        home = LabHome.from_environment().root / "helm"
        environment = {
            **os.environ,
            "HELM_CACHE_HOME": str(home / "cache"),
            "HELM_CONFIG_HOME": str(home / "config"),
            "HELM_DATA_HOME": str(home / "data"),
        }
        command = [str(tools.binary("helm")), *words]
        if not cluster:
            return _ended(subprocess.run(command, env=environment, capture_output=True, text=True, check=False))
        with _private_file(self._kubeconfig) as path:
            return _ended(
                subprocess.run(
                    [*command, "--kubeconfig", str(path)],
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                )
            )


_FLAGS: dict[str, dict[str, str]] = {
    "install": {
        "atomic": "--rollback-on-failure",
        "createNamespace": "--create-namespace",
        "skipCrds": "--skip-crds",
        "devel": "--devel",
        "disableWebhooks": "--no-hooks",
        "disableOpenapiValidation": "--disable-openapi-validation",
        "dependencyUpdate": "--dependency-update",
        "replace": "--replace",
    },
    "upgrade": {
        "atomic": "--rollback-on-failure",
        "devel": "--devel",
        "disableCRDHooks": "--no-hooks",
        "dependencyUpdate": "--dependency-update",
        "cleanupOnFail": "--cleanup-on-fail",
        "forceUpdate": "--force-replace",
        "reuseValues": "--reuse-values",
    },
}


def _ended(answer: subprocess.CompletedProcess[str]) -> str:
    if answer.returncode:
        raise HelmError(answer.stderr.strip().removeprefix("Error: ") or f"helm ended with {answer.returncode}")
    return answer.stdout


@contextmanager
def _private_file(text: str) -> Generator[Path]:
    handle, name = tempfile.mkstemp(prefix="multimesh-lab-")
    path = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        yield path
    finally:
        path.unlink(missing_ok=True)
