"""The real Helm, run for one cluster.

Owns: command lines and what they answer. Does not own: what a release's properties mean (release.py).
Helm 4 is told to behave as the Helm 3 inside the real provider does: client-side apply, and its way of waiting.
"""

import json
import os
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
    certificates: tuple[str, ...] = ()
    """Flags for a repository with a certificate of its own authority, or that wants one."""

    def words(self) -> list[str]:
        words = [self.chart, *self.certificates]
        if self.repository:
            words += ["--repo", self.repository]
        return [*words, "--version", self.version] if self.version else words


def source_of(inputs: Mapping[str, Any]) -> Source:
    """The chart's source, by way of the lab's mirror when there is one."""
    options = inputs.get("repositoryOpts") or {}
    repository = options.get("repo") or ""
    chart, version = inputs["chart"], inputs.get("version") or ""
    mirror = mirrors.find(LabHome.from_environment(), repository) if repository else None
    if mirror is None:
        flags = {"caFile": "--ca-file", "certFile": "--cert-file", "keyFile": "--key-file"}
        certificates = tuple(f"{flag}={options[key]}" for key, flag in flags.items() if options.get(key))
        return Source(chart, repository, version, {}, mirrored=False, certificates=certificates)
    return Source(chart, mirror.repository, mirror.version(version), mirror.values.get(chart, {}), mirrored=True)


class Helm:
    """Helm with a home of its own and, for what needs a cluster, a kubeconfig that is gone afterwards."""

    def __init__(self, kubeconfig: str) -> None:
        self._kubeconfig = kubeconfig

    def chart(self, source: Source) -> dict[str, Any]:
        """The chart's own description."""
        return yaml.safe_load(self._run(["show", "chart", *source.words()], cluster=False))

    def apply(self, action: str, name: str, source: Source, inputs: Mapping[str, Any], values: Any) -> None:
        """`install` or `upgrade`."""
        with _in_memory(json.dumps(values)) as file:
            words = [action, name, *source.words(), "--namespace", inputs["namespace"], "--values", _path(file)]
            words += ["--timeout", f"{inputs.get('timeout') or 300}s", "--server-side=false"]
            waits = not inputs.get("skipAwait") or inputs.get("atomic")
            words += ["--wait=legacy"] if waits else ["--wait=hookOnly"]
            words += [flag for key, flag in {**_FLAGS["both"], **_FLAGS[action]}.items() if inputs.get(key)]
            words += [f"--description={inputs['description']}"] if inputs.get("description") else []
            words += ["--keyring", inputs["keyring"]] if inputs.get("verify") and inputs.get("keyring") else []
            if action == "upgrade":
                words += ["--history-max", str(inputs.get("maxHistory") or 0)]
            self._run(words, file)

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

    def _run(self, words: list[str], *files: int, cluster: bool = True) -> str:
        home = LabHome.from_environment().root / "helm"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("HELM_")}
        environment |= {f"HELM_{name.upper()}_HOME": str(home / name) for name in ("cache", "config", "data")}
        command = [str(tools.binary("helm")), *words]
        if not cluster:
            return _ended(command, environment, files)
        with _in_memory(self._kubeconfig) as file:
            return _ended([*command, "--kubeconfig", _path(file)], environment, (*files, file))


_FLAGS: dict[str, dict[str, str]] = {
    "both": {
        "atomic": "--rollback-on-failure",
        "dependencyUpdate": "--dependency-update",
        "devel": "--devel",
        "renderSubchartNotes": "--render-subchart-notes",
        "verify": "--verify",
        "waitForJobs": "--wait-for-jobs",
    },
    "install": {
        "createNamespace": "--create-namespace",
        "disableOpenapiValidation": "--disable-openapi-validation",
        "disableWebhooks": "--no-hooks",
        "replace": "--replace",
        "skipCrds": "--skip-crds",
    },
    "upgrade": {
        "cleanupOnFail": "--cleanup-on-fail",
        "disableCRDHooks": "--no-hooks",
        "forceUpdate": "--force-replace",
        "resetValues": "--reset-values",
        "reuseValues": "--reuse-values",
    },
}


def _ended(command: list[str], environment: Mapping[str, str], files: Sequence[int]) -> str:
    answer = subprocess.run(
        command, env=environment, pass_fds=files, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise HelmError(answer.stderr.strip().removeprefix("Error: ") or f"helm ended with {answer.returncode}")
    return answer.stdout


@contextmanager
def _in_memory(text: str) -> Generator[int]:
    """A file that never is on a disk, since credentials and values would outlive a killed process there."""
    file = os.memfd_create("multimesh-lab")
    try:
        with os.fdopen(os.dup(file), "w") as handle:
            handle.write(text)
        yield file
    finally:
        os.close(file)


def _path(file: int) -> str:
    return f"/proc/self/fd/{file}"
