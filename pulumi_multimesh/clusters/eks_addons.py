"""The add-ons of an EKS cluster, in the order in which EKS can bring them up.

Owns: which add-ons there are, their builds and their roles. Does not own: the nodes.
"""

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from pulumi_multimesh import versions
from pulumi_multimesh.clusters.eks_roles import Role, pod_role

_BEFORE_NODES = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
"""Without these no node becomes ready; all three run on every node."""
_AFTER_NODES = ("coredns", "metrics-server", "aws-ebs-csi-driver")
"""These need a node to run on. Autoscalers of istiod and the gateways read the metrics; claims need the driver."""
_ROLES = {
    "aws-ebs-csi-driver": ("ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
}
"""By add-on: the service account and the policy of the role that it takes."""

_SETTINGS = {"vpc-cni": json.dumps({"enableNetworkPolicy": "true"})}
"""By add-on, as its schema has it. GKE and AKS keep NetworkPolicies too; EKS would take them and do nothing."""


class EksAddons:
    """Makes the add-ons of one cluster."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        region: str,
        cluster: aws.eks.Cluster,
        version: str,
        tags: Mapping[str, str],
    ) -> None:
        self._parent, self._name, self._region = parent, name, region
        self._cluster, self._version, self._tags = cluster, version, tags

    def before_nodes(self) -> list[aws.eks.Addon]:
        """What nodes cannot do without."""
        return [self._addon(addon, (), None) for addon in _BEFORE_NODES]

    def after_nodes(self, nodes: Sequence[pulumi.Resource]) -> list[aws.eks.Addon]:
        """What cannot do without nodes."""
        return [self._addon(addon, nodes, self._role(addon)) for addon in _AFTER_NODES]

    def _role(self, addon: str) -> tuple[str, Role] | None:
        if addon not in _ROLES:
            return None
        account, policy = _ROLES[addon]
        return account, pod_role(self._parent, f"{self._name}-{addon}", [policy], self._tags)

    def _addon(self, addon: str, after: Sequence[pulumi.Resource], takes: tuple[str, Role] | None) -> aws.eks.Addon:
        # Where the builds of a version are not known here, EKS takes its default once and keeps it.
        pinned = versions.EKS_ADDONS.get(self._version, {}).get(addon)
        identities: list[aws.eks.AddonPodIdentityAssociationArgsDict] | None = None
        if takes is not None:
            account, role = takes
            identities = [{"service_account": account, "role_arn": role.role.arn}]
            after = [*after, *role.attachments]
        return aws.eks.Addon(
            f"{self._name}-{addon}",
            region=self._region,
            cluster_name=self._cluster.name,
            addon_name=addon,
            addon_version=pinned,
            configuration_values=_SETTINGS.get(addon),
            pod_identity_associations=identities,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="PRESERVE",
            tags=dict(self._tags),
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=list(after)),
        )
