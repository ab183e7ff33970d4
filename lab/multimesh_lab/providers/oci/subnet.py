"""Subnets of the simulated Oracle Cloud.

Owns: their rules, and which route table and security lists one has. Does not own: what those say (routes, security).
"""

import ipaddress
from typing import cast

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import names, reach, regions, vcn
from multimesh_lab.providers.oci.tokens import CLUSTER, NODE_POOL, ROUTE_TABLE, SECURITY_LIST, SUBNET, VCN
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_LISTS = 5


def _plan(call: Call) -> Properties:
    own = vcn.of(call).outputs if call.store.get(VCN, str(call.inputs.get("vcnId"))) else {}
    hidden = bool(call.inputs.get("prohibitInternetIngress") or call.inputs.get("prohibitPublicIpOnVnic"))
    return {
        **names.plan(call),
        **names.chosen(
            call,
            displayName="subnet20260101000000",
            dhcpOptionsId=own.get("defaultDhcpOptionsId", ""),
            routeTableId=own.get("defaultRouteTableId", ""),
            securityListIds=[own.get("defaultSecurityListId", "")],
        ),
        "prohibitInternetIngress": hidden,
        "prohibitPublicIpOnVnic": hidden,
    }


def _range_and_label(call: Call) -> None:
    # SDK documentation of Subnet.cidrBlock; the size and the overlap as for VCNs (Network/Concepts/overview.htm).
    parent = vcn.of(call)
    text, what = str(call.inputs.get("cidrBlock")), "400-InvalidParameter, cidrBlock"
    network = cidrs.sized(text, what, 16, 30)
    ranges = vcn.blocks(cast("Properties", parent.outputs))
    if not any(network.subnet_of(cidrs.parse(each, "cidrBlocks")) for each in ranges):
        raise names.invalid(f"cidrBlock: {text} is not within {', '.join(ranges)} of {parent.id}")
    others = [r for r in call.others(SUBNET) if r.outputs.get("vcnId") == parent.id]
    cidrs.must_not_overlap(text, what, [(str(r.outputs["cidrBlock"]), r.id) for r in others])
    _label(call, parent, others)


def _label(call: Call, parent: Record, others: list[Record]) -> None:
    label = call.inputs.get("dnsLabel")
    vcn.checked_label(label)
    if label is None:
        return
    # SDK documentation of Subnet.dnsLabel: only in a VCN that has one itself, and unique within it.
    if not parent.outputs.get("dnsLabel"):
        raise names.invalid(f"dnsLabel {label!r}: the VCN {parent.id!r} was created without a dnsLabel")
    for other in others:
        if str(other.outputs.get("dnsLabel")).lower() == str(label).lower():
            raise RefusedError(f"409-Conflict, dnsLabel {label!r} is already used by {other.id!r} in the VCN")


def _place(call: Call) -> None:
    domain = call.inputs.get("availabilityDomain")
    known = regions.availability_domains(names.region(call))
    if domain is not None and domain not in known:
        raise names.not_found("availabilityDomain", domain, f"one of {', '.join(known)}")


def _references(call: Call) -> None:
    parent = vcn.of(call).id
    if call.inputs.get("routeTableId") is not None:
        names.must_find_in_vcn(call, ROUTE_TABLE, call.inputs["routeTableId"], parent, "routeTableId")
    lists = names.listed(call.inputs, "securityListIds")
    # MaxItems of oci_core_subnet.security_list_ids.
    if len(lists) > _LISTS:
        raise names.invalid(f"securityListIds has {len(lists)} entries; a subnet has at most {_LISTS}")
    for index, each in enumerate(lists):
        names.must_find_in_vcn(call, SECURITY_LIST, each, parent, f"securityListIds[{index}]")


def _flags_agree(call: Call) -> None:
    # SDK documentation of Subnet.prohibitInternetIngress: "Only one or the other flag should be specified".
    one, other = (call.inputs.get(key) for key in ("prohibitInternetIngress", "prohibitPublicIpOnVnic"))
    if one is not None and other is not None and one != other:
        raise names.invalid("prohibitInternetIngress and prohibitPublicIpOnVnic differ; set only one of them")


def _create(call: Call) -> Properties:
    network = ipaddress.IPv4Network(str(call.inputs["cidrBlock"]))
    label, domain = call.inputs.get("dnsLabel"), vcn.of(call).outputs.get("vcnDomainName")
    reach.apply(call, call.inputs["vcnId"])
    return {
        "virtualRouterIp": str(network.network_address + 1),
        "virtualRouterMac": "00:00:17:AB:CD:EF",
        "subnetDomainName": f"{label}.{domain}" if label else "",
        "ipv6virtualRouterIp": "",
        "state": "AVAILABLE",
        "timeCreated": names.CREATED,
    }


def _update(call: Call) -> Properties:
    names.remember_update(call)
    reach.apply(call, call.inputs["vcnId"])
    return {}


def _unused(call: Call) -> None:
    # VCN API, DeleteSubnet: no VNIC may be left in it; the message is that of oracle/terraform-provider-oci#2185.
    names.refuse_while_used(
        call,
        {
            CLUSTER: "endpointConfig.subnetId",
            NODE_POOL: "nodeConfigDetails.placementConfigs.subnetId",
        },
    )
    names.refuse_while_used(call, {CLUSTER: "options.serviceLbSubnetIds"})
    names.refuse_while_used(call, {NODE_POOL: "nodeConfigDetails.nodePoolPodNetworkOptionDetails.podSubnetIds"})


def is_private(subnet: Record) -> bool:
    """Whether nothing in it can have a public address."""
    return bool(subnet.outputs.get("prohibitPublicIpOnVnic"))


def network_of(subnet: Record) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(str(subnet.outputs["cidrBlock"]))


def address(subnet: Record, number: int) -> str:
    """The address of the subnet's VNIC with this number; Oracle keeps the first two (Network/Concepts/overview.htm)."""
    return str(network_of(subnet).network_address + 2 + number)


KIND = Kind(
    SUBNET,
    identify=names.ocid("subnet"),
    # ForceNew of oci_core_subnet.
    replaces=frozenset(
        {
            "vcnId",
            "availabilityDomain",
            "dnsLabel",
            "ipv4cidrBlocks",
            "prohibitInternetIngress",
            "prohibitPublicIpOnVnic",
        }
    ),
    planned=_plan,
    rules=(names.in_compartment, _range_and_label, _place, _references, _flags_agree),
    in_use=(_unused,),
    create=_create,
    update=_update,
    perpetual=names.tags_never_settle,
    create_minutes=0.1,
    delete_minutes=0.1,
)
