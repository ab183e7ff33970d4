"""Kubernetes versions of the simulated AKS: which there are, and which may follow which.

Owns: the versions and the rules between them. Does not own: who has one (cluster, pools).
"""

import re

from multimesh_lab.providers.azure_native import ids

# "Supported Kubernetes versions in AKS" (learn.microsoft.com): the patch of each minor version that is there; the older
# ones with long-term support, which a cluster may still have.
LATEST = {31: "1.31.13", 32: "1.32.9", 33: "1.33.5", 34: "1.34.2", 35: "1.35.0"}
_FORM = re.compile(r"^1\.(\d+)(?:\.(\d+))?$")
_BEHIND = 3


def parsed(version: object, what: str = "kubernetesVersion") -> tuple[int, int | None]:
    """Minor version and patch, if one is named, of a version that is there."""
    match = _FORM.match(str(version))
    if match is None or int(match[1]) not in LATEST:
        message = f"{what}: Version {version} is not supported in this region; supported are {list(LATEST.values())}."
        raise ids.invalid("K8sVersionNotSupported", message)
    return int(match[1]), int(match[2]) if match[2] else None


def full(version: object) -> str:
    """The version with its patch: the latest one where only the minor version is named."""
    minor, patch = parsed(version)
    return LATEST[minor] if patch is None else f"1.{minor}.{patch}"


def check_upgrade(before: object, after: object) -> None:
    """Refuse what a control plane does not do."""
    # "Upgrade an AKS cluster" (learn.microsoft.com): no minor version is skipped, and none is gone back to.
    (old, old_patch), (new, new_patch) = parsed(before), parsed(after)
    back = new < old or (new == old and None not in (old_patch, new_patch) and (new_patch or 0) < (old_patch or 0))
    if back:
        message = f"kubernetesVersion: Downgrading Kubernetes version {before} to {after} is not supported."
        raise ids.invalid("OperationNotAllowed", message)
    if new > old + 1:
        message = f"kubernetesVersion: Upgrading Kubernetes version {before} to {after} is not allowed; upgrade to "
        raise ids.invalid("OperationNotAllowed", message + f"1.{old + 1} first, as no minor version can be skipped.")


def check_pool(control_plane: object, nodes: object, what: str) -> None:
    """Refuse nodes that do not go with the control plane."""
    # "Manage node pools for a cluster in AKS" (learn.microsoft.com): nodes are not newer, and three versions behind at
    # most (Kubernetes' own version skew policy).
    if nodes is None:
        return
    (plane, plane_patch), (own, own_patch) = parsed(control_plane), parsed(nodes, what)
    newer = own > plane or (own == plane and None not in (own_patch, plane_patch) and own_patch > plane_patch)  # pyright: ignore[reportOperatorIssue]
    if newer:
        message = f"{what}: Node pool version {nodes} is above the control plane version {control_plane}."
        raise ids.invalid("NodePoolMcVersionIncompatible", message)
    if plane - own > _BEHIND:
        message = f"{what}: Node pool version {nodes} is over {_BEHIND} minor versions behind {control_plane}."
        raise ids.invalid("NodePoolMcVersionIncompatible", message)
