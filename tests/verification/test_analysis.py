"""`istioctl analyze` over two API servers, without a mesh: what it complains of, and what it is told not to."""

import json
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from api_server import running
from lab_engine import missing_tools, passed

from multimesh_lab import tools
from multimesh_lab.verification.kubectl import Cluster
from pulumi_multimesh.istio.analysis import NOT_ALIKE

SYSTEM = "istio-system"


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Cluster, Cluster]]:
    """A primary with the remote secret of the other one; each has the gateway's Service."""
    reason = missing_tools("etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "istioctl")
    if reason:
        pytest.skip(reason)
    with ExitStack() as stack:
        configs = [stack.enter_context(running(tmp_path_factory.mktemp(name))) for name in ("primary", "remote")]
        # Without a home of its own, what kubectl remembers would end up in the folder of the tests.
        environment = {"HOME": str(tmp_path_factory.mktemp("home"))}
        primary, remote = (
            Cluster(name, config, tools.binary("kubectl"), environment)
            for name, config in zip(("primary", "remote"), configs, strict=True)
        )
        for cluster in (primary, remote):
            stack.callback(cluster.close)
            passed(cluster.run("create", "namespace", SYSTEM))
        secret = ("secret", "generic", "istio-remote-secret-remote", "-n", SYSTEM)
        passed(primary.run("create", *secret, f"--from-literal=remote={configs[1]}"))
        passed(primary.run("label", "secret", "istio-remote-secret-remote", "-n", SYSTEM, "istio/multiCluster=true"))
        yield primary, remote


def put(cluster: Cluster, folder: Path, node_port: int, annotations: dict[str, str]) -> None:
    service: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "istio-eastwestgateway", "namespace": SYSTEM, "annotations": annotations},
        "spec": {"type": "LoadBalancer", "ports": [{"name": "tls", "port": 15443, "nodePort": node_port}]},
    }
    path = folder / f"{cluster.name}.json"
    path.write_text(json.dumps(service))
    passed(cluster.run("apply", "-f", str(path)))


@pytest.mark.parametrize(("annotations", "complains"), [({}, True), (NOT_ALIKE, False)])
def test_node_ports_of_gateways(
    clusters: tuple[Cluster, Cluster], tmp_path: Path, annotations: dict[str, str], complains: bool
) -> None:
    for cluster, node_port in zip(clusters, (30001, 30002), strict=True):
        put(cluster, tmp_path, node_port, annotations)
    answer = clusters[0].analyze(SYSTEM)
    # The API servers' own Services differ here as well, by their ports.
    said = [line for line in answer.stdout.splitlines() if "IST0170" in line and "istio-eastwestgateway" in line]
    assert bool(said) == complains, answer.stdout + answer.stderr
