"""Every cloud's login: the kubeconfig's command in the lab, and what a real API server makes of its token."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from multimesh_lab import cluster
from multimesh_lab.cluster import ClusterFacts, ClusterRequest
from multimesh_lab.credentials import AKS_SERVER_ID
from multimesh_lab.home import ENVIRONMENT_VARIABLE, LabHome

pytestmark = pytest.mark.live

_CLOUDS = {"gcp": "europe-west4", "azure": "westeurope", "aws": "us-east-1", "oci": "eu-frankfurt-1"}


@pytest.fixture(scope="module")
def clusters(lab: LabHome) -> Iterator[dict[str, ClusterFacts]]:
    """A control plane in each cloud, all of one name."""
    requests = [ClusterRequest(f"{cloud}/shop", "shop", cloud, region) for cloud, region in _CLOUDS.items()]
    yield {request.cloud: cluster.create(lab, request) for request in requests}


def _exec(facts: ClusterFacts) -> dict[str, Any]:
    """The login of the cloud's kubeconfig."""
    if facts.cloud == "gcp":
        return {"command": "gke-gcloud-auth-plugin", "provideClusterInfo": True}
    words = {
        "azure": f"kubelogin get-token --login azurecli --server-id {AKS_SERVER_ID}",
        "aws": f"aws --region {facts.region} eks get-token --cluster-name {facts.name} --output json",
        "oci": f"oci ce cluster generate-token --cluster-id shop --region {facts.region}",
    }
    command, *arguments = words[facts.cloud].split()
    return {"command": command, "args": arguments}


def _kubeconfig(facts: ClusterFacts, login: dict[str, Any]) -> str:
    authority = base64.b64encode(facts.ca_pem.encode()).decode()
    server = {"server": facts.endpoint, "certificate-authority-data": authority}
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "interactiveMode": "Never", **login}}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "clusters": [{"name": "it", "cluster": server}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "users": [{"name": "it", "user": user}],
        }
    )


def _whoami(home: LabHome, folder: Path, facts: ClusterFacts, login: dict[str, Any]) -> tuple[int, str]:
    path = folder / "kubeconfig"
    path.write_text(_kubeconfig(facts, login))
    words = ["exec", "--", "kubectl", "--kubeconfig", str(path), "auth", "whoami", "-o", "json"]
    answer = subprocess.run(
        [sys.executable, "-m", "multimesh_lab.cli", *words],
        env={**os.environ, ENVIRONMENT_VARIABLE: str(home.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return answer.returncode, answer.stdout


@pytest.mark.parametrize(
    ("cloud", "user"), [("gcp", "lab:admin"), ("azure", "lab:entra"), ("aws", "lab:admin"), ("oci", "lab:admin")]
)
def test_the_kubeconfigs_command_logs_in(
    lab: LabHome, clusters: dict[str, ClusterFacts], tmp_path: Path, cloud: str, user: str
) -> None:
    code, said = _whoami(lab, tmp_path, clusters[cloud], _exec(clusters[cloud]))
    assert code == 0, said
    assert json.loads(said)["status"]["userInfo"]["username"] == user


def test_a_token_of_azure_opens_no_other_cloud(lab: LabHome, clusters: dict[str, ClusterFacts], tmp_path: Path) -> None:
    code, said = _whoami(lab, tmp_path, clusters["oci"], _exec(clusters["azure"]))
    assert code != 0
    assert "Unauthorized" in said or "must be logged in" in said


def test_the_device_code_of_aks_own_kubeconfig_ends_at_once(
    lab: LabHome, clusters: dict[str, ClusterFacts], tmp_path: Path
) -> None:
    login = {"command": "kubelogin", "args": ["get-token", "--login", "devicecode", "--server-id", AKS_SERVER_ID]}
    code, said = _whoami(lab, tmp_path, clusters["azure"], login)
    assert code != 0
    assert "would wait for a browser" in said
