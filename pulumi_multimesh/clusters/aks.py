"""An AKS cluster: private nodes, Entra for people, workload identity for pods, upgrades at known hours.

Owns: the cluster's own resource, its resource group and its lock. Does not own: network (aks_network.py), identities
and roles (aks_roles.py), key (aks_encryption.py), pools (aks_pools.py), logs, windows and login (the files beside).
"""

from collections.abc import Sequence
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import authorization, containerservice

from pulumi_multimesh import versions
from pulumi_multimesh.clusters.aks_encryption import Encryption, encryption
from pulumi_multimesh.clusters.aks_login import door, kubelogin_kubeconfig
from pulumi_multimesh.clusters.aks_logs import DEFAULT_RETENTION_DAYS, control_plane_logs
from pulumi_multimesh.clusters.aks_network import AksNetwork
from pulumi_multimesh.clusters.aks_pools import PoolSettings, left_to_azure, system_pool, user_pools
from pulumi_multimesh.clusters.aks_roles import Identities, creator_role, identities
from pulumi_multimesh.clusters.aks_site import LONGEST_CLUSTER, AksSite
from pulumi_multimesh.clusters.aks_upkeep import maintenance
from pulumi_multimesh.clusters.azure_facts import issuer_of
from pulumi_multimesh.clusters.cluster import KubernetesCluster, checked_ranges, cidr_of
from pulumi_multimesh.config import AksArgs, AksNetworkIds, AloneArgs
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.needs import has_pod_subnet

_ZONES = ("1", "2", "3")
_LONGEST_DNS_PREFIX = 54
_DNS_ADDRESS = 10
"""The place of the DNS Service in the Services' range, as everywhere in Kubernetes."""


class AksClusterArgs(AksArgs, AloneArgs):
    """An AKS cluster with what the mesh tells it, or the program when it stands alone."""


class AksCluster(KubernetesCluster):
    """An AKS cluster on Azure CNI with Cilium, whose nodes have no public addresses."""

    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        ranges = checked_ranges("aks", name, args)
        super().__init__("AksCluster", name, {**args}, opts)
        self._args, self._ranges = args, ranges
        self._tags = dict(args.get("tags", {}))
        self._protected = args.get("deletion_protection", False)
        self._ids, self._ways_out = self._network()
        self._site = AksSite.of(self, name, args["region"], args.get("resource_group"), self._tags)
        self._settings = PoolSettings(
            args.get("kubernetes_version", versions.AKS_KUBERNETES),
            args.get("upgrade_channel", "patch"),
            args.get("zones", _ZONES),
            self._ids,
            self._tags,
        )
        client = authorization.get_client_config_output(opts=pulumi.InvokeOutputOptions(parent=self))
        actors = identities(self._site, self._ids, args.get("registries", []))
        kms = encryption(
            self._site,
            args.get("encryption_key"),
            actors.control_plane_principal,
            client.tenant_id,
            protected=self._protected,
        )
        # A role takes minutes to be known everywhere, which making the cluster gives it. In a group that others use,
        # it is for this cluster alone, and so comes after it.
        group = self._site.own_group
        early = creator_role(self._site, client, group.id) if group else None
        before = [*actors.roles, *kms.before, *([early] if early else [])]
        cluster = self._cluster(actors, kms, before)
        creator = early or creator_role(self._site, client, cluster.id)
        pools = user_pools(self._site, cluster, self._settings, args.get("node_pools", {}), [*self._ways_out, creator])
        self._guard(cluster, [creator, *pools, *self._attend(cluster)])
        where = door(self._site, cluster)
        login, tenant = args.get("login", "azurecli"), args.get("tenant_id") or client.tenant_id
        self._offer(
            cluster_name=cluster.name,
            api_server=where.server,
            api_ca=where.ca,
            kubeconfig=kubelogin_kubeconfig(cluster.name, where, login, tenant),
            # The engine's random suffix makes the id another one whenever the cluster is; and unlike `resource_uid`
            # it is known while a change of the cluster is previewed.
            cluster_identifier=cluster.id,
            egress_ips=self._ids["egress_ips"],
            identity=issuer_of(cluster, self._site.group),
            made_by=cluster,
            nodes=(creator, *pools),
        )

    def _network(self) -> tuple[AksNetworkIds, Sequence[pulumi.Resource]]:
        """The named network, or one that is made for the cluster, which is then its way out."""
        named = self._args.get("network")
        if named is not None:
            return named, ()
        own = AksNetwork.of(self._name, self._args, self._ranges, self._tags, pulumi.ResourceOptions(parent=self))
        return own.ids, (own,)

    def _cluster(
        self, actors: Identities, kms: Encryption, before: Sequence[pulumi.Resource]
    ) -> containerservice.ManagedCluster:
        args, pool = self._args, self._args.get("system_pool", {})
        security: containerservice.ManagedClusterSecurityProfileArgsDict = {"workload_identity": {"enabled": True}}
        if kms.kms is not None:
            security["azure_key_vault_kms"] = kms.kms
        return containerservice.ManagedCluster(
            names.bounded(self._name, LONGEST_CLUSTER),
            resource_group_name=self._site.group,
            location=args["region"],
            sku={"name": "Base", "tier": args.get("tier", "Standard")},
            # It is part of the API server's name and can never change.
            dns_prefix=names.bounded(self._name, _LONGEST_DNS_PREFIX),
            kubernetes_version=self._settings.version,
            identity={
                "type": containerservice.ResourceIdentityType.USER_ASSIGNED,
                "user_assigned_identities": [actors.control_plane.id],
            },
            identity_profile={"kubeletidentity": actors.kubelet_profile},
            agent_pool_profiles=[system_pool(self._settings, pool)],
            network_profile=self._network_profile(),
            api_server_access_profile={
                "authorized_ip_ranges": self._admitted(),
                # Commands sent through Azure would reach the API server from anywhere.
                "disable_run_command": True,
            },
            enable_rbac=True,
            aad_profile=self._entra(),
            disable_local_accounts=not args.get("local_accounts", False),
            oidc_issuer_profile={"enabled": True},
            security_profile=security,
            auto_upgrade_profile={
                "upgrade_channel": self._settings.channel,
                "node_os_upgrade_channel": args.get("node_os_channel", "NodeImage"),
            },
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*self._ways_out, *before],
                ignore_changes=left_to_azure(self._settings, pool),
                protect=self._protected or None,
            ),
        )

    def _network_profile(self) -> containerservice.ContainerServiceNetworkProfileArgsDict:
        services = self._ranges.services
        if services is None:
            raise ValueError(f"{self._name}: the plan gave no range of Services")
        profile: containerservice.ContainerServiceNetworkProfileArgsDict = {
            "network_plugin": "azure",
            "network_dataplane": "cilium",
            "network_policy": "cilium",
            "service_cidr": services,
            "dns_service_ip": str(IPv4Network(services)[_DNS_ADDRESS]),
            "outbound_type": "userAssignedNATGateway",
            "load_balancer_sku": "standard",
        }
        if has_pod_subnet("aks", self._args):
            return profile
        return {**profile, "network_plugin_mode": "overlay", "pod_cidr": self._ranges.pods}

    def _admitted(self) -> pulumi.Output[list[str]]:
        """Named ranges, peers, and the cluster's own way out: nodes too reach the API server from there."""
        access = self._args.get("api_access", {})
        named = [access[who] for who in sorted(access)]
        peers = pulumi.Output.from_input(self._args.get("admitted_ips", []))
        own = pulumi.Output.from_input(self._ids["egress_ips"])

        def ranges(ips: Sequence[Sequence[str]]) -> list[str]:
            single = sorted({cidr_of(ip) for some in ips for ip in some} - set(named))
            return [*named, *single]

        return pulumi.Output.all(peers, own).apply(ranges)

    def _entra(self) -> containerservice.ManagedClusterAADProfileArgsDict:
        profile: containerservice.ManagedClusterAADProfileArgsDict = {
            "managed": True,
            "enable_azure_rbac": True,
            "admin_group_object_ids": self._args.get("admin_groups", []),
        }
        if "tenant_id" in self._args:
            profile["tenant_id"] = self._args["tenant_id"]
        return profile

    def _attend(self, cluster: containerservice.ManagedCluster) -> Sequence[pulumi.Resource]:
        """Logs and maintenance windows."""
        parts: list[pulumi.Resource] = []
        if self._args.get("control_plane_logs", True):
            days = self._args.get("log_retention_days", DEFAULT_RETENTION_DAYS)
            parts.append(control_plane_logs(self._site, cluster, days))
        if "maintenance" in self._args:
            parts += maintenance(self._site, cluster, self._args["maintenance"])
        return parts

    def _guard(self, cluster: containerservice.ManagedCluster, parts: Sequence[pulumi.Resource]) -> None:
        """Azure's own lock: it holds for all parts of the cluster, so it comes last and goes first."""
        if self._protected:
            authorization.ManagementLockByScope(
                self._name,
                scope=cluster.id,
                level="CanNotDelete",
                notes=f"deletion_protection of {self._name}",
                opts=self._site.child(parts),
            )
