"""Pods without a sidecar, over all namespaces that ask for one: which are named, and which are right as they are."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from multimesh_lab.verification import structure
from multimesh_lab.verification.finding import Check, Finding
from multimesh_lab.verification.kubectl import Cluster

Pod = dict[str, Any]


class Told(Cluster):
    """A cluster that answers from a table instead of an API server."""

    def __init__(self, namespaces: dict[str, dict[str, str]], pods: Sequence[Pod]) -> None:
        super().__init__("gcp-eu", "", Path("kubectl"), {})
        self._namespaces, self._pods = namespaces, pods

    def run(self, *words: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
        if words[:2] == ("get", "namespaces"):
            key, _, value = words[3].partition("=")
            chosen = [name for name, labels in self._namespaces.items() if key in labels and value in ("", labels[key])]
            found: list[Pod] = [{"metadata": {"name": name}} for name in chosen]
        else:
            assert words[:2] == ("get", "pods"), words
            found = [pod for pod in self._pods if pod["metadata"]["namespace"] == words[3]]
        return subprocess.CompletedProcess(words, 0, json.dumps({"items": found}), "")


def pod(where: str, *, sidecar: bool = False, native: bool = False, phase: str = "Running", **more: Any) -> Pod:
    namespace, _, name = where.partition("/")
    proxy = [{"name": "istio-proxy"}]
    return {
        "metadata": {"name": name, "namespace": namespace, **more.pop("metadata", {})},
        "spec": {
            "containers": [{"name": "app"}, *(proxy if sidecar else [])],
            "initContainers": proxy if native else [],
            **more,
        },
        "status": {"phase": phase},
    }


ENROLLED = {"sample": {"istio-injection": "enabled"}, "web": {"istio.io/rev": "next"}, "other": {"team": "a"}}
DEMO = pod("sample/hello", native=True)


def found(*pods: Pod) -> Finding:
    cluster = Told(ENROLLED, [DEMO, *pods])
    (finding,) = structure.check_sidecars([cluster], "sample")
    cluster.close()
    assert finding.check is Check.SIDECAR
    return finding


def test_each_bare_pod_of_each_enrolled_namespace_is_named() -> None:
    finding = found(pod("web/old"), pod("sample/older"), pod("web/new", sidecar=True), pod("other/outside"))
    assert not finding.ok
    assert finding.message == "without a sidecar: sample/older, web/old"


@pytest.mark.parametrize(
    "right",
    [
        pod("web/native", native=True),
        pod("web/out", metadata={"labels": {"sidecar.istio.io/inject": "false"}}),
        pod("web/out-too", metadata={"annotations": {"sidecar.istio.io/inject": "false"}}),
        pod("web/on-its-node", hostNetwork=True),
        pod("web/job", phase="Succeeded"),
        pod("other/outside"),
    ],
    ids=lambda each: each["metadata"]["name"],
)
def test_what_is_right_without_one_is_not(right: Pod) -> None:
    assert found(right).ok


def test_a_demo_without_pods_proves_nothing() -> None:
    cluster = Told(ENROLLED, [pod("web/new", sidecar=True)])
    (finding,) = structure.check_sidecars([cluster], "sample")
    cluster.close()
    assert not finding.ok
    assert "no pod in the namespace sample" in finding.message
