"""A namespace of workloads in one cluster of a mesh of Consul.

Owns: its mark and its intentions. Does not own: the namespace itself and restarts (enrolment.py), workloads.
"""

from typing import NotRequired

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.consul.intentions import namespace_policies
from pulumi_multimesh.enrolment import Enrolment, EnrolmentArgs, Marks, Wish, enrolment_args
from pulumi_multimesh.plan import consul_names
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.policy_resources import Policy, make_policies


class ConsulEnrolmentArgs(EnrolmentArgs):
    """Which namespace, and what Consul makes of it."""

    policies: NotRequired[list[Policy]]
    """Who may call its services; as the mesh's default says unless given, or its primary."""


class ConsulEnrolment(Enrolment):
    """The namespace, ready for pods that want a proxy."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        args: ConsulEnrolmentArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("ConsulEnrolment", name, args, opts)
        made = self._enrol(name, cluster, args, Marks({consul_names.ENROLLED: "enabled"}, {}))
        make_policies(name, cluster, args["namespace"], args.get("policies", []), self, [made])
        self._restart(name, cluster, args, [made])
        self.register_outputs({"namespace": self.namespace})


def consul_enrolment_args(plan: MeshPlan, namespace: str, cluster: str, wish: Wish) -> ConsulEnrolmentArgs:
    """The arguments of an enrolment; raises `ValueError` for a wrong wish."""
    args: ConsulEnrolmentArgs = {**enrolment_args(namespace, wish, "consul")}
    # A federation's rules are its primary's, whoever enrols (consul_mesh.py).
    if plan.of_consul.primary is not None:
        return args
    policies = namespace_policies(plan.security, namespace, plan.mesh_peers(cluster))
    if policies:
        args["policies"] = policies
    return args
