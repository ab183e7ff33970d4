"""The stand-in as the real engine uses it: up, up again, refresh, a change, a failure and its repair, destroy."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest
from lab_engine import Lab, missing_tools, passed

from multimesh_lab import lifecycle
from multimesh_lab.home import LabHome
from multimesh_lab.providers.kubernetes.api import Api

DEFINITIONS = "apiextensions.k8s.io/v1"

PROGRAM = """
import pulumi
import pulumi_kubernetes as k8s

config = pulumi.Config()
cluster = k8s.Provider("cluster", kubeconfig=open("kubeconfig.json").read(), enable_secret_mutable=True)
options = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", opts=options)
names = {"plural": "gates", "singular": "gate", "kind": "Gate"}
schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
k8s.apiextensions.v1.CustomResourceDefinition("gates", metadata={"name": "gates.lab.test"}, spec={
    "group": "lab.test", "names": names, "scope": "Namespaced",
    "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
}, opts=options)
k8s.apiextensions.CustomResource("gate", api_version="lab.test/v1", kind="Gate",
    metadata={"namespace": space.metadata.name}, spec={"open": 3}, opts=options)
k8s.core.v1.Secret("key", metadata={"name": "key", "namespace": space.metadata.name},
    string_data={"token": config.get("token") or "the-first-token"}, opts=options)
k8s.core.v1.ConfigMap("settings", metadata={"namespace": space.metadata.name},
    data={"a.b": config.get("setting") or "1"}, opts=options)
k8s.apps.v1.Deployment("app", metadata={"namespace": space.metadata.name,
        "annotations": {"pulumi.com/timeoutSeconds": "2"}},
    spec={"replicas": config.get_int("replicas") or 0, "selector": {"match_labels": {"app": "a"}},
        "template": {"metadata": {"labels": {"app": "a"}}, "spec": {"host_network": False, "containers": [
            {"name": "c", "image": "i", "resources": {"requests": {"cpu": "1000m"}}}]}}}, opts=options)
k8s.core.v1.Service("door", metadata={"namespace": space.metadata.name,
        "annotations": {"pulumi.com/timeoutSeconds": "1"}},
    spec={"selector": {"app": "a"}, "ports": [{"port": 80, "target_port": "http", "node_port": 0}]}, opts=options)
release = k8s.helm.v3.Release("greeter", chart="./greeter", namespace=space.metadata.name,
    values={"greeting": config.get("greeting") or "hello"}, opts=options)
pulumi.export("status", release.status.status)
pulumi.export("space", space.metadata.name)
"""
TEMPLATE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: greeting}\ndata: {a: {{ .Values.greeting | quote }}}\n"


@pytest.fixture
def lab(tmp_path: Path) -> Generator[Lab]:
    reason = missing_tools("pulumi")
    if reason:
        pytest.skip(f"needs the engine: {reason}")
    home = LabHome(tmp_path / "lab")
    yield Lab(home)
    lifecycle.down(home)


@pytest.fixture
def project(tmp_path: Path, kubeconfig: str) -> Path:
    folder = tmp_path / "project"
    (folder / "greeter" / "templates").mkdir(parents=True)
    (folder / "greeter" / "Chart.yaml").write_text("apiVersion: v2\nname: greeter\nversion: 0.3.1\n")
    (folder / "greeter" / "templates" / "greeting.yaml").write_text(TEMPLATE)
    (folder / "Pulumi.yaml").write_text("name: objects\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "kubeconfig.json").write_text(kubeconfig)
    return folder


def test_the_life_of_a_stack(lab: Lab, project: Path, kubeconfig: str) -> None:
    run = ("--yes", "--stack", "one")

    def configured(**values: str) -> None:
        lines = [f"  objects:{key}: '{value}'\n" for key, value in values.items()]
        (project / "Pulumi.one.yaml").write_text("config:\n" + "".join(lines))

    first = passed(lab.pulumi("up", *run, folder=project))
    assert "+ 10 created" in first.replace("  ", " "), first
    assert 'status: "deployed"' in first.replace("  ", " ")
    passed(lab.pulumi("up", "--skip-preview", "--expect-no-changes", *run, folder=project))
    passed(lab.pulumi("refresh", "--skip-preview", "--expect-no-changes", *run, folder=project))

    configured(token="the-second-token", setting="2", greeting="bye")
    changed = passed(lab.pulumi("up", "--diff", *run, folder=project))
    assert "2 updated" in changed and "+-1 replaced" in changed, changed
    assert "the-second-token" not in changed

    configured(token="the-second-token", setting="2", greeting="bye", replicas="1")
    failed = lab.pulumi("up", "--skip-preview", *run, folder=project)
    assert failed.returncode != 0
    assert "is not ready" in failed.stdout
    configured(token="the-second-token", setting="2", greeting="bye")
    healed = passed(lab.pulumi("up", "--skip-preview", *run, folder=project))
    assert "1 updated" in healed, healed

    export = passed(lab.command("exec", "--", "pulumi", "stack", "export", "--stack", "one", folder=project))
    assert "the-second-token" not in export
    passed(lab.pulumi("destroy", "--skip-preview", *run, folder=project))
    left = passed(lab.command("exec", "--", "pulumi", "stack", "export", "--stack", "one", folder=project))
    assert "resources" not in json.loads(left)["deployment"]
    api = Api(kubeconfig)
    spaces = [each["metadata"]["name"] for each in api.request("GET", "/api/v1/namespaces")["items"]]
    assert [name for name in spaces if name.startswith("space-")] == [], "a removal is waited for"
    assert api.get(api.kind(DEFINITIONS, "CustomResourceDefinition"), "", "gates.lab.test") is None
