"""Remote peering connections (RPCs) of the simulated Oracle Cloud: two DRGs, joined.

Owns: which two may be joined, and what each then says. Does not own: DRGs and routes to them (drg, routes), peering
within a region (local_peering).
"""

from multimesh_lab.providers.kinds import Call, Kind
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.oci.tokens import DRG, REMOTE_PEERING_CONNECTION
from multimesh_lab.providers.wire import Properties

_OF_PEERING = ("peerId", "peerRegionName", "peerTenancyId", "peeringStatus")


def _plan(call: Call) -> Properties:
    known = names.chosen(call, displayName="rpc20260101000000", peerId="", peerRegionName="")
    return {**names.plan(call), **known}


def _on_drg(call: Call) -> None:
    names.must_find_here(call, DRG, call.inputs.get("drgId"), "drgId")


def _peer_fits(call: Call) -> None:
    peer_id, region = call.inputs.get("peerId"), call.inputs.get("peerRegionName")
    # ConnectRemotePeeringConnectionsDetails: both are required.
    if (peer_id is None) != (region is None):
        raise names.invalid("peerId and peerRegionName are given together or not at all")
    if peer_id is None or call.old:
        return
    peer = names.must_find(call, REMOTE_PEERING_CONNECTION, peer_id, "peerId")
    if names.region_of_id(peer.id) != region:
        raise names.not_found("peerId", peer_id, f"in the region {region!r} that peerRegionName names")
    # ConnectRemotePeeringConnection of oracle/terraform-provider-oci, core_remote_peering_connection_resource.go.
    status = peer.outputs.get("peeringStatus")
    if status != "NEW":
        raise names.invalid(
            f"unexpected Peering Status `{status}` of the peer Remote Peering Connection (RPC) {peer.id}: it has "
            "already been connected"
        )


def _create(call: Call) -> Properties:
    state: Properties = {
        "isCrossTenancyPeering": False,
        "peerId": "",
        "peerRegionName": "",
        "peerTenancyId": "",
        "peeringStatus": "NEW",
        "state": "AVAILABLE",
        "timeCreated": names.CREATED,
    }
    if call.inputs.get("peerId") is None:
        return state
    with call.store.locked():
        peer = names.must_find(call, REMOTE_PEERING_CONNECTION, call.inputs["peerId"], "peerId")
        call.store.change(peer.type, peer.id, _joined(call.id))
        return {**state, **_joined(peer.id)}


def _joined(peer: str) -> Properties:
    return {
        "peerId": peer,
        "peerRegionName": names.region_of_id(peer),
        "peerTenancyId": names.TENANCY,
        "peeringStatus": "PEERED",
    }


def _delete(call: Call) -> None:
    # docs.oracle.com/en-us/iaas/Content/Network/Tasks/drg-rpc-delete.htm: the other side changes to REVOKED.
    with call.store.locked():
        peer = call.store.get(REMOTE_PEERING_CONNECTION, str(call.old.get("peerId")))
        if peer is not None:
            call.store.change(peer.type, peer.id, {"peeringStatus": "REVOKED"})


KIND = Kind(
    REMOTE_PEERING_CONNECTION,
    identify=names.ocid("remotepeeringconnection"),
    replaces=frozenset({"drgId", "peerId", "peerRegionName"}),  # ForceNew of oci_core_remote_peering_connection
    planned=_plan,
    rules=(names.in_compartment, _on_drg, _peer_fits),
    create=_create,
    update=lambda call: names.stored(call, *_OF_PEERING),
    delete=_delete,
    perpetual=names.tags_never_settle,
    create_minutes=0.5,
    delete_minutes=0.3,
)
