"""Istio over the clusters of a mesh: who gets a control plane, who a gateway, and who reads whom.

Owns: which parts there are, whom each knows, and their order. Does not own: any part (the modules beside this one),
clusters and their roads.
"""

from collections.abc import Mapping

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.clusters.fixed_addresses import FixedAddresses
from pulumi_multimesh.config import IstioArgs
from pulumi_multimesh.istio.control_plane import IstioControlPlane, IstioControlPlaneArgs
from pulumi_multimesh.istio.east_west_gateway import IstioEastWestGateway, IstioEastWestGatewayArgs
from pulumi_multimesh.istio.enrolment import IstioEnrolment, IstioEnrolmentArgs
from pulumi_multimesh.istio.exposed_istiod import expose_istiod
from pulumi_multimesh.istio.remote_control_plane import IstioRemoteControlPlane, IstioRemoteControlPlaneArgs
from pulumi_multimesh.istio.remote_secret import IstioReaderToken, IstioRemoteSecret
from pulumi_multimesh.pki.mesh_pki import Authority
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan


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
        self.control_planes: dict[str, IstioControlPlane | IstioRemoteControlPlane] = {}
        """By cluster; of remotes, what leads to their primary's."""
        self.gateways: dict[str, IstioEastWestGateway] = {}
        """The east-west gateways, by cluster."""
        self.secrets: dict[tuple[str, str], IstioRemoteSecret] = {}
        """The credentials: by the cluster that is read, and the one that reads it."""
        self._fixed: dict[str, FixedAddresses] = {}
        primaries = [cluster for cluster in plan.clusters.values() if cluster.is_primary]
        remotes = [cluster for cluster in plan.clusters.values() if not cluster.is_primary]
        for cluster in primaries:
            self.control_planes[cluster.name] = self._control_plane(cluster)
            self._give_gateway(cluster)
        for cluster in remotes:
            self.control_planes[cluster.name] = self._remote_control_plane(cluster)
        self._join()
        for cluster in remotes:
            self._give_gateway(cluster)

    def enrol(self, namespace: str, cluster: str, *, create: bool) -> IstioEnrolment:
        """A namespace of workloads in one cluster, once the mesh is there."""
        args: IstioEnrolmentArgs = {"namespace": namespace, "create": create}
        # Configuration is read from clusters with a control plane; a primary's holds for its remotes.
        scopes = self.plan.control_plane.tuning.scopes
        if namespace in scopes and self.plan.clusters[cluster].is_primary:
            args["hosts"] = list(scopes[namespace])
        before = [self.control_planes[cluster], *([self.gateways[cluster]] if cluster in self.gateways else [])]
        return IstioEnrolment(
            self._named(cluster, namespace),
            self.clusters[cluster],
            args,
            pulumi.ResourceOptions(parent=self._parent, depends_on=before),
        )

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._parent)

    def _named(self, cluster: str, part: str) -> str:
        return names.child(names.cluster(self.plan.name, cluster), part)

    def _control_plane(self, cluster: ClusterPlan) -> IstioControlPlane:
        settings = self.plan.control_plane
        args: IstioControlPlaneArgs = {
            "cluster_id": cluster.name,
            "network": cluster.network,
            "mesh_id": settings.mesh_id,
            "trust_domain": self.plan.trust.trust_domain,
            "tuning": settings.tuning,
            "serves_others": bool(self.plan.remotes_of(cluster.name)),
            "chart_repository": settings.chart_repository,
            "chart_version": settings.chart_version,
            "values": self._args.get("values", {}),
        }
        return IstioControlPlane(
            self._named(cluster.name, "istio"),
            self.clusters[cluster.name],
            self._authorities[cluster.name],
            args,
            self._child(),
        )

    def _remote_control_plane(self, cluster: ClusterPlan) -> IstioRemoteControlPlane:
        settings, primary = self.plan.control_plane, cluster.served_by
        fixed = self._fixed.get(primary)
        args: IstioRemoteControlPlaneArgs = {
            "cluster_id": cluster.name,
            "network": cluster.network,
            "primary_id": primary,
            "address": fixed.first if fixed else self.gateways[primary].address(),
            "chart_repository": settings.chart_repository,
            "chart_version": settings.chart_version,
            "values": self._args.get("values", {}),
        }
        return IstioRemoteControlPlane(
            self._named(cluster.name, "istio"), self.clusters[cluster.name], args, self._child()
        )

    def _give_gateway(self, cluster: ClusterPlan) -> None:
        """A gateway, unless nobody needs it: a cluster without peers, or one whose pods they reach."""
        if not self.plan.peers(cluster.name) or self.plan.flat:
            return
        name, control_plane = self._named(cluster.name, "eastwest"), self.control_planes[cluster.name]
        args = self._gateway_args(cluster)
        serves = bool(self.plan.remotes_of(cluster.name))
        if serves:
            fixed = self.clusters[cluster.name].fixed_addresses(name, self._parent)
            if fixed is not None:
                self._fixed[cluster.name] = fixed
                args["annotations"] = fixed.annotations
        # A remote's pods get their sidecar from a control plane that they reach and that reads their cluster; a pod
        # that is refused before is made again only after a while.
        before: list[pulumi.Resource] = []
        if not cluster.is_primary:
            before = [self.gateways[cluster.served_by], self.secrets[cluster.name, cluster.served_by]]
        self.gateways[cluster.name] = IstioEastWestGateway(
            name,
            self.clusters[cluster.name],
            control_plane,
            args,
            pulumi.ResourceOptions(parent=self._parent, depends_on=before),
        )
        if serves:
            after = [control_plane.injects]
            expose_istiod(name, self.clusters[cluster.name], self.gateways[cluster.name], after)

    def _gateway_args(self, cluster: ClusterPlan) -> IstioEastWestGatewayArgs:
        settings = self.plan.control_plane
        return {
            "network": cluster.network,
            "cloud": cluster.cloud,
            "admitted_ips": self._peers_of(cluster.name),
            "private": self.plan.is_private,
            "shows_services": cluster.is_primary,
            "min_replicas": settings.gateway_min_replicas,
            "max_replicas": settings.gateway_max_replicas,
        }

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
                self._named(cluster, "istio"),
                self.clusters[cluster],
                self.control_planes[cluster],
                {"cluster_id": cluster},
                self._child(),
            )
            for cluster in sorted({secret.of for secret in self.plan.remote_secrets})
        }
        for secret in self.plan.remote_secrets:
            self.secrets[secret.of, secret.into] = IstioRemoteSecret(
                self._named(secret.into, f"reads-{secret.of}"),
                self.clusters[secret.into],
                self.control_planes[secret.into],
                readers[secret.of],
                {"cluster_id": secret.of},
                self._child(),
            )


def peer_ranges(plan: MeshPlan, cluster: str) -> list[str]:
    """The ranges of the networks of a cluster's peers."""
    return sorted({cidr for peer in plan.peers(cluster) for cidr in plan.network_of(peer).ranges})
