"""A mesh on clusters of yours: HelloWorld in each is heard from each, by mTLS alone; nothing changes twice or stays.

    make live-linkerd CLUSTERS="east=/path/to/kubeconfig@203.0.113.7 west=/path/to/another@203.0.113.8"

Needs `pulumi` with its Kubernetes and TLS plug-ins and `kubectl` on the PATH, and clusters with load balancers (kind
with cloud-provider-kind, k3d, or a cloud) whose API servers the others reach too, at the kubeconfigs' addresses. After
the @: the addresses from which the cluster's calls leave, with commas between them. The same for `live-consul` and
`live-istio`. It makes namespaces and custom resources, and takes them away in the end.
"""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from pulumi_multimesh.plan import consul_names, linkerd_names, names

CLUSTERS, MESH, PULUMI = "MULTIMESH_CLUSTERS", "MULTIMESH_MESH", "MULTIMESH_PULUMI"
"""Variables: the clusters as above; the mesh; the command `pulumi`, if it is another."""
_SECONDS = 180
PROGRAM = """
import json
import pulumi
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh

told = json.load(open("told.json"))
mesh = multimesh.MultiCloudMesh("shop", told["args"])
services = {}


def workload(cluster, name, container, inside):
    metadata = {"name": name, "namespace": "sample"}
    account = k8s.core.v1.ServiceAccount(f"{cluster}-{name}", metadata=metadata, opts=inside)
    k8s.apps.v1.Deployment(
        f"{cluster}-{name}",
        metadata=metadata,
        spec={
            "selector": {"match_labels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"service_account_name": name, "containers": [container]},
            },
        },
        opts=pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[account])),
    )
    return k8s.core.v1.Service(
        f"{cluster}-{name}",
        metadata=metadata,
        spec={"ports": [{"port": 5000, "name": "http"}], "selector": {"app": name}},
        opts=inside,
    )


for name, cluster in mesh.clusters.items():
    inside = cluster.inside(depends_on=[mesh.enrol("sample", [name])[name]])
    helloworld = {
        "name": "helloworld",
        "image": "docker.io/istio/examples-helloworld-v1:1.0",
        "image_pull_policy": "IfNotPresent",
        "env": [{"name": "SERVICE_VERSION", "value": name}],
    }
    curl = {
        "name": "curl",
        "image": told["curl"],
        "image_pull_policy": "IfNotPresent",
        "command": ["sleep", "infinity"],
    }
    services[name] = [workload(name, "helloworld", helloworld, inside)]
    workload(name, "client", curl, inside)
mesh.export("sample", "helloworld", after=services)
pulumi.export(
    "hosts",
    {
        seen: {of: mesh.host("sample", "helloworld", of=of, seen_from=seen) for of in mesh.clusters}
        for seen in mesh.clusters
    },
)
"""
ARGS: Mapping[str, dict[str, object]] = {
    "istio": {"istio": {}},
    "linkerd": {"linkerd": {"high_availability": False}},
    "consul": {"consul": {"servers": 1, "exports": ["sample/helloworld"]}},
}
NAMESPACES: Mapping[str, tuple[str, ...]] = {
    "istio": (names.istio_namespace(),),
    "linkerd": (linkerd_names.NAMESPACE, linkerd_names.MULTICLUSTER),
    "consul": (consul_names.NAMESPACE,),
}
"""Of the meshes themselves."""
_CURL = os.environ.get("MULTIMESH_CURL", "docker.io/curlimages/curl:8.10.1")


@dataclass(frozen=True)
class Elsewhere:
    """Clusters that are not the lab's."""

    kubeconfigs: Mapping[str, Path]
    egress: Mapping[str, list[str]]


@dataclass(frozen=True)
class Stack:
    """The program's stack over them."""

    mesh: str
    folder: Path
    clusters: Elsewhere

    def pulumi(self, *words: str) -> str:
        command = [*shlex.split(os.environ.get(PULUMI, "pulumi")), *words, "--stack", "acceptance"]
        environment = {
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_CONFIG_PASSPHRASE": "acceptance",
            **os.environ,
            # The program's Python is the tests' own, which has the library.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }
        answer = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=1800,
        )
        assert answer.returncode == 0, answer.stdout[-6000:]
        return answer.stdout

    def kubectl(self, cluster: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["kubectl", "--kubeconfig", str(self.clusters.kubeconfigs[cluster]), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    def call(self, cluster: str, host: str) -> str:
        """What the client in the cluster hears."""
        curl = ("curl", "-sS", "--max-time", "5", f"http://{host}:5000/hello")
        answer = self.kubectl(cluster, "exec", "-n", "sample", "deploy/client", "-c", "curl", "--", *curl)
        return answer.stdout + answer.stderr

    def heard(self, cluster: str, host: str, wanted: str) -> str:
        """The same, until it is what is wanted or its time is over."""
        deadline, answer = time.monotonic() + _SECONDS, ""
        while time.monotonic() < deadline and wanted not in answer:
            answer = self.call(cluster, host)
            time.sleep(1)
        return answer


@pytest.fixture(scope="module")
def elsewhere() -> Elsewhere:
    text = os.environ.get(CLUSTERS, "")
    if not text:
        pytest.skip(
            f'no clusters of yours are named: make live-linkerd CLUSTERS="NAME=KUBECONFIG@EGRESS …" ({CLUSTERS})'
        )
    named = [part.partition("=") for part in text.split()]
    places = {name: place.rpartition("@") for name, _, place in named}
    return Elsewhere(
        {name: Path(place[0]) for name, place in places.items()},
        {name: place[2].split(",") for name, place in places.items()},
    )


@pytest.fixture(scope="module", params=["linkerd", "consul", "istio"])
def stack(
    request: pytest.FixtureRequest, elsewhere: Elsewhere, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Stack]:
    wanted = os.environ.get(MESH)
    if wanted != request.param:
        pytest.skip(f"{MESH} is {wanted}")
    folder = tmp_path_factory.mktemp("acceptance")
    existing = {
        name: {"kubeconfig": path.read_text(), "egress_ips": elsewhere.egress[name]}
        for name, path in elsewhere.kubeconfigs.items()
    }
    told = {"args": {"existing": existing, **ARGS[request.param]}, "curl": _CURL}
    (folder / "told.json").write_text(json.dumps(told))
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "Pulumi.yaml").write_text("name: acceptance\nruntime: python\n")
    made = Stack(request.param, folder, elsewhere)
    made.pulumi("stack", "select", "--create", "--non-interactive")
    try:
        made.pulumi("up", "--yes", "--skip-preview", "--non-interactive")
        yield made
    finally:
        made.pulumi("destroy", "--yes", "--skip-preview", "--non-interactive")
    for name in elsewhere.kubeconfigs:
        for namespace in ("sample", *NAMESPACES[request.param]):
            answer = made.kubectl(name, "get", "namespace", namespace)
            assert "NotFound" in answer.stderr, f"destroy leaves {namespace} in {name}: {answer.stdout + answer.stderr}"


def test_each_cluster_hears_every_other(stack: Stack) -> None:
    hosts = json.loads(stack.pulumi("stack", "output", "hosts", "--json"))
    for seen_from, by_cluster in hosts.items():
        for of, host in by_cluster.items():
            assert of in stack.heard(seen_from, host, f"version: {of}"), f"{seen_from} calls {host}"


def test_who_is_outside_the_mesh_is_refused(stack: Stack) -> None:
    for name in stack.clusters.kubeconfigs:
        run = ("run", "outsider", "-n", "default", f"--image={_CURL}", "--image-pull-policy=IfNotPresent")
        stack.kubectl(name, *run, "--command", "--", "sleep", "infinity")
        try:
            stack.kubectl(name, "wait", "--for=condition=Ready", "pod/outsider", "-n", "default", "--timeout=90s")
            curl = ("curl", "-sS", "--max-time", "5", "http://helloworld.sample.svc.cluster.local:5000/hello")
            answer = stack.kubectl(name, "exec", "-n", "default", "outsider", "--", *curl)
            assert "Hello version" not in answer.stdout, "a call in plain text was answered"
            assert "unable to upgrade connection" not in answer.stderr, "the pod was never called from"
        finally:
            stack.kubectl(name, "delete", "pod", "outsider", "-n", "default", "--grace-period=1")


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    stack.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive")
