"""A namespace of workloads in one cluster of the mesh.

Owns: the namespace with the label by which its pods are in the mesh, and its scope. Does not own: workloads. What runs
in it already gets its sidecar at its next start: `kubectl rollout restart deployment -n NAMESPACE`.
"""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.shared_rules import sidecar_spec

_INJECTED = {"istio-injection": "enabled"}
_AMBIENT = {"istio.io/dataplane-mode": "ambient"}


class IstioEnrolmentArgs(TypedDict):
    """Which namespace."""

    namespace: str
    """Its name."""
    create: NotRequired[bool]
    """Whether to make it; true unless given. False: it is there, and only its label is set."""
    revision: NotRequired[str]
    """The revision whose sidecars its pods get; the default's unless given."""
    ambient: NotRequired[bool]
    """Whether its pods are in the mesh by the proxies of their nodes, and not by sidecars; false unless given."""
    hosts: NotRequired[list[str]]
    """What its proxies are told of, as `Sidecar` writes it; what all are told of unless given."""


class IstioEnrolment(pulumi.ComponentResource):
    """The namespace, ready for pods that want a sidecar."""

    namespace: pulumi.Output[str]
    """Its name; what is installed in it comes after it."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        args: IstioEnrolmentArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioEnrolment", name, {**args}, opts)
        called = args["namespace"]
        inside = cluster.inside(self)
        labels = _AMBIENT if args.get("ambient", False) else _INJECTED
        if "revision" in args:
            labels = {"istio.io/rev": args["revision"]}
        if args.get("create", True):
            made = k8s.core.v1.Namespace(name, metadata={"name": called, "labels": labels}, opts=inside)
        else:
            made = k8s.core.v1.NamespacePatch(name, metadata={"name": called, "labels": labels}, opts=inside)
        self.namespace = made.id
        if "hosts" in args:
            k8s.apiextensions.CustomResource(
                f"{name}-scope",
                api_version="networking.istio.io/v1",
                kind="Sidecar",
                metadata={"name": "default", "namespace": called},
                spec=sidecar_spec(args["hosts"]),
                opts=cluster.inside(self, depends_on=[made]),
            )
        self.register_outputs({"namespace": self.namespace})
