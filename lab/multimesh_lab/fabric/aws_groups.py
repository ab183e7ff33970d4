"""What AWS's security groups make of traffic between pods.

Owns: this one decision. Does not own: network ACLs, which the lab does not have. Sources: "Security group rules"
(docs.aws.amazon.com/vpc/latest/userguide) and "View Amazon EKS security group requirements".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from multimesh_lab.fabric.inventory import Inventory, is_covered, label, listed, number, text, texts, value
from multimesh_lab.fabric.model import Member
from multimesh_lab.providers.store import Record

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_LAST_PORT = 65535


@dataclass(frozen=True)
class _Rule:
    """A permission to come in, whatever it was written in."""

    protocol: str
    first: int
    last: int
    cidrs: tuple[str, ...]
    groups: tuple[str, ...]

    def admits(self, network: IPv4Network, groups: frozenset[str]) -> bool:
        """Whether all of TCP passes from the network, or from interfaces in one of the groups."""
        is_tcp = self.protocol in ("-1", "all") or (
            self.protocol in ("tcp", "6") and self.first <= 1 and self.last >= _LAST_PORT
        )
        return is_tcp and (is_covered(network, self.cidrs) or bool(groups & set(self.groups)))


def not_let_in(inventory: Inventory, destination: Member, source: Member) -> list[str]:
    """Why TCP from the source's pods does not pass the groups of the destination's nodes."""
    of_source = frozenset(group for pool in _groups(inventory, source) for group in pool)
    found: list[str] = []
    for groups in _groups(inventory, destination):
        rules = [rule for group in groups for rule in _rules(inventory, group)]
        named = " or ".join(_name(inventory, group) for group in groups)
        found += [
            f"no ingress rule of aws securityGroup {named} admits tcp from {part.network} ({source.name}) to the nodes "
            f"of {destination.name} (securityGroupIngressRule.cidrIpv4, ipProtocol)"
            for part in source.pods
            if not any(rule.admits(part.network, of_source) for rule in rules)
        ]
    return found


def _groups(inventory: Inventory, member: Member) -> list[tuple[str, ...]]:
    """Of each kind of node the groups that it is in: EKS's own for the cluster, unless a launch template names some."""
    cluster = next(iter(inventory.where(CLUSTER, "arn", member.id.removeprefix("aws/"))), None)
    if cluster is None:
        return []
    own = text(cluster, "vpcConfig.clusterSecurityGroupId")
    found: list[tuple[str, ...]] = []
    for pool in inventory.where(NODE_GROUP, "clusterName", text(cluster, "name")):
        template = inventory.get(_TEMPLATE, value(pool, "launchTemplate.id"))
        interfaces: list[dict[str, Any]] = listed(template, "networkInterfaces")
        named = texts(template, "vpcSecurityGroupIds") + [
            g for each in interfaces for g in texts(each, "securityGroups")
        ]
        found.append(tuple(named) or (own,))
    return list(dict.fromkeys(found))


def _rules(inventory: Inventory, group: str) -> Iterator[_Rule]:
    for rule in inventory.where(_INGRESS, "securityGroupId", group):
        cidr, peer = text(rule, "cidrIpv4"), text(rule, "referencedSecurityGroupId")
        yield _rule(rule, "ipProtocol", [cidr] if cidr else [], [peer] if peer else [])
    for rule in inventory.where(_RULE, "securityGroupId", group):
        if text(rule, "type") == "ingress":
            peer = group if value(rule, "self") is True else text(rule, "sourceSecurityGroupId")
            yield _rule(rule, "protocol", texts(rule, "cidrBlocks"), [peer] if peer else [])
    inline: list[dict[str, Any]] = listed(inventory.get(_GROUP, group), "ingress")
    for rule in inline:
        own = [group] if value(rule, "self") is True else []
        yield _rule(rule, "protocol", texts(rule, "cidrBlocks"), [*texts(rule, "securityGroups"), *own])


def _rule(rule: Record | dict[str, Any], protocol: str, cidrs: list[str], groups: list[str]) -> _Rule:
    first, last = number(rule, "fromPort") or 0, number(rule, "toPort") or 0
    return _Rule(text(rule, protocol), first, last, tuple(cidrs), tuple(groups))


def _name(inventory: Inventory, group: str) -> str:
    record = inventory.get(_GROUP, group)
    return label(record) if record else group
