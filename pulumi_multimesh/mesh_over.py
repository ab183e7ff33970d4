"""What every mesh has to work with: a plan, its clusters, their authorities, and the names of its parts.

Owns: these, and how a part is named and whose child it is. Does not own: what a mesh makes of them (each mesh's room).
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.mesh_plan import MeshPlan


class MeshOver:
    """A mesh's own part of a `MultiCloudMesh`; what it makes are that component's children."""

    def __init__(
        self,
        parent: pulumi.Resource,
        plan: MeshPlan,
        clusters: Mapping[str, KubernetesCluster],
        authorities: Mapping[str, Authority],
        values: dict[str, dict[str, Any]],
    ) -> None:
        """`values`: the user's further chart values, by chart."""
        self.plan = plan
        self.clusters = clusters
        self._parent, self._authorities, self._values = parent, authorities, values

    @property
    def server_ends(self) -> Mapping[str, pulumi.Output[dict[str, str]]]:
        """See `ServiceMesh.server_ends`: none unless the mesh has servers in the tree."""
        return {}

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._parent)

    def _named(self, cluster: str, part: str) -> str:
        return names.child(names.cluster(self.plan.name, cluster), part)
