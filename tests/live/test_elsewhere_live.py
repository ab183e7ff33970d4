"""The acceptance for clusters of yours, run on two of the lab's: they stand for what a kubeconfig list names.

Shows that `make live-istio` does what it says, and by it what `make live-linkerd` and `make live-consul` share with it:
neither of those meshes can run here.
"""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from lab_engine import ROOT

from multimesh_lab import cluster, tools
from multimesh_lab.cluster import ClusterFacts, ClusterRequest
from multimesh_lab.home import ENVIRONMENT_VARIABLE, LabHome

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def named(lab: LabHome) -> Iterator[str]:
    """Two clusters that no stack made, as `CLUSTERS` of the Makefile names them."""
    made: dict[str, ClusterFacts] = {}
    for cloud, region in (("gcp", "europe-west4"), ("aws", "us-east-1")):
        facts = cluster.create(lab, ClusterRequest(f"{cloud}/one", f"{cloud}-one", cloud, region))
        cluster.join_node(lab, facts.id, {})
        cluster.install_dns(lab, facts.id)
        egress = cluster.allocate_address(lab, facts.id)
        cluster.set_egress(lab, facts.id, egress)
        made[egress] = facts
    for facts in made.values():
        cluster.admit_api(lab, facts.id, [f"{egress}/32" for egress in made])
    yield " ".join(f"{facts.cloud}={facts.kubeconfig}@{egress}" for egress, facts in made.items())


def test_the_acceptance_passes_with_istio(lab: LabHome, named: str) -> None:
    environment = {
        **os.environ,
        "MULTIMESH_CLUSTERS": named,
        "MULTIMESH_MESH": "istio",
        "MULTIMESH_PULUMI": f"{sys.executable} -m multimesh_lab.cli exec -- pulumi",
        "MULTIMESH_CURL": "docker.io/curlimages/curl:latest",
        ENVIRONMENT_VARIABLE: str(lab.root),
        "PATH": f"{tools.binary('kubectl').parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    words = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "tests/elsewhere")
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=800,
    )
    assert answer.returncode == 0, answer.stdout[-6000:]
    assert "3 passed, 6 skipped" in answer.stdout, "each of its claims, and those of the other meshes by name"
