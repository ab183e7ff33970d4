"""A link of Linkerd: by it one cluster knows what another exports.

Owns: the credentials in both namespaces and the Link, as `linkerd multicluster link-gen` writes them. Does not own: the
account behind the credentials (multicluster.py), and which links there are (plan).
"""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.linkerd.multicluster import LinkerdMulticluster
from pulumi_multimesh.plan import linkerd_names
from pulumi_multimesh.plan.trust import TRUST_DOMAIN

_TYPE = "mirror.linkerd.io/remote-kubeconfig"
_CLUSTER_DOMAIN = "cluster.local"


class LinkerdLinkArgs(TypedDict):
    """From which cluster to which."""

    target: str
    """The name of the cluster that exports."""
    gateway: NotRequired[bool]
    """Whether its services are called through its gateway; true unless given. False: its pods are reached."""
    trust_domain: NotRequired[str]
    """`cluster.local` unless given."""


class LinkerdLink(pulumi.ComponentResource):
    """In the cluster `into`: credentials for the target, and the Link."""

    def __init__(
        self,
        name: str,
        into: KubernetesCluster,
        mirrors: LinkerdMulticluster,
        target: LinkerdMulticluster,
        args: LinkerdLinkArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`mirrors`: what follows the link in that cluster; `target`: what the other cluster offers."""
        super().__init__("multimesh:index:LinkerdLink", name, {**args}, opts)
        called = linkerd_names.credentials(args["target"])
        inside = into.inside(self, depends_on=[mirrors.release])
        credentials = k8s.core.v1.Secret(
            f"{name}-credentials",
            type=_TYPE,
            metadata={"name": called, "namespace": linkerd_names.MULTICLUSTER},
            string_data={"kubeconfig": target.kubeconfig},
            opts=inside,
        )
        # The destination controller reads the other cluster by itself where pods are reached directly.
        discovery = k8s.core.v1.Secret(
            f"{name}-discovery",
            type=_TYPE,
            metadata={
                "name": called,
                "namespace": linkerd_names.NAMESPACE,
                "labels": {"multicluster.linkerd.io/cluster-name": args["target"]},
                "annotations": {
                    "multicluster.linkerd.io/trust-domain": args.get("trust_domain", TRUST_DOMAIN),
                    "multicluster.linkerd.io/cluster-domain": _CLUSTER_DOMAIN,
                },
            },
            string_data={"kubeconfig": target.kubeconfig},
            opts=inside,
        )
        self.link = k8s.apiextensions.CustomResource(
            f"{name}-link",
            api_version="multicluster.linkerd.io/v1alpha3",
            kind="Link",
            metadata={"name": args["target"], "namespace": linkerd_names.MULTICLUSTER},
            spec=_spec(args, target),
            opts=into.inside(self, depends_on=[mirrors.release, credentials, discovery]),
        )
        self.register_outputs({})


def _spec(args: LinkerdLinkArgs, target: LinkerdMulticluster) -> dict[str, Any]:
    """Ports and thresholds are texts; what a network cannot carry is not looked for."""
    spec: dict[str, Any] = {
        "targetClusterName": args["target"],
        "targetClusterDomain": _CLUSTER_DOMAIN,
        "targetClusterLinkerdNamespace": linkerd_names.NAMESPACE,
        "clusterCredentialsSecret": linkerd_names.credentials(args["target"]),
    }
    if not args.get("gateway", True):
        return {
            **spec,
            "remoteDiscoverySelector": _selector(linkerd_names.EXPORTED, linkerd_names.REACHED_DIRECTLY),
            "federatedServiceSelector": _selector(linkerd_names.FEDERATED, linkerd_names.MEMBER),
        }
    return {
        **spec,
        "selector": _selector(linkerd_names.EXPORTED, linkerd_names.THROUGH_GATEWAY),
        "gatewayAddress": target.gateway_addresses,
        "gatewayPort": str(linkerd_names.GATEWAY_PORT),
        "gatewayIdentity": linkerd_names.gateway_identity(args.get("trust_domain", TRUST_DOMAIN)),
        "probeSpec": {"path": "/ready", "port": str(linkerd_names.PROBE_PORT), "period": "3s"},
    }


def _selector(label: str, value: str) -> dict[str, Any]:
    return {"matchLabels": {label: value}}
