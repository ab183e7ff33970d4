"""The IAM roles of an EKS cluster: one that EKS takes to run the control plane, one that the nodes take.

Owns: the roles and AWS's own policies on them. Does not own: which workload takes one (eks_addons.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

_POD_IDENTITY = "pods.eks.amazonaws.com"
_CLUSTER_POLICIES = ("AmazonEKSClusterPolicy",)
_NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy")


@dataclass(frozen=True)
class Role:
    """A role and the attachments that must be there before it is of use."""

    role: aws.iam.Role
    attachments: Sequence[aws.iam.RolePolicyAttachment]


def cluster_role(parent: pulumi.Resource, name: str, tags: Mapping[str, str]) -> Role:
    """The role of the control plane; its name, which the engine makes unique, is the cluster's name too."""
    return _role(parent, name, "eks.amazonaws.com", _CLUSTER_POLICIES, tags)


def node_role(parent: pulumi.Resource, name: str, tags: Mapping[str, str]) -> Role:
    """The role of the nodes."""
    return _role(parent, f"{name}-nodes", "ec2.amazonaws.com", _NODE_POLICIES, tags)


def pod_role(parent: pulumi.Resource, name: str, policies: Sequence[str], tags: Mapping[str, str]) -> Role:
    """A role that a workload takes through the pod identity agent, with AWS's own policies of these names."""
    return _role(parent, name, _POD_IDENTITY, policies, tags)


def _role(parent: pulumi.Resource, name: str, service: str, policies: Sequence[str], tags: Mapping[str, str]) -> Role:
    child = pulumi.ResourceOptions(parent=parent)
    # The agent says for which pod it asks, in tags of the session.
    actions = ["sts:AssumeRole", *(["sts:TagSession"] if service == _POD_IDENTITY else [])]
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions}
    role = aws.iam.Role(
        name,
        assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        tags=dict(tags),
        opts=child,
    )
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{policy.rpartition('/')[2]}",
            role=role.name,
            policy_arn=f"arn:aws:iam::aws:policy/{policy}",
            opts=child,
        )
        for policy in policies
    ]
    return Role(role, attachments)
