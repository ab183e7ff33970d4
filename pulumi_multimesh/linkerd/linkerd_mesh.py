"""Linkerd over the clusters of a mesh: a control plane in each, a gateway where others call, links, and viz.

Owns: which parts there are, whom each knows, and their order. Does not own: any part (the modules beside this one),
clusters and their roads.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.admission import admitted_sources
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.config import LinkerdArgs
from pulumi_multimesh.enrolment import Wish
from pulumi_multimesh.linkerd.control_plane import LinkerdControlPlane, LinkerdControlPlaneArgs
from pulumi_multimesh.linkerd.enrolment import LinkerdEnrolment, linkerd_enrolment_args
from pulumi_multimesh.linkerd.link import LinkerdLink
from pulumi_multimesh.linkerd.multicluster import LinkerdMulticluster, LinkerdMulticlusterArgs
from pulumi_multimesh.linkerd.policies import default_policy
from pulumi_multimesh.linkerd.viz import LinkerdViz
from pulumi_multimesh.mesh_over import MeshOver
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan import linkerd_names
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan


class LinkerdMesh(MeshOver):
    """The mesh's own part of a `MultiCloudMesh`; what it makes are that component's children."""

    def __init__(
        self,
        parent: pulumi.Resource,
        plan: MeshPlan,
        clusters: Mapping[str, KubernetesCluster],
        authorities: Mapping[str, Authority],
        args: LinkerdArgs,
    ) -> None:
        super().__init__(parent, plan, clusters, authorities, args.get("values", {}))
        self.control_planes: dict[str, LinkerdControlPlane] = {}
        """By cluster."""
        self.multicluster: dict[str, LinkerdMulticluster] = {}
        """The gateways and mirrors, by cluster; none of a cluster without peers."""
        self.viz: dict[str, LinkerdViz] = {}
        """What shows the traffic, by cluster; none unless asked for."""
        self.links: dict[tuple[str, str], LinkerdLink] = {}
        """By the cluster that exports, and the one that knows it."""
        for cluster in plan.clusters.values():
            self.control_planes[cluster.name] = self._control_plane(cluster)
            if plan.mesh_peers(cluster.name):
                self.multicluster[cluster.name] = self._join(cluster)
            if plan.of_linkerd.viz:
                self.viz[cluster.name] = self._show(cluster.name)
        for secret in plan.remote_secrets:
            self.links[secret.of, secret.into] = LinkerdLink(
                self._named(secret.into, f"links-{secret.of}"),
                clusters[secret.into],
                self.multicluster[secret.into],
                self.multicluster[secret.of],
                {"target": secret.of, "gateway": not plan.flat, "trust_domain": plan.trust.trust_domain},
                self._child(),
            )

    @property
    def server_ends(self) -> Mapping[str, pulumi.Output[dict[str, str]]]:
        """See `ServiceMesh.server_ends`."""
        return {name: found.trust.ends for name, found in self.control_planes.items()}

    def enrol(self, namespace: str, cluster: str, wish: Wish) -> LinkerdEnrolment:
        """See `ServiceMesh.enrol`."""
        return LinkerdEnrolment(
            self._named(cluster, namespace),
            self.clusters[cluster],
            linkerd_enrolment_args(self.plan, namespace, wish),
            pulumi.ResourceOptions(parent=self._parent, depends_on=[self.control_planes[cluster].release]),
        )

    def namespace_of(self, cluster: str) -> pulumi.Resource:
        """See `ServiceMesh.namespace_of`."""
        return self.control_planes[cluster].namespace

    def export(self, namespace: str, service: str, cluster: str, after: Sequence[pulumi.Resource]) -> None:
        """See `ServiceMesh.export`: the label by which the other clusters mirror the service."""
        reached = linkerd_names.REACHED_DIRECTLY if self.plan.flat else linkerd_names.THROUGH_GATEWAY
        self._label(namespace, service, cluster, {linkerd_names.EXPORTED: reached}, after)

    def federate(self, namespace: str, service: str, clusters: Mapping[str, Sequence[pulumi.Resource]]) -> None:
        """See `ServiceMesh.federate`: the label by which services become members of one."""
        if not self.plan.flat:
            raise ValueError(
                f"federate: {namespace}/{service} cannot be one service over clusters whose pods do not reach each "
                "other, as Linkerd calls its members directly; write  flat: true  on private roads, or export it"
            )
        for cluster, after in clusters.items():
            self._label(namespace, service, cluster, {linkerd_names.FEDERATED: linkerd_names.MEMBER}, after)

    def _label(
        self, namespace: str, service: str, cluster: str, labels: dict[str, str], after: Sequence[pulumi.Resource]
    ) -> None:
        (label,) = labels
        k8s.core.v1.ServicePatch(
            self._named(cluster, f"{namespace}-{service}-{label.rpartition('/')[2]}"),
            metadata={"name": service, "namespace": namespace, "labels": labels},
            opts=self.clusters[cluster].inside(self._parent, depends_on=after),
        )

    def _control_plane(self, cluster: ClusterPlan) -> LinkerdControlPlane:
        settings, linkerd = self.plan.control_plane, self.plan.of_linkerd
        args: LinkerdControlPlaneArgs = {
            "chart_version": settings.chart_version,
            "chart_repository": settings.chart_repository,
            "trust_domain": self.plan.trust.trust_domain,
            "high_availability": linkerd.high_availability,
            "gateway_api": cluster.name in linkerd.gateway_api,
            "default_policy": default_policy(self.plan.security),
            "values": self._values,
        }
        minutes = self.plan.trust.settings.workload_minutes
        if minutes is not None:
            args["workload_minutes"] = minutes
        return LinkerdControlPlane(
            self._named(cluster.name, "linkerd"),
            self.clusters[cluster.name],
            self._authorities[cluster.name],
            args,
            self._child(),
        )

    def _show(self, cluster: str) -> LinkerdViz:
        return LinkerdViz(
            self._named(cluster, "viz"),
            self.clusters[cluster],
            self.control_planes[cluster],
            self._authorities[cluster],
            {
                "trust_domain": self.plan.trust.trust_domain,
                "high_availability": self.plan.of_linkerd.high_availability,
            },
            self._child(),
        )

    def _join(self, cluster: ClusterPlan) -> LinkerdMulticluster:
        linkerd, peers = self.plan.of_linkerd, self.plan.mesh_peers(cluster.name)
        args: LinkerdMulticlusterArgs = {
            "cluster_name": cluster.name,
            "linked_to": list(peers),
            "gateway": not self.plan.flat,
            "trust_domain": self.plan.trust.trust_domain,
            "high_availability": linkerd.high_availability,
        }
        if not self.plan.flat:
            args["cloud"] = cluster.cloud
            args["private"] = self.plan.is_private
            args["gateway_replicas"] = linkerd.gateway_replicas
            args["admitted_ips"] = admitted_sources(self.plan, self.clusters, peers)
        return LinkerdMulticluster(
            self._named(cluster.name, "multicluster"),
            self.clusters[cluster.name],
            self.control_planes[cluster.name],
            args,
            self._child(),
        )
