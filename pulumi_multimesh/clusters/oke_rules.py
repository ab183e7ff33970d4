"""Who may talk to whom in and around an OKE cluster: groups of network interfaces, and a rule for each permission.

Owns: the groups and their rules. Does not own: the subnets, which admit nothing by themselves, and the rules of load
balancers, which OKE writes into a group of each balancer and into the nodes' group.
Source of the rules: Oracle, "Network Resource Configuration for Cluster Creation and Deployment".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_oci import core

from pulumi_multimesh.clusters.cluster import cidr_of
from pulumi_multimesh.clusters.oke_network import all_services
from pulumi_multimesh.clusters.oke_site import OkeSite

_TCP, _ICMP, _ALL = "6", "1", "all"
_API, _PROXYMUX, _KUBELET, _HTTPS = 6443, 12250, 10250, 443
_ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Groups:
    """The groups that a cluster's interfaces are in."""

    endpoint: core.NetworkSecurityGroup
    nodes: core.NetworkSecurityGroup
    pods: core.NetworkSecurityGroup | None
    """None with flannel, whose pods hide behind their nodes."""
    rules: Sequence[core.NetworkSecurityGroupSecurityRule]
    """What must be there before nodes can join."""

    @property
    def of_workloads(self) -> Mapping[str, pulumi.Output[str]]:
        """The ids of those that workloads have interfaces in."""
        ids = {"nodes": self.nodes.id}
        return ids if self.pods is None else {**ids, "pods": self.pods.id}


@dataclass(frozen=True)
class Admitted:
    """Who may reach the API server from outside."""

    named: Mapping[str, str]
    """Ranges by name."""
    addresses: Sequence[pulumi.Input[str]]
    """Single addresses; each has a rule of its own, so how many there are must be known before they are."""


def groups(site: OkeSite, vcn_id: pulumi.Input[str], admitted: Admitted, *, with_pods: bool) -> Groups:
    """Groups with exactly the rules that OKE asks for; inside, `with_pods` as VCN-native pods have interfaces."""
    rules = _Rules(site, _group(site, vcn_id, "endpoint"), _group(site, vcn_id, "nodes"))
    rules.endpoint_admits(admitted)
    rules.endpoint_and_nodes()
    rules.nodes_and_the_world()
    pods = _group(site, vcn_id, "pods") if with_pods else None
    if pods:
        rules.pods(pods)
        rules.endpoint_to_kubelets()
    else:
        rules.endpoint_to_all_of_nodes()
    return Groups(rules.endpoint, rules.nodes, pods, rules.made)


def _group(site: OkeSite, vcn_id: pulumi.Input[str], part: str) -> core.NetworkSecurityGroup:
    return core.NetworkSecurityGroup(
        site.part(part),
        compartment_id=site.compartment,
        vcn_id=vcn_id,
        display_name=site.part(part),
        freeform_tags=site.tags,
        opts=site.child(),
    )


class _Rules:
    """Rules in the making; each is called by what it permits."""

    def __init__(self, site: OkeSite, endpoint: core.NetworkSecurityGroup, nodes: core.NetworkSecurityGroup) -> None:
        self._site, self.endpoint, self.nodes = site, endpoint, nodes
        self.made: list[core.NetworkSecurityGroupSecurityRule] = []

    def endpoint_admits(self, admitted: Admitted) -> None:
        for who, cidr in sorted(admitted.named.items()):
            self._in(self.endpoint, f"api-range-{who}", cidr, _API)
        known = [address for address in admitted.addresses if isinstance(address, str)]
        for address in known:
            self._in(self.endpoint, f"api-address-{address.replace('.', '-')}", cidr_of(address), _API)
        outputs = [address for address in admitted.addresses if not isinstance(address, str)]
        for number, address in enumerate(outputs, 1):
            cidr = pulumi.Output.from_input(address).apply(cidr_of)
            self._in(self.endpoint, f"api-address-{number}", cidr, _API)

    def endpoint_and_nodes(self) -> None:
        self._in(self.endpoint, "api-from-nodes", self.nodes, _API)
        self._in(self.endpoint, "proxymux-from-nodes", self.nodes, _PROXYMUX)
        self._path_discovery(self.endpoint, "INGRESS", "endpoint-path-from-nodes", self.nodes)
        self._path_discovery(self.endpoint, "EGRESS", "endpoint-path-to-nodes", self.nodes)
        services = all_services(self._site).apply(lambda service: service.cidr_block)
        self._rule(self.endpoint, "EGRESS", "endpoint-to-oracle", services, "SERVICE_CIDR_BLOCK", _TCP, _HTTPS)

    def nodes_and_the_world(self) -> None:
        self._in(self.nodes, "nodes-from-nodes", self.nodes)
        self._path_discovery(self.nodes, "INGRESS", "nodes-path", _ANYWHERE)
        # Images, Oracle's services, the other clusters: what workloads call is their affair.
        self._out(self.nodes, "nodes-to-anywhere", _ANYWHERE)

    def endpoint_to_all_of_nodes(self) -> None:
        """Flannel's pods, webhooks among them, are reached through their nodes, at any port."""
        self._out(self.endpoint, "endpoint-to-nodes", self.nodes, _TCP)
        self._in(self.nodes, "nodes-from-endpoint", self.endpoint, protocol=_TCP)

    def endpoint_to_kubelets(self) -> None:
        self._rule(self.endpoint, "EGRESS", "endpoint-to-kubelets", self.nodes.id, _GROUP, _TCP, _KUBELET)
        self._in(self.nodes, "kubelets-from-endpoint", self.endpoint, _KUBELET)

    def pods(self, pods: core.NetworkSecurityGroup) -> None:
        """Pods have interfaces; the API server calls their webhooks, Istio's on 15017 among them."""
        self._in(self.endpoint, "api-from-pods", pods, _API)
        self._in(self.endpoint, "proxymux-from-pods", pods, _PROXYMUX)
        self._out(self.endpoint, "endpoint-to-pods", pods)
        self._in(pods, "pods-from-endpoint", self.endpoint)
        self._in(pods, "pods-from-nodes", self.nodes)
        self._in(pods, "pods-from-pods", pods)
        self._in(self.nodes, "nodes-from-pods", pods)
        self._out(pods, "pods-to-anywhere", _ANYWHERE)

    def _in(
        self,
        group: core.NetworkSecurityGroup,
        name: str,
        peer: core.NetworkSecurityGroup | pulumi.Input[str],
        port: int | None = None,
        protocol: str = _ALL,
    ) -> None:
        address, kind = _peer(peer)
        self._rule(group, "INGRESS", name, address, kind, _TCP if port else protocol, port)

    def _out(
        self,
        group: core.NetworkSecurityGroup,
        name: str,
        peer: core.NetworkSecurityGroup | str,
        protocol: str = _ALL,
    ) -> None:
        address, kind = _peer(peer)
        self._rule(group, "EGRESS", name, address, kind, protocol)

    def _path_discovery(
        self,
        group: core.NetworkSecurityGroup,
        direction: "_Direction",
        name: str,
        peer: core.NetworkSecurityGroup | str,
    ) -> None:
        """ "Fragmentation needed", without which large packets vanish on a road with a smaller limit."""
        address, kind = _peer(peer)
        self._rule(group, direction, name, address, kind, _ICMP)

    def _rule(
        self,
        group: core.NetworkSecurityGroup,
        direction: "_Direction",
        name: str,
        peer: pulumi.Input[str],
        peer_kind: str,
        protocol: str,
        port: int | None = None,
    ) -> None:
        inward = direction == "INGRESS"
        made = core.NetworkSecurityGroupSecurityRule(
            self._site.part(name),
            network_security_group_id=group.id,
            direction=direction,
            protocol=protocol,
            source=peer if inward else None,
            source_type=peer_kind if inward else None,
            destination=None if inward else peer,
            destination_type=None if inward else peer_kind,
            tcp_options={"destination_port_range": {"min": port, "max": port}} if port else None,
            icmp_options={"type": 3, "code": 4} if protocol == _ICMP else None,
            stateless=False,
            description=name,
            opts=self._site.child(),
        )
        self.made.append(made)


_Direction = Literal["INGRESS", "EGRESS"]
_GROUP = "NETWORK_SECURITY_GROUP"


def _peer(peer: core.NetworkSecurityGroup | pulumi.Input[str]) -> tuple[pulumi.Input[str], str]:
    return (peer.id, _GROUP) if isinstance(peer, core.NetworkSecurityGroup) else (peer, "CIDR_BLOCK")
