"""Objects of a cluster as its API server lists them.

Owns: reading names, marks, owners and containers from them. Does not own: what follows from any of it.
"""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]


def labels(found: Object) -> Mapping[str, str]:
    return found["metadata"].get("labels", {})


def marks(found: Object) -> Mapping[str, str]:
    """Annotations and labels; a label comes before an annotation of its name."""
    return {**found["metadata"].get("annotations", {}), **labels(found)}


def place(found: Object) -> tuple[str, str]:
    """Namespace and name."""
    return found["metadata"]["namespace"], found["metadata"]["name"]


def owner(found: Object) -> tuple[str, str]:
    """Kind and name of the controller; empty texts where there is none."""
    for each in found["metadata"].get("ownerReferences", []):
        if each.get("controller", False):
            return each["kind"], each["name"]
    return "", ""


def container(pod: Object, name: str) -> Object | None:
    """The pod's container of that name, among the first ones too: native sidecars are there."""
    spec = pod["spec"]
    return next((each for each in [*spec["containers"], *spec.get("initContainers", [])] if each["name"] == name), None)


def is_over(pod: Object) -> bool:
    """Whether a pod ends or has ended."""
    return "deletionTimestamp" in pod["metadata"] or pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
