"""A reader's token changed in two steps, by the real engine and a real API server: always one that is held is valid."""

import json
import time
from pathlib import Path

import pytest
import urllib3
from api_server import running
from lab_engine import Lab, missing_tools, passed

PROGRAM = """
import json
import pulumi
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh
from pulumi_multimesh.account_token import account_kubeconfig

told = json.load(open("told.json"))
cluster = multimesh.ExistingCluster("one", {"kubeconfig": told["kubeconfig"], "egress_ips": ["203.0.113.7"]})
metadata = {"name": "reader", "namespace": "default"}
account = k8s.core.v1.ServiceAccount("reader", metadata=metadata, opts=cluster.inside())
held = account_kubeconfig("reader", cluster, cluster, ("default", "reader"), "one", [account], told["tokens"])
pulumi.export("held", held)
"""


def status(kubeconfig: str) -> int:
    """What the API server says to who comes with the kubeconfig's token: 401 when it does not know it."""
    config = json.loads(kubeconfig)
    token, server = config["users"][0]["user"]["token"], config["clusters"][0]["cluster"]["server"]
    client = urllib3.PoolManager(cert_reqs="CERT_NONE")
    return client.request("GET", f"{server}/api", headers={"Authorization": f"Bearer {token}"}).status


def test_two_steps(lab: Lab, tmp_path: Path) -> None:
    reason = missing_tools("etcd", "kube-apiserver", "kube-controller-manager")
    if reason:
        pytest.skip(reason)
    (tmp_path / "Pulumi.yaml").write_text("name: tokens\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server") as kubeconfig:

        def held(*tokens: str) -> str:
            (tmp_path / "told.json").write_text(json.dumps({"kubeconfig": kubeconfig, "tokens": tokens}))
            passed(lab.pulumi("up", "--yes", "--skip-preview", "--stack", "test", folder=tmp_path))
            shown = ("exec", "--", "pulumi", "stack", "output", "held", "--show-secrets", "--stack", "test")
            return passed(lab.command(*shown, folder=tmp_path)).strip()

        first = held("default")
        assert status(first) != 401
        second = held("default", "k2")
        assert second != first
        assert status(first) != 401, "the others may not have read the second one yet"
        assert status(second) != 401
        assert held("k2") == second
        assert status(second) != 401
        # An API server remembers for some seconds whom it let in.
        deadline = time.monotonic() + 60
        while status(first) != 401 and time.monotonic() < deadline:
            time.sleep(1)
        assert status(first) == 401
