"""What shows the traffic of one cluster of Linkerd: its extension viz, with a Prometheus, a dashboard and tap.

Owns: its namespace, the certificates of its two servers, and its release. Does not own: who lets its Prometheus in
where the default denies (policies.py), and what is kept for longer than the extension does.
"""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.charts import merged
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.linkerd.control_plane import LinkerdControlPlane
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.pki.server_certificate import server_certificate
from pulumi_multimesh.plan import linkerd_names
from pulumi_multimesh.plan.trust import TRUST_DOMAIN

CHART = "linkerd-viz"


class LinkerdVizArgs(TypedDict):
    """The extension in one cluster."""

    trust_domain: NotRequired[str]
    """`cluster.local` unless given."""
    high_availability: NotRequired[bool]
    """Three replicas of tap, and requests and limits as in the chart's values-ha.yaml; true unless given.

    Its Prometheus is one pod in any case, and keeps six hours.
    """


class LinkerdViz(pulumi.ComponentResource):
    """The extension, in a namespace of its own; `authority` is the cluster's and signs for its servers."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        control_plane: LinkerdControlPlane,
        authority: Authority,
        args: LinkerdVizArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:LinkerdViz", name, {**args}, opts)
        charts = control_plane.charts
        self.namespace = k8s.core.v1.Namespace(
            f"{name}-system",
            metadata=_namespace(charts.values.get(CHART, {}).get("prometheusUrl")),
            opts=cluster.inside(self, depends_on=[control_plane.release]),
        )
        secrets: list[pulumi.Resource] = []
        for server in linkerd_names.VIZ_SERVERS.values():
            made = server_certificate(f"{name}-{server}", authority, [linkerd_names.viz_host(server)], self)
            secret = k8s.core.v1.Secret(
                f"{name}-{server}",
                type="kubernetes.io/tls",
                metadata={"name": linkerd_names.viz_secret(server), "namespace": linkerd_names.VIZ},
                string_data={"tls.crt": made.certificate, "tls.key": made.key},
                opts=cluster.inside(self, depends_on=[self.namespace]),
            )
            secrets.append(secret)
        self.release = charts.release(
            f"{name}-release",
            CHART,
            CHART,
            viz_values(args, authority.root),
            cluster.inside(self, depends_on=secrets),
            namespace=linkerd_names.VIZ,
        )
        self.register_outputs({})


def _namespace(prometheus: str | None) -> k8s.meta.v1.ObjectMetaArgsDict:
    """With what the chart's job would write on it; `prometheus`: the URL of one that is elsewhere."""
    metadata: k8s.meta.v1.ObjectMetaArgsDict = {
        "name": linkerd_names.VIZ,
        # Its pods' init containers write rules of iptables.
        "labels": {"linkerd.io/extension": "viz", "pod-security.kubernetes.io/enforce": "privileged"},
    }
    if prometheus:
        metadata["annotations"] = {"viz.linkerd.io/external-prometheus": prometheus}
    return metadata


def viz_values(args: LinkerdVizArgs, roots: pulumi.Input[str]) -> dict[str, Any]:
    """Of the chart `linkerd-viz`; `roots`: PEM, public, by which the API server believes tap and its injector."""
    given = {"externalSecret": True, "caBundle": roots}
    values: dict[str, Any] = {
        "identityTrustDomain": args.get("trust_domain", TRUST_DOMAIN),
        "createNamespaceMetadataJob": False,
        **{key: dict(given) for key in linkerd_names.VIZ_SERVERS},
    }
    if not args.get("high_availability", True):
        return values
    return merged(
        values,
        {
            "enablePodAntiAffinity": True,
            "enablePodDisruptionBudget": True,
            "tap": {"replicas": 3, "resources": _resources("100m", "50Mi", "250Mi")},
            "dashboard": {"resources": _resources("100m", "50Mi", "250Mi")},
            "prometheus": {"resources": _resources("300m", "300Mi", "8192Mi")},
        },
    )


def _resources(cpu: str, memory: str, most_memory: str) -> dict[str, Any]:
    return {"cpu": {"request": cpu}, "memory": {"request": memory, "limit": most_memory}}
