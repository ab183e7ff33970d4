"""What a mesh offers to the rest of the library, whichever it is.

Owns: the contract. Does not own: who fulfils it (istio/istio_mesh.py, linkerd/linkerd_mesh.py, consul/consul_mesh.py).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import pulumi

from pulumi_multimesh.enrolment import Enrolment, Wish


class ServiceMesh(Protocol):
    """A mesh over the clusters of a plan."""

    @property
    def server_ends(self) -> Mapping[str, pulumi.Output[dict[str, str]]]:
        """By cluster: when the certificates of the mesh's own servers end, by RFC 3339; none where it has no such."""
        ...

    def enrol(self, namespace: str, cluster: str, wish: Wish) -> Enrolment:
        """A namespace of workloads in one cluster, once the mesh is there; raises `ValueError` for a wrong wish."""
        ...

    def namespace_of(self, cluster: str) -> pulumi.Resource:
        """The mesh's own namespace in a cluster."""
        ...

    def export(self, namespace: str, service: str, cluster: str, after: Sequence[pulumi.Resource]) -> None:
        """Let the other clusters call the cluster's service; raises `ValueError` where that cannot be had."""
        ...

    def federate(self, namespace: str, service: str, clusters: Mapping[str, Sequence[pulumi.Resource]]) -> None:
        """Make the service one over the clusters, each with what it has to come after.

        Raises `ValueError` where that cannot be had.
        """
        ...
