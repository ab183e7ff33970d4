"""Istio in the cluster that an external control plane reads its configuration from.

Owns: what that control plane needs there: the kinds, its account and credential, the webhooks that ask it; and once it
runs, the way to it and the mesh-wide mTLS rule. Does not own: the control plane (external_control_plane.py).
"""

from typing import Any, NotRequired, TypedDict

import pulumi

from pulumi_multimesh.account_token import account_kubeconfig
from pulumi_multimesh.charts import Charts
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.led_istiod import lead_to_istiod
from pulumi_multimesh.istio.shared_rules import shared_rules
from pulumi_multimesh.istio.strict_mtls import strict_mtls
from pulumi_multimesh.istio.system_namespace import system_namespace
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.trust import TRUST_DOMAIN
from pulumi_multimesh.plan.tuning import TuningPlan
from pulumi_multimesh.versions import ISTIO

_ACCOUNT = "istiod"
"""It may write too: statuses, leases, webhooks; the readers of other clusters may not."""


class IstioConfigClusterArgs(TypedDict):
    """The config cluster of an external control plane."""

    cluster_id: str
    """The cluster's id in the mesh, which is the external control plane's too."""
    network: str
    """The mesh network that the cluster's pods are on."""
    namespace: NotRequired[str]
    """Istio's own, the same as that of the control plane; `external-istiod` unless given."""
    trust_domain: NotRequired[str]
    """`cluster.local` unless given; the same in each cluster."""
    chart_repository: NotRequired[str]
    """`versions.ISTIO`'s unless given."""
    chart_version: NotRequired[str]
    """`versions.ISTIO`'s unless given."""
    values: NotRequired[dict[str, dict[str, Any]]]
    """Further values by chart: `base`, `istiod`, `gateway`."""


class IstioConfigCluster(pulumi.ComponentResource):
    """What has to be there before the control plane is; `lead_to` comes after it."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        args: IstioConfigClusterArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioConfigCluster", name, {**args}, opts)
        self._name, self._cluster = name, cluster
        self.charts = Charts(
            repository=args.get("chart_repository", ISTIO.repository),
            version=args.get("chart_version", ISTIO.version),
            values=args.get("values", {}),
            namespace=args.get("namespace", names.istio_namespace(external=True)),
        )
        """For what else is installed from the same charts."""
        self.namespace = system_namespace(name, cluster, args["network"], self, called=self.charts.namespace)
        self.base = self.charts.release(
            f"{name}-base",
            "base",
            "istio-base",
            {
                "global": {"istioNamespace": self.charts.namespace},
                # Else istiod changes the webhook's failure policy after each install, and upgrades change it back.
                "base": {"validationFailurePolicy": "Fail"},
            },
            cluster.inside(self, depends_on=[self.namespace]),
        )
        istiod = self.charts.release(
            f"{name}-istiod",
            "istiod",
            "istiod",
            config_values(args, self.charts.namespace),
            cluster.inside(self, depends_on=[self.base]),
        )
        account = (self.charts.namespace, _ACCOUNT)
        self.kubeconfig = account_kubeconfig(f"{name}-config", cluster, self, account, args["cluster_id"], [istiod])
        """By which the control plane reads and writes in this cluster as in its own; a secret."""
        self.injects: pulumi.Resource = istiod
        """Once `lead_to` was called: what must be there before a pod that wants a sidecar may be made."""
        self.register_outputs({})

    def lead_to(self, address: pulumi.Input[str], tuning: TuningPlan | None = None) -> None:
        """Lead proxies and webhooks to the control plane at this IPv4 address, and forbid plain text in the mesh."""
        self.injects = lead_to_istiod(self._name, self._cluster, self.charts.namespace, address, self, [self.namespace])
        strict_mtls(self._name, self._cluster, self.charts.namespace, self, [self.injects])
        if tuning is not None:
            shared_rules(self._name, self._cluster, tuning, self.charts.namespace, self, [self.injects])


def config_values(args: IstioConfigClusterArgs, namespace: str) -> dict[str, Any]:
    """The values of the chart `istiod` in a config cluster: accounts and webhooks, but no istiod."""
    return {
        "profile": "remote",
        "global": {
            "istioNamespace": namespace,
            "configCluster": True,
            "multiCluster": {"clusterName": args["cluster_id"]},
            "network": args["network"],
        },
        "base": {"validationFailurePolicy": "Fail"},
        # Nobody but `istioctl` reads it in this cluster: the control plane reads the one beside it.
        "configMap": True,
        "meshConfig": {"trustDomain": args.get("trust_domain", TRUST_DOMAIN)},
        "istiodRemote": {"injectionPath": f"/inject/cluster/{args['cluster_id']}/net/{args['network']}"},
    }
