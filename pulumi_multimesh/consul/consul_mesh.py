"""Consul over the clusters of a mesh: a datacenter in each, peered or federated.

Owns: which parts there are, whom each knows, and their order. Does not own: any part (the modules beside this one),
clusters and their roads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi

from pulumi_multimesh.admission import admitted_sources
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.config import ConsulArgs
from pulumi_multimesh.consul.datacenter import ConsulDatacenter, ConsulDatacenterArgs
from pulumi_multimesh.consul.enrolment import ConsulEnrolment, consul_enrolment_args
from pulumi_multimesh.consul.intentions import all_policies, default_intentions, exported, resolver
from pulumi_multimesh.consul.keys import ConsulKeys, consul_keys
from pulumi_multimesh.consul.machines import ConsulMachineService, machine_service
from pulumi_multimesh.consul.peering import ConsulPeering
from pulumi_multimesh.enrolment import Wish
from pulumi_multimesh.mesh_over import MeshOver
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan import consul_names
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan
from pulumi_multimesh.policy_resources import Policy, make_policies


class ConsulMesh(MeshOver):
    """The mesh's own part of a `MultiCloudMesh`; what it makes are that component's children."""

    def __init__(
        self,
        parent: pulumi.Resource,
        plan: MeshPlan,
        clusters: Mapping[str, KubernetesCluster],
        authorities: Mapping[str, Authority],
        args: ConsulArgs,
    ) -> None:
        super().__init__(parent, plan, clusters, authorities, args.get("values", {}))
        self.datacenters: dict[str, ConsulDatacenter] = {}
        """By cluster."""
        self.peerings: dict[tuple[str, str], ConsulPeering] = {}
        """By the cluster that accepts, and the one that dials."""
        self.keys: dict[str, ConsulKeys] = {}
        """By cluster; those of a federation are the primary's, which alone has the first token."""
        first = plan.of_consul.primary
        for name in sorted(plan.clusters, key=lambda name: (name != first, name)):
            self.datacenters[name] = self._datacenter(plan.clusters[name])
        self.machines: dict[str, ConsulMachineService] = {
            each.text: machine_service(self.keys[each.cluster], each) for each in plan.of_consul.machine_services
        }
        """Services on machines, by `CLUSTER/SERVICE`."""
        for peering in plan.of_consul.peerings:
            self.peerings[peering.acceptor, peering.dialer] = ConsulPeering(
                self._named(peering.dialer, f"peers-{peering.acceptor}"),
                (clusters[peering.acceptor], clusters[peering.dialer]),
                (self.datacenters[peering.acceptor], self.datacenters[peering.dialer]),
                {"acceptor": peering.acceptor, "dialer": peering.dialer},
                self._child(),
            )
        self._told: dict[str, list[pulumi.Resource]] = {name: self._tell(name) for name in plan.clusters}
        """By cluster: what its datacenter was told; in a federation only the primary's is."""

    @property
    def server_ends(self) -> Mapping[str, pulumi.Output[dict[str, str]]]:
        """See `ServiceMesh.server_ends`."""
        return {name: found.trust.ends for name, found in self.datacenters.items()}

    def enrol(self, namespace: str, cluster: str, wish: Wish) -> ConsulEnrolment:
        """See `ServiceMesh.enrol`."""
        first = self.plan.of_consul.primary
        # In a federation the rules are there before the first pod that they are about.
        rules = [] if first is None else self._told[first]
        return ConsulEnrolment(
            self._named(cluster, namespace),
            self.clusters[cluster],
            consul_enrolment_args(self.plan, namespace, cluster, wish),
            pulumi.ResourceOptions(parent=self._parent, depends_on=[*self.datacenters[cluster].ready, *rules]),
        )

    def namespace_of(self, cluster: str) -> pulumi.Resource:
        """See `ServiceMesh.namespace_of`."""
        return self.datacenters[cluster].namespace

    def export(self, namespace: str, service: str, cluster: str, after: Sequence[pulumi.Resource]) -> None:
        """See `ServiceMesh.export`: Consul has one list for a datacenter, so that it is declared and not added to."""
        del cluster, after
        if self.plan.of_consul.primary is None and f"{namespace}/{service}" not in self.plan.of_consul.exports:
            raise ValueError(
                f"export: {namespace}/{service} is not among consul.exports, which Consul keeps as one list; "
                f"write  exports: [{namespace}/{service}]  under consul"
            )

    def federate(self, namespace: str, service: str, clusters: Mapping[str, Sequence[pulumi.Resource]]) -> None:
        """See `ServiceMesh.federate`: in each cluster calls go to the others when nobody at home answers."""
        primary = self.plan.of_consul.primary
        if primary is not None:
            self._federate_in(primary, namespace, service, clusters)
            return
        for cluster, after in clusters.items():
            self.export(namespace, service, cluster, after)
            others = [other for other in self.plan.mesh_peers(cluster) if other in clusters]
            if others:
                made = resolver(service, others, by_peer=True)
                self._make([made], self._named(cluster, namespace), cluster, namespace, after)

    def _federate_in(
        self, primary: str, namespace: str, service: str, clusters: Mapping[str, Sequence[pulumi.Resource]]
    ) -> None:
        """One answer for all datacenters, each of which passes over itself: all are named, the primary too.

        The primary, to which all are linked, comes first. It keeps the answer whether or not it has the service, so
        that it is in the one namespace that is there in any case.
        """
        if len(clusters) < 2:
            return
        wanted = sorted(clusters, key=lambda name: (name != primary, name))
        after = [resource for each in clusters.values() for resource in each]
        made = resolver(service, wanted, by_peer=False)
        self._make([made], self._named(primary, namespace), primary, consul_names.NAMESPACE, after)

    def _tell(self, cluster: str) -> list[pulumi.Resource]:
        """What a datacenter knows of its peers, and who is denied; a federation is told by its primary."""
        primary, security = self.plan.of_consul.primary, self.plan.security
        if primary not in (None, cluster):
            return []
        peers = self.plan.mesh_peers(cluster) if primary is None else ()
        policies = [*exported(self.plan.of_consul.exports, peers), *default_intentions(security, peers)]
        if primary is not None:
            policies += all_policies(security, peers)
        return self._make(policies, self._named(cluster, "consul"), cluster, consul_names.NAMESPACE, ())

    def _make(
        self, policies: Sequence[Policy], name: str, cluster: str, namespace: str, after: Sequence[pulumi.Resource]
    ) -> list[pulumi.Resource]:
        """In a datacenter that is ready for them."""
        before = [*self.datacenters[cluster].ready, *after]
        return make_policies(name, self.clusters[cluster], namespace, policies, self._parent, before)

    def _datacenter(self, cluster: ClusterPlan) -> ConsulDatacenter:
        name, settings, consul = cluster.name, self.plan.control_plane, self.plan.of_consul
        named, peers = self._named(name, "consul"), self.plan.mesh_peers(name)
        args: ConsulDatacenterArgs = {
            "datacenter": name,
            "cloud": cluster.cloud,
            "servers": consul.servers,
            "storage": consul.storage,
            "shows_servers": name in consul.machines,
            "chart_version": settings.chart_version,
            "chart_repository": settings.chart_repository,
            "values": self._values,
        }
        if name not in consul.gateway_api:
            args["gateway_api"] = False
        if peers:
            args["admitted_ips"] = admitted_sources(self.plan, self.clusters, peers)
            args["private"] = self.plan.is_private
            args["gateway_replicas"] = consul.gateway_replicas[name]
            self._fix_address(named, cluster, args)
        if consul.primary is not None:
            args["federated"] = True
            self._follow(name, consul.primary, args)
        shared = self.keys.get(consul.primary or name)
        self.keys[name] = replace(shared, bootstrap_token=None) if shared else consul_keys(named, self._child())
        return ConsulDatacenter(
            named, self.clusters[name], self._authorities[name], self.keys[name], args, self._child()
        )

    def _fix_address(self, named: str, cluster: ClusterPlan, args: ConsulDatacenterArgs) -> None:
        """Envoy takes several gateways under addresses, but one alone under a host name."""
        if not self.plan.of_consul.has_fixed_address(cluster.name):
            return
        fixed = self.clusters[cluster.name].fixed_addresses(named, self._parent)
        if fixed is not None:
            args["annotations"], args["address"] = fixed.annotations, fixed.first

    def _follow(self, name: str, primary: str, args: ConsulDatacenterArgs) -> None:
        if name == primary:
            return
        leading = self.datacenters[primary]
        args["primary"] = {
            "datacenter": primary,
            "gateways": leading.gateway_addresses,
            "replication_token": leading.replication_token,
            "api_server": self.clusters[name].api_server,
        }
