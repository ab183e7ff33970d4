"""VCNs of the simulated Oracle Cloud, and what Oracle makes in each: a route table and a security list.

Owns: the rules on their ranges and names. Does not own: what is put into them (subnet, gateways, routes, security).
Nothing is routed by these: what may pass between the lab's clusters follows from the clusters' own settings.
"""

import re
from collections.abc import Iterable

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.oci.tokens import (
    CLUSTER,
    DRG_ATTACHMENT,
    INTERNET_GATEWAY,
    LOCAL_PEERING_GATEWAY,
    NAT_GATEWAY,
    ROUTE_TABLE,
    SECURITY_GROUP,
    SECURITY_LIST,
    SERVICE_GATEWAY,
    SUBNET,
    VCN,
)
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_CONTENTS = (
    SUBNET,
    INTERNET_GATEWAY,
    NAT_GATEWAY,
    SERVICE_GATEWAY,
    LOCAL_PEERING_GATEWAY,
    DRG_ATTACHMENT,
    ROUTE_TABLE,
    SECURITY_LIST,
    SECURITY_GROUP,
    CLUSTER,
)
_BLOCKS = 5
_LABEL = re.compile(r"^[A-Za-z][A-Za-z0-9]{0,14}$")


def checked_label(label: object) -> None:
    # docs.oracle.com/en-us/iaas/Content/Network/Concepts/dns.htm: alphanumeric, begins with a letter, at most 15.
    if label is not None and not _LABEL.match(str(label)):
        raise names.invalid(
            f"dnsLabel {str(label)!r} must be at most 15 letters and digits and begin with a letter; hyphens are not "
            "allowed"
        )


def blocks(properties: Properties) -> list[str]:
    """The ranges of a VCN, from its inputs or its outputs."""
    given = names.listed(properties, "cidrBlocks")
    return [str(each) for each in given] if given else [str(properties.get("cidrBlock"))]


def _check(inputs: Properties) -> Iterable[InputFault]:
    # The provider's documentation of cidr_blocks: "It is an error to set both".
    given = [key for key in ("cidrBlock", "cidrBlocks") if inputs.get(key) is not None]
    if len(given) != 1:
        yield InputFault("cidrBlocks", f"exactly one of cidrBlocks and cidrBlock must be given, there are {len(given)}")


def _ranges(call: Call) -> None:
    # docs.oracle.com/en-us/iaas/Content/Network/Concepts/overview.htm: /16 to /30, no overlap; and
    # docs.oracle.com/en-us/iaas/Content/General/Concepts/servicelimits.htm: five IPv4 ranges for each VCN.
    own = blocks(call.inputs)
    if len(own) > _BLOCKS:
        raise names.invalid(f"cidrBlocks has {len(own)} ranges; a VCN has at most {_BLOCKS}")
    taken: list[tuple[str, str]] = []
    for index, text in enumerate(own):
        what = f"400-InvalidParameter, cidrBlocks[{index}]"
        cidrs.sized(text, what, 16, 30)
        cidrs.must_not_overlap(text, what, taken)
        taken.append((text, f"cidrBlocks[{index}]"))


def _label(call: Call) -> None:
    checked_label(call.inputs.get("dnsLabel"))


def _one_edit_at_once(call: Call) -> None:
    # oneEditAway in oracle/terraform-provider-oci, core_vcn_resource.go.
    if not call.old:
        return
    before, after = blocks(call.old), blocks(call.inputs)
    changed = sum(a != b for a, b in zip(before, after, strict=False))
    added = len(after) > len(before)
    removed = len(after) < len(before) and any(before[:i] + before[i + 1 :] == after for i in range(len(before)))
    modified = len(after) == len(before) and changed <= 1
    appended = added and len(after) == len(before) + 1 and not changed
    if not (modified or appended or removed):
        raise RefusedError(
            "only one add/remove or modification is allowed at once, new cidr_block must be added at the end of list; "
            f"cidrBlocks was {before} and would be {after}"
        )


def _subnets_stay_within(call: Call) -> None:
    # docs.oracle.com/en-us/iaas/Content/Network/Tasks/managingVCNs.htm: a range in which a subnet lies cannot go.
    if not call.old:
        return
    after = [cidrs.parse(text, "cidrBlocks") for text in blocks(call.inputs)]
    for subnet in call.store.all(SUBNET):
        if subnet.outputs.get("vcnId") == call.id:
            own = cidrs.parse(str(subnet.outputs["cidrBlock"]), "cidrBlock")
            if not any(own.subnet_of(each) for each in after):
                raise names.invalid(f"cidrBlocks: the subnet {subnet.id!r} ({own}) would be in none of the ranges")


def _plan(call: Call) -> Properties:
    known = {**names.plan(call), **names.chosen(call, displayName="vcn20260101000000")}
    known |= names.chosen(call, cidrBlock=blocks(call.inputs)[0])
    return {**known, **names.chosen(call, cidrBlocks=blocks(call.inputs))}


def _create(call: Call) -> Properties:
    region, unique = names.region(call), names.fresh(call)
    table = f"ocid1.routetable.oc1.{region}.{unique}"
    security = f"ocid1.securitylist.oc1.{region}.{unique}"
    common: Properties = {"vcnId": call.id, "compartmentId": call.inputs["compartmentId"], "state": "AVAILABLE"}
    call.store.put(Record(ROUTE_TABLE, table, "", "", {}, {**common, "routeRules": []}))
    rules = _default_rules(blocks(call.inputs))
    call.store.put(Record(SECURITY_LIST, security, "", "", {}, {**common, **rules}))
    label = call.inputs.get("dnsLabel")
    return {
        "defaultRouteTableId": table,
        "defaultSecurityListId": security,
        "defaultDhcpOptionsId": f"ocid1.dhcpoptions.oc1.{region}.{unique}",
        "vcnDomainName": f"{label}.oraclevcn.com" if label else "",
        "ipv6cidrBlocks": [],
        "byoipv6cidrBlocks": [],
        "state": "AVAILABLE",
        "timeCreated": names.CREATED,
    }


def _default_rules(own: list[str]) -> Properties:
    # docs.oracle.com/en-us/iaas/Content/Network/Concepts/securitylists.htm, "Default Security List".
    ssh = {"protocol": "6", "source": "0.0.0.0/0", "sourceType": "CIDR_BLOCK", "tcpOptions": {"min": 22, "max": 22}}
    fragments = {"protocol": "1", "source": "0.0.0.0/0", "sourceType": "CIDR_BLOCK"}
    unreachable = [{"protocol": "1", "source": each, "sourceType": "CIDR_BLOCK"} for each in own]
    return {
        "ingressSecurityRules": [
            ssh,
            {**fragments, "icmpOptions": {"type": 3, "code": 4}},
            *({**each, "icmpOptions": {"type": 3}} for each in unreachable),
        ],
        "egressSecurityRules": [{"protocol": "all", "destination": "0.0.0.0/0", "destinationType": "CIDR_BLOCK"}],
    }


def _is_default(call: Call, record: Record) -> bool:
    return record.id in (call.old.get("defaultRouteTableId"), call.old.get("defaultSecurityListId"))


def _empty(call: Call) -> None:
    # VCN API, DeleteVcn: the VCN must be empty; the words for a gateway are those of oracle/oci-cli#1108.
    for token in _CONTENTS:
        for record in call.store.all(token):
            if record.outputs.get("vcnId") == call.id and not _is_default(call, record):
                raise RefusedError(
                    f"409-IncorrectState, {call.id} is associated with {token.rpartition(':')[2]} {record.id!r} "
                    "that is in use; delete that first"
                )


def _delete(call: Call) -> None:
    call.store.remove(ROUTE_TABLE, str(call.old.get("defaultRouteTableId")))
    call.store.remove(SECURITY_LIST, str(call.old.get("defaultSecurityListId")))


def of(call: Call) -> Record:
    """The VCN that the called resource's vcnId names."""
    return names.must_find(call, VCN, call.inputs.get("vcnId"), "vcnId")


KIND = Kind(
    VCN,
    identify=names.ocid("vcn"),
    # ForceNew of oci_core_vcn.
    replaces=frozenset({"cidrBlock", "dnsLabel", "byoipv6cidrDetails", "ipv6privateCidrBlocks"}),
    planned=_plan,
    check=_check,
    rules=(names.in_compartment, _ranges, _label, _one_edit_at_once, _subnets_stay_within),
    in_use=(_empty,),
    create=_create,
    delete=_delete,
    perpetual=names.tags_never_settle,
    create_minutes=0.1,
    delete_minutes=0.1,
)
