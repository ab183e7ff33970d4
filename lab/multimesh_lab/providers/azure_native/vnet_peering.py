"""Peerings of the simulated Azure's virtual networks.

Owns: their rules and their state. Does not own: which packets they carry (the lab's fabric).
"""

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.azure_native import ids, vnet
from multimesh_lab.providers.azure_native.kind import ArmKind, Naming
from multimesh_lab.providers.azure_native.tokens import PEERING, VNET
from multimesh_lab.providers.azure_native.vpn_gateway import gateway_of
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties


def own_network(peering_id: str) -> str:
    """The id of the network that the peering is a side of."""
    return peering_id.partition("/virtualNetworkPeerings/")[0]


def _remote(record: Record) -> object:
    return ids.within(record.outputs, "remoteVirtualNetwork").get("id")


def across(store: Store, record: Record) -> Record | None:
    """The other side, which names this one's network."""
    for each in store.all(PEERING):
        if ids.same(own_network(each.id), _remote(record)) and ids.same(_remote(each), own_network(record.id)):
            return each
    return None


def _ends(call: Call) -> None:
    call.id = call.id or _url(call)
    own = ids.parent_of(call, VNET)
    remote = ids.must_find(
        call.store, VNET, ids.within(call.inputs, "remoteVirtualNetwork").get("id"), "remoteVirtualNetwork.id"
    )
    if ids.same(own.id, remote.id):
        raise ids.invalid("VnetPeeringToSelfNotAllowed", f"{own.id} cannot be peered with itself.")
    for other in call.store.all(PEERING):
        same_ends = ids.same(own_network(other.id), own.id) and ids.same(_remote(other), remote.id)
        if same_ends and not ids.same(other.id, call.id):
            message = f"{own.id} is peered with {remote.id} already, by {other.id}."
            raise ids.invalid("AnotherPeeringAlreadyReferencesRemoteVnet", message)
    # "Virtual network peering", constraints: address spaces do not overlap.
    taken = [(prefix, remote.id) for prefix in vnet.prefixes(remote)]
    for prefix in vnet.prefixes(own):
        if any(cidrs.parse(prefix, own.id).overlaps(cidrs.parse(other, remote.id)) for other, _ in taken):
            message = f"Cannot peer {own.id} with {remote.id}: their address spaces overlap at {prefix}."
            raise ids.invalid("VnetAddressSpacesOverlap", message)
    _gateways(call, own, remote)


def _gateways(call: Call, own: Record, remote: Record) -> None:
    """Source: "Configure VPN gateway transit for virtual network peering"."""
    uses, lends = call.inputs.get("useRemoteGateways"), call.inputs.get("allowGatewayTransit")
    if uses and lends:
        message = "useRemoteGateways and allowGatewayTransit cannot both be set on one peering."
        raise ids.invalid("PeeringCannotUseAndAllowGateways", message)
    if not uses:
        return
    if gateway_of(call.store, own.id):
        message = f"{own.id} has a gateway of its own, so it cannot use that of {remote.id}."
        raise ids.invalid("VirtualNetworkWithGatewayCannotUseRemoteGateways", message)
    if gateway_of(call.store, remote.id) is None:
        raise ids.invalid("RemotePeeringHasNoGateways", f"{remote.id} has no gateway that could be used.")
    other = next(
        (
            each
            for each in call.store.all(PEERING)
            if ids.same(own_network(each.id), remote.id) and ids.same(_remote(each), own.id)
        ),
        None,
    )
    if other is None or not other.outputs.get("allowGatewayTransit"):
        message = f"the peering of {remote.id} with {own.id} does not allow gateway transit."
        raise ids.invalid("RemotePeeringDoesNotAllowGatewayTransit", message)


def _state(store: Store, record: Record) -> Properties:
    other = across(store, record)
    there = ids.find(store, VNET, _remote(record))
    if there is None or (other is None and record.outputs.get("everConnected")):
        state = "Disconnected"
    else:
        state = "Connected" if other else "Initiated"
    space = {"addressPrefixes": vnet.prefixes(there)} if there else None
    return {
        "peeringState": state,
        "peeringSyncLevel": "FullyInSync" if state == "Connected" else "RemoteNotInSync",
        "remoteAddressSpace": space,
        "remoteVirtualNetworkAddressSpace": space,
        "provisioningState": "Succeeded",
    }


_url = ids.in_group(
    "Microsoft.Network/virtualNetworks/{virtualNetworkName}/virtualNetworkPeerings/{virtualNetworkPeeringName}"
)


def _made(call: Call) -> Properties:
    """Once both sides were there, one that goes leaves the other disconnected, until that is made anew."""
    record = call.store.get(PEERING, call.id)
    other = across(call.store, record) if record else None
    if other is not None:
        call.store.change(PEERING, other.id, {"everConnected": True})
    return {"provisioningState": "Succeeded", "everConnected": other is not None}


KIND = ArmKind(
    PEERING,
    identify=_url,
    # forceNewMap, provider/pkg/gen/replacement.go, names none of the body.
    replaces=frozenset({"resourceGroupName", "virtualNetworkName", "virtualNetworkPeeringName"}),
    named_by="virtualNetworkPeeringName",
    naming=Naming.COPY,
    planned=ids.named(PEERING, "virtualNetworkPeeringName"),
    shown=_state,
    rules=(_ends,),
    create=_made,
    create_minutes=0.3,
    delete_minutes=0.3,
)
