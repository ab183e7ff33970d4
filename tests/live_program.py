"""A program of a live test's own: a mesh, and in each of its clusters HelloWorld and a client in the namespace `web`.

Owns: the workloads, and the project around a program. Does not own: the mesh, which each test writes; and calling
(live_load.py). HelloWorld answers with its cluster's name as its version.
"""

from pathlib import Path

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
