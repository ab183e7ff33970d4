"""Istio over the clusters of a mesh: who gets a control plane, who a gateway, and who reads whom.

Owns: which parts there are, whom each knows, and their order. Does not own: any part (the modules beside this one),
clusters and their roads.
"""

from collections.abc import Mapping, Sequence

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.config import IstioArgs
from pulumi_multimesh.istio.ambient_gateway import IstioAmbientGateway
from pulumi_multimesh.istio.config_cluster import IstioConfigCluster
from pulumi_multimesh.istio.control_plane import IstioControlPlane, IstioControlPlaneArgs
from pulumi_multimesh.istio.east_west_gateway import IstioEastWestGateway, IstioEastWestGatewayArgs
from pulumi_multimesh.istio.enrolment import IstioEnrolment, IstioEnrolmentArgs
from pulumi_multimesh.istio.exposed_istiod import expose_istiod
from pulumi_multimesh.istio.external_control_plane import IstioExternalControlPlane, IstioExternalControlPlaneArgs
from pulumi_multimesh.istio.ingress_gateway import IstioIngressGateway, IstioIngressGatewayArgs
from pulumi_multimesh.istio.installed import Housed, Installed
from pulumi_multimesh.istio.node_proxy import IstioNodeProxy
from pulumi_multimesh.istio.remote_control_plane import IstioRemoteControlPlane, IstioRemoteControlPlaneArgs
from pulumi_multimesh.istio.remote_secret import IstioReaderToken, IstioReaderTokenArgs, IstioRemoteSecret
from pulumi_multimesh.pki.mesh_pki import Authority
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.data_plane import AMBIENT
from pulumi_multimesh.plan.ingress import IngressPlan
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan
from pulumi_multimesh.plan.roles import CONFIG, PRIMARY, REMOTE


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
        self.control_planes: dict[str, Installed] = {}
        """By cluster of the mesh; where another's control plane serves it, what leads there."""
        self.external: IstioExternalControlPlane | None = None
        """The control plane of a management cluster, where there is one."""
        self.gateways: dict[str, IstioEastWestGateway] = {}
        """The east-west gateways, by cluster; not those of an ambient mesh."""
        self.ingress: dict[str, IstioIngressGateway] = {}
        """The ingress gateways, by cluster."""
        self.ambient_gateways: dict[str, IstioAmbientGateway] = {}
        """Those of an ambient mesh, by cluster."""
        self.secrets: dict[tuple[str, str], IstioRemoteSecret] = {}
        """The credentials: by the cluster that is read, and the one that reads it."""
        self._addresses: dict[str, pulumi.Output[str]] = {}
        """Where control planes that serve other clusters are reached, by the cluster that they run in."""
        for cluster in self._with_role(PRIMARY):
            self.control_planes[cluster.name] = self._control_plane(cluster)
            if self._ambient:
                self._give_node_proxy(cluster)
            else:
                self._give_gateway(cluster)
        for cluster in self._with_role(CONFIG):
            self.control_planes[cluster.name] = self._config_cluster(cluster)
        for cluster in self._with_role(REMOTE):
            self.control_planes[cluster.name] = self._remote_control_plane(cluster)
        self._join()
        for cluster in self._with_role(CONFIG, REMOTE):
            self._give_gateway(cluster)
        if plan.control_plane.ingress is not None:
            self._give_ingress(plan.control_plane.ingress)

    def enrol(self, namespace: str, cluster: str, *, create: bool, revision: str | None) -> IstioEnrolment:
        """A namespace of workloads in one cluster, once the mesh is there."""
        args: IstioEnrolmentArgs = {"namespace": namespace, "create": create}
        if revision is not None:
            args["revision"] = self._known_revision(revision, cluster)
        if self._ambient:
            args["ambient"] = True
        # Of the clusters that a control plane serves, configuration is read from one; it holds for the others.
        scopes = self.plan.control_plane.tuning.scopes
        if namespace in scopes and self.plan.clusters[cluster].role in (PRIMARY, CONFIG):
            args["hosts"] = list(scopes[namespace])
        before = [self.control_planes[cluster].injects, *self._gateway_of(cluster)]
        return IstioEnrolment(
            self._named(cluster, namespace),
            self.clusters[cluster],
            args,
            pulumi.ResourceOptions(parent=self._parent, depends_on=before),
        )

    def _known_revision(self, revision: str, cluster: str) -> str:
        """Raises `ValueError` where the cluster has no such revision: no pod of the namespace would start."""
        found = self.plan.control_plane.revisions.get(cluster)
        if found is None or revision not in found.versions:
            there = ", ".join(found.versions) if found else "none; declare istio.revisions"
            raise ValueError(f"enrol: {cluster} has no revision {revision!r}; its revisions: {there}")
        return revision

    def _with_role(self, *wanted: str) -> list[ClusterPlan]:
        return [cluster for cluster in self.plan.clusters.values() if cluster.role in wanted]

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._parent)

    def _give_ingress(self, planned: IngressPlan) -> None:
        for cluster in planned.clusters:
            args: IstioIngressGatewayArgs = {
                "cloud": self.plan.clusters[cluster].cloud,
                "admitted": list(planned.admitted.values()),
                "private": planned.private,
                "min_replicas": planned.min_replicas,
                "max_replicas": planned.max_replicas,
            }
            revisions = self.plan.control_plane.revisions.get(cluster)
            if revisions is not None:
                args["revision"] = revisions.default
            self.ingress[cluster] = IstioIngressGateway(
                self._named(cluster, "ingress"),
                self.clusters[cluster],
                self.control_planes[cluster],
                args,
                # A remote's pods can be made once its control plane reads the cluster, as its other gateway's were.
                pulumi.ResourceOptions(parent=self._parent, depends_on=self._gateway_of(cluster)),
            )

    def _gateway_of(self, cluster: str) -> list[pulumi.Resource]:
        """The east-west gateway of the cluster, if it has one."""
        return [self.gateways[cluster]] if cluster in self.gateways else []

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
            "ambient": self._ambient,
            "chart_repository": settings.chart_repository,
            "chart_version": settings.chart_version,
            "values": self._args.get("values", {}),
        }
        if cluster.name in settings.revisions:
            args["revisions"] = settings.revisions[cluster.name]
        return IstioControlPlane(
            self._named(cluster.name, "istio"),
            self.clusters[cluster.name],
            self._authorities[cluster.name],
            args,
            self._child(),
        )

    def _config_cluster(self, cluster: ClusterPlan) -> IstioConfigCluster:
        """The config cluster's part, and then the external control plane, which needs its credential."""
        settings, trust_domain = self.plan.control_plane, self.plan.trust.trust_domain
        config = IstioConfigCluster(
            self._named(cluster.name, "istio"),
            self.clusters[cluster.name],
            {
                "cluster_id": cluster.name,
                "network": cluster.network,
                "namespace": settings.namespace,
                "trust_domain": trust_domain,
                "chart_repository": settings.chart_repository,
                "chart_version": settings.chart_version,
                "values": self._args.get("values", {}),
            },
            self._child(),
        )
        self.external = self._external_control_plane(cluster, config)
        self._addresses[cluster.served_by] = self.external.address
        config.lead_to(self._addresses[cluster.served_by], settings.tuning)
        return config

    def _external_control_plane(self, config: ClusterPlan, told: IstioConfigCluster) -> IstioExternalControlPlane:
        settings, management = self.plan.control_plane, config.served_by
        args: IstioExternalControlPlaneArgs = {
            "cluster_id": config.name,
            "network": config.network,
            "mesh_id": settings.mesh_id,
            "trust_domain": self.plan.trust.trust_domain,
            "tuning": settings.tuning,
            "kubeconfig": told.kubeconfig,
            "cloud": self.plan.clusters[management].cloud,
            "admitted_ips": self._sources(self.plan.remotes_of(management)),
            "namespace": settings.namespace,
            "private": self.plan.is_private,
            "chart_repository": settings.chart_repository,
            "chart_version": settings.chart_version,
            "values": self._args.get("values", {}),
        }
        name = self._named(management, "istio")
        fixed = self.clusters[management].fixed_addresses(name, self._parent)
        if fixed is not None:
            args["annotations"], args["address"] = fixed.annotations, fixed.first
        return IstioExternalControlPlane(
            name, self.clusters[management], self._authorities[management], args, self._child()
        )

    def _remote_control_plane(self, cluster: ClusterPlan) -> IstioRemoteControlPlane:
        settings, server = self.plan.control_plane, cluster.served_by
        args: IstioRemoteControlPlaneArgs = {
            "cluster_id": cluster.name,
            "network": cluster.network,
            "primary_id": self.plan.config_cluster or server,
            "address": self._addresses[server],
            "trust_domain": self.plan.trust.trust_domain,
            "namespace": settings.namespace,
            "chart_repository": settings.chart_repository,
            "chart_version": settings.chart_version,
            "values": self._args.get("values", {}),
        }
        return IstioRemoteControlPlane(
            self._named(cluster.name, "istio"), self.clusters[cluster.name], args, self._child()
        )

    @property
    def _ambient(self) -> bool:
        return self.plan.control_plane.data_plane == AMBIENT

    def _give_node_proxy(self, cluster: ClusterPlan) -> None:
        """The ambient data plane, and the gateway by which its peers' reach it."""
        name, where = cluster.name, self.clusters[cluster.name]
        IstioNodeProxy(
            self._named(name, "ambient"),
            where,
            self.control_planes[name],
            {"cluster_id": name, "network": cluster.network, "cloud": cluster.cloud},
            self._child(),
        )
        if self.plan.mesh_peers(name):
            self.ambient_gateways[name] = IstioAmbientGateway(
                self._named(name, "eastwest"),
                where,
                self.control_planes[name],
                self._gateway_args(cluster),
                self._child(),
            )

    def _give_gateway(self, cluster: ClusterPlan) -> None:
        """A gateway, unless nobody needs it: a cluster without peers, or one whose pods they reach."""
        if not self.plan.mesh_peers(cluster.name) or self.plan.flat:
            return
        name, control_plane = self._named(cluster.name, "eastwest"), self.control_planes[cluster.name]
        args = self._gateway_args(cluster)
        revisions = self.plan.control_plane.revisions.get(cluster.name)
        if revisions is not None:
            args["revision"] = revisions.default
        serves = bool(self.plan.remotes_of(cluster.name))
        fixed = None
        if serves:
            fixed = self.clusters[cluster.name].fixed_addresses(name, self._parent)
            if fixed is not None:
                args["annotations"] = fixed.annotations
        # A remote's pods get their sidecar from a control plane that they reach and that reads their cluster; a pod
        # that is refused before is made again only after a while.
        before: list[pulumi.Resource] = []
        if cluster.role == REMOTE:
            shown = self.external.balancer if self.external else self.gateways[cluster.served_by]
            before = [shown, self.secrets[cluster.name, cluster.served_by]]
        self.gateways[cluster.name] = IstioEastWestGateway(
            name,
            self.clusters[cluster.name],
            control_plane,
            args,
            pulumi.ResourceOptions(parent=self._parent, depends_on=before),
        )
        if serves:
            gateway = self.gateways[cluster.name]
            expose_istiod(name, self.clusters[cluster.name], gateway, [control_plane.injects])
            self._addresses[cluster.name] = fixed.first if fixed else gateway.address()

    def _gateway_args(self, cluster: ClusterPlan) -> IstioEastWestGatewayArgs:
        settings = self.plan.control_plane
        return {
            "network": cluster.network,
            "cloud": cluster.cloud,
            "admitted_ips": self._sources(self.plan.mesh_peers(cluster.name)),
            "private": self.plan.is_private,
            "shows_services": cluster.role in (PRIMARY, CONFIG),
            "min_replicas": settings.gateway_min_replicas,
            "max_replicas": settings.gateway_max_replicas,
        }

    def _sources(self, callers: Sequence[str]) -> pulumi.Input[list[str]]:
        """From where the callers' traffic comes: their egress or, on private roads, their own ranges."""
        if self.plan.is_private:
            return ranges_of(self.plan, callers)
        lists = [self.clusters[caller].egress_ips for caller in callers]
        return pulumi.Output.all(*lists).apply(lambda lists: sorted(ip for ips in lists for ip in ips))

    def _reading(self, cluster: str) -> Housed:
        """The control plane that reads others in that cluster."""
        return self.external if self.external is not None else self.control_planes[cluster]

    def _reader_args(self, cluster: str) -> IstioReaderTokenArgs:
        tokens = self.plan.control_plane.readers.get(cluster)
        return {"cluster_id": cluster} if tokens is None else {"cluster_id": cluster, "tokens": list(tokens)}

    def _join(self) -> None:
        """Let each istiod read the other clusters."""
        readers = {
            cluster: IstioReaderToken(
                self._named(cluster, "istio"),
                self.clusters[cluster],
                self.control_planes[cluster],
                self._reader_args(cluster),
                self._child(),
            )
            for cluster in sorted({secret.of for secret in self.plan.remote_secrets})
        }
        for secret in self.plan.remote_secrets:
            self.secrets[secret.of, secret.into] = IstioRemoteSecret(
                self._named(secret.into, f"reads-{secret.of}"),
                self.clusters[secret.into],
                self._reading(secret.into),
                readers[secret.of],
                {"cluster_id": secret.of},
                self._child(),
            )


def peer_ranges(plan: MeshPlan, cluster: str) -> list[str]:
    """The ranges of the networks of a cluster's peers."""
    return ranges_of(plan, plan.peers(cluster))


def ranges_of(plan: MeshPlan, clusters: Sequence[str]) -> list[str]:
    """The ranges of the networks of these clusters."""
    return sorted({cidr for cluster in clusters for cidr in plan.network_of(cluster).ranges})
