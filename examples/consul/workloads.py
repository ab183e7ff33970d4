"""HelloWorld and a client in each cluster, as Consul wants workloads.

A workload is known by its Service, and logs in by a service account that has the Service's name; so both have one, the
client too, which nobody calls.
"""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

import pulumi_multimesh as multimesh

NAMESPACE = "sample"
_PORT = 5000


def deploy(mesh: multimesh.MultiCloudMesh, versions: Mapping[str, str]) -> dict[str, list[pulumi.Resource]]:
    """HelloWorld of the given version and a client in each named cluster; by cluster: what makes the service."""
    services: dict[str, list[pulumi.Resource]] = {}
    for name, version in versions.items():
        inside = mesh.clusters[name].inside(depends_on=[mesh.enrol(NAMESPACE, [name])[name]])
        helloworld: k8s.core.v1.ContainerArgsDict = {
            "name": "helloworld",
            "image": "docker.io/istio/examples-helloworld-v1:1.0",
            "env": [{"name": "SERVICE_VERSION", "value": version}],
            "ports": [{"container_port": _PORT}],
        }
        client: k8s.core.v1.ContainerArgsDict = {
            "name": "curl",
            "image": "docker.io/curlimages/curl:8.10.1",
            "command": ["sleep", "infinity"],
        }
        services[name] = [_workload(name, "helloworld", helloworld, inside)]
        _workload(name, "client", client, inside)
    return services


def _workload(
    cluster: str, name: str, container: k8s.core.v1.ContainerArgsDict, inside: pulumi.ResourceOptions
) -> k8s.core.v1.Service:
    logical, labels = f"{cluster}-{name}", {"app": name}
    metadata = k8s.meta.v1.ObjectMetaArgs(name=name, namespace=NAMESPACE)
    account = k8s.core.v1.ServiceAccount(logical, metadata=metadata, opts=inside)
    k8s.apps.v1.Deployment(
        logical,
        metadata=metadata,
        spec={
            "selector": {"match_labels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"service_account_name": name, "containers": [container]},
            },
        },
        opts=pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[account])),
    )
    return k8s.core.v1.Service(
        logical,
        metadata=metadata,
        spec={"ports": [{"port": _PORT, "name": "http"}], "selector": labels},
        opts=inside,
    )
