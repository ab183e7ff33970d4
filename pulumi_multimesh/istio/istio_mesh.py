"""Istio over the clusters of a mesh: who gets a control plane, who a gateway, and who reads whom.

Owns: which parts there are, whom each knows, and their order. Does not own: any part (the modules beside this one),
clusters and their roads.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.admission import admitted_sources
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.config import IstioArgs
from pulumi_multimesh.enrolment import Wish
from pulumi_multimesh.istio.ambient_gateway import IstioAmbientGateway
from pulumi_multimesh.istio.config_cluster import IstioConfigCluster
from pulumi_multimesh.istio.control_plane import IstioControlPlane
from pulumi_multimesh.istio.east_west_gateway import IstioEastWestGateway
from pulumi_multimesh.istio.enrolled import enrolment_args
from pulumi_multimesh.istio.enrolment import IstioEnrolment
from pulumi_multimesh.istio.exposed_istiod import expose_istiod
from pulumi_multimesh.istio.external_control_plane import IstioExternalControlPlane
from pulumi_multimesh.istio.ingress_gateway import IstioIngressGateway
from pulumi_multimesh.istio.installed import Housed, Installed
from pulumi_multimesh.istio.mesh_args import (
    config_args,
    external_args,
    gateway_args,
    ingress_args,
    primary_args,
    remote_args,
)
from pulumi_multimesh.istio.node_proxy import IstioNodeProxy
from pulumi_multimesh.istio.policies import default_policies, open_gateways, sign_on_policies
from pulumi_multimesh.istio.remote_control_plane import IstioRemoteControlPlane
from pulumi_multimesh.istio.remote_secret import IstioReaderToken, IstioReaderTokenArgs, IstioRemoteSecret
from pulumi_multimesh.mesh_over import MeshOver
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan.data_plane import AMBIENT
from pulumi_multimesh.plan.ingress import IngressPlan
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan
from pulumi_multimesh.plan.roles import CONFIG, PRIMARY, REMOTE
from pulumi_multimesh.policy_resources import make_policies


class IstioMesh(MeshOver):
    """The mesh's own part of a `MultiCloudMesh`; what it makes are that component's children."""

    def __init__(
        self,
        parent: pulumi.Resource,
        plan: MeshPlan,
        clusters: Mapping[str, KubernetesCluster],
        authorities: Mapping[str, Authority],
        args: IstioArgs,
    ) -> None:
        super().__init__(parent, plan, clusters, authorities, args.get("values", {}))
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
        self._enrolled: dict[str, set[str]] = {}
        """By namespace: in which clusters."""
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
        for cluster in self._with_role(PRIMARY, CONFIG):
            self._guard(cluster.name)
        if plan.of_istio.ingress is not None:
            self._give_ingress(plan.of_istio.ingress)

    def enrol(self, namespace: str, cluster: str, wish: Wish) -> IstioEnrolment:
        """A namespace of workloads in one cluster, once the mesh is there; raises `ValueError` for a wrong wish."""
        enrolled_in = self._enrolled.setdefault(namespace, set())
        args = enrolment_args(self.plan, namespace, cluster, wish, enrolled_in)
        enrolled_in.add(cluster)
        return IstioEnrolment(
            self._named(cluster, namespace),
            self.clusters[cluster],
            args,
            pulumi.ResourceOptions(
                parent=self._parent,
                depends_on=[self.control_planes[cluster].injects, *self._gateway_of(cluster)],
            ),
        )

    def export(self, namespace: str, service: str, cluster: str, after: Sequence[pulumi.Resource]) -> None:
        """See `ServiceMesh.export`: sidecars share every service; ambient shares those with a label."""
        if self._ambient:
            k8s.core.v1.ServicePatch(
                self._named(cluster, f"{namespace}-{service}-exported"),
                metadata={"name": service, "namespace": namespace, "labels": {"istio.io/global": "true"}},
                opts=self.clusters[cluster].inside(self._parent, depends_on=after),
            )

    def federate(self, namespace: str, service: str, clusters: Mapping[str, Sequence[pulumi.Resource]]) -> None:
        """See `ServiceMesh.federate`: services of one name are one by themselves, once they are shared."""
        for cluster, after in clusters.items():
            self.export(namespace, service, cluster, after)

    def namespace_of(self, cluster: str) -> pulumi.Resource:
        """Istio's own namespace in a cluster, a management cluster's too."""
        if cluster in self.control_planes or self.external is None:
            return self.control_planes[cluster].namespace
        return self.external.namespace

    def _guard(self, cluster: str) -> None:
        """The whole mesh's policies, where configuration is read: who signs on, and whether others are denied."""
        name, where = self._named(cluster, "istio"), self.clusters[cluster]
        namespace = self.plan.control_plane.namespace
        after: list[pulumi.Resource] = [self.control_planes[cluster].injects]
        make_policies(name, where, namespace, sign_on_policies(self.plan), self._parent, after)
        for policies in (open_gateways(self.plan, cluster), default_policies(self.plan.security)):
            after += make_policies(name, where, namespace, policies, self._parent, after)

    def _with_role(self, *wanted: str) -> list[ClusterPlan]:
        return [cluster for cluster in self.plan.clusters.values() if cluster.role in wanted]

    def _give_ingress(self, planned: IngressPlan) -> None:
        for cluster in planned.clusters:
            self.ingress[cluster] = IstioIngressGateway(
                self._named(cluster, "ingress"),
                self.clusters[cluster],
                self.control_planes[cluster],
                ingress_args(self.plan, cluster, planned),
                # A remote's pods can be made once its control plane reads the cluster, as its other gateway's were.
                pulumi.ResourceOptions(parent=self._parent, depends_on=self._gateway_of(cluster)),
            )

    def _way_into(self, cluster: str) -> list[pulumi.Resource]:
        """What passes calls into the cluster and is there before others read it; a remote's gateway comes after."""
        ways: list[Mapping[str, pulumi.Resource]] = [self.gateways, self.ambient_gateways]
        return [gateways[cluster] for gateways in ways if cluster in gateways]

    def _gateway_of(self, cluster: str) -> list[pulumi.Resource]:
        """The east-west gateway of the cluster, if it has one."""
        return [self.gateways[cluster]] if cluster in self.gateways else []

    def _control_plane(self, cluster: ClusterPlan) -> IstioControlPlane:
        return IstioControlPlane(
            self._named(cluster.name, "istio"),
            self.clusters[cluster.name],
            self._authorities[cluster.name],
            primary_args(self.plan, cluster, self._values),
            self._child(),
        )

    def _config_cluster(self, cluster: ClusterPlan) -> IstioConfigCluster:
        """The config cluster's part, and then the external control plane, which needs its credential."""
        config = IstioConfigCluster(
            self._named(cluster.name, "istio"),
            self.clusters[cluster.name],
            config_args(self.plan, cluster, self._values),
            self._child(),
        )
        self.external = self._external_control_plane(cluster, config)
        self._addresses[cluster.served_by] = self.external.address
        config.lead_to(self._addresses[cluster.served_by], self.plan.of_istio.tuning)
        return config

    def _external_control_plane(self, config: ClusterPlan, told: IstioConfigCluster) -> IstioExternalControlPlane:
        management = config.served_by
        sources = self._sources(self.plan.remotes_of(management))
        args = external_args(self.plan, config, told.kubeconfig, sources, self._values)
        name = self._named(management, "istio")
        fixed = self.clusters[management].fixed_addresses(name, self._parent)
        if fixed is not None:
            args["annotations"], args["address"] = fixed.annotations, fixed.first
        return IstioExternalControlPlane(
            name, self.clusters[management], self._authorities[management], args, self._child()
        )

    def _remote_control_plane(self, cluster: ClusterPlan) -> IstioRemoteControlPlane:
        args = remote_args(self.plan, cluster, self._addresses[cluster.served_by], self._values)
        return IstioRemoteControlPlane(
            self._named(cluster.name, "istio"), self.clusters[cluster.name], args, self._child()
        )

    @property
    def _ambient(self) -> bool:
        return self.plan.of_istio.data_plane == AMBIENT

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
                gateway_args(self.plan, cluster, self._sources(self.plan.mesh_peers(name))),
                self._child(),
            )

    def _give_gateway(self, cluster: ClusterPlan) -> None:
        """A gateway, unless nobody needs it: a cluster without peers, or one whose pods they reach."""
        if not self.plan.mesh_peers(cluster.name) or self.plan.flat:
            return
        name, control_plane = self._named(cluster.name, "eastwest"), self.control_planes[cluster.name]
        args = gateway_args(self.plan, cluster, self._sources(self.plan.mesh_peers(cluster.name)))
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
            # One that leaves is read no more; its gateway has what it needs, and goes on until the cluster goes.
            read_by = self.secrets.get((cluster.name, cluster.served_by))
            before = [shown, *([read_by] if read_by else [])]
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

    def _sources(self, callers: Sequence[str]) -> pulumi.Input[list[str]]:
        return admitted_sources(self.plan, self.clusters, callers)

    def _reading(self, cluster: str) -> Housed:
        """The control plane that reads others in that cluster."""
        return self.external if self.external is not None else self.control_planes[cluster]

    def _reader_args(self, cluster: str) -> IstioReaderTokenArgs:
        tokens = self.plan.of_istio.readers.get(cluster)
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
            if secret.of in self.plan.of_istio.leaving:
                continue
            self.secrets[secret.of, secret.into] = IstioRemoteSecret(
                self._named(secret.into, f"reads-{secret.of}"),
                self.clusters[secret.into],
                self._reading(secret.into),
                readers[secret.of],
                {"cluster_id": secret.of},
                # Endpoints are told once their gateway answers, and no more before it goes.
                pulumi.ResourceOptions(parent=self._parent, depends_on=self._way_into(secret.of)),
            )
