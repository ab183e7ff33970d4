"""A namespace of workloads in one cluster of a mesh of Linkerd.

Owns: its marks and its policies. Does not own: the namespace itself and restarts (enrolment.py), workloads.
"""

from typing import NotRequired

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.enrolment import Enrolment, EnrolmentArgs, Marks, Wish, enrolment_args
from pulumi_multimesh.linkerd.policies import ANYBODY_AT_ALL, namespace_policies, scrape_policies
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.security import PLAIN_TEXT_REASON, PLAIN_TEXT_UNTIL
from pulumi_multimesh.policy_resources import Policy, make_policies

_INJECTED = {"linkerd.io/inject": "enabled"}
_DEFAULT_POLICY = "config.linkerd.io/default-inbound-policy"


class LinkerdEnrolmentArgs(EnrolmentArgs):
    """Which namespace, and what Linkerd makes of it."""

    annotations: NotRequired[dict[str, str]]
    """Further annotations of the namespace; none unless given."""
    policies: NotRequired[list[Policy]]
    """Who may call its workloads; as the mesh's default says unless given."""


class LinkerdEnrolment(Enrolment):
    """The namespace, ready for pods that want a proxy."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        args: LinkerdEnrolmentArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("LinkerdEnrolment", name, args, opts)
        marks = Marks({}, {**_INJECTED, **args.get("annotations", {})})
        made = self._enrol(name, cluster, args, marks)
        make_policies(name, cluster, args["namespace"], args.get("policies", []), self, [made])
        self._restart(name, cluster, args, [made])
        self.register_outputs({"namespace": self.namespace})


def linkerd_enrolment_args(plan: MeshPlan, namespace: str, wish: Wish) -> LinkerdEnrolmentArgs:
    """The arguments of an enrolment; raises `ValueError` for a wrong wish."""
    args: LinkerdEnrolmentArgs = {**enrolment_args(namespace, wish, "linkerd")}
    policies = namespace_policies(plan.security, namespace, plan.trust.trust_domain, plan.of_linkerd.probes)
    if plan.of_linkerd.viz and plan.security.deny_by_default:
        policies += scrape_policies(plan.trust.trust_domain)
    if policies:
        args["policies"] = policies
    exception = plan.security.plain_text.get(namespace)
    if exception is not None:
        args["annotations"] = {
            _DEFAULT_POLICY: ANYBODY_AT_ALL,
            PLAIN_TEXT_UNTIL: exception.until,
            PLAIN_TEXT_REASON: exception.reason,
        }
    return args
