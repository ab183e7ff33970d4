"""MultiCloudMesh: the whole mesh as one component. It reads as the README's picture does, top to bottom.

Owns: the order of the parts. Does not own: any part.
"""

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.clusters.planned import make_clusters
from pulumi_multimesh.config import MeshArgs
from pulumi_multimesh.istio.control_plane import IstioControlPlane, IstioControlPlaneArgs
from pulumi_multimesh.istio.east_west_gateway import IstioEastWestGateway
from pulumi_multimesh.istio.remote_secret import IstioReaderToken, IstioRemoteSecret
from pulumi_multimesh.pki.mesh_pki import MeshPki, MeshPkiArgs
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.build import plan as make_plan
from pulumi_multimesh.plan.fault import ConfigurationFaults, Fault
from pulumi_multimesh.plan.mesh_plan import MeshPlan


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
        self.clusters: dict[str, KubernetesCluster] = make_clusters(self, self.plan, args)
        """By name; `clusters[name].provider` is what to install workloads with."""
        self.pki = self._make_pki()
        self.control_planes = {cluster: self._control_plane(cluster) for cluster in self.plan.clusters}
        # A cluster without peers needs no door to them.
        self.gateways = {cluster: self._gateway(cluster) for cluster in self.plan.clusters if self.plan.peers(cluster)}
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
        peers = [self.clusters[peer].egress_ips for peer in self.plan.peers(cluster)]
        return IstioEastWestGateway(
            names.child(names.cluster(self.plan.name, cluster), "eastwest"),
            self.clusters[cluster],
            self.control_planes[cluster],
            {
                "network": self.plan.clusters[cluster].network,
                "cloud": self.plan.clusters[cluster].cloud,
                "admitted_ips": pulumi.Output.all(*peers).apply(
                    lambda lists: sorted(ip for ips in lists for ip in ips)
                ),
                "min_replicas": settings.gateway_min_replicas,
                "max_replicas": settings.gateway_max_replicas,
            },
            self._child(),
        )

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


def checked_plan(name: str, args: MeshArgs) -> MeshPlan:
    """The plan of valid arguments; raises `pulumi.RunError`, which ends the program without a stack trace."""
    raw = cast("Mapping[str, Any]", args)
    faults: list[Fault] = []
    result: MeshPlan | None = None
    try:
        result = make_plan(name, raw)
    except ConfigurationFaults as found:
        faults.extend(found.faults)
    faults.extend(_missing_kubeconfigs(args))
    if faults or result is None:
        raise pulumi.RunError(str(ConfigurationFaults(name, faults)))
    return result


def _missing_kubeconfigs(args: MeshArgs) -> list[Fault]:
    """A plan can do without a kubeconfig, an installation cannot."""
    whole = cast("object", args)
    existing = cast("Mapping[str, object]", whole).get("existing") if isinstance(whole, Mapping) else None
    if not isinstance(existing, Mapping):
        return []
    return [
        Fault(
            path=f"existing.{name}.kubeconfig",
            value=None,
            problem="is missing",
            allowed="the text of a kubeconfig, best as a secret",
            remedy=f"pass it in the program, or: pulumi config set --secret multimesh:kubeconfig-{name} < FILE",
        )
        for name, wish in cast("Mapping[str, object]", existing).items()
        if isinstance(wish, Mapping) and wish.get("kubeconfig") is None
    ]
