"""Istio over the clusters of a mesh: who gets a control plane, who a gateway, and who reads whom.

Owns: which parts there are and whom each knows. Does not own: any part (the modules beside this one), clusters and
their roads.
"""

from collections.abc import Mapping

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.config import IstioArgs
from pulumi_multimesh.istio.control_plane import IstioControlPlane, IstioControlPlaneArgs
from pulumi_multimesh.istio.east_west_gateway import IstioEastWestGateway
from pulumi_multimesh.istio.remote_secret import IstioReaderToken, IstioRemoteSecret
from pulumi_multimesh.pki.mesh_pki import Authority
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.mesh_plan import MeshPlan


class IstioMesh:
    """The mesh's own part of a `MultiCloudMesh`; what it makes are that component's children."""

    def __init__(
        self,
        parent: pulumi.Resource,
        plan: MeshPlan,
        clusters: Mapping[str, KubernetesCluster],
        authorities: Mapping[str, Authority],
        args: IstioArgs,
    ) -> None:
        self.plan = plan
        self.clusters = clusters
        self._parent, self._authorities, self._args = parent, authorities, args
        self.control_planes = {cluster: self._control_plane(cluster) for cluster in plan.clusters}
        """By cluster."""
        # A cluster without peers needs no door to them, nor does one whose pods they reach.
        self.gateways = {
            cluster: self._gateway(cluster) for cluster in plan.clusters if plan.peers(cluster) and not plan.flat
        }
        """The east-west gateways, by cluster."""
        self._join()

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._parent)

    def _control_plane(self, cluster: str) -> IstioControlPlane:
        settings = self.plan.control_plane
        args: IstioControlPlaneArgs = {
            "cluster_id": cluster,
            "network": self.plan.clusters[cluster].network,
            "mesh_id": settings.mesh_id,
            "trust_domain": self.plan.trust.trust_domain,
            "chart_repository": settings.chart_repository,
            "chart_version": settings.chart_version,
            "values": self._args.get("values", {}),
        }
        return IstioControlPlane(
            names.child(names.cluster(self.plan.name, cluster), "istio"),
            self.clusters[cluster],
            self._authorities[cluster],
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
            return peer_ranges(self.plan, cluster)
        peers = [self.clusters[peer].egress_ips for peer in self.plan.peers(cluster)]
        return pulumi.Output.all(*peers).apply(lambda lists: sorted(ip for ips in lists for ip in ips))

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


def peer_ranges(plan: MeshPlan, cluster: str) -> list[str]:
    """The ranges of the networks of a cluster's peers."""
    return sorted({cidr for peer in plan.peers(cluster) for cidr in plan.network_of(peer).ranges})
