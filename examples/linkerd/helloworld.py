"""Istio's HelloWorld over the clusters of a mesh: one version in each, and a client in each that calls it.

It is also the pattern for workloads of your own: enrol a namespace, and install them in it with the cluster's provider.
"""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

import pulumi_multimesh as multimesh

NAMESPACE = "sample"
_PORT = 5000
_IMAGE = "docker.io/istio/examples-helloworld-v1:1.0"


def deploy(mesh: multimesh.MultiCloudMesh, versions: Mapping[str, str]) -> dict[str, list[pulumi.Resource]]:
    """HelloWorld of the given version in each named cluster; the service and the client are in every one.

    By cluster: what makes the service.
    """
    services: dict[str, list[pulumi.Resource]] = {}
    for name, version in versions.items():
        cluster = mesh.clusters[name]
        inside = cluster.inside(depends_on=[mesh.enrol(NAMESPACE, [name])[name]])
        service = k8s.core.v1.Service(
            f"{name}-helloworld",
            metadata={"name": "helloworld", "namespace": NAMESPACE, "labels": {"app": "helloworld"}},
            spec={"ports": [{"port": _PORT, "name": "http"}], "selector": {"app": "helloworld"}},
            opts=inside,
        )
        services[name] = [service]
        _deployment(
            f"{name}-helloworld",
            f"helloworld-{version}",
            {"app": "helloworld", "version": version},
            {
                "name": "helloworld",
                "image": _IMAGE,
                # The image answers with this; so any number of clusters can be told apart.
                "env": [{"name": "SERVICE_VERSION", "value": version}],
                "image_pull_policy": "IfNotPresent",
                "ports": [{"container_port": _PORT}],
            },
            inside,
        )
        _deployment(
            f"{name}-client",
            "client",
            {"app": "client"},
            {
                "name": "curl",
                "image": "docker.io/curlimages/curl:latest",
                "image_pull_policy": "IfNotPresent",
                "command": ["sleep", "infinity"],
            },
            inside,
        )
    return services


def _deployment(
    logical_name: str,
    name: str,
    labels: Mapping[str, str],
    container: k8s.core.v1.ContainerArgsDict,
    opts: pulumi.ResourceOptions,
) -> None:
    k8s.apps.v1.Deployment(
        logical_name,
        metadata={"name": name, "namespace": NAMESPACE, "labels": dict(labels)},
        spec={
            "replicas": 1,
            "selector": {"match_labels": dict(labels)},
            "template": {
                "metadata": {"labels": dict(labels)},
                "spec": {"containers": [container], "termination_grace_period_seconds": 5},
            },
        },
        opts=opts,
    )
