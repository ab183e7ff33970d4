"""What workloads of any kind say of their pods.

Owns: finding the pod in a Deployment, a CronJob and the like, and which running ones are a cloud's or the mesh's own.
Does not own: any check.
"""

from fnmatch import fnmatchcase
from typing import Any

from pulumi_multimesh.checks.item import Item, at, items
from pulumi_multimesh.plan import consul_names, names

_APPS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "DeploymentPatch")
WORKLOADS = (
    *(f"kubernetes:apps:{kind}" for kind in _APPS),
    "kubernetes:batch:Job",
    "kubernetes:batch:CronJob",
    "kubernetes::ReplicationController",
    "kubernetes::Pod",
)
"""What has pods, as types of checks."""
_SYSTEM = (
    "kube-*",  # reserved: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
    "gke-managed-*",
    "gke-gmp-system",
    "gmp-system",
    "gmp-public",
    "calico-system",
    "tigera-operator",
    "gatekeeper-system",
    "amazon-cloudwatch",
    "amazon-guardduty",
)
_ISTIOS = (names.istio_namespace(external=False), names.istio_namespace(external=True), "kube-system")
_ISTIOS_PARTS = ("istiod", "istiod-*", "istio-cni-node", "ztunnel")
"""By its charts `istiod`, `cni` and `ztunnel`; the last two have to be on their nodes."""


def is_vendors(item: Item) -> bool:
    """Whether it runs, no program of the stack declares it, and a cloud, Kubernetes or a mesh's charts made it.

    What a program declares is never a vendor's, wherever it puts it.
    """
    if item.is_declared:
        return False
    return any(fnmatchcase(item.namespace, pattern) for pattern in _SYSTEM) or _is_meshes(item)


def _is_meshes(item: Item) -> bool:
    called = any(fnmatchcase(item.object_name, pattern) for pattern in _ISTIOS_PARTS)
    istios = called and item.namespace in _ISTIOS and item.labels.get("app.kubernetes.io/part-of") == "istio"
    return istios or (item.namespace == consul_names.NAMESPACE and item.labels.get("chart") == "consul-helm")


def _template(item: Item) -> Any:
    if item.kind == "Pod":
        return item.properties
    if item.kind == "CronJob":
        return at(item.properties, "spec", "jobTemplate", "spec", "template")
    return at(item.properties, "spec", "template")


def pod_metadata(item: Item) -> Any:
    """The metadata of its pods."""
    return at(_template(item), "metadata")


def pod_spec(item: Item) -> Any:
    """What its pods are."""
    return at(_template(item), "spec")


def containers(item: Item) -> list[tuple[str, Any]]:
    """Its containers and init containers, with where they are said."""
    spec = pod_spec(item)
    return [
        (f"{key}[{number}]", each)
        for key in ("initContainers", "containers")
        for number, each in enumerate(items(spec, key))
    ]
