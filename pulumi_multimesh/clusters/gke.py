"""A GKE cluster with private nodes, a node pool and its own identity.

Owns: cluster, node pool, node identity, the webhook's firewall rule. Does not own: the network (gke_network.py).
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from pulumi_multimesh.clusters.cluster import KubernetesCluster, cidr_of, exec_kubeconfig
from pulumi_multimesh.clusters.gke_network import PODS_RANGE, SERVICES_RANGE
from pulumi_multimesh.config import NodePoolArgs
from pulumi_multimesh.plan import names

_WEBHOOK_PORT = "15017"


class GkeClusterArgs(TypedDict):
    """A GKE cluster on a network that is there, such as a `GkeNetwork`'s."""

    project: str
    """The Google Cloud project."""
    region: str
    """The region."""
    network: pulumi.Input[str]
    """The VPC."""
    subnetwork: pulumi.Input[str]
    """The subnet, with secondary ranges named `pods` and `services`."""
    egress_ips: pulumi.Input[list[str]]
    """The network's own egress addresses."""
    control_plane: str
    """The control plane's range, a /28."""
    admitted: dict[str, str]
    """Ranges that may reach the API server, by name."""
    admitted_ips: NotRequired[pulumi.Input[list[str]]]
    """Single addresses that may reach it too: the other clusters' egress."""
    release_channel: NotRequired[str]
    """`REGULAR` unless given."""
    node_pool: NotRequired[NodePoolArgs]
    """The machines."""
    deletion_protection: NotRequired[bool]
    """False unless given."""
    labels: NotRequired[dict[str, str]]
    """Labels on the cluster and its nodes."""


class GkeCluster(KubernetesCluster):
    """A regional, VPC-native GKE cluster with Dataplane V2, private nodes and workload identity."""

    def __init__(self, name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("GkeCluster", name, {**args}, opts)
        self._args = args
        self._labels: Mapping[str, str] = args.get("labels", {})
        identity = self._node_identity()
        cluster = self._cluster()
        pool = self._node_pool(cluster, identity)
        self._webhook_rule()
        server = cluster.endpoint.apply(lambda endpoint: f"https://{endpoint}")
        ca = cluster.master_auth.apply(lambda auth: auth.cluster_ca_certificate or "")
        self._offer(
            cluster_name=cluster.name,
            api_server=server,
            api_ca=ca,
            kubeconfig=pulumi.Output.all(cluster.name, server, ca).apply(
                lambda facts: exec_kubeconfig(
                    facts[0],
                    facts[1],
                    facts[2],
                    {"command": "gke-gcloud-auth-plugin", "provideClusterInfo": True},
                )
            ),
            # The engine's random suffix makes the id another one whenever the cluster is.
            cluster_identifier=cluster.id,
            egress_ips=args["egress_ips"],
            identity=f"{args['project']}.svc.id.goog",
            made_by=cluster,
            nodes=(pool,),
        )

    def _node_identity(self) -> gcp.serviceaccount.Account:
        """The nodes' own service account, since the project's default one may do far too much."""
        child = pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            f"{self._name}-nodes",
            project=self._args["project"],
            # Google's limit for an account's id is 30 characters.
            account_id=names.bounded(f"{self._name}-nodes", 30),
            display_name=f"Nodes of {self._name}",
            opts=child,
        )
        gcp.projects.IAMMember(
            f"{self._name}-nodes",
            project=self._args["project"],
            role="roles/container.defaultNodeServiceAccount",
            member=account.member,
            opts=child,
        )
        return account

    def _cluster(self) -> gcp.container.Cluster:
        args = self._args
        blocks: list[gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgsDict] = [
            {"cidr_block": cidr, "display_name": who} for who, cidr in sorted(args["admitted"].items())
        ]
        peers = pulumi.Output.from_input(args.get("admitted_ips", []))
        return gcp.container.Cluster(
            self._name,
            project=args["project"],
            location=args["region"],
            network=args["network"],
            subnetwork=args["subnetwork"],
            networking_mode="VPC_NATIVE",
            ip_allocation_policy={
                "cluster_secondary_range_name": PODS_RANGE,
                "services_secondary_range_name": SERVICES_RANGE,
            },
            remove_default_node_pool=True,
            initial_node_count=1,
            release_channel={"channel": args.get("release_channel", "REGULAR")},
            workload_identity_config={"workload_pool": f"{args['project']}.svc.id.goog"},
            datapath_provider="ADVANCED_DATAPATH",
            enable_shielded_nodes=True,
            private_cluster_config={
                "enable_private_nodes": True,
                "enable_private_endpoint": False,
                "master_ipv4_cidr_block": args["control_plane"],
                "master_global_access_config": {"enabled": True},
            },
            master_authorized_networks_config={
                "cidr_blocks": peers.apply(
                    lambda ips: [
                        *blocks,
                        *({"cidr_block": cidr_of(ip), "display_name": f"mesh-{ip}"} for ip in sorted(ips)),
                    ]
                ),
                "gcp_public_cidrs_access_enabled": False,
            },
            deletion_protection=args.get("deletion_protection", False),
            resource_labels=dict(self._labels),
            opts=pulumi.ResourceOptions(
                parent=self,
                # The default pool is removed at once; whatever GKE says of it afterwards is no wish of ours.
                ignore_changes=["nodeConfig", "initialNodeCount", "nodePools", "minMasterVersion"],
            ),
        )

    def _node_pool(
        self, cluster: gcp.container.Cluster, identity: gcp.serviceaccount.Account
    ) -> gcp.container.NodePool:
        pool = self._args.get("node_pool", {})
        return gcp.container.NodePool(
            self._name,
            project=self._args["project"],
            cluster=cluster.name,
            location=self._args["region"],
            initial_node_count=1,
            autoscaling={
                "total_min_node_count": pool.get("min_size", 2),
                "total_max_node_count": pool.get("max_size", 4),
                "location_policy": "BALANCED",
            },
            management={"auto_repair": True, "auto_upgrade": True},
            upgrade_settings={"max_surge": 1, "max_unavailable": 0},
            network_config={"enable_private_nodes": True},
            node_config={
                "machine_type": pool.get("machine_type", "e2-standard-4"),
                "disk_size_gb": pool.get("disk_size_gb", 50),
                "service_account": identity.email,
                "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],
                "workload_metadata_config": {"mode": "GKE_METADATA"},
                "shielded_instance_config": {
                    "enable_secure_boot": True,
                    "enable_integrity_monitoring": True,
                },
                "tags": [self._name],
                "resource_labels": dict(self._labels),
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                # Autoscaler and release channel change these on their own.
                ignore_changes=["initialNodeCount", "nodeCount", "version"],
            ),
        )

    def _webhook_rule(self) -> None:
        """GKE's own rule leaves out the injection webhook's port, and pods would then start without a sidecar."""
        gcp.compute.Firewall(
            f"{self._name}-webhook",
            project=self._args["project"],
            network=self._args["network"],
            direction="INGRESS",
            source_ranges=[self._args["control_plane"]],
            target_tags=[self._name],
            allows=[{"protocol": "tcp", "ports": [_WEBHOOK_PORT]}],
            opts=pulumi.ResourceOptions(parent=self),
        )
