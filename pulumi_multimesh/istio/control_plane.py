"""Istio's control plane in one cluster.

Owns: the namespace with its network label, `cacerts`, base, istiod, the mesh-wide mTLS rule. Does not own: the
east-west gateway and remote secrets, which have components of their own.
"""

from dataclasses import replace

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.charts import Charts
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.cacerts import cacerts
from pulumi_multimesh.istio.istiod import IstioControlPlaneArgs, shown
from pulumi_multimesh.istio.revisions import Revisions
from pulumi_multimesh.istio.shared_rules import shared_rules
from pulumi_multimesh.istio.strict_mtls import strict_mtls
from pulumi_multimesh.istio.system_namespace import NAMESPACE, system_namespace
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan.revisions import UNNAMED, ClusterRevisions
from pulumi_multimesh.versions import ISTIO


def revisions_of(args: IstioControlPlaneArgs) -> ClusterRevisions:
    """The control planes of the cluster: one, without a revision, unless told otherwise."""
    one = ClusterRevisions({UNNAMED: args.get("chart_version", ISTIO.version)}, UNNAMED)
    return args.get("revisions", one)


def charts_of(args: IstioControlPlaneArgs) -> Charts:
    """Where the charts of a control plane and its gateway come from."""
    wanted = revisions_of(args)
    return Charts(
        repository=args.get("chart_repository", ISTIO.repository),
        version=wanted.versions[wanted.default],
        values=args.get("values", {}),
        namespace=NAMESPACE,
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
        self._name, self._cluster = name, cluster
        self._wanted = revisions_of(args)
        self.charts = charts_of(args)
        """For what else is installed from the same charts, those of the default revision."""
        self.namespace = system_namespace(name, cluster, args["network"], self)
        signs = cacerts(name, cluster, authority, self.charts.namespace, self, [self.namespace])
        self.base = self._base()
        self.revisions = Revisions(name, cluster, args, self._wanted, self.charts, self)
        """The control planes by revision; one, without a name, unless several are asked for."""
        self.injects = self.revisions.install(authority.root, [self.base, signs])
        self.istiod = self.revisions.releases[self._wanted.default]
        """The default one, ready once injection works."""
        if "tuning" in args:
            shared_rules(name, cluster, args["tuning"], self.charts.namespace, self, [self.istiod])
        strict_mtls(name, cluster, self.charts.namespace, self, [self.istiod])
        self.register_outputs({})

    def _base(self) -> k8s.helm.v3.Release:
        # What all revisions share is the newest one's: older ones can read it, but not the other way round.
        charts = replace(self.charts, version=self._wanted.newest)
        return charts.release(
            f"{self._name}-base",
            "base",
            "istio-base",
            # Else istiod changes the webhook's failure policy after each install, and each upgrade changes it back.
            {"base": {"validationFailurePolicy": "Fail"}, **self._validated_by()},
            self._cluster.inside(self, depends_on=[self.namespace]),
        )

    def _validated_by(self) -> dict[str, str]:
        """Whose webhook validates; the chart's own default is the one without a name."""
        default = self._wanted.default
        return {} if default == UNNAMED else {"defaultRevision": default}
