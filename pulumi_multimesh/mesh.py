"""MultiCloudMesh: the whole mesh as one component. It reads as the README's picture does, top to bottom.

Owns: the order of the parts. Does not own: any part.
"""

import pulumi

from pulumi_multimesh.checked import checked_plan
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.clusters.planned import make_clusters, make_networks, private_networks
from pulumi_multimesh.config import MeshArgs
from pulumi_multimesh.istio.control_plane import IstioControlPlane, IstioControlPlaneArgs
from pulumi_multimesh.istio.east_west_gateway import IstioEastWestGateway
from pulumi_multimesh.istio.remote_secret import IstioReaderToken, IstioRemoteSecret
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
        self.control_planes = {cluster: self._control_plane(cluster) for cluster in self.plan.clusters}
        # A cluster without peers needs no door to them, nor does one whose pods they reach.
        self.gateways = {
            cluster: self._gateway(cluster)
            for cluster in self.plan.clusters
            if self.plan.peers(cluster) and not self.plan.flat
        }
        self._join()
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

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _make_pki(self) -> MeshPki:
        args: MeshPkiArgs = {
            **self._args.get("pki", {}),
            "clusters": list(self.plan.clusters),
            "trust_domain": self.plan.trust.trust_domain,
        }
        return MeshPki(names.child(self.plan.name, "pki"), args, self._child())

    def _admit_pods(self) -> None:
        """In a flat mesh pods call each other directly, so networks let the peers' in."""
        if self.plan.flat:
            for name, cluster in self.clusters.items():
                cluster.admit(self._peer_ranges(name))

    def _control_plane(self, cluster: str) -> IstioControlPlane:
        settings = self.plan.control_plane
        args: IstioControlPlaneArgs = {
            "cluster_id": cluster,
            "network": self.plan.clusters[cluster].network,
            "mesh_id": settings.mesh_id,
            "trust_domain": self.plan.trust.trust_domain,
            "chart_repository": settings.chart_repository,
            "chart_version": settings.chart_version,
            "values": self._args.get("istio", {}).get("values", {}),
        }
        return IstioControlPlane(
            names.child(names.cluster(self.plan.name, cluster), "istio"),
            self.clusters[cluster],
            self.pki.authorities[cluster],
            args,
            self._child(),
        )

    def _gateway(self, cluster: str) -> IstioEastWestGateway:
        settings = self.plan.control_plane
        return IstioEastWestGateway(
            names.child(names.cluster(self.plan.name, cluster), "eastwest"),
            self.clusters[cluster],
            self.control_planes[cluster],
            {
                "network": self.plan.clusters[cluster].network,
                "cloud": self.plan.clusters[cluster].cloud,
                "admitted_ips": self._peers_of(cluster),
                "private": self.plan.is_private,
                "min_replicas": settings.gateway_min_replicas,
                "max_replicas": settings.gateway_max_replicas,
            },
            self._child(),
        )

    def _peers_of(self, cluster: str) -> pulumi.Input[list[str]]:
        """From where the peers' traffic comes: their egress or, on private roads, their own ranges."""
        if self.plan.is_private:
            return self._peer_ranges(cluster)
        peers = [self.clusters[peer].egress_ips for peer in self.plan.peers(cluster)]
        return pulumi.Output.all(*peers).apply(lambda lists: sorted(ip for ips in lists for ip in ips))

    def _peer_ranges(self, cluster: str) -> list[str]:
        return sorted({cidr for peer in self.plan.peers(cluster) for cidr in self.plan.network_of(peer).ranges})

    def _join(self) -> None:
        """Let each istiod read the other clusters."""
        readers = {
            cluster: IstioReaderToken(
                names.child(names.cluster(self.plan.name, cluster), "istio"),
                self.clusters[cluster],
                self.control_planes[cluster],
                {"cluster_id": cluster},
                self._child(),
            )
            for cluster in sorted({secret.of for secret in self.plan.remote_secrets})
        }
        for secret in self.plan.remote_secrets:
            IstioRemoteSecret(
                names.child(names.cluster(self.plan.name, secret.into), f"reads-{secret.of}"),
                self.clusters[secret.into],
                self.control_planes[secret.into],
                readers[secret.of],
                {"cluster_id": secret.of},
                self._child(),
            )
