"""MultiCloudMesh: the whole mesh as one component. It reads as the README's picture does, top to bottom.

Owns: the order of the parts. Does not own: any part.
"""

from collections.abc import Iterable

import pulumi

from pulumi_multimesh.checked import checked_plan
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.clusters.planned import make_clusters, make_networks, private_networks
from pulumi_multimesh.config import MeshArgs
from pulumi_multimesh.istio.enrolment import IstioEnrolment
from pulumi_multimesh.istio.istio_mesh import IstioMesh, peer_ranges
from pulumi_multimesh.network.roads import make_roads
from pulumi_multimesh.pki.mesh_pki import MeshPki, MeshPkiArgs
from pulumi_multimesh.plan import names


class MultiCloudMesh(pulumi.ComponentResource):
    """Clusters, certificate authorities and a service mesh over all of them.

    Raises `pulumi.RunError` with every fault of the arguments at once, before anything is registered.
    """

    cluster_names: pulumi.Output[list[str]]
    """The clusters' names in the mesh, sorted."""
    root_certificate: pulumi.Output[str]
    """The mesh's root of trust, as PEM; public."""
    kubeconfigs: pulumi.Output[dict[str, str]]
    """A kubeconfig for each cluster, by name; a secret."""

    def __init__(self, name: str, args: MeshArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = checked_plan(name, args)
        super().__init__("multimesh:index:MultiCloudMesh", name, {"plan": plan.as_dict()}, opts)
        self.plan = plan
        """All that was decided without a cloud."""
        self._args = args
        makers = make_networks(self, plan, args)
        self.clusters: dict[str, KubernetesCluster] = make_clusters(plan, makers)
        """By name; `clusters[name].provider` is what to install workloads with."""
        make_roads(self, plan, private_networks(plan, makers))
        self._admit_pods()
        self.pki = self._make_pki()
        self.istio = IstioMesh(self, plan, self.clusters, self.pki.authorities, args.get("istio", {}))
        self.cluster_names = pulumi.Output.from_input(list(self.plan.clusters))
        self.root_certificate = self.pki.root_certificate
        self.kubeconfigs = pulumi.Output.secret(
            pulumi.Output.all(**{name: cluster.kubeconfig for name, cluster in self.clusters.items()})
        )
        self.register_outputs(
            {
                "clusterNames": self.cluster_names,
                "rootCertificate": self.root_certificate,
                "kubeconfigs": self.kubeconfigs,
            }
        )

    def enrol(
        self,
        namespace: str,
        clusters: Iterable[str] | None = None,
        *,
        create: bool = True,
        revision: str | None = None,
    ) -> dict[str, IstioEnrolment]:
        """Let a namespace's pods be part of the mesh; by the clusters' names.

        In the named clusters or else in all of the mesh, to which a management cluster does not belong.
        `create=False`: the namespace is there already, and only its label is set. Its scope is the one that
        `istio.scopes` declares for it. `revision`: the one whose sidecars its pods get at their next start, the default
        unless given. Give the enrolment as `depends_on` of what is installed in the namespace.
        """
        in_mesh = [cluster for cluster in self.clusters if self.plan.clusters[cluster].is_in_mesh]
        return {
            cluster: self.istio.enrol(namespace, cluster, create=create, revision=revision)
            for cluster in (in_mesh if clusters is None else clusters)
        }

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _make_pki(self) -> MeshPki:
        args: MeshPkiArgs = {
            **self._args.get("pki", {}),
            "clusters": list(self.plan.trust.intermediates),
            "trust_domain": self.plan.trust.trust_domain,
        }
        return MeshPki(names.child(self.plan.name, "pki"), args, self._child())

    def _admit_pods(self) -> None:
        """In a flat mesh pods call each other directly, so networks let the peers' in."""
        if self.plan.flat:
            for name, cluster in self.clusters.items():
                cluster.admit(peer_ranges(self.plan, name))
