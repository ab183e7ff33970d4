"""An enhanced OKE cluster with private nodes.

Owns: the cluster and the order of its parts. Does not own: the parts (oke_*.py beside this one).
"""

from collections.abc import Mapping, Sequence
from typing import cast

import pulumi
from pulumi_oci import containerengine, identity

from pulumi_multimesh import versions
from pulumi_multimesh.clusters.cluster import KubernetesCluster, checked_ranges
from pulumi_multimesh.clusters.oke_encryption import Encryption, encryption
from pulumi_multimesh.clusters.oke_login import door, oci_kubeconfig, token_authentication
from pulumi_multimesh.clusters.oke_logs import DEFAULT_RETENTION_DAYS, control_plane_logs
from pulumi_multimesh.clusters.oke_network import OkeNetwork
from pulumi_multimesh.clusters.oke_policies import load_balancer_policy, registry_policy
from pulumi_multimesh.clusters.oke_pools import FLANNEL, VCN_NATIVE, Pools, PoolSettings, node_pools
from pulumi_multimesh.clusters.oke_rules import Admitted, Groups, groups
from pulumi_multimesh.clusters.oke_site import OkeSite
from pulumi_multimesh.clusters.oke_startup import CredentialProvider
from pulumi_multimesh.config import AloneArgs, OkeArgs, OkeNetworkIds
from pulumi_multimesh.network.handles import OciNetwork
from pulumi_multimesh.network.oci_admission import admit
from pulumi_multimesh.plan.mesh_plan import Ranges
from pulumi_multimesh.plan.needs import has_pod_subnet


class OkeClusterArgs(OkeArgs, AloneArgs):
    """An OKE cluster, and what the mesh or the program tells it."""


class OkeCluster(KubernetesCluster):
    """An enhanced OKE cluster whose API server admits the named ranges and addresses alone."""

    def __init__(self, name: str, args: OkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        ranges = checked_ranges("oke", name, args)
        admitted = Admitted(args.get("api_access", {}), _addresses(name, args))
        super().__init__("OkeCluster", name, {**args}, opts)
        self._args, self._kubernetes = args, args.get("kubernetes_version", versions.OKE_KUBERNETES)
        self._site = OkeSite.of(self, name, args, args.get("tags", {}))
        self._pods_have_subnet = has_pod_subnet("oke", args)
        self._networks: list[OkeNetwork] = []
        self._ids = self._network(ranges)
        made = groups(self._site, self._ids["vcn_id"], admitted, with_pods=self._pods_have_subnet)
        self.groups: Mapping[str, pulumi.Output[str]] = made.of_workloads
        """The security groups that workloads have interfaces in, as ids by what is in them: `nodes`, `pods`."""
        kms = encryption(self._site, args.get("encryption_key"), protected=args.get("deletion_protection", False))
        cluster = self._cluster(ranges, made, kms)
        self._finish(cluster, made)

    def admit(self, ranges: Sequence[str]) -> None:
        """See `KubernetesCluster.admit`."""
        admit(f"{self._name}-peers", self.groups, ranges, self._site.child())

    def handle(self, name: str) -> OciNetwork:
        """Its network, named by the user or not, as VPN gateways and peerings take it; `name` is that in the plan."""
        return OciNetwork(
            name=name,
            region=self._site.region,
            compartment_id=self._site.compartment,
            vcn_id=self._ids["vcn_id"],
            drg_id=self._ids.get("drg_id"),
            provider=self._site.provider,
            tags=dict(self._site.tags),
        )

    def _network(self, ranges: Ranges) -> OkeNetworkIds:
        if "network" in self._args:
            return self._args["network"]
        child = pulumi.ResourceOptions(parent=self, providers=[self._site.provider])
        self._networks.append(OkeNetwork.of(self._name, self._args, ranges, self._site.tags, child))
        return self._networks[0].ids

    def _cluster(self, ranges: Ranges, made: Groups, kms: Encryption) -> containerengine.Cluster:
        if ranges.services is None:
            raise ValueError(f"{self._name}: the plan gave no range of Services")
        internal: containerengine.ClusterOptionsKubernetesNetworkConfigArgsDict = {"services_cidr": ranges.services}
        if not self._pods_have_subnet:
            internal["pods_cidr"] = ranges.pods
        return containerengine.Cluster(
            self._name,
            compartment_id=self._site.compartment,
            vcn_id=self._ids["vcn_id"],
            kubernetes_version=self._kubernetes,
            # A basic one has no workload identity, no add-ons and no upgrade of its nodes.
            type="ENHANCED_CLUSTER",
            cluster_pod_network_options=[{"cni_type": VCN_NATIVE if self._pods_have_subnet else FLANNEL}],
            endpoint_config={
                "subnet_id": self._ids["endpoint_subnet_id"],
                "is_public_ip_enabled": True,
                "nsg_ids": [made.endpoint.id],
            },
            kms_key_id=kms.key_id,
            options=self._options(internal, made),
            freeform_tags=self._site.tags,
            opts=self._site.child([*self._networks, *kms.before], protect=self._args.get("deletion_protection", False)),
        )

    def _options(
        self, internal: containerengine.ClusterOptionsKubernetesNetworkConfigArgsDict, made: Groups
    ) -> containerengine.ClusterOptionsArgsDict:
        options: containerengine.ClusterOptionsArgsDict = {
            "kubernetes_network_config": internal,
            "service_lb_subnet_ids": [self._ids["load_balancers_subnet_id"]],
            "service_lb_config": {
                # Where a balancer's rules towards the nodes go, if its Service says `NSG`.
                "backend_nsg_ids": [made.nodes.id],
                "freeform_tags": self._site.tags,
            },
            "persistent_volume_config": {"freeform_tags": self._site.tags},
        }
        login = token_authentication(self._args.get("oidc_login"))
        if login is not None:
            options["open_id_connect_token_authentication_config"] = login
        return options

    def _pools(self, cluster: containerengine.Cluster, made: Groups, before: Sequence[pulumi.Resource]) -> Pools:
        zones = self._args.get("zones") or identity.get_availability_domains_output(
            compartment_id=self._site.compartment, opts=self._site.asking()
        ).availability_domains.apply(lambda found: sorted(domain.name for domain in found))
        settings = PoolSettings(self._kubernetes, zones, self._ids, made, _credential_provider(self._args))
        # Nodes join only while they reach API server and Oracle's services, and are deleted only by way of them.
        after = [*self._networks, *made.rules, *before]
        return node_pools(self._site, cluster, settings, self._args.get("node_pools", {"default": {}}), after)

    def _finish(self, cluster: containerengine.Cluster, made: Groups) -> None:
        args = self._args
        registries = args.get("registries", [])
        pools = self._pools(cluster, made, [registry_policy(self._site, registries)] if registries else [])
        if args.get("control_plane_logs", True):
            control_plane_logs(self._site, cluster, args.get("log_retention_days", DEFAULT_RETENTION_DAYS))
        where = door(self._site, cluster)
        self._offer(
            cluster_name=cluster.name,
            api_server=where.server,
            api_ca=where.ca,
            kubeconfig=oci_kubeconfig(cluster.name, where, cluster.id, args["region"]),
            # An OCID is never used twice.
            cluster_identifier=cluster.id,
            egress_ips=self._ids["egress_ips"],
            # Policies name a workload by the cluster's OCID, a namespace and a service account.
            identity=cluster.id,
            made_by=cluster,
            nodes=[*pools.made, load_balancer_policy(self._site, cluster.id)],
        )


def _addresses(name: str, args: OkeClusterArgs) -> Sequence[pulumi.Input[str]]:
    """Addresses that are admitted, each for a rule of its own."""
    addresses = args.get("admitted_ips", [])
    if isinstance(addresses, list | tuple):
        each = cast("Sequence[pulumi.Input[str]]", addresses)
        known = dict.fromkeys(address for address in each if isinstance(address, str))
        return [*known, *(address for address in each if not isinstance(address, str))]
    raise pulumi.RunError(
        f"{name}: admitted_ips is an output of a list, and each address becomes a security rule, so their number must "
        "be known before anything is made; allowed: a list, of texts or of outputs; "
        "remedy: write  [network.egress_ips[0]]"
    )


def _credential_provider(args: Mapping[str, object]) -> CredentialProvider | None:
    url, sha256 = args.get("credential_provider_url"), args.get("credential_provider_sha256")
    return CredentialProvider(url, sha256) if isinstance(url, str) and isinstance(sha256, str) else None
