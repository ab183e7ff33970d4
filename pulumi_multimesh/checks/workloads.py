"""Checks of pods: what they may do to their node, what they run, and what they carry.

Owns: workloads. Does not own: their sidecars (istio_edges.py).
"""

import re
from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import Item, all_texts, at, items, text
from pulumi_multimesh.checks.pods import WORKLOADS, containers, is_system, pod_spec

_STANDARDS = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
_IN_THE_CLEAR = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")
"""A private key as PEM (RFC 7468 §10), and a JSON Web Token (RFC 7519 §3)."""


def holds_secret(value: str) -> bool:
    """Whether a text has a private key or a token in it."""
    return _IN_THE_CLEAR.search(value) is not None


def _on_its_node(item: Item) -> Iterable[str]:
    if is_system(item.namespace):
        return
    for path, container in containers(item):
        if at(container, "securityContext", "privileged") is True:
            yield f"{path}.securityContext.privileged is true"
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if at(pod_spec(item), key) is True:
            yield f"{key} is true"
    for number, volume in enumerate(items(pod_spec(item), "volumes")):
        if at(volume, "hostPath"):
            yield f"volumes[{number}] is {text(volume, 'hostPath', 'path')} of the node"


def _floating(item: Item) -> Iterable[str]:
    if is_system(item.namespace):
        return
    for path, container in containers(item):
        image = text(container, "image")
        name = image.rpartition("/")[2]
        # Istio's injector puts the proxy's image in the place of this word.
        if image and image != "auto" and "@" not in image and (":" not in name or name.endswith(":latest")):
            yield f"{path}.image {image} is whatever lies there on the day"


def _carried(item: Item) -> Iterable[str]:
    for path, container in containers(item):
        for number, variable in enumerate(items(container, "env")):
            if holds_secret(text(variable, "value")):
                yield f"{path}.env[{number}] {text(variable, 'name')} has a private key or a token as its value"


def _in_config_map(item: Item) -> Iterable[str]:
    for path, value in all_texts(at(item.properties, "data"), "data"):
        if holds_secret(value):
            yield f"{path} has a private key or a token in it"


CHECKS = (
    Check(
        id="pod-on-its-node",
        level=Level.MANDATORY,
        title="A pod has no part of its node.",
        why="A privileged pod, one in its node's network or one with its disk can read the keys of every other pod "
        "there, go past every sidecar, and become the node.",
        remedy="Remove it; what needs it belongs in a namespace of its own that few may write in.",
        source=_STANDARDS,
        types=WORKLOADS,
        look=_on_its_node,
    ),
    Check(
        id="pod-image-floating",
        level=Level.ADVISORY,
        title="An image is a version.",
        why="A restart brings something else than was reviewed, and two pods of one Deployment differ.",
        remedy="Write a tag that is never moved, or a digest.",
        source="https://kubernetes.io/docs/concepts/containers/images/#image-names",
        types=WORKLOADS,
        look=_floating,
    ),
    Check(
        id="pod-secret-in-environment",
        level=Level.MANDATORY,
        title="No key or token is written into a pod.",
        why="Whoever may read the Deployment reads it, and it lies in every backup and every dump.",
        remedy="Put it into a `Secret` and refer to it by `valueFrom.secretKeyRef`, or mount it; then replace the key, "
        "since it has been seen.",
        source="https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        types=WORKLOADS,
        look=_carried,
    ),
    Check(
        id="config-map-secret",
        level=Level.MANDATORY,
        title="No key or token is in a ConfigMap.",
        why="A ConfigMap is not encrypted where Secrets are, and readers have a right to it.",
        remedy="Put it into a `Secret`; then replace the key, since it has been seen.",
        source="https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        types=("kubernetes::ConfigMap",),
        look=_in_config_map,
    ),
)
