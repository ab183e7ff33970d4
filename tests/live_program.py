"""A program of a live test's own: a mesh, and in each of its clusters HelloWorld and a client in the namespace `web`.

Owns: the workloads, the project around a program, and its stack. Does not own: the mesh, which each test writes; and
calling (live_load.py). HelloWorld answers with its cluster's name as its version.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_engine import Lab, passed
from live_mesh import STACK, UP

from multimesh_lab.verification.verify import clusters_of

TWO: Mapping[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
"""A fleet of two clouds, as arguments of a mesh."""
WITH_AZURE: Mapping[str, Any] = {**TWO, "aks": {"azure-eu": {"region": "westeurope"}}}
"""The same and a third."""
ISTIO: Mapping[str, Any] = {
    # What proxies write tells why a call was lost.
    "proxy": {"access_log": "text"},
    # The node of a cluster in the lab has two cores, and two control planes of two replicas are to find room.
    "values": {"istiod": {"resources": {"requests": {"cpu": "50m", "memory": "128Mi"}}}},
}
"""Arguments of Istio under load."""

PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_multimesh as multimesh
import workloads

mesh = multimesh.MultiCloudMesh("shop", json.loads(Path("mesh.json").read_text()))
workloads.install(mesh)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
"""
"""A program with the workloads and nothing else."""

WORKLOADS = """
import pulumi_kubernetes as k8s

CURL = {"name": "curl", "image": "docker.io/curlimages/curl:latest", "command": ["sleep", "infinity"]}


def install(mesh):
    for name, cluster in mesh.clusters.items():
        inside = cluster.inside(depends_on=[mesh.enrol("web", [name])[name]])
        helloworld(name, inside)
        deployment(name, "client", CURL, inside)


def helloworld(cluster, inside, namespace="web"):
    k8s.core.v1.Service(
        named(cluster, namespace, "helloworld"),
        metadata={"name": "helloworld", "namespace": namespace},
        spec={"ports": [{"port": 5000, "name": "http"}], "selector": {"app": "helloworld"}},
        opts=inside,
    )
    container = {
        "name": "helloworld",
        "image": "docker.io/istio/examples-helloworld-v1:1.0",
        "env": [{"name": "SERVICE_VERSION", "value": cluster}],
        # Endpoints that go are heard of late on a machine whose two cores carry all clusters and the calls.
        "lifecycle": {"pre_stop": {"sleep": {"seconds": 15}}},
    }
    deployment(cluster, "helloworld", container, inside, namespace)


def deployment(cluster, name, container, inside, namespace="web", account="default"):
    k8s.apps.v1.Deployment(
        named(cluster, namespace, name),
        metadata={"name": name, "namespace": namespace},
        spec={
            "selector": {"match_labels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "service_account_name": account,
                    "containers": [{"image_pull_policy": "IfNotPresent", **container}],
                },
            },
        },
        opts=inside,
    )


def entrance(mesh, cluster):
    # HelloWorld for callers from outside, whichever host they name.
    server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
    route = {"destination": {"host": "helloworld.web.svc.cluster.local", "port": {"number": 5000}}}
    for kind, spec in (
        ("Gateway", {"selector": {"istio": "ingressgateway"}, "servers": [server]}),
        ("VirtualService", {"hosts": ["*"], "gateways": ["entrance"], "http": [{"route": [route]}]}),
    ):
        k8s.apiextensions.CustomResource(
            f"{cluster}-entrance-{kind.lower()}",
            api_version="networking.istio.io/v1",
            kind=kind,
            metadata={"name": "entrance", "namespace": "web"},
            spec=spec,
            opts=mesh.clusters[cluster].inside(depends_on=[mesh.istio.ingress[cluster]]),
        )


def named(cluster, namespace, name):
    return f"{cluster}-{name}" if namespace == "web" else f"{cluster}-{namespace}-{name}"
"""


def write_program(folder: Path, project: str, program: str) -> None:
    """The project in the folder; the program may import `workloads` and calls `workloads.install(mesh)`."""
    (folder / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")
    (folder / "workloads.py").write_text(WORKLOADS)
    (folder / "__main__.py").write_text(program)


@dataclass
class Program:
    """The stack of a program whose mesh is what `mesh.json` beside it says."""

    lab: Lab
    folder: Path

    def bring_up(self, mesh: Mapping[str, Any], *more: str) -> str:
        """What `up` says of this mesh; `more` are further words for it."""
        self._write(mesh)
        return passed(self.lab.pulumi(*UP, *more, folder=self.folder, seconds=1500))

    def refused(self, mesh: Mapping[str, Any]) -> str:
        """What `up` says of a mesh that must not come now."""
        self._write(mesh)
        answer = self.lab.pulumi(*UP, folder=self.folder, seconds=600)
        assert answer.returncode != 0, answer.stdout
        return answer.stdout

    def clusters(self) -> Any:
        return clusters_of(self.lab.home, self.folder, STACK)

    def _write(self, mesh: Mapping[str, Any]) -> None:
        (self.folder / "mesh.json").write_text(json.dumps(mesh))
