"""What workloads of any kind say of their pods.

Owns: finding the pod in a Deployment, a CronJob and the like, and which namespaces are a cluster's own. Does not own:
any check.
"""

from fnmatch import fnmatchcase
from typing import Any

from pulumi_multimesh.checks.item import Item, at, items

_APPS = ("Deployment", "StatefulSet", "DaemonSet", "DeploymentPatch")
WORKLOADS = (
    *(f"kubernetes:apps:{kind}" for kind in _APPS),
    "kubernetes:batch:Job",
    "kubernetes:batch:CronJob",
    "kubernetes::Pod",
)
"""What has pods, as types of checks."""
_SYSTEM = ("kube-*", "gke-*", "gmp-*", "istio-system", "external-istiod", "calico-*", "tigera-*", "amazon-*", "azure-*")


def is_system(namespace: str) -> bool:
    """Whether a cluster's own parts, or the mesh's, run in it; they are the vendor's to answer for."""
    return any(fnmatchcase(namespace, pattern) for pattern in _SYSTEM)


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
