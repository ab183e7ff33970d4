"""`multimesh restart` with the real kubectl and a real API server, which has no nodes: no pod ever becomes ready."""

import json
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from api_server import running
from lab_engine import missing_tools, passed

from multimesh_lab import tools
from multimesh_lab.verification.kubectl import Cluster
from pulumi_multimesh.cli import main


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Cluster]:
    """An enrolled namespace with a Deployment of two pods, and a stack that exports the way to it."""
    reason = missing_tools("etcd", "kube-apiserver", "kube-controller-manager", "kubectl")
    if reason:
        pytest.skip(reason)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "kubectl").symlink_to(tools.binary("kubectl"))
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server") as config:
        (tmp_path / "outputs.json").write_text(json.dumps({"kubeconfigs": {"gcp-eu": config}}))
        pulumi = tmp_path / "bin" / "pulumi"
        pulumi.write_text(f"#!{sys.executable}\nprint(open({str(tmp_path / 'outputs.json')!r}).read())\n")
        pulumi.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        # Without a home of its own, what kubectl remembers would end up in the folder of the tests.
        monkeypatch.setenv("HOME", str(tmp_path))
        found = Cluster("gcp-eu", config, tools.binary("kubectl"), {"HOME": str(tmp_path)})
        passed(found.run("create", "namespace", "web"))
        passed(found.run("label", "namespace", "web", "istio-injection=enabled"))
        put(found, tmp_path, webhook())
        passed(found.run("create", "deployment", "api", "-n", "web", "--image=none", "--replicas=2"))
        until(lambda: len(found.items("pods", "web", "app=api")) == 2)
        yield found
        found.close()


def webhook() -> dict[str, Any]:
    metadata = {"name": "istio-sidecar-injector", "labels": {"istio.io/rev": "default"}}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": metadata,
    }


def put(cluster: Cluster, folder: Path, found: dict[str, Any]) -> None:
    path = folder / "object.json"
    path.write_text(json.dumps(found))
    passed(cluster.run("apply", "-f", str(path)))


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def restarted(cluster: Cluster) -> bool:
    deployment = cluster.get("deployment", "api", "web")
    assert deployment is not None
    annotations = deployment["spec"]["template"]["metadata"].get("annotations", {})
    return "kubectl.kubernetes.io/restartedAt" in annotations


def test_it_finds_the_deployment_of_the_pods_and_restarts_it(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restart", "--stack", "prod", "--dry-run"]) == 0
    assert capsys.readouterr().out == "gcp-eu: would restart web deployment/api: has no sidecar\n"
    assert not restarted(cluster)
    assert main(["restart", "--stack", "prod", "--timeout", "1"]) == 1
    said = capsys.readouterr()
    assert said.out == "gcp-eu: restart web deployment/api: has no sidecar\n"
    assert "web deployment/api is not ready: kubectl rollout: error: timed out waiting" in said.err
    assert restarted(cluster)
