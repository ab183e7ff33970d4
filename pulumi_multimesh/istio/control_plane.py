"""Istio's control plane in one cluster.

Owns: the namespace with its network label, `cacerts`, base, istiod, the mesh-wide mTLS rule. Does not own: the
east-west gateway and remote secrets, which have components of their own.
"""

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.cacerts import cacerts
from pulumi_multimesh.istio.charts import Charts
from pulumi_multimesh.istio.istiod import IstioControlPlaneArgs, istiod_values, shown
from pulumi_multimesh.istio.shared_rules import shared_rules
from pulumi_multimesh.istio.strict_mtls import strict_mtls
from pulumi_multimesh.istio.system_namespace import system_namespace
from pulumi_multimesh.pki.mesh_pki import Authority
from pulumi_multimesh.versions import ISTIO


def charts_of(args: IstioControlPlaneArgs) -> Charts:
    """Where the charts of a control plane and its gateway come from."""
    return Charts(
        repository=args.get("chart_repository", ISTIO.repository),
        version=args.get("chart_version", ISTIO.version),
        values=args.get("values", {}),
    )


class IstioControlPlane(pulumi.ComponentResource):
    """istiod with an authority that is there before it starts, so that it never signs with one of its own."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        authority: Authority,
        args: IstioControlPlaneArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioControlPlane", name, shown(args), opts)
        self._name, self._cluster, self._args = name, cluster, args
        self.charts = charts_of(args)
        """For what else is installed from the same charts."""
        self.namespace = system_namespace(name, cluster, args["network"], self)
        signs = cacerts(name, cluster, authority, self.charts.namespace, self, [self.namespace])
        self.base = self._base()
        self.istiod = self._istiod(signs)
        """Ready once injection works."""
        self.injects: pulumi.Resource = self.istiod
        if "tuning" in args:
            shared_rules(name, cluster, args["tuning"], self.charts.namespace, self, [self.istiod])
        strict_mtls(name, cluster, self.charts.namespace, self, [self.istiod])
        self.register_outputs({})

    def _base(self) -> k8s.helm.v3.Release:
        return self.charts.release(
            f"{self._name}-base",
            "base",
            "istio-base",
            # Else istiod changes the webhook's failure policy after each install, and each upgrade changes it back.
            {"base": {"validationFailurePolicy": "Fail"}},
            self._cluster.inside(self, depends_on=[self.namespace]),
        )

    def _istiod(self, signs: k8s.core.v1.Secret) -> k8s.helm.v3.Release:
        return self.charts.release(
            f"{self._name}-istiod",
            "istiod",
            "istiod",
            istiod_values(self._args),
            self._cluster.inside(self, depends_on=[self.base, signs]),
        )
