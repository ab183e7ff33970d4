"""An EKS cluster: private nodes, access entries, encrypted secrets, workload identity.

Owns: the cluster's own resource and its issuer's trust. Does not own: network (eks_network.py), roles (eks_roles.py),
key, logs, who logs in, add-ons, nodes and load balancers (the files beside).
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from pulumi_multimesh import versions
from pulumi_multimesh.clusters.cluster import KubernetesCluster, checked_ranges, cidr_of, exec_kubeconfig
from pulumi_multimesh.clusters.eks_access import access_entries
from pulumi_multimesh.clusters.eks_addons import EksAddons
from pulumi_multimesh.clusters.eks_encryption import secrets_key
from pulumi_multimesh.clusters.eks_fixed_addresses import fixed_addresses
from pulumi_multimesh.clusters.eks_load_balancers import load_balancer_controller
from pulumi_multimesh.clusters.eks_login import identity_provider
from pulumi_multimesh.clusters.eks_logs import DEFAULT_RETENTION_DAYS, log_group
from pulumi_multimesh.clusters.eks_network import EksNetwork
from pulumi_multimesh.clusters.eks_nodes import NodeSettings, node_group
from pulumi_multimesh.clusters.eks_roles import Role, cluster_role, node_role
from pulumi_multimesh.clusters.fixed_addresses import FixedAddresses
from pulumi_multimesh.clusters.oidc_login import OidcLogin
from pulumi_multimesh.config import AloneArgs, EksArgs, EksNetworkIds, NodePoolArgs
from pulumi_multimesh.network.aws_admission import admit
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.subnets import MOST_ZONES

_CONTROL_PLANE_LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
_ONE_POOL: dict[str, NodePoolArgs] = {"default": {}}


class EksClusterArgs(EksArgs, AloneArgs):
    """An EKS cluster with what the mesh tells it, or the program when it stands alone."""


class EksCluster(KubernetesCluster):
    """An EKS cluster with access entries, encrypted secrets, IMDSv2 and managed node groups."""

    def __init__(self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        ranges = checked_ranges("eks", name, args)
        super().__init__("EksCluster", name, {**args}, opts)
        self._args, self._ranges = args, ranges
        self._region = args["region"]
        self._tags = dict(args.get("tags", {}))
        self._kubernetes = args.get("kubernetes_version", versions.EKS_KUBERNETES)
        network, ways_out = self._network()
        self._public_subnet_ids = network.get("public_subnet_ids")
        self._subnet_ids = pulumi.Output.from_input(network["private_subnet_ids"])
        cluster = self._cluster(cluster_role(self, name, self._tags), ways_out)
        addons = EksAddons(self, name, self._region, cluster, self._kubernetes, self._tags)
        pools = self._pools(cluster, [*ways_out, *addons.before_nodes()])
        late = addons.after_nodes(pools)
        access_entries(cluster, self, name, self._region, args.get("admins", []), args.get("groups", {}), self._tags)
        if login := OidcLogin.of(args.get("oidc_login")):
            identity_provider(cluster, self, name, self._region, login, self._tags, [*pools, *late])
        issuer = cluster.identities[0].oidcs[0].issuer.apply(lambda value: value or "")
        self._oidc_provider(issuer)
        self._security_group = cluster.vpc_config.cluster_security_group_id.apply(lambda group: group or "")
        ca = cluster.certificate_authority.data.apply(lambda value: value or "")
        region = self._region
        self._offer(
            cluster_name=cluster.name,
            api_server=cluster.endpoint,
            api_ca=ca,
            kubeconfig=pulumi.Output.all(cluster.name, cluster.endpoint, ca).apply(
                lambda facts: exec_kubeconfig(facts[0], facts[1], facts[2], _get_token(facts[0], region))
            ),
            # EKS draws it anew for each cluster, even for one of the same name.
            cluster_identifier=issuer,
            egress_ips=network["egress_ips"],
            identity=issuer,
            made_by=cluster,
            nodes=(*pools, *late),
        )
        if "load_balancer_controller" in args:
            controller = load_balancer_controller(self, name, self._region, network["vpc_id"], args, self._tags)
            # Whatever has a load balancer comes after the controller and goes before it.
            self.nodes = (*self.nodes, controller)

    def admit(self, ranges: Sequence[str]) -> None:
        """See `KubernetesCluster.admit`: EKS's own security group is that of nodes and pods."""
        name = names.child(self._name, "peers")
        admit(name, self._region, self._security_group, ranges, self._tags, pulumi.ResourceOptions(parent=self))

    def fixed_addresses(self, name: str, parent: pulumi.Resource) -> FixedAddresses | None:
        """See `KubernetesCluster.fixed_addresses`; raises `pulumi.RunError` for a VPC without named public subnets."""
        if self._public_subnet_ids is None:
            raise pulumi.RunError(f"{self._name}: the network names no public_subnet_ids, which fixed addresses need")
        zones = len(self._args.get("zones", [])) or MOST_ZONES
        return fixed_addresses(name, self._region, self._public_subnet_ids, zones, self._tags, parent)

    def _network(self) -> tuple[EksNetworkIds, list[pulumi.Resource]]:
        """The named network, or one that is made for the cluster, which is then its way out."""
        named = self._args.get("network")
        if named is not None:
            return named, []
        own = EksNetwork.of(self._name, self._args, self._ranges, self._tags, pulumi.ResourceOptions(parent=self))
        return own.ids, [own]

    def _cluster(self, role: Role, ways_out: list[pulumi.Resource]) -> aws.eks.Cluster:
        args, before = self._args, [*role.attachments, *ways_out]
        logged = args.get("control_plane_logs", True)
        if logged:
            days = args.get("log_retention_days", DEFAULT_RETENTION_DAYS)
            before.append(log_group(self, self._name, self._region, role.role.name, days, self._tags))
        key = secrets_key(self, self._name, self._region, args.get("encryption_key"), self._tags)
        protected = args.get("deletion_protection", False)
        return aws.eks.Cluster(
            self._name,
            region=self._region,
            # The role's, which has a random end: the log group must have the name before the cluster does.
            name=role.role.name,
            role_arn=role.role.arn,
            version=self._kubernetes,
            vpc_config={
                "subnet_ids": self._subnet_ids,
                "endpoint_private_access": True,
                "endpoint_public_access": True,
                "public_access_cidrs": self._admitted(),
            },
            kubernetes_network_config={"service_ipv4_cidr": self._ranges.services},
            # Access entries alone: the old ConfigMap can lock everybody out.
            access_config={
                "authentication_mode": "API",
                "bootstrap_cluster_creator_admin_permissions": True,
            },
            encryption_config=None if key is None else {"provider": {"key_arn": key}, "resources": ["secrets"]},
            enabled_cluster_log_types=_CONTROL_PLANE_LOGS if logged else [],
            upgrade_policy={"support_type": "STANDARD"},
            # The add-ons are pinned; EKS's own unpinned ones would stand in their way.
            bootstrap_self_managed_addons=False,
            deletion_protection=protected,
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=before,
                protect=protected or None,
                # AWS's provider passes over another key without a word, and the old one would be deleted in use.
                replace_on_changes=["encryptionConfig.provider.keyArn"],
                # EKS reads them once; a cluster that was imported with others must not be replaced for them.
                ignore_changes=["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
            ),
        )

    def _admitted(self) -> pulumi.Output[list[str]]:
        """Named ranges and peers; the nodes reach the API server inside the VPC."""
        access = self._args.get("api_access", {})
        named = [access[who] for who in sorted(access)]
        peers = pulumi.Output.from_input(self._args.get("admitted_ips", []))
        return peers.apply(lambda ips: [*named, *sorted({cidr_of(ip) for ip in ips} - set(named))])

    def _pools(self, cluster: aws.eks.Cluster, before: list[pulumi.Resource]) -> list[aws.eks.NodeGroup]:
        settings = NodeSettings(
            self,
            self._name,
            self._region,
            self._kubernetes,
            self._subnet_ids,
            self._args.get("zones", []),
            node_role(self, self._name, self._tags),
            self._tags,
        )
        pools = self._args.get("node_pools", _ONE_POOL)
        return [node_group(settings, cluster, pool, wish, before) for pool, wish in sorted(pools.items())]

    def _oidc_provider(self, issuer: pulumi.Output[str]) -> None:
        """IAM trusts the cluster's service accounts, so that workloads can take roles of their own."""
        aws.iam.OpenIdConnectProvider(
            self._name,
            url=issuer,
            client_id_lists=["sts.amazonaws.com"],
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _get_token(cluster: str, region: str) -> dict[str, object]:
    return {
        "command": "aws",
        "args": ["--region", region, "eks", "get-token", "--cluster-name", cluster, "--output", "json"],
    }
