"""Linkerd's control plane in one cluster.

Owns: its namespace and its releases. Does not own: certificates (trust.py), and links to other clusters.
"""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.charts import Charts, merged
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.linkerd.policies import MESHED
from pulumi_multimesh.linkerd.trust import LinkerdTrust
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan import linkerd_names, names
from pulumi_multimesh.plan.trust import TRUST_DOMAIN
from pulumi_multimesh.versions import LINKERD


class LinkerdControlPlaneArgs(TypedDict):
    """Linkerd in one cluster."""

    chart_version: NotRequired[str]
    """Of the charts `linkerd-crds` and `linkerd-control-plane`; `versions.LINKERD`'s unless given."""
    chart_repository: NotRequired[str]
    """`versions.LINKERD`'s, Linkerd's own edge channel, unless given."""
    trust_domain: NotRequired[str]
    """`cluster.local` unless given."""
    high_availability: NotRequired[bool]
    """Three replicas on three nodes, and no pod without its proxy while nothing injects it; true unless given."""
    gateway_api: NotRequired[bool]
    """Whether to install the Gateway API's kinds, without which Linkerd does not start; true unless given.

    False where they are there already: Helm takes over nothing that it has not made.
    """
    default_policy: NotRequired[str]
    """Who may call where no Server says it; `all-authenticated`, whoever is in the mesh, unless given."""
    workload_minutes: NotRequired[int]
    """Life of workloads' certificates; the chart's, a day, unless given."""
    values: NotRequired[dict[str, dict[str, Any]]]
    """Values by chart on top of the library's; none unless given."""


class LinkerdControlPlane(pulumi.ComponentResource):
    """Its kinds, its certificates, and the control plane, in this order."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        authority: Authority,
        args: LinkerdControlPlaneArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:LinkerdControlPlane", name, {**args}, opts)
        self.charts = Charts(
            repository=args.get("chart_repository", LINKERD.repository),
            version=args.get("chart_version", LINKERD.version),
            values=args.get("values", {}),
            namespace=linkerd_names.NAMESPACE,
        )
        """For what else is installed from the same charts."""
        self.namespace = k8s.core.v1.Namespace(
            f"{name}-system",
            # As `linkerd install` labels it: its own pods are not to be given proxies by its injector.
            metadata={
                "name": linkerd_names.NAMESPACE,
                "labels": {
                    "linkerd.io/is-control-plane": "true",
                    "config.linkerd.io/admission-webhooks": "disabled",
                    "linkerd.io/control-plane-ns": linkerd_names.NAMESPACE,
                },
                "annotations": {"linkerd.io/inject": "disabled"},
            },
            opts=cluster.inside(self),
        )
        self.kinds = self.charts.release(
            f"{name}-crds",
            "linkerd-crds",
            "linkerd-crds",
            {"installGatewayAPI": args.get("gateway_api", True)},
            cluster.inside(self, depends_on=[self.namespace]),
        )
        self.trust = LinkerdTrust(
            names.trust(name), cluster, authority, self.namespace, pulumi.ResourceOptions(parent=self)
        )
        self.release = self.charts.release(
            f"{name}-control-plane",
            "linkerd-control-plane",
            "linkerd-control-plane",
            merged(control_plane_values(args), self.trust.values),
            cluster.inside(self, depends_on=[self.kinds, *self.trust.parts]),
        )
        """Ready once proxies can be injected and have their certificates."""
        self.register_outputs({})


def control_plane_values(args: LinkerdControlPlaneArgs) -> dict[str, Any]:
    """Without certificates (trust.py); those of high availability are the chart's own, in its values-ha.yaml."""
    found: dict[str, Any] = {
        "identityTrustDomain": args.get("trust_domain", TRUST_DOMAIN),
        "disableHeartBeat": True,
        "proxy": {"defaultInboundPolicy": args.get("default_policy", MESHED)},
    }
    if "workload_minutes" in args:
        found["identity"] = {"issuer": {"issuanceLifetime": f"{args['workload_minutes']}m0s"}}
    if not args.get("high_availability", True):
        return found
    found["proxy"]["resources"] = _resources("20Mi")
    return found | {
        "controllerReplicas": 3,
        "deploymentStrategy": {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": "25%"}},
        "enablePodAntiAffinity": True,
        "enablePodDisruptionBudget": True,
        "highAvailability": True,
        "webhookFailurePolicy": "Fail",
        **{f"{each}Resources": _resources("50Mi") for each in ("destination", "proxyInjector", "spValidator")},
        "identityResources": _resources("10Mi"),
    }


def _resources(memory: str) -> dict[str, Any]:
    return {"cpu": {"request": "100m"}, "memory": {"request": memory, "limit": "250Mi"}}
