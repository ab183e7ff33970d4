"""Kubernetes versions of the simulated Oracle Cloud: which there are, and which may follow which.

Owns: the versions and the rules between them. Does not own: who has one (cluster, node_pool).
"""

import re

from multimesh_lab.providers.oci import names

# docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengaboutk8sversions.htm, and the two before, which a
# cluster may still have.
SUPPORTED = ("v1.30.1", "v1.31.1", "v1.31.10", "v1.32.1", "v1.33.1", "v1.34.1")
_FORM = re.compile(r"^v(\d+)\.(\d+)\.(\d+)$")
_BEHIND = 3


def parsed(version: str, what: str = "kubernetesVersion") -> tuple[int, int, int]:
    """Major, minor and patch of a version that is there."""
    match = _FORM.match(version)
    if match is None:
        raise names.invalid(f"{what} {version!r} must have the form vX.Y.Z, such as {SUPPORTED[-1]!r}")
    if version not in SUPPORTED:
        raise names.invalid(f"{what} {version!r} is not supported; supported are {', '.join(SUPPORTED)}")
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch


def upgrades(version: str) -> list[str]:
    """What a control plane of this version may become, the oldest first."""
    now = parsed(version)
    return [each for each in SUPPORTED if now < parsed(each) and parsed(each)[1] <= now[1] + 1]


def check_upgrade(before: str, after: str) -> None:
    """Refuse what a control plane does not do."""
    # docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengupgradingk8smasternode.htm: one minor version at a time,
    # and never back.
    if parsed(after) < parsed(before):
        raise names.invalid(f"kubernetesVersion: a control plane cannot be downgraded from {before} to {after}")
    if before != after and after not in upgrades(before):
        raise names.invalid(
            f"kubernetesVersion: {before} cannot become {after} in one step; available are {upgrades(before)}"
        )


def check_skew(control_plane: str, nodes: str) -> None:
    """Refuse nodes that do not go with the control plane."""
    # docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengupgradeoverview.htm: not newer, three versions behind.
    plane, node = parsed(control_plane), parsed(nodes)
    if node > plane:
        raise names.invalid(f"kubernetesVersion {nodes!r} of the nodes is newer than the cluster's {control_plane!r}")
    if plane[1] - node[1] > _BEHIND:
        raise names.invalid(
            f"kubernetesVersion {nodes!r} of the nodes is more than {_BEHIND} minor versions behind the cluster's "
            f"{control_plane!r}"
        )
