"""Local peering gateways (LPGs) of the simulated Oracle Cloud: two VCNs of a region, joined.

Owns: which two may be joined, and what each then says. Does not own: routes to the other VCN (routes), peering between
regions (remote_peering).
"""

import ipaddress
from typing import cast

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import names, vcn
from multimesh_lab.providers.oci.tokens import LOCAL_PEERING_GATEWAY, ROUTE_TABLE, VCN
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_IN_VCN = 10
_OF_PEERING = ("peerId", "peeringStatus", "peeringStatusDetails", "peerAdvertisedCidr", "peerAdvertisedCidrDetails")


def _plan(call: Call) -> Properties:
    known = names.chosen(call, displayName="localpeeringgateway20260101000000", peerId="", routeTableId="")
    return {**names.plan(call), **known}


def _room_in_vcn(call: Call) -> None:
    parent = names.must_find_here(call, VCN, call.inputs.get("vcnId"), "vcnId")
    # docs.oracle.com/en-us/iaas/Content/General/Concepts/servicelimits.htm, gateway limits: ten for each VCN; the words
    # are those for the other gateways.
    present = [r for r in call.others(LOCAL_PEERING_GATEWAY) if r.outputs.get("vcnId") == parent.id]
    if len(present) >= _IN_VCN:
        raise names.invalid(
            f"The maximum limit of {_IN_VCN} for LocalPeeringGateway per VCN has been exceeded in VCN {parent.id}"
        )
    if call.inputs.get("routeTableId") is not None:
        names.must_find_in_vcn(call, ROUTE_TABLE, call.inputs["routeTableId"], parent.id, "routeTableId")


def _peer_fits(call: Call) -> None:
    if call.inputs.get("peerId") is None or call.old:
        return
    # Core API, ConnectLocalPeeringGateways: "to another one in the same region".
    peer = names.must_find_here(call, LOCAL_PEERING_GATEWAY, call.inputs["peerId"], "peerId")
    # Documentation of oci_core_local_peering_gateway: one side names the other, and a revoked peering stays so.
    if peer.outputs.get("peeringStatus") != "NEW":
        raise names.invalid(f"The Local Peering Gateway with ID {peer.id} has already been connected")
    own, theirs = vcn.of(call), _vcn_of(call, peer)
    # docs.oracle.com/en-us/iaas/Content/Network/Tasks/localVCNpeering.htm: two VCNs, whose CIDRs do not overlap.
    if own.id == theirs.id:
        raise names.invalid(f"peerId: {peer.id!r} belongs to the same VCN {own.id!r}")
    taken = [(block, theirs.id) for block in vcn.blocks(dict(theirs.outputs))]
    for block in vcn.blocks(dict(own.outputs)):
        cidrs.must_not_overlap(block, "400-InvalidParameter, vcnId", taken)


def _vcn_of(call: Call, gateway: Record) -> Record:
    return names.must_find(call, VCN, gateway.outputs.get("vcnId"), "vcnId of the peer")


def _create(call: Call) -> Properties:
    state: Properties = {
        "isCrossTenancyPeering": False,
        "peerId": "",
        "peeringStatus": "NEW",
        "peeringStatusDetails": "Not connected to a peer.",
        "peerAdvertisedCidr": "",
        "peerAdvertisedCidrDetails": [],
        "state": "AVAILABLE",
        "timeCreated": names.CREATED,
    }
    if call.inputs.get("peerId") is None:
        return state
    with call.store.locked():
        peer = names.must_find(call, LOCAL_PEERING_GATEWAY, call.inputs["peerId"], "peerId")
        call.store.change(peer.type, peer.id, _joined(call.id, vcn.of(call)))
        return {**state, **_joined(peer.id, _vcn_of(call, peer))}


def _joined(peer: str, its_vcn: Record) -> Properties:
    blocks = vcn.blocks(cast("Properties", its_vcn.outputs))
    return {
        "peerId": peer,
        "peeringStatus": "PEERED",
        "peeringStatusDetails": "Connected to a peer.",
        "peerAdvertisedCidr": _smallest_aggregate(blocks),
        "peerAdvertisedCidrDetails": blocks,
    }


def _smallest_aggregate(blocks: list[str]) -> str:
    # SDK documentation of peerAdvertisedCidr.
    networks = [ipaddress.IPv4Network(block) for block in blocks]
    found = networks[0]
    while not all(network.subnet_of(found) for network in networks):
        found = found.supernet()
    return str(found)


def _unused(call: Call) -> None:
    # docs.oracle.com/en-us/iaas/Content/Network/Tasks/delete-lpg.htm: not while a route rule refers to it.
    names.refuse_while_used(call, {ROUTE_TABLE: "routeRules.networkEntityId"})


def _delete(call: Call) -> None:
    # The same page: the LPG at the other side changes to REVOKED, and cannot be peered again.
    with call.store.locked():
        peer = call.store.get(LOCAL_PEERING_GATEWAY, str(call.old.get("peerId")))
        if peer is not None:
            revoked = {"peeringStatus": "REVOKED", "peeringStatusDetails": "The peer was deleted."}
            call.store.change(peer.type, peer.id, revoked)


def _update(call: Call) -> Properties:
    if call.inputs.get("routeTableId") is None and call.old.get("routeTableId"):
        # docs.oracle.com/en-us/iaas/Content/Network/Tasks/lpg-add-route-table.htm: once it has one, it always has one.
        raise RefusedError(f"409-IncorrectState, {call.id!r} cannot be left without a route table once it had one")
    return names.stored(call, *_OF_PEERING)


KIND = Kind(
    LOCAL_PEERING_GATEWAY,
    identify=names.ocid("localpeeringgateway"),
    replaces=frozenset({"vcnId", "peerId"}),  # ForceNew of oci_core_local_peering_gateway
    planned=_plan,
    rules=(names.in_compartment, _room_in_vcn, _peer_fits),
    in_use=(_unused,),
    create=_create,
    update=_update,
    delete=_delete,
    perpetual=names.tags_never_settle,
    create_minutes=0.2,
    delete_minutes=0.2,
)
