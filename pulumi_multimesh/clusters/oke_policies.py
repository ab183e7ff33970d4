"""What an OKE cluster and its parts may do in Oracle Cloud: policies, each for one purpose and one kind of caller.

Owns: the statements. Does not own: the permissions of whoever runs Pulumi (docs/clouds/oke.md).
"""

from collections.abc import Sequence

import pulumi
from pulumi_oci import identity

from pulumi_multimesh.clusters.oke_site import OkeSite, place_of

_AUTOSCALER = (
    "manage cluster-node-pools",
    "manage instance-family",
    "use subnets",
    "read virtual-network-family",
    "use vnics",
    "inspect compartments",
)


def key_policy(site: OkeSite, key_id: pulumi.Output[str]) -> identity.Policy:
    """Clusters may use the key; it has to be there before the cluster, so it cannot name the one."""
    statement = key_id.apply(
        lambda key: (
            f"Allow any-user to use keys in {site.place} "
            f"where ALL {{request.principal.type = 'cluster', target.key.id = '{key}'}}"
        )
    )
    return _policy(site, "secrets", "the cluster uses the key of its Secrets", [statement])


def load_balancer_policy(site: OkeSite, cluster_id: pulumi.Output[str]) -> identity.Policy:
    """The cluster may make a security group for each load balancer, which admits that balancer's source ranges."""

    def statement(cluster: str, permission: str) -> str:
        who = f"ALL {{request.principal.type = 'cluster', request.principal.id = '{cluster}'}}"
        return f"Allow any-user to {permission} in {site.place} where {who}"

    # Making a group changes its VCN, and Oracle knows no smaller permission for that.
    permissions = ("manage network-security-groups", "manage vcns")
    statements = [cluster_id.apply(lambda cluster, may=may: statement(cluster, may)) for may in permissions]
    return _policy(site, "load-balancers", "the cluster keeps its load balancers' security groups", statements)


def autoscaler_policy(site: OkeSite, cluster_id: pulumi.Output[str]) -> identity.Policy:
    """The cluster's autoscaler, and no other pod, may change the sizes of node pools."""

    def statement(cluster: str, permission: str) -> str:
        who = (
            "ALL {request.principal.type = 'workload', request.principal.namespace = 'kube-system', "
            f"request.principal.service_account = 'cluster-autoscaler', request.principal.cluster_id = '{cluster}'}}"
        )
        return f"Allow any-user to {permission} in {site.place} where {who}"

    statements = [cluster_id.apply(lambda cluster, may=may: statement(cluster, may)) for may in _AUTOSCALER]
    return _policy(site, "autoscaler", "the cluster's autoscaler sizes node pools", statements)


def registry_policy(site: OkeSite, registries: Sequence[str]) -> identity.Policy:
    """Machines of the cluster's compartment may read images; Oracle knows no principal for one cluster's nodes."""
    who = f"ALL {{request.principal.type = 'instance', request.principal.compartment.id = '{site.compartment}'}}"
    statements = [f"Allow any-user to read repos in {place_of(each)} where {who}" for each in registries]
    return _policy(site, "registries", "nodes pull private images", statements)


def _policy(site: OkeSite, part: str, purpose: str, statements: Sequence[pulumi.Input[str]]) -> identity.Policy:
    return identity.Policy(
        site.part(part),
        compartment_id=site.compartment,
        description=f"{site.name}: {purpose}",
        statements=list(statements),
        freeform_tags=site.tags,
        opts=site.child(at_home=True),
    )
