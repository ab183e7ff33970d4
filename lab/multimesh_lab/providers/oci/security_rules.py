"""Security rules as security lists and security groups both have them.

Owns: their form, and what one admits. Does not own: who has which rules (security), or what follows (reach).
The lab filters no packet inside a VCN by these; a stateless rule counts here as if it were stateful.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.oci.tokens import DEFAULT_SECURITY_LIST, GROUP_RULE, SECURITY_LIST
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

CIDR = "CIDR_BLOCK"
SERVICE = "SERVICE_CIDR_BLOCK"
GROUP = "NETWORK_SECURITY_GROUP"
ANYWHERE = "0.0.0.0/0"
TCP = "6"
_OPTIONS = {"tcpOptions": ("6",), "udpOptions": ("17",), "icmpOptions": ("1", "58")}
_LAST_PORT = 65535


@dataclass(frozen=True)
class Rule:
    """One rule, whatever it was written in."""

    ingress: bool
    protocol: str
    peer: str
    peer_type: str
    ports: tuple[int, int] | None

    def admits(self, port: int) -> bool:
        """Whether TCP to this port passes, from or to the rule's peer."""
        if self.protocol not in ("all", TCP):
            return False
        return self.protocol == "all" or self.ports is None or self.ports[0] <= port <= self.ports[1]

    def covers(self, network: IPv4Network, groups: frozenset[str]) -> bool:
        """Whether the peer is all of the network, or one of the groups."""
        if self.peer_type == GROUP:
            return self.peer in groups
        return self.peer_type == CIDR and network.subnet_of(IPv4Network(self.peer))


def of_list(properties: Mapping[str, Any]) -> list[Rule]:
    """The rules of a security list."""
    ingress = [_rule(each, ingress=True) for each in names.listed(properties, "ingressSecurityRules")]
    return ingress + [_rule(each, ingress=False) for each in names.listed(properties, "egressSecurityRules")]


def of_group_rule(properties: Mapping[str, Any]) -> Rule:
    """A rule of a security group."""
    return _rule(properties, ingress=properties.get("direction") == "INGRESS")


def effective(store: Store, subnet: Record, groups: frozenset[str]) -> list[Rule]:
    """What applies to a VNIC: the union of its subnet's lists and its groups (Network/Concepts/securityrules.htm)."""
    found: list[Rule] = []
    for each in names.listed(subnet.outputs, "securityListIds"):
        record = store.get(DEFAULT_SECURITY_LIST, str(each)) or store.get(SECURITY_LIST, str(each))
        found += of_list(record.outputs) if record else []
    rules = store.all(GROUP_RULE) if groups else []
    return found + [of_group_rule(r.outputs) for r in rules if r.outputs.get("networkSecurityGroupId") in groups]


def _rule(properties: Mapping[str, Any], *, ingress: bool) -> Rule:
    side = "source" if ingress else "destination"
    options = names.within(properties, "tcpOptions")
    ports = names.within(options, "destinationPortRange") or options
    limits = (int(ports["min"]), int(ports["max"])) if "min" in ports and "max" in ports else None
    peer_type = str(properties.get(f"{side}Type") or CIDR)
    return Rule(ingress, str(properties.get("protocol")), str(properties.get(side)), peer_type, limits)


def check_form(properties: Mapping[str, Any], what: str, side: str) -> None:
    """The rules of form that lists and groups share; `side` names the peer's property."""
    protocol = str(properties.get("protocol"))
    # SDK documentation of protocol: `all` or an IPv4 protocol number, and options for ICMP, TCP, UDP, ICMPv6 only.
    if protocol != "all" and not (protocol.isdigit() and int(protocol) <= 255):
        raise names.invalid(f"{what}protocol {protocol!r} must be 'all' or a protocol number such as '6' for TCP")
    for option, protocols in _OPTIONS.items():
        if properties.get(option) is not None and protocol not in protocols:
            raise names.invalid(f"{what}{option} is valid only for protocol {' or '.join(protocols)}, not {protocol!r}")
    for option in ("tcpOptions", "udpOptions"):
        _check_ports(names.within(properties, option), f"{what}{option}")
    peer_type = properties.get(f"{side}Type") or CIDR
    if peer_type == CIDR:
        cidrs.parse(str(properties.get(side)), f"400-InvalidParameter, {what}{side}")


def _check_ports(options: Properties, what: str) -> None:
    # Core API, PortRange: 1 to 65535, the minimum not above the maximum.
    for name in ("", "destinationPortRange", "sourcePortRange"):
        ports = names.within(options, name) if name else options
        if "min" not in ports and "max" not in ports:
            continue
        low, high = (int(ports.get(key) or 0) for key in ("min", "max"))
        if not 1 <= low <= high <= _LAST_PORT:
            where = f"{what}.{name}" if name else what
            raise names.invalid(f"{where}: min {low} and max {high} must lie in 1 to {_LAST_PORT}, min not above max")
