"""Checks of the clouds' firewalls: what is open to the world.

Owns: firewall rules, security groups, security lists. Does not own: load balancers' own ranges (services.py).
"""

from collections.abc import Iterable, Iterator

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.cloud_types import Types, by_cloud
from pulumi_multimesh.checks.item import UNREAD, Item, admit_everybody, at, items, text, texts

_FOR_EVERYBODY = (80, 443)
"""What an ingress listens on."""
_ANY = ("*", "Internet", "any", "Any")
"""Azure's words for everybody."""
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "-1": "all", "all": "all", "*": "all"}

_GCP: Types = ("gcp:compute/firewall:Firewall",)
_AWS_RULE: Types = ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",)
_AWS_OLD_RULE: Types = ("aws:ec2/securityGroupRule:SecurityGroupRule",)
_AWS_GROUP: Types = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
_AZURE_RULE: Types = ("azure-native:network:SecurityRule", "azure-native:network/*:SecurityRule")
_AZURE_GROUP: Types = ("azure-native:network:NetworkSecurityGroup", "azure-native:network/*:NetworkSecurityGroup")
_OCI_RULE: Types = ("oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule",)
_OCI_LIST: Types = ("oci:Core/securityList:SecurityList", "oci:Core/defaultSecurityList:DefaultSecurityList")


def _told(path: str, protocol: object, ports: object) -> Iterator[str]:
    """What is open, unless it is for everybody by its nature; `ports`: `22`, `0-65535`, or empty for all."""
    if protocol is UNREAD or ports is UNREAD:
        return
    called = _PROTOCOLS.get(str(protocol).lower(), str(protocol).lower())
    if called.startswith("icmp"):
        return
    said = str(ports or "")
    if called == "tcp" and said.isdecimal() and int(said) in _FOR_EVERYBODY:
        return
    where = f"{path}: " if path else ""
    yield f"{where}{called} {said or 'on every port'} is open to the world"


def _range(least: object, most: object) -> object:
    if least is UNREAD or most is UNREAD:
        return UNREAD
    if least in (None, -1):
        return ""
    first, last = _port(least), _port(most if most is not None else least)
    if first is None or last is None:
        return UNREAD
    return str(first) if first == last else f"{first}-{last}"


def _port(value: object) -> int | None:
    """The engine has numbers as floats, and a program may write them as text; None for what is no number."""
    try:
        return None if isinstance(value, bool) else int(float(str(value)))
    except (ValueError, OverflowError):
        return None


def _gcp(item: Item) -> Iterable[str]:
    ranges = at(item.properties, "sourceRanges")
    narrowed = at(item.properties, "sourceTags") or at(item.properties, "sourceServiceAccounts")
    outwards = at(item.properties, "direction") == "EGRESS"
    if outwards or ranges is UNREAD or at(item.properties, "disabled") is True:
        return
    if admit_everybody(texts(item.properties, "sourceRanges")) or (not ranges and not narrowed):
        for number, allowed in enumerate(items(item.properties, "allows")):
            for ports in texts(allowed, "ports") or [""]:
                yield from _told(f"allows[{number}]", at(allowed, "protocol"), ports)


def _aws_rule(item: Item) -> Iterable[str]:
    if admit_everybody(at(item.properties, key) for key in ("cidrIpv4", "cidrIpv6")):
        ports = _range(at(item.properties, "fromPort"), at(item.properties, "toPort"))
        yield from _told("", at(item.properties, "ipProtocol"), ports)


def _aws_old_rule(item: Item) -> Iterable[str]:
    if text(item.properties, "type") == "ingress":
        yield from _aws_block("", item.properties)


def _aws_group(item: Item) -> Iterable[str]:
    for number, rule in enumerate(items(item.properties, "ingress")):
        yield from _aws_block(f"ingress[{number}]", rule)


def _aws_block(path: str, rule: object) -> Iterator[str]:
    if admit_everybody(each for key in ("cidrBlocks", "ipv6CidrBlocks") for each in texts(rule, key)):
        yield from _told(path, at(rule, "protocol"), _range(at(rule, "fromPort"), at(rule, "toPort")))


def _azure_rule(item: Item) -> Iterable[str]:
    return _azure_block("", item.properties)


def _azure_group(item: Item) -> Iterable[str]:
    for number, rule in enumerate(items(item.properties, "securityRules")):
        yield from _azure_block(f"securityRules[{number}]", rule)


def _azure_block(path: str, rule: object) -> Iterator[str]:
    if text(rule, "access") != "Allow" or text(rule, "direction") != "Inbound":
        return
    sources = [at(rule, "sourceAddressPrefix"), *texts(rule, "sourceAddressPrefixes")]
    if admit_everybody(sources) or any(each in _ANY for each in sources if isinstance(each, str)):
        single = at(rule, "destinationPortRange")
        for ports in [single] if single else texts(rule, "destinationPortRanges"):
            yield from _told(path, at(rule, "protocol"), "" if ports == "*" else ports)


def _oci_rule(item: Item) -> Iterable[str]:
    if text(item.properties, "direction") == "INGRESS":
        yield from _oci_block("", item.properties)


def _oci_list(item: Item) -> Iterable[str]:
    for number, rule in enumerate(items(item.properties, "ingressSecurityRules")):
        yield from _oci_block(f"ingressSecurityRules[{number}]", rule)


def _oci_block(path: str, rule: object) -> Iterator[str]:
    if not admit_everybody([at(rule, "source")]):
        return
    protocol = at(rule, "protocol")
    options = at(rule, "udpOptions" if str(protocol) == "17" else "tcpOptions")
    # A rule of a group has its ports one level deeper than a list's.
    found = at(options, "destinationPortRange") or options
    yield from _told(path, protocol, _range(at(found, "min"), at(found, "max")))


CHECKS = (
    Check(
        id="firewall-open",
        level=Level.MANDATORY,
        title="A firewall opens nothing to the world but an ingress' ports.",
        why="What listens there, now or later, is everybody's: node ports, API servers, what somebody starts to debug.",
        remedy="Name the ranges that need it; callers from outside come by an ingress on 80 and 443.",
        source="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18",
        types=(*_GCP, *_AWS_RULE, *_AWS_OLD_RULE, *_AWS_GROUP, *_AZURE_RULE, *_AZURE_GROUP, *_OCI_RULE, *_OCI_LIST),
        look=by_cloud(
            {
                _GCP: _gcp,
                _AWS_RULE: _aws_rule,
                _AWS_OLD_RULE: _aws_old_rule,
                _AWS_GROUP: _aws_group,
                _AZURE_RULE: _azure_rule,
                _AZURE_GROUP: _azure_group,
                _OCI_RULE: _oci_rule,
                _OCI_LIST: _oci_list,
            }
        ),
    ),
)
