"""Istio in a cluster that another cluster's control plane serves.

Owns: the namespace that names its control plane, base, and what leads proxies and the injection webhook there.
Does not own: that control plane and the gateway that shows it (exposed_istiod.py), the credential by which it reads
this cluster.
"""

from typing import Any, NotRequired, TypedDict

import pulumi

from pulumi_multimesh.charts import Charts
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.led_istiod import lead_to_istiod
from pulumi_multimesh.istio.system_namespace import NAMESPACE, system_namespace
from pulumi_multimesh.plan.trust import TRUST_DOMAIN
from pulumi_multimesh.versions import ISTIO


class IstioRemoteControlPlaneArgs(TypedDict):
    """A cluster without a control plane."""

    cluster_id: str
    """The cluster's id in the mesh."""
    network: str
    """The mesh network that the cluster's pods are on."""
    primary_id: str
    """The id that the control plane has which serves it: its cluster's, of an external one its config cluster's."""
    address: pulumi.Input[str]
    """Where that control plane is reached, at the ports 15012 and 15017: one IPv4 address, not a host name."""
    trust_domain: NotRequired[str]
    """`cluster.local` unless given; the same in each cluster."""
    namespace: NotRequired[str]
    """Istio's own, the same as that of the control plane; `istio-system` unless given."""
    chart_repository: NotRequired[str]
    """`versions.ISTIO`'s unless given."""
    chart_version: NotRequired[str]
    """`versions.ISTIO`'s unless given."""
    values: NotRequired[dict[str, dict[str, Any]]]
    """Further values by chart: `base`, `istiod`, `gateway`."""


class IstioRemoteControlPlane(pulumi.ComponentResource):
    """All that a remote has of istiod: a Service that leads to the primary's, and the webhook that asks it."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        args: IstioRemoteControlPlaneArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioRemoteControlPlane", name, {**args}, opts)
        self.charts = Charts(
            repository=args.get("chart_repository", ISTIO.repository),
            version=args.get("chart_version", ISTIO.version),
            values=args.get("values", {}),
            namespace=args.get("namespace", NAMESPACE),
        )
        """For what else is installed from the same charts."""
        self.namespace = system_namespace(
            name,
            cluster,
            args["network"],
            self,
            # The primary's istiod hands out its root, and makes the webhook trust it, where it finds itself named.
            {"topology.istio.io/controlPlaneClusters": args["primary_id"]},
            self.charts.namespace,
        )
        self.base = self.charts.release(
            f"{name}-base",
            "base",
            "istio-base",
            # Nothing of Istio's is read from this cluster, so there is nothing to validate in it.
            {"profile": "remote", "defaultRevision": "", "global": {"istioNamespace": self.charts.namespace}},
            cluster.inside(self, depends_on=[self.namespace]),
        )
        """With the account that the primary reads with."""
        led = lead_to_istiod(name, cluster, self.charts.namespace, args["address"], self, [self.namespace])
        self.injects = self.charts.release(
            f"{name}-istiod",
            "istiod",
            "istiod",
            remote_values(args),
            cluster.inside(self, depends_on=[self.base, led]),
        )
        """The webhook; it works once the primary's istiod reads this cluster."""
        self.register_outputs({})


def remote_values(args: IstioRemoteControlPlaneArgs) -> dict[str, Any]:
    """The values of the chart `istiod` in a remote."""
    return {
        "profile": "remote",
        "global": {
            "istioNamespace": args.get("namespace", NAMESPACE),
            "multiCluster": {"clusterName": args["cluster_id"]},
            "network": args["network"],
        },
        # The control plane reads the trust domain of each cluster's pods there, and takes Istio's own where it is not.
        "configMap": True,
        "meshConfig": {"trustDomain": args.get("trust_domain", TRUST_DOMAIN)},
        # By it the primary's istiod knows which cluster and network a pod is of.
        "istiodRemote": {"injectionPath": f"/inject/cluster/{args['cluster_id']}/net/{args['network']}"},
    }
