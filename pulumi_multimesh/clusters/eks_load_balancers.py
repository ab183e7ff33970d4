"""The AWS Load Balancer Controller in an EKS cluster, for those who ask for it.

Owns: the controller's chart and its rights. Does not own: any load balancer; Services make these.
"""

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from pulumi_multimesh import versions
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.clusters.eks_roles import pod_role
from pulumi_multimesh.config import EksArgs

_CHART = "aws-load-balancer-controller"
_NAMESPACE = "kube-system"
_READS = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:GetSecurityGroupsForVpc",
    "elasticloadbalancing:Describe*",
)
_WRITES = (
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:CreateSecurityGroup",
    "ec2:DeleteSecurityGroup",
    "ec2:CreateTags",
    "ec2:DeleteTags",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:RemoveTags",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
    "elasticloadbalancing:RegisterTargets",
    "elasticloadbalancing:DeregisterTargets",
)
"""What network load balancers need; without the actions for application load balancers, WAF, Shield and Cognito."""


def load_balancer_controller(
    cluster: KubernetesCluster,
    name: str,
    region: str,
    vpc_id: pulumi.Input[str],
    args: EksArgs,
    tags: Mapping[str, str],
) -> k8s.helm.v3.Release:
    """The controller's release, ready when its pods are; it makes itself the one for Services without a class."""
    wish = args.get("load_balancer_controller", {})
    child = pulumi.ResourceOptions(parent=cluster)
    role = pod_role(cluster, f"{name}-balancers", (), tags)
    statements = [
        {"Effect": "Allow", "Action": list(_READS), "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": list(_WRITES),
            "Resource": "*",
            # A mistake of the controller stays in the one region.
            "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
        },
        {
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": "*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
        },
    ]
    rights = aws.iam.RolePolicy(
        f"{name}-{_CHART}",
        role=role.role.name,
        policy=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        opts=child,
    )
    association = aws.eks.PodIdentityAssociation(
        f"{name}-{_CHART}",
        region=region,
        cluster_name=cluster.cluster_name,
        namespace=_NAMESPACE,
        service_account=_CHART,
        role_arn=role.role.arn,
        tags=dict(tags),
        opts=child,
    )
    return k8s.helm.v3.Release(
        f"{name}-{_CHART}",
        name=_CHART,
        chart=_CHART,
        namespace=_NAMESPACE,
        version=wish.get("version", versions.AWS_LOAD_BALANCER_CONTROLLER.version),
        repository_opts={"repo": wish.get("repository", versions.AWS_LOAD_BALANCER_CONTROLLER.repository)},
        values={
            "clusterName": cluster.cluster_name,
            "region": region,
            "vpcId": vpc_id,
            "serviceAccount": {"create": True, "name": _CHART},
            # The chart would draw a certificate at each rendering, and so differ each time.
            "keepTLSSecret": True,
        },
        opts=cluster.inside(cluster, depends_on=[rights, association]),
    )
