"""Peering of networks of the simulated Google Cloud.

Owns: its rules. Does not own: which packets it carries (the lab's fabric).
"""

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.gcp import names
from multimesh_lab.providers.gcp.network import NETWORK, SUBNETWORK, in_network, ranges_of
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

PEERING = "gcp:compute/networkPeering:NetworkPeering"


def _ends(call: Call) -> tuple[Record, Record]:
    own = names.must_find(call, NETWORK, call.inputs["network"], "network")
    return own, names.must_find(call, NETWORK, call.inputs["peerNetwork"], "peerNetwork")


def _id(call: Call) -> str:
    return f"{_ends(call)[0].outputs['name']}/{call.inputs['name']}"


def _rules(call: Call) -> None:
    own, peer = _ends(call)
    if own == peer:
        raise RefusedError("Error 400: Invalid value for field 'networkPeering.network': a network cannot peer itself")
    for other in call.others(PEERING):
        if _other_ends(call, other) == (own, peer):
            # networks.addPeering: "There is already a peering to the same network".
            raise RefusedError(f"Error 400: {own.id!r} is peered with {peer.id!r} already: {other.id!r}")
    # "A subnet range of one network cannot overlap one of the other", secondary ones included (VPC Network Peering,
    # "Restrictions").
    mine = [entry for subnet in in_network(call, SUBNETWORK, own) for entry in ranges_of(subnet)]
    for subnet in in_network(call, SUBNETWORK, peer):
        for text, owner in ranges_of(subnet):
            cidrs.must_not_overlap(text, f"Error 400: peering with {peer.id!r}: {owner}", mine)


def _other_ends(call: Call, record: Record) -> tuple[Record | None, Record | None]:
    found = (names.find(call, NETWORK, record.inputs.get(key)) for key in ("network", "peerNetwork"))
    first, second = found
    return first, second


def _plan(call: Call) -> Properties:
    del call
    return {
        "exportCustomRoutes": False,
        "importCustomRoutes": False,
        "exportSubnetRoutesWithPublicIp": True,
        "importSubnetRoutesWithPublicIp": False,
        "stackType": "IPV4_ONLY",
        "updateStrategy": "INDEPENDENT",
    }


def _outputs(call: Call) -> Properties:
    """ACTIVE once the other network names this one; then the other side is told."""
    own, peer = _ends(call)
    across = next((each for each in call.others(PEERING) if _other_ends(call, each) == (peer, own)), None)
    if across is None:
        return {"state": "INACTIVE", "stateDetails": "Waiting for peer network to connect."}
    connected = {"state": "ACTIVE", "stateDetails": "Connected."}
    call.store.change(PEERING, across.id, connected)
    return connected


def _gone(call: Call) -> None:
    """The other side remains, and joins nothing any more."""
    record = call.store.get(PEERING, call.id)
    if record is None:
        return
    own, peer = _other_ends(call, record)
    for other in call.others(PEERING):
        if _other_ends(call, other) == (peer, own):
            call.store.change(
                PEERING, other.id, {"state": "INACTIVE", "stateDetails": "Peer network deleted the peering."}
            )


KIND = Kind(
    PEERING,
    identify=_id,
    # ForceNew of google_compute_network_peering.
    replaces=frozenset({"name", "network", "peerNetwork"}),
    autoname=names.AUTONAME,
    planned=_plan,
    rules=(names.rfc1035, _rules),
    create=_outputs,
    delete=_gone,
    create_minutes=0.5,
    delete_minutes=0.5,
)
