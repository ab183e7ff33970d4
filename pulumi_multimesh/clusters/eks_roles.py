"""The IAM roles of an EKS cluster: one that EKS takes to run the control plane, one that the nodes take.

Owns: the roles and their managed policies. Does not own: workload roles, which belong to the workloads.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

_CLUSTER_POLICIES = ("AmazonEKSClusterPolicy",)
_NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy")


@dataclass(frozen=True)
class Role:
    """A role and the attachments that must be there before it is of use."""

    role: aws.iam.Role
    attachments: Sequence[aws.iam.RolePolicyAttachment]


def cluster_role(parent: pulumi.Resource, name: str, tags: Mapping[str, str]) -> Role:
    """The role of the control plane."""
    return _role(parent, f"{name}-cluster", "eks.amazonaws.com", _CLUSTER_POLICIES, tags)


def node_role(parent: pulumi.Resource, name: str, tags: Mapping[str, str]) -> Role:
    """The role of the nodes."""
    return _role(parent, f"{name}-nodes", "ec2.amazonaws.com", _NODE_POLICIES, tags)


def _role(parent: pulumi.Resource, name: str, service: str, policies: Sequence[str], tags: Mapping[str, str]) -> Role:
    child = pulumi.ResourceOptions(parent=parent)
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    role = aws.iam.Role(
        name,
        assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        tags=dict(tags),
        opts=child,
    )
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=child
        )
        for policy in policies
    ]
    return Role(role, attachments)
