"""Oracle Cloud's VCNs, routes and rules as the fabric sees them.

Owns: these. Does not own: peerings (oci_peering.py) and VPN (oci_vpn.py). Sources: "VCN Route Tables", "Security
Rules" and "Dynamic Routing Gateways" (docs.oracle.com/en-us/iaas/Content/Network).
"""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from multimesh_lab.fabric import oci_peering, oci_vpn
from multimesh_lab.fabric.inventory import Inventory, label, listed, networks, text, texts
from multimesh_lab.fabric.model import Gateway, Member, Part, Peering, Site, TunnelEnd
from multimesh_lab.fabric.oci_names import SUBNET, VCN, region_of
from multimesh_lab.providers.oci.security_rules import Rule, of_group_rule, of_list
from multimesh_lab.providers.oci.tokens import (
    CLUSTER,
    DEFAULT_SECURITY_LIST,
    GROUP_RULE,
    NODE_POOL,
    ROUTE_TABLE,
    SECURITY_GROUP,
    SECURITY_LIST,
)
from multimesh_lab.providers.store import Record

_VCN_NATIVE = "OCI_VCN_IP_NATIVE"
_PODS = "nodeConfigDetails.nodePoolPodNetworkOptionDetails"
_LAST_PORT = 65535


class Oci:
    """The simulated Oracle Cloud."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def sites(self) -> Sequence[Site]:
        return [
            Site(vcn.id, "oci", label(vcn), region_of(vcn.id), tuple(self._members(vcn)))
            for vcn in self._inventory.all(VCN)
        ]

    def _members(self, vcn: Record) -> Iterator[Member]:
        for cluster in self._inventory.where(CLUSTER, "vcnId", vcn.id):
            pools = self._inventory.where(NODE_POOL, "clusterId", cluster.id)
            placements: list[dict[str, Any]] = [
                each for pool in pools for each in listed(pool, "nodeConfigDetails.placementConfigs")
            ]
            options: list[dict[str, Any]] = listed(cluster, "clusterPodNetworkOptions")
            is_native = any(text(each, "cniType") == _VCN_NATIVE for each in options)
            cni = f"oci cluster {label(cluster)}.clusterPodNetworkOptions.cniType is flannel's"
            yield Member(
                id=f"oci/{cluster.id}",
                name=label(cluster),
                nodes=self._parts(text(each, "subnetId") for each in placements),
                pods=self._parts(each for pool in pools for each in texts(pool, f"{_PODS}.podSubnetIds")),
                load_balancers=self._parts(texts(cluster, "options.serviceLbSubnetIds")),
                overlay=None if is_native else f"{cni}: no other network knows its pods' addresses",
            )

    def _parts(self, subnets: Iterator[str] | list[str]) -> tuple[Part, ...]:
        known = [self._inventory.get(SUBNET, each) for each in set(subnets)]
        return tuple(
            sorted(Part(network, each.id) for each in known if each for network in networks([text(each, "cidrBlock")]))
        )

    def peerings(self) -> Sequence[Peering]:
        return oci_peering.peerings(self._inventory)

    def gateways(self) -> Sequence[Gateway]:
        return oci_vpn.gateways(self._inventory)

    def ends(self) -> Sequence[TunnelEnd]:
        return oci_vpn.ends(self._inventory)

    def not_sent_to_gateway(
        self, part: Part, target: IPv4Network, learned: IPv4Network, gateway: Gateway
    ) -> Sequence[str]:
        # "Overview of Site-to-Site VPN": what a DRG learns is in no VCN's route table; rules lead there.
        return self._not_routed(part, target, gateway.id, gateway.name.removeprefix("oci "))

    def not_sent_to_peer(self, part: Part, target: IPv4Network, next_hop: str) -> Sequence[str]:
        return self._not_routed(part, target, next_hop, oci_peering.name_of(self._inventory, next_hop))

    def _not_routed(self, part: Part, target: IPv4Network, next_hop: str, wanted: str) -> Sequence[str]:
        subnet = self._inventory.get(SUBNET, part.subnet)
        vcn = self._inventory.get(VCN, text(subnet, "vcnId"))
        table = text(subnet, "routeTableId") or text(vcn, "defaultRouteTableId")
        record = self._inventory.get(ROUTE_TABLE, table)
        rules: list[Mapping[str, Any]] = listed(record, "routeRules")
        covering = [(network, rule) for rule in rules for network in _destination(rule) if target.subnet_of(network)]
        found = max(covering, key=lambda pair: pair[0].prefixlen, default=None)
        if found is not None and text(found[1], "networkEntityId") == next_hop:
            return ()
        where = f"oci routeTable {label(record) if record else table} of subnet {label(subnet) if subnet else '?'}"
        if found is not None and found[0].prefixlen:
            return (f"{where} sends {target} to {text(found[1], 'networkEntityId')}, not to {wanted} (routeRules)",)
        return (f"{where} has no rule that sends {target} to {wanted} (routeRules)",)

    def not_let_out(self, source: Member, destination: Member) -> Sequence[str]:
        return self._stopped(source, destination, ingress=False)

    def not_let_in(self, destination: Member, source: Member) -> Sequence[str]:
        return self._stopped(destination, source, ingress=True)

    def _stopped(self, member: Member, peer: Member, *, ingress: bool) -> list[str]:
        """Why no rule of the pods' groups or of their subnets' lists lets TCP pass; without a rule nothing does."""
        groups, peers = self._groups(member), self._groups(peer)
        named = " or ".join(self._name(each) for each in sorted(groups)) or "(none)"
        way, side = ("from", "source") if ingress else ("to", "destination")
        return [
            f"no {'ingress' if ingress else 'egress'} rule of oci networkSecurityGroup {named} admits tcp {way} "
            f"{part.network} ({peer.name}) at the pods of {member.name} (networkSecurityGroupSecurityRule.{side})"
            for own in member.pods
            for part in peer.pods
            if not any(_is_open(rule, part.network, peers, ingress=ingress) for rule in self._rules(own, groups))
        ]

    def _groups(self, member: Member) -> frozenset[str]:
        if not member.id.startswith("oci/"):
            return frozenset()
        pools = self._inventory.where(NODE_POOL, "clusterId", member.id.removeprefix("oci/"))
        return frozenset(each for pool in pools for each in texts(pool, f"{_PODS}.podNsgIds"))

    def _name(self, group: str) -> str:
        record = self._inventory.get(SECURITY_GROUP, group)
        return label(record) if record else group

    def _rules(self, part: Part, groups: frozenset[str]) -> Iterator[Rule]:
        subnet = self._inventory.get(SUBNET, part.subnet)
        for each in texts(subnet, "securityListIds"):
            record = self._inventory.get(DEFAULT_SECURITY_LIST, each) or self._inventory.get(SECURITY_LIST, each)
            yield from of_list(record.outputs) if record else ()
        for record in self._inventory.all(GROUP_RULE):
            if text(record, "networkSecurityGroupId") in groups:
                yield of_group_rule(record.outputs)


def _destination(rule: Mapping[str, Any]) -> list[IPv4Network]:
    """The rule's range; Oracle's own services are no range."""
    if text(rule, "destinationType") == "SERVICE_CIDR_BLOCK":
        return []
    return networks([text(rule, "destination") or text(rule, "cidrBlock")])


def _is_open(rule: Rule, network: IPv4Network, groups: frozenset[str], *, ingress: bool) -> bool:
    """Whether the rule lets all of TCP pass: pods listen wherever they like."""
    all_ports = rule.ports is None or (rule.ports[0] <= 1 and rule.ports[1] >= _LAST_PORT)
    return rule.ingress is ingress and rule.protocol in ("all", "6") and all_ports and rule.covers(network, groups)
