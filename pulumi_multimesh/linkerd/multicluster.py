"""What joins a cluster of Linkerd to others: the gateway that they call, and the mirrors of what they export.

Owns: its namespace, the release of `linkerd-multicluster`, the account by which others read. Does not own: the links
themselves (link.py).
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.account_token import account_kubeconfig
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.linkerd.control_plane import LinkerdControlPlane
from pulumi_multimesh.load_balancer import addresses_of, balancer_annotations, source_ranges
from pulumi_multimesh.plan import linkerd_names
from pulumi_multimesh.plan.trust import TRUST_DOMAIN


class LinkerdMulticlusterArgs(TypedDict):
    """One cluster among others."""

    cluster_name: str
    """Its name in the mesh."""
    linked_to: list[str]
    """The clusters whose exported services it knows; each has a mirror of its own."""
    gateway: NotRequired[bool]
    """Whether others call through a gateway; true unless given. False: they reach its pods."""
    cloud: NotRequired[str]
    """`gcp`, `aws`, `azure`, `oci` or `none`: decides the load balancer's annotations; `none` unless given."""
    admitted_ips: NotRequired[pulumi.Input[list[str]]]
    """The peers' egress addresses or, on private roads, their ranges; no others are admitted. Needed with a gateway."""
    private: NotRequired[bool]
    """A load balancer inside the cluster's network, which peers reach by a private road; false unless given."""
    annotations: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further annotations of the load balancer."""
    gateway_replicas: NotRequired[int]
    """3 unless given."""
    trust_domain: NotRequired[str]
    """`cluster.local` unless given."""
    high_availability: NotRequired[bool]
    """Gateway pods apart from each other; true unless given."""


class LinkerdMulticluster(pulumi.ComponentResource):
    """The gateway and the mirrors, in a namespace of their own."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        control_plane: LinkerdControlPlane,
        args: LinkerdMulticlusterArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:LinkerdMulticluster", name, {**args}, opts)
        self._name, self._cluster = name, cluster
        self.namespace = k8s.core.v1.Namespace(
            f"{name}-system",
            metadata={
                "name": linkerd_names.MULTICLUSTER,
                "labels": {"linkerd.io/extension": "multicluster"},
            },
            opts=cluster.inside(self, depends_on=[control_plane.release]),
        )
        self.release = control_plane.charts.release(
            f"{name}-release",
            "linkerd-multicluster",
            "linkerd-multicluster",
            # What it runs is in the mesh itself, by proxies that are given the roots when they are injected.
            {**multicluster_values(args), "podAnnotations": control_plane.trust.pod_annotations},
            # Its gateway's Service holds a load balancer of the cloud.
            cluster.inside(self, depends_on=[self.namespace], goes_first=True),
            namespace=linkerd_names.MULTICLUSTER,
        )
        """Ready once the load balancer has an address."""
        self.kubeconfig = account_kubeconfig(
            f"{name}-mirrors",
            cluster,
            self,
            (linkerd_names.MULTICLUSTER, linkerd_names.REMOTE_ACCESS),
            args["cluster_name"],
            [self.release],
            called="multimesh-token",
        )
        """By which other clusters read this one's services; a secret."""
        self.register_outputs({})

    @cached_property
    def gateway_addresses(self) -> pulumi.Output[str]:
        """Where the gateway is, as a Link has it: addresses or host names with commas between them.

        Raises `pulumi.RunError` where the load balancer has none.
        """
        # Of all that the release says, its id alone stays known in the preview of a change to it.
        place = self.release.id.apply(lambda _: f"{linkerd_names.MULTICLUSTER}/{linkerd_names.GATEWAY}")
        service = k8s.core.v1.Service.get(
            f"{self._name}-address", place, opts=pulumi.ResourceOptions(parent=self, provider=self._cluster.provider)
        )
        return service.status.apply(_joined)


def _joined(status: k8s.core.v1.outputs.ServiceStatus | None) -> str:
    found = addresses_of(status)
    if not found:
        raise pulumi.RunError(
            f"the load balancer of {linkerd_names.GATEWAY} has no address, so no other cluster could call this one; "
            f"see why with  kubectl -n {linkerd_names.MULTICLUSTER} describe service {linkerd_names.GATEWAY}"
        )
    return ",".join(found)


def multicluster_values(args: LinkerdMulticlusterArgs) -> dict[str, Any]:
    """Of the chart `linkerd-multicluster`."""
    with_gateway = args.get("gateway", True)
    values: dict[str, Any] = {
        "identityTrustDomain": args.get("trust_domain", TRUST_DOMAIN),
        # The namespace is made here, with what the job would write on it.
        "createNamespaceMetadataJob": False,
        "controllers": _controllers(args["linked_to"], with_gateway=with_gateway),
        "gateway": _gateway(args) if with_gateway else {"enabled": False},
    }
    if args.get("high_availability", True):
        values["enablePodAntiAffinity"] = True
    return values


def _controllers(linked_to: Sequence[str], *, with_gateway: bool) -> list[dict[str, Any]]:
    return [{"link": {"ref": {"name": target}}, "gateway": {"enabled": with_gateway}} for target in sorted(linked_to)]


def _gateway(args: LinkerdMulticlusterArgs) -> dict[str, Any]:
    return {
        "enabled": True,
        "replicas": args.get("gateway_replicas", 3),
        "serviceAnnotations": {
            **balancer_annotations(args.get("cloud", "none"), private=args.get("private", False)),
            **args.get("annotations", {}),
        },
        "loadBalancerSourceRanges": pulumi.Output.from_input(args.get("admitted_ips", [])).apply(source_ranges),
    }
