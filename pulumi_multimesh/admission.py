"""Whom a cluster's gateway admits.

Owns: from where the callers' traffic comes. Does not own: who calls (plan), and how a load balancer keeps others out
(load_balancer.py).
"""

from collections.abc import Mapping, Sequence

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.plan.mesh_plan import MeshPlan


def admitted_sources(
    plan: MeshPlan, clusters: Mapping[str, KubernetesCluster], callers: Sequence[str]
) -> pulumi.Input[list[str]]:
    """The callers' egress addresses or, on private roads, their own ranges."""
    if plan.is_private:
        return plan.ranges_of(callers)
    lists = [clusters[caller].egress_ips for caller in callers]
    return pulumi.Output.all(*lists).apply(lambda lists: sorted(ip for ips in lists for ip in ips))
