"""VPC peerings of the simulated AWS: requests, acceptances and options.

Owns: their rules, and which routes lead somewhere because of them. Does not own: the routes (routes).
The lab has one account; a peering with another one stays pending, since nobody there accepts it.
"""

from ipaddress import IPv4Network
from typing import Any, cast

from multimesh_lab.providers.aws import names, routes
from multimesh_lab.providers.aws.routes import PEERING
from multimesh_lab.providers.aws.vpc import VPC
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
OPTIONS = "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions"
_MOST = 50
_SIDES = ("requester", "accepter")
_NOTHING_ALLOWED = {"allowRemoteVpcDnsResolution": False}
_PENDING, _ACTIVE = "pending-acceptance", "active"


def _peer_owner(call: Call) -> str:
    return str(call.inputs.get("peerOwnerId") or names.ACCOUNT)


def _peer_region(call: Call) -> str:
    return str(call.inputs.get("peerRegion") or names.region(call))


def _request_rules(call: Call) -> None:
    own = names.must_find_here(call, VPC, call.inputs["vpcId"], "InvalidVpcID.NotFound")
    if not call.id and call.inputs.get("autoAccept") and call.inputs.get("peerRegion"):
        # aws_vpc_peering_connection, only on create.
        raise RefusedError(
            "`peer_region` cannot be set whilst `auto_accept` is `true` when creating an EC2 VPC Peering Connection"
        )
    if call.inputs.get("autoAccept") and _peer_owner(call) != names.ACCOUNT:
        # ec2 AcceptVpcPeeringConnection: the owner of the peer VPC accepts.
        raise RefusedError(
            f"OperationNotPermitted: User {names.ACCOUNT} cannot accept peering of {call.inputs['peerVpcId']}"
        )
    pair = {call.inputs["vpcId"], call.inputs["peerVpcId"]}
    for other in call.others(PEERING):
        if {other.inputs["vpcId"], other.inputs["peerVpcId"]} == pair:
            raise RefusedError(f"VpcPeeringConnectionAlreadyExists: {other.id} joins {' and '.join(sorted(pair))}")
    joined = [r for r in call.others(PEERING) if own.id in (r.inputs["vpcId"], r.inputs["peerVpcId"])]
    # docs.aws.amazon.com/general/latest/gr/vpc-service.html: 50 active peerings for each VPC unless raised.
    if len(joined) >= _MOST:
        raise RefusedError(f"ActiveVpcPeeringConnectionPerVpcLimitExceeded: {own.id} has {len(joined)} peerings")


def _both_ends(call: Call) -> None:
    """AWS takes the request and ends it as `failed`, which is what the provider reports."""
    if _peer_owner(call) != names.ACCOUNT:
        return
    own = names.must_find(call, VPC, call.inputs["vpcId"], "InvalidVpcID.NotFound")
    peer = call.store.get(VPC, str(call.inputs["peerVpcId"]))
    # docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html: no overlap, and a peer that is not there fails.
    if peer is None or peer.outputs.get("region") != _peer_region(call) or _overlap(own, peer):
        raise RefusedError(
            "waiting for EC2 VPC Peering Connection create: unexpected state 'failed', wanted target 'active, "
            f"pending-acceptance'. last error: Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range: "
            f"{own.id} {own.outputs['cidrBlock']} and {call.inputs['peerVpcId']} "
            f"{peer.outputs['cidrBlock'] if peer else ''} in {_peer_region(call)}"
        )


def _overlap(one: Record, other: Record) -> bool:
    return IPv4Network(str(one.outputs["cidrBlock"])).overlaps(IPv4Network(str(other.outputs["cidrBlock"])))


def _request_outputs(call: Call) -> Properties:
    return {
        "acceptStatus": _ACTIVE if call.inputs.get("autoAccept") else _PENDING,
        "peerOwnerId": _peer_owner(call),
        "peerRegion": _peer_region(call),
        **dict.fromkeys(_SIDES, _NOTHING_ALLOWED),
    }


def _request_update(call: Call) -> Properties:
    if not call.inputs.get("autoAccept") or call.old.get("acceptStatus") != _PENDING:
        return {}
    if (call.old.get("peerOwnerId"), call.old.get("peerRegion")) != (names.ACCOUNT, names.region(call)):
        raise RefusedError(f"OperationNotPermitted: User {names.ACCOUNT} cannot accept peering {call.id} from here")
    routes.set_state(call.store, "vpcPeeringConnectionId", call.id, "active")
    return {"acceptStatus": _ACTIVE}


def _request_gone(call: Call) -> None:
    # docs.aws.amazon.com/vpc/latest/peering/delete-vpc-peering-connection.html: routes to it are left as black holes.
    routes.set_state(call.store, "vpcPeeringConnectionId", call.id, "blackhole")


def _peering_of(call: Call) -> Record:
    return names.must_find(
        call, PEERING, call.inputs["vpcPeeringConnectionId"], "InvalidVpcPeeringConnectionID.NotFound"
    )


def _accepter_rules(call: Call) -> None:
    peering = _peering_of(call)
    # ec2 AcceptVpcPeeringConnection: by the peer's owner, in the peer's region.
    if peering.outputs.get("peerRegion") != names.region(call):
        raise RefusedError(
            f"InvalidVpcPeeringConnectionID.NotFound: The vpcPeeringConnection ID {peering.id!r} cannot be accepted in "
            f"{names.region(call)}; its accepter is in {peering.outputs.get('peerRegion')}"
        )
    if call.inputs.get("autoAccept") and peering.outputs.get("peerOwnerId") != names.ACCOUNT:
        raise RefusedError(f"OperationNotPermitted: User {names.ACCOUNT} cannot accept peering {peering.id}")


def _accept(call: Call) -> Properties:
    peering = _peering_of(call)
    status = peering.outputs.get("acceptStatus")
    if call.inputs.get("autoAccept") and status == _PENDING:
        status = _ACTIVE
        call.store.change(PEERING, peering.id, {"acceptStatus": status})
        routes.set_state(call.store, "vpcPeeringConnectionId", peering.id, "active")
    return {
        "acceptStatus": status,
        # The accepter's own VPC comes first for it.
        "vpcId": peering.inputs["peerVpcId"],
        "peerVpcId": peering.inputs["vpcId"],
        "peerOwnerId": names.ACCOUNT,
        "peerRegion": peering.outputs.get("region"),
    }


def _options_rules(call: Call) -> None:
    peering = _peering_of(call)
    if peering.outputs.get("acceptStatus") != _ACTIVE:
        # ec2 ModifyVpcPeeringConnectionOptions.
        raise RefusedError(
            f"OperationNotPermitted: Peering {peering.id} is not active. Peering options can be added only to active "
            "peerings."
        )
    regions = {"requester": peering.outputs.get("region"), "accepter": peering.outputs.get("peerRegion")}
    for side in _SIDES:
        # The same: between regions each side's options are set in its own.
        if call.inputs.get(side) is not None and regions[side] != names.region(call):
            raise RefusedError(
                f"OperationNotPermitted: {side} options of {peering.id} can be modified in {regions[side]} alone"
            )


def _options_id(call: Call) -> str:
    """The peering's id, which is all of the real id, and the sides, which keep the records of two regions apart."""
    sides = [side for side in _SIDES if call.inputs.get(side) is not None]
    return "/".join([str(call.inputs["vpcPeeringConnectionId"]), *sides])


def _set_options(call: Call) -> Properties:
    peering = _peering_of(call)
    given = {side: {**_NOTHING_ALLOWED, **_given(call, side)} for side in _SIDES if call.inputs.get(side) is not None}
    call.store.change(PEERING, peering.id, given)
    return {**{side: peering.outputs.get(side, _NOTHING_ALLOWED) for side in _SIDES}, **given}


def _given(call: Call, side: str) -> dict[str, Any]:
    return cast("dict[str, Any]", call.inputs[side])


KINDS = (
    Kind(
        PEERING,
        identify=names.fresh("pcx"),
        # ForceNew of aws_vpc_peering_connection.
        replaces=frozenset({"vpcId", "peerVpcId", "peerOwnerId", "peerRegion", "region"}),
        planned=names.plan,
        rules=(_request_rules, _both_ends),
        create=_request_outputs,
        update=_request_update,
        delete=_request_gone,
        create_minutes=0.2,
    ),
    Kind(
        ACCEPTER,
        identify=lambda call: str(call.inputs["vpcPeeringConnectionId"]),
        replaces=frozenset({"vpcPeeringConnectionId", "region"}),  # ForceNew of aws_vpc_peering_connection_accepter
        planned=names.plan,
        rules=(_accepter_rules,),
        create=_accept,
        update=_accept,
        # Its delete does nothing to the peering.
    ),
    Kind(
        OPTIONS,
        identify=_options_id,
        replaces=frozenset({"vpcPeeringConnectionId", "region"}),  # ForceNew of aws_vpc_peering_connection_options
        planned=lambda call: {"region": names.region(call)},
        rules=(_options_rules,),
        create=_set_options,
        update=_set_options,
        # Its delete does nothing to the peering.
    ),
)
