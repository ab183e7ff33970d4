"""The engine's tokens of what differs by cloud, and a look that takes each cloud's own way.

Owns: those tokens. Does not own: any check.
"""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

from pulumi_multimesh.checks.item import Item

Types = tuple[str, ...]

GKE: Types = ("gcp:container/cluster:Cluster",)
EKS: Types = ("aws:eks/cluster:Cluster",)
AKS: Types = ("azure-native:containerservice:ManagedCluster", "azure-native:containerservice/*:ManagedCluster")
OKE: Types = ("oci:ContainerEngine/cluster:Cluster",)
GKE_NODES: Types = ("gcp:container/nodePool:NodePool",)
EKS_TEMPLATE: Types = ("aws:ec2/launchTemplate:LaunchTemplate",)
EKS_ADDON: Types = ("aws:eks/addon:Addon",)
OKE_NODES: Types = ("oci:ContainerEngine/nodePool:NodePool",)


def by_cloud(looks: Mapping[Types, Callable[[Item], Iterable[str]]]) -> Callable[[Item], Iterable[str]]:
    """A look that chooses by an item's type."""

    def look(item: Item) -> Iterable[str]:
        for types, one in looks.items():
            if any(fnmatchcase(item.type, pattern) for pattern in types):
                return one(item)
        return ()

    return look
