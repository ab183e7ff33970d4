"""Checks of pods: what they may do to their node, what they run, and what they carry.

Owns: workloads. Does not own: their sidecars (istio_edges.py).
"""

from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import Item, all_texts, at, items, text, texts
from pulumi_multimesh.checks.pods import WORKLOADS, containers, is_vendors, pod_spec
from pulumi_multimesh.checks.secret_texts import holds_secret

_STANDARDS = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
_OF_THE_NODE = frozenset(
    {
        "ALL",
        "BPF",
        "DAC_READ_SEARCH",
        "MAC_ADMIN",
        "MAC_OVERRIDE",
        "PERFMON",
        "SYSLOG",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_MODULE",
        "SYS_PTRACE",
        "SYS_RAWIO",
        "SYS_TIME",
    }
)
"""Capabilities (capabilities(7)) that reach past the pod; `NET_ADMIN` and `NET_RAW`, with which meshes capture calls,
are for the pod's own network."""


def _on_its_node(item: Item) -> Iterable[str]:
    if is_vendors(item):
        return
    for path, container in containers(item):
        if at(container, "securityContext", "privileged") is True:
            yield f"{path}.securityContext.privileged is true"
        added = texts(container, "securityContext", "capabilities", "add")
        yield from (
            f"{path}.securityContext.capabilities.add has {each}"
            for each in added
            if each.upper().removeprefix("CAP_") in _OF_THE_NODE
        )
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if at(pod_spec(item), key) is True:
            yield f"{key} is true"
    for number, volume in enumerate(items(pod_spec(item), "volumes")):
        if at(volume, "hostPath"):
            yield f"volumes[{number}] is {text(volume, 'hostPath', 'path')} of the node"


def _floating(item: Item) -> Iterable[str]:
    if is_vendors(item):
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
        why="A privileged pod, one with its node's network or disk, or with a capability such as `SYS_ADMIN`, can read "
        "the keys of every other pod there, go past every sidecar, and become the node.",
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
