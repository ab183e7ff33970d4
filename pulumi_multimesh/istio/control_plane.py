"""Istio's control plane in one cluster.

Owns: the namespace with its network label, `cacerts`, base, istiod, the mesh-wide mTLS rule. Does not own: the
east-west gateway and remote secrets, which have components of their own.
"""

from dataclasses import asdict
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.charts import NAMESPACE, Charts
from pulumi_multimesh.istio.istiod import IstioControlPlaneArgs, istiod_values
from pulumi_multimesh.istio.shared_rules import shared_rules
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
        super().__init__("multimesh:index:IstioControlPlane", name, _shown(args), opts)
        self._name, self._cluster, self._args = name, cluster, args
        self.charts = charts_of(args)
        """For what else is installed from the same charts."""
        self.namespace = system_namespace(name, cluster, args["network"], self)
        cacerts = self._cacerts(authority)
        self.base = self._base()
        self.istiod = self._istiod(cacerts)
        """Ready once injection works."""
        self.injects: pulumi.Resource = self.istiod
        self._strict_mtls()
        if "tuning" in args:
            shared_rules(name, cluster, args["tuning"], self, [self.istiod])
        self.register_outputs({})

    def _cacerts(self, authority: Authority) -> k8s.core.v1.Secret:
        return k8s.core.v1.Secret(
            f"{self._name}-cacerts",
            metadata={"name": "cacerts", "namespace": NAMESPACE},
            string_data={
                "ca-cert.pem": authority.certificate,
                "ca-key.pem": authority.key,
                "root-cert.pem": authority.root,
                "cert-chain.pem": authority.chain,
            },
            opts=self._cluster.inside(self, depends_on=[self.namespace]),
        )

    def _base(self) -> k8s.helm.v3.Release:
        return self.charts.release(
            f"{self._name}-base",
            "base",
            "istio-base",
            # Else istiod changes the webhook's failure policy after each install, and each upgrade changes it back.
            {"base": {"validationFailurePolicy": "Fail"}},
            self._cluster.inside(self, depends_on=[self.namespace]),
        )

    def _istiod(self, cacerts: k8s.core.v1.Secret) -> k8s.helm.v3.Release:
        return self.charts.release(
            f"{self._name}-istiod",
            "istiod",
            "istiod",
            istiod_values(self._args),
            self._cluster.inside(self, depends_on=[self.base, cacerts]),
        )

    def _strict_mtls(self) -> k8s.apiextensions.CustomResource:
        """In the root namespace and without a selector it holds for the whole mesh."""
        return k8s.apiextensions.CustomResource(
            f"{self._name}-strict-mtls",
            api_version="security.istio.io/v1",
            kind="PeerAuthentication",
            metadata={"name": "default", "namespace": NAMESPACE},
            spec={"mtls": {"mode": "STRICT"}},
            opts=self._cluster.inside(self, depends_on=[self.istiod]),
        )


def _shown(args: IstioControlPlaneArgs) -> dict[str, Any]:
    """The arguments as a component's inputs, which are plain tables."""
    plain = {key: value for key, value in args.items() if key != "tuning"}
    return {**plain, "tuning": asdict(args["tuning"])} if "tuning" in args else plain
