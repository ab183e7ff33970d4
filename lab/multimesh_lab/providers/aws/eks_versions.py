"""Versions of Kubernetes in EKS of the simulated AWS: which there are, and how clusters and nodes may move.

Owns: these rules. Does not own: builds of add-ons beyond their form (eks).
"""

import re

from multimesh_lab.providers.kinds import RefusedError

# docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html: standard and extended support.
KNOWN = ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36")
_BUILD = re.compile(r"v(\d+)\.(\d+)\.\d+-eksbuild\.\d+")
# docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html, "version skew": nodes at most three minors behind.
_SKEW = 3


def minor(version: str) -> int:
    """The minor version as a number."""
    return int(version.split(".")[1])


def must_be_known(version: str) -> None:
    if version not in KNOWN:
        raise RefusedError(f"InvalidParameterException: unsupported Kubernetes version {version}; there are {KNOWN}")


def must_step(before: str, after: str) -> None:
    """A control plane moves one minor at a time and never back.

    docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
    """
    if minor(after) - minor(before) not in (0, 1):
        raise RefusedError(
            f"InvalidParameterException: Unsupported Kubernetes minor version update from {before} to {after}"
        )


def must_not_fall(before: str, after: str) -> None:
    """Nodes may skip a minor but not go back (Amazon EKS API, UpdateNodegroupVersion: no rollback)."""
    if minor(after) < minor(before):
        raise RefusedError(f"InvalidParameterException: Nodegroup cannot be rolled back from {before} to {after}")


def must_follow(nodes: str, control_plane: str) -> None:
    """Nodes are never newer than the control plane, and not much older."""
    if not 0 <= minor(control_plane) - minor(nodes) <= _SKEW:
        raise RefusedError(
            f"InvalidParameterException: Nodegroup Kubernetes version {nodes} does not go with the cluster's"
            f" {control_plane}: it must be the same or up to {_SKEW} minor versions older"
        )


def must_be_build(addon: str, build: str, control_plane: str) -> None:
    """A build's form, and that kube-proxy's follows Kubernetes' minors.

    docs.aws.amazon.com/eks/latest/userguide/managing-kube-proxy.html: not newer than the control plane.
    """
    found = _BUILD.fullmatch(build)
    if found is None:
        raise RefusedError(
            f"InvalidParameterException: Addon version specified is not supported: {addon} has no version {build!r};"
            " versions look like v1.20.4-eksbuild.1"
        )
    if addon == "kube-proxy" and not 0 <= minor(control_plane) - int(found[2]) <= _SKEW:
        raise RefusedError(
            f"InvalidParameterException: Addon version specified is not supported: {addon} {build} does not go with"
            f" Kubernetes {control_plane}"
        )
