"""Route tables of the simulated Oracle Cloud.

Owns: what a route rule may say. Does not own: what follows from it (reach).
"""

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import drg, names, reach, regions, vcn
from multimesh_lab.providers.oci.tokens import (
    DRG,
    INTERNET_GATEWAY,
    LOCAL_PEERING_GATEWAY,
    NAT_GATEWAY,
    ROUTE_TABLE,
    SERVICE_GATEWAY,
    SUBNET,
    VCN,
)
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_INWARD = (DRG, LOCAL_PEERING_GATEWAY)
_TARGETS = (INTERNET_GATEWAY, NAT_GATEWAY, SERVICE_GATEWAY, *_INWARD)
_TYPES = ("CIDR_BLOCK", "SERVICE_CIDR_BLOCK")


def _plan(call: Call) -> Properties:
    return {**names.plan(call), **names.chosen(call, displayName="routetable20260101000000", routeRules=[])}


def _rules(call: Call) -> None:
    parent = vcn.of(call)
    for index, rule in enumerate(names.listed(call.inputs, "routeRules")):
        _rule(call, parent, f"routeRules[{index}]", rule)


def _rule(call: Call, parent: Record, what: str, rule: Properties) -> None:
    # SDK documentation of RouteTableRouteRule: the former cidrBlock is rejected beside destination, and
    # destinationType is one of two and comes with destination.
    if rule.get("cidrBlock") is not None and rule.get("destination") is not None:
        raise names.invalid(f"{what}: cidrBlock and destination are both given; leave out cidrBlock")
    kind = rule.get("destinationType") or "CIDR_BLOCK"
    if kind not in _TYPES:
        raise names.invalid(f"{what}.destinationType {kind!r} must be {' or '.join(_TYPES)}")
    target = _target(call, parent, what, rule.get("networkEntityId"))
    if kind == "SERVICE_CIDR_BLOCK":
        _service_rule(call, what, reach.destination(rule), target)
    else:
        _range_rule(parent, what, reach.destination(rule), target)


def _target(call: Call, parent: Record, what: str, target: object) -> Record:
    found = next((r for token in _TARGETS if (r := call.store.get(token, str(target)))), None)
    if found is None:
        kinds = ", ".join(token.rpartition(":")[2] for token in _TARGETS)
        raise names.not_found(f"{what}.networkEntityId", target, f"the OCID of one of the simulated targets: {kinds}")
    if found.type == DRG:
        # docs.oracle.com/en-us/iaas/Content/Network/Tasks/managingDRGs.htm: a route rule can name a DRG once the VCN is
        # attached to it.
        if drg.attachment_of(call.store, found.id, parent.id) is None:
            raise names.invalid(
                f"{what}.networkEntityId: the DRG {found.id!r} is not attached to the VCN {parent.id!r}"
            )
    elif found.outputs.get("vcnId") != parent.id:
        raise names.invalid(f"{what}.networkEntityId: {found.id!r} is in another VCN than the route table")
    return found


def _service_rule(call: Call, what: str, label: str, target: Record) -> None:
    # SDK documentation of destinationType: a Service's cidrBlock, for traffic through a service gateway.
    if target.type != SERVICE_GATEWAY:
        raise names.invalid(f"{what}: SERVICE_CIDR_BLOCK needs a service gateway as target, not {target.id!r}")
    enabled = {str(each.get("serviceId")) for each in names.listed(target.outputs, "services")}
    labels = [each.label for each in regions.services(names.region(call)) if each.id in enabled]
    if label not in labels:
        raise names.invalid(
            f"{what}.destination {label!r} is not a service CIDR label that {target.id!r} has enabled; it has {labels}"
        )


def _range_rule(parent: Record, what: str, text: str, target: Record) -> None:
    network = cidrs.parse(text, f"400-InvalidParameter, {what}.destination")
    if target.type == SERVICE_GATEWAY:
        raise names.invalid(f"{what}: a service gateway takes only destinationType SERVICE_CIDR_BLOCK")
    # docs.oracle.com/en-us/iaas/Content/Network/Tasks/managingroutetables.htm: within the VCN the next hop is a
    # private address, a peering gateway or a DRG; no gateway to the outside.
    if target.type in _INWARD:
        return
    for block in vcn.blocks(dict(parent.outputs)):
        if network.subnet_of(cidrs.parse(block, "cidrBlocks")):
            raise names.invalid(f"{what}.destination {text} lies within {block} of the VCN, which is routed by itself")


def _changed(call: Call) -> Properties:
    names.remember_update(call)
    reach.apply(call, call.inputs["vcnId"])
    return {}


def _unused(call: Call) -> None:
    # VCN API, DeleteRouteTable: no subnet may be associated, and the VCN's default table stays with the VCN.
    names.refuse_while_used(call, {SUBNET: "routeTableId"})
    parent = call.store.get(VCN, str(call.old.get("vcnId")))
    if parent is not None and parent.outputs.get("defaultRouteTableId") == call.id:
        raise RefusedError(f"409-IncorrectState, {call.id!r} is the default route table of its VCN")


KIND = Kind(
    ROUTE_TABLE,
    identify=names.ocid("routetable"),
    replaces=frozenset({"vcnId"}),  # ForceNew of oci_core_route_table
    planned=_plan,
    rules=(names.in_compartment, _rules),
    in_use=(_unused,),
    create=lambda call: {"state": "AVAILABLE", "timeCreated": names.CREATED},
    update=_changed,
    perpetual=names.tags_never_settle,
)
