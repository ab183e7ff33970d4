"""A namespace of workloads in one cluster of a mesh of Istio.

Owns: its marks, its scope and its policies. Does not own: the namespace itself and restarts (enrolment.py), workloads.
"""

from typing import Any, NotRequired, cast

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.enrolment import Enrolment, EnrolmentArgs, Marks
from pulumi_multimesh.istio.shared_rules import sidecar_spec
from pulumi_multimesh.policy_resources import Policy, make_policies

_INJECTED = {"istio-injection": "enabled"}
_AMBIENT = {"istio.io/dataplane-mode": "ambient"}


class IstioEnrolmentArgs(EnrolmentArgs):
    """Which namespace, and what Istio makes of it."""

    revision: NotRequired[str]
    """The revision whose sidecars its pods get; the default's unless given."""
    ambient: NotRequired[bool]
    """Whether its pods are in the mesh by the proxies of their nodes, and not by sidecars; false unless given."""
    hosts: NotRequired[list[str]]
    """What its proxies are told of, as `Sidecar` writes it; what all are told of unless given."""

    policies: NotRequired[list[Policy]]
    """Who may call its workloads; as the mesh's default says unless given."""
    network_policy: NotRequired[dict[str, Any]]
    """Which pods may reach its pods, as a NetworkPolicy says it; all of them unless given."""


class IstioEnrolment(Enrolment):
    """The namespace, ready for pods that want a sidecar."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        args: IstioEnrolmentArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("IstioEnrolment", name, args, opts)
        called = args["namespace"]
        labels = _AMBIENT if args.get("ambient", False) else _INJECTED
        if "revision" in args:
            labels = {"istio.io/rev": args["revision"]}
        made = self._enrol(name, cluster, args, Marks(labels, {}))
        if "hosts" in args:
            k8s.apiextensions.CustomResource(
                f"{name}-scope",
                api_version="networking.istio.io/v1",
                kind="Sidecar",
                metadata={"name": "default", "namespace": called},
                spec=sidecar_spec(args["hosts"]),
                opts=cluster.inside(self, depends_on=[made]),
            )
        make_policies(name, cluster, called, args.get("policies", []), self, [made])
        if "network_policy" in args:
            k8s.networking.v1.NetworkPolicy(
                f"{name}-zone",
                metadata={"name": "zone", "namespace": called},
                # As the API has it; the SDK's own form has other names for the same keys.
                spec=cast("Any", args["network_policy"]),
                opts=cluster.inside(self, depends_on=[made]),
            )
        self._restart(name, cluster, args, [made])
        self.register_outputs({"namespace": self.namespace})
