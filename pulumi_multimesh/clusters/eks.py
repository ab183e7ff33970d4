"""An EKS cluster with private nodes, pinned add-ons and workload identity.

Owns: cluster, key, add-ons, node group, OIDC provider. Does not own: network (eks_network.py), roles (eks_roles.py).
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from pulumi_multimesh import versions
from pulumi_multimesh.clusters.cluster import KubernetesCluster, cidr_of, exec_kubeconfig
from pulumi_multimesh.clusters.eks_roles import Role, cluster_role, node_role
from pulumi_multimesh.config import NodePoolArgs

_BEFORE_NODES = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
_AFTER_NODES = ("coredns",)
_CONTROL_PLANE_LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]


class EksClusterArgs(TypedDict):
    """An EKS cluster on a network that is there, such as an `EksNetwork`'s."""

    region: str
    """The region."""
    subnet_ids: pulumi.Input[list[str]]
    """Private subnets of nodes and pods, in two zones or more."""
    services: str
    """The range of Services."""
    egress_ips: pulumi.Input[list[str]]
    """The network's own egress addresses."""
    admitted: dict[str, str]
    """Ranges that may reach the API server, by name."""
    admitted_ips: NotRequired[pulumi.Input[list[str]]]
    """Single addresses that may reach it too: the other clusters' egress."""
    kubernetes_version: NotRequired[str]
    """`versions.EKS_KUBERNETES` unless given."""
    node_pool: NotRequired[NodePoolArgs]
    """The machines."""
    deletion_protection: NotRequired[bool]
    """False unless given."""
    tags: NotRequired[dict[str, str]]
    """Tags on all of it."""


class EksCluster(KubernetesCluster):
    """An EKS cluster with access entries, encrypted secrets, IMDSv2 and one managed node group."""

    def __init__(self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("EksCluster", name, {**args}, opts)
        self._args = args
        self._tags = args.get("tags", {})
        self._version = args.get("kubernetes_version", versions.EKS_KUBERNETES)
        cluster = self._cluster(cluster_role(self, name, self._tags))
        early = [self._addon(cluster, addon, ()) for addon in _BEFORE_NODES]
        nodes = self._node_group(cluster, node_role(self, name, self._tags), early)
        late = [self._addon(cluster, addon, [nodes]) for addon in _AFTER_NODES]
        issuer = cluster.identities[0].oidcs[0].issuer.apply(lambda value: value or "")
        self._oidc_provider(issuer)
        ca = cluster.certificate_authority.data.apply(lambda value: value or "")
        region = args["region"]
        self._offer(
            cluster_name=cluster.name,
            api_server=cluster.endpoint,
            api_ca=ca,
            kubeconfig=pulumi.Output.all(cluster.name, cluster.endpoint, ca).apply(
                lambda facts: exec_kubeconfig(facts[0], facts[1], facts[2], _get_token(facts[0], region))
            ),
            # The engine's random suffix makes the name, and so the ARN, another one whenever the cluster is.
            cluster_identifier=cluster.arn,
            egress_ips=args["egress_ips"],
            identity=issuer,
            made_by=cluster,
            nodes=(nodes, *late),
        )

    def _cluster(self, role: Role) -> aws.eks.Cluster:
        args = self._args
        key = aws.kms.Key(
            self._name,
            region=args["region"],
            description=f"Kubernetes secrets of {self._name}",
            enable_key_rotation=True,
            tags=dict(self._tags),
            opts=pulumi.ResourceOptions(parent=self),
        )
        peers = pulumi.Output.from_input(args.get("admitted_ips", []))
        named = [args["admitted"][who] for who in sorted(args["admitted"])]
        return aws.eks.Cluster(
            self._name,
            region=args["region"],
            role_arn=role.role.arn,
            version=self._version,
            vpc_config={
                "subnet_ids": args["subnet_ids"],
                "endpoint_private_access": True,
                "endpoint_public_access": True,
                "public_access_cidrs": peers.apply(lambda ips: [*named, *sorted(cidr_of(ip) for ip in ips)]),
            },
            kubernetes_network_config={"service_ipv4_cidr": args["services"]},
            # Access entries alone: the old ConfigMap can lock everybody out.
            access_config={
                "authentication_mode": "API",
                "bootstrap_cluster_creator_admin_permissions": True,
            },
            encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
            enabled_cluster_log_types=_CONTROL_PLANE_LOGS,
            upgrade_policy={"support_type": "STANDARD"},
            # The add-ons below are pinned; EKS's own unpinned ones would stand in their way.
            bootstrap_self_managed_addons=False,
            deletion_protection=args.get("deletion_protection", False),
            tags=dict(self._tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.attachments),
        )

    def _addon(self, cluster: aws.eks.Cluster, addon: str, after: Sequence[pulumi.Resource]) -> aws.eks.Addon:
        pinned = versions.EKS_ADDONS[addon] if self._version == versions.EKS_KUBERNETES else None
        return aws.eks.Addon(
            f"{self._name}-{addon}",
            region=self._args["region"],
            cluster_name=cluster.name,
            addon_name=addon,
            addon_version=pinned,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="PRESERVE",
            tags=dict(self._tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _node_group(self, cluster: aws.eks.Cluster, role: Role, addons: Sequence[aws.eks.Addon]) -> aws.eks.NodeGroup:
        pool = self._args.get("node_pool", {})
        smallest = pool.get("min_size", 2)
        child = pulumi.ResourceOptions(parent=self)
        template = aws.ec2.LaunchTemplate(
            self._name,
            region=self._args["region"],
            # Two hops, or pods without the host's network could not reach the metadata service at all.
            metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 2},
            block_device_mappings=[
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "volume_size": pool.get("disk_size_gb", 50),
                        "volume_type": "gp3",
                        "encrypted": "true",
                    },
                }
            ],
            tag_specifications=[
                {"resource_type": "instance", "tags": {**self._tags, "Name": self._name}},
            ],
            update_default_version=True,
            tags=dict(self._tags),
            opts=child,
        )
        return aws.eks.NodeGroup(
            self._name,
            region=self._args["region"],
            cluster_name=cluster.name,
            node_role_arn=role.role.arn,
            subnet_ids=self._args["subnet_ids"],
            ami_type="AL2023_x86_64_STANDARD",
            instance_types=[pool.get("machine_type", "m6i.large")],
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(lambda version: str(int(version))),
            },
            scaling_config={
                "desired_size": smallest,
                "min_size": smallest,
                "max_size": pool.get("max_size", max(4, smallest)),
            },
            update_config={"max_unavailable": 1},
            tags=dict(self._tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*role.attachments, *addons],
                # The autoscaler's business from then on.
                ignore_changes=["scalingConfig.desiredSize"],
            ),
        )

    def _oidc_provider(self, issuer: pulumi.Output[str]) -> None:
        """IAM trusts the cluster's service accounts, so that workloads can take roles of their own."""
        aws.iam.OpenIdConnectProvider(
            self._name,
            url=issuer,
            client_id_lists=["sts.amazonaws.com"],
            tags=dict(self._tags),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _get_token(cluster: str, region: str) -> dict[str, object]:
    return {
        "command": "aws",
        "args": ["--region", region, "eks", "get-token", "--cluster-name", cluster, "--output", "json"],
    }
