"""A GKE cluster: private nodes, Dataplane V2, workload identity, an API server for the named ranges alone.

Owns: the cluster's own resource and the webhook's firewall rule. Does not own: the network (gke_network.py), key
(gke_encryption.py), the nodes' identity (gke_identity.py) and pools (gke_nodes.py).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pulumi
import pulumi_gcp as gcp

from pulumi_multimesh.clusters.cluster import KubernetesCluster, checked_ranges, cidr_of, exec_kubeconfig
from pulumi_multimesh.clusters.gke_encryption import Encryption, encryption
from pulumi_multimesh.clusters.gke_identity import node_identity
from pulumi_multimesh.clusters.gke_network import PODS_RANGE, SERVICES_RANGE, GkeNetwork
from pulumi_multimesh.clusters.gke_nodes import LONGEST_NAME, PoolSettings, node_pool
from pulumi_multimesh.config import AloneArgs, GkeArgs, GkeNetworkIds, SurgingNodePoolArgs
from pulumi_multimesh.network.gcp_admission import admit
from pulumi_multimesh.plan import names

_WEBHOOK_PORTS = ("8080", "8089", "8443", "9443", "15017")
"""Of Consul's injector; of Linkerd's tap, injectors and validators; of istiod. All of them, whichever mesh is chosen:
another mesh then leaves the network as it is."""
_ONE_POOL: dict[str, SurgingNodePoolArgs] = {"default": {}}
_SYSTEM_LOGS = ["SYSTEM_COMPONENTS", "WORKLOADS"]
_CONTROL_PLANE_LOGS = ["APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"]
_DAYS = {"monday": "MO", "tuesday": "TU", "wednesday": "WE", "thursday": "TH", "friday": "FR"} | {
    "saturday": "SA",
    "sunday": "SU",
}
"""By day: its name in a recurrence rule (RFC 5545)."""
_FIRST_WINDOW = "2026-01-01"
"""A day in the past from which windows are counted; a fixed one, so that no diff comes by itself."""


class GkeClusterArgs(GkeArgs, AloneArgs):
    """A GKE cluster with what the mesh tells it, or the program when it stands alone."""


class GkeCluster(KubernetesCluster):
    """A regional, VPC-native GKE cluster with Dataplane V2, private nodes and workload identity."""

    def __init__(self, name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        ranges = checked_ranges("gke", name, args)
        super().__init__("GkeCluster", name, {**args}, opts)
        if ranges.control_plane is None:
            raise ValueError(f"{name}: the plan gave no range of the control plane")
        self._args, self._ranges, self._control_plane = args, ranges, ranges.control_plane
        self._labels = dict(args.get("tags", {}))
        self._by_name = args.get("endpoint", "ip") == "dns"
        network, ways_out = self._network()
        self._in_network = network
        project, region = args["project"], args["region"]
        kms = encryption(self, name, project, region, args.get("encryption_key"), self._labels)
        identity = node_identity(self, name, project, args.get("registries", [project]))
        cluster = self._cluster(network, kms, [*ways_out, *kms.before])
        settings = PoolSettings(self, name, args, identity, self._labels)
        pools = [
            node_pool(settings, cluster, pool, wish) for pool, wish in sorted(args.get("node_pools", _ONE_POOL).items())
        ]
        rule = self._webhook_rule(network)
        server, ca = self._door(cluster)
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
            egress_ips=network["egress_ips"],
            identity=f"{project}.svc.id.goog",
            made_by=cluster,
            # Pods that start before the webhook can be reached would lack their sidecar.
            nodes=(*pools, rule),
        )

    def admit(self, ranges: Sequence[str]) -> None:
        """See `KubernetesCluster.admit`."""
        # A rule without a source would be one for everybody.
        if ranges:
            own = pulumi.ResourceOptions(parent=self)
            admit(f"{self._name}-peers", self._args["project"], self._in_network["network"], ranges, own)

    def _network(self) -> tuple[GkeNetworkIds, list[pulumi.Resource]]:
        """The named network, or one that is made for the cluster, which is then its way out."""
        named = self._args.get("network")
        if named is not None:
            return named, []
        own = GkeNetwork.of(self._name, self._args, self._ranges, pulumi.ResourceOptions(parent=self))
        return own.ids, [own]

    def _cluster(self, network: GkeNetworkIds, kms: Encryption, before: list[pulumi.Resource]) -> gcp.container.Cluster:
        args = self._args
        protected = args.get("deletion_protection", False)
        logs = [*_SYSTEM_LOGS, *(_CONTROL_PLANE_LOGS if args.get("control_plane_logs", True) else [])]
        # Whatever GKE says of the removed default pool is no wish of ours, nor is the version that a channel chose.
        left_to_gke = ["nodeConfig", "initialNodeCount", "nodePools"]
        left_to_gke += [] if "kubernetes_version" in args else ["minMasterVersion"]
        return gcp.container.Cluster(
            names.bounded(self._name, LONGEST_NAME),
            project=args["project"],
            location=args["region"],
            node_locations=args.get("zones"),
            network=network["network"],
            subnetwork=network["subnetwork"],
            networking_mode="VPC_NATIVE",
            ip_allocation_policy={
                "cluster_secondary_range_name": network.get("pods_range", PODS_RANGE),
                "services_secondary_range_name": network.get("services_range", SERVICES_RANGE),
            },
            remove_default_node_pool=True,
            initial_node_count=1,
            release_channel={"channel": args.get("release_channel", "REGULAR")},
            min_master_version=args.get("kubernetes_version"),
            workload_identity_config={"workload_pool": f"{args['project']}.svc.id.goog"},
            datapath_provider="ADVANCED_DATAPATH",
            enable_shielded_nodes=True,
            database_encryption=kms.settings,
            authenticator_groups_config={"security_group": args["security_group"]}
            if "security_group" in args
            else None,
            logging_config={"enable_components": logs},
            maintenance_policy=self._maintenance(),
            private_cluster_config={
                "enable_private_nodes": True,
                "enable_private_endpoint": False,
                "master_ipv4_cidr_block": self._control_plane,
                "master_global_access_config": {"enabled": True},
            },
            master_authorized_networks_config=self._admitted(),
            control_plane_endpoints_config=_NAMED_DOOR if self._by_name else None,
            deletion_protection=protected,
            resource_labels=self._labels,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=before, ignore_changes=left_to_gke, protect=protected or None
            ),
        )

    def _admitted(self) -> gcp.container.ClusterMasterAuthorizedNetworksConfigArgsDict:
        """Named ranges and peers; the DNS endpoint has no list, there IAM decides."""
        access = self._args.get("api_access", {})
        named: list[gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgsDict] = [
            {"cidr_block": cidr, "display_name": who} for who, cidr in sorted(access.items())
        ]
        peers = pulumi.Output.from_input([] if self._by_name else self._args.get("admitted_ips", []))

        def blocks(ips: list[str]) -> list[gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgsDict]:
            single = sorted({cidr_of(ip) for ip in ips} - set(access.values()))
            return [*named, *({"cidr_block": cidr, "display_name": f"mesh-{cidr}"} for cidr in single)]

        return {"cidr_blocks": peers.apply(blocks), "gcp_public_cidrs_access_enabled": False}

    def _maintenance(self) -> gcp.container.ClusterMaintenancePolicyArgsDict | None:
        wish = self._args.get("maintenance")
        if wish is None:
            return None
        begin = datetime.fromisoformat(f"{_FIRST_WINDOW}T{wish['start']}:00").replace(tzinfo=UTC)
        days = ",".join(_DAYS[day] for day in _DAYS if day in wish["days"])
        return {
            "recurring_window": {
                "start_time": _rfc3339(begin),
                "end_time": _rfc3339(begin + timedelta(hours=wish["hours"])),
                "recurrence": f"FREQ=WEEKLY;BYDAY={days}",
            }
        }

    def _door(self, cluster: gcp.container.Cluster) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """Where the API server is, and its authority; that of the DNS endpoint is a public one."""
        if self._by_name:
            name = cluster.control_plane_endpoints_config.dns_endpoint_config.endpoint
            return name.apply(lambda endpoint: f"https://{endpoint}"), pulumi.Output.from_input("")
        server = cluster.endpoint.apply(lambda endpoint: f"https://{endpoint}")
        return server, cluster.master_auth.apply(lambda auth: auth.cluster_ca_certificate or "")

    def _webhook_rule(self, network: GkeNetworkIds) -> gcp.compute.Firewall:
        """GKE's own rule leaves out the ports of webhooks, and pods would then start without a sidecar."""
        return gcp.compute.Firewall(
            f"{self._name}-webhook",
            project=self._args["project"],
            network=network["network"],
            direction="INGRESS",
            source_ranges=[self._control_plane],
            target_tags=[self._name],
            allows=[{"protocol": "tcp", "ports": list(_WEBHOOK_PORTS)}],
            opts=pulumi.ResourceOptions(parent=self),
        )


_NAMED_DOOR: gcp.container.ClusterControlPlaneEndpointsConfigArgsDict = {
    # istiod's credential for another cluster is a service account's token, which this door takes only on request.
    "dns_endpoint_config": {"allow_external_traffic": True, "enable_k8s_tokens_via_dns": True},
}


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
