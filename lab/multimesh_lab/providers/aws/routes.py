"""Route tables and routes of the simulated AWS.

Owns: which route a table takes, and when it leads nowhere. Does not own: what is at its other end (gateways, vpn,
peering).
"""

from collections.abc import Mapping
from typing import cast

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.aws import names
from multimesh_lab.providers.aws.vpc import ROUTE_TABLE, SUBNET, VPC
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
_INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
_VPN_GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
_TARGETS: Mapping[str, str] = {
    "natGatewayId": "aws:ec2/natGateway:NatGateway",
    "vpcPeeringConnectionId": PEERING,
    "gatewayId": _INTERNET_GATEWAY,
}
_OTHER_TARGETS = (
    "carrierGatewayId",
    "coreNetworkArn",
    "egressOnlyGatewayId",
    "localGatewayId",
    "networkInterfaceId",
    "transitGatewayId",
    "vpcEndpointId",
)
_DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
_CODES = {
    "natGatewayId": "NatGatewayNotFound",
    "vpcPeeringConnectionId": "InvalidVpcPeeringConnectionID.NotFound",
    "gatewayId": "InvalidGatewayID.NotFound",
}


def _token(key: str, value: object) -> str:
    """The type of a target; a gateway is an internet gateway or a virtual private gateway, by its id."""
    return _VPN_GATEWAY if key == "gatewayId" and str(value).startswith("vgw-") else _TARGETS[key]


def _table_outputs(call: Call) -> Properties:
    return {"arn": names.arn(call, "ec2", f"route-table/{call.id}"), "ownerId": names.ACCOUNT}


def _table_rules(call: Call) -> None:
    names.must_find_here(call, VPC, call.inputs["vpcId"], "InvalidVpcID.NotFound")
    for route in cast("list[Properties]", call.inputs.get("routes") or []):
        for key in _TARGETS:
            if route.get(key) is not None:
                names.must_find_here(call, _token(key, route[key]), route[key], _CODES[key])


def _route_rules(call: Call) -> None:
    table = names.must_find_here(call, ROUTE_TABLE, call.inputs["routeTableId"], "InvalidRouteTableID.NotFound")
    targets = [key for key in (*_TARGETS, *_OTHER_TARGETS) if call.inputs.get(key) is not None]
    destinations = [key for key in _DESTINATIONS if call.inputs.get(key) is not None]
    # aws_route: ExactlyOneOf for both (resource_aws_route.go).
    if len(targets) != 1:
        raise RefusedError(f"route: exactly one target must be given, there are {targets or 'none'}")
    if len(destinations) != 1:
        raise RefusedError(f"route: exactly one of {_DESTINATIONS} must be given, there are {len(destinations)}")
    if targets[0] not in _TARGETS:
        raise RefusedError(f"route: a {targets[0]} is not simulated; simulated are {', '.join(_TARGETS)}")
    _leads_out_of_the_vpc(call, table)
    _target_rules(call, table, targets[0])
    for other in call.others(ROUTE):
        same_table = other.inputs["routeTableId"] == table.id
        if same_table and other.inputs.get(destinations[0]) == call.inputs[destinations[0]]:
            raise RefusedError(f"RouteAlreadyExists: {call.inputs[destinations[0]]} is in {table.id!r} already")


def _leads_out_of_the_vpc(call: Call, table: Record) -> None:
    block = call.inputs.get("destinationCidrBlock")
    if block is None:
        return
    # docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html: what is within the VPC's own range can lead to
    # a network interface or an endpoint alone.
    vpc = names.must_find(call, VPC, table.inputs["vpcId"], "InvalidVpcID.NotFound")
    own = cidrs.parse(str(vpc.outputs["cidrBlock"]), "cidrBlock")
    if cidrs.parse(str(block), "InvalidParameterValue: destinationCidrBlock").subnet_of(own):
        raise RefusedError(
            f"InvalidParameterValue: The destination CIDR block {block} is equal to or more specific than one of this "
            "VPC's CIDR blocks. This route can target only an interface or an instance."
        )


def _target_rules(call: Call, table: Record, key: str) -> None:
    value, vpc = call.inputs[key], table.inputs["vpcId"]
    # A peering between regions is in both of them, so it is looked for in any.
    find = names.must_find if key == "vpcPeeringConnectionId" else names.must_find_here
    target = find(call, _token(key, value), value, _CODES[key])
    if vpc not in (target.outputs.get("vpcId"), target.outputs.get("peerVpcId")):
        raise RefusedError(f"InvalidParameterValue: {target.id!r} and {table.id!r} belong to different networks")


def _route_outputs(call: Call) -> Properties:
    peering = call.store.get(PEERING, str(call.inputs.get("vpcPeeringConnectionId")))
    # docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html: a route to a peering that is pending is taken,
    # and leads nowhere until the peering is active.
    active = peering is None or peering.outputs.get("acceptStatus") == "active"
    return {
        "origin": "CreateRoute",
        "state": "active" if active else "blackhole",
        "instanceId": "",
        "instanceOwnerId": "",
    }


def set_state(store: Store, key: str, target: str, state: str) -> None:
    """Tell every route to the target whether it leads anywhere: `active` or `blackhole`."""
    for route in store.all(ROUTE):
        if route.inputs.get(key) == target:
            store.change(ROUTE, route.id, {"state": state})


def _route_id(call: Call) -> str:
    destination = next(str(call.inputs[key]) for key in _DESTINATIONS if call.inputs.get(key))
    return f"r-{call.inputs['routeTableId']}{abs(hash_of(destination))}"


def hash_of(text: str) -> int:
    """Stable across processes, unlike Python's own."""
    return int.from_bytes(text.encode(), "big") % 10**10


def _association_rules(call: Call) -> None:
    table = names.must_find_here(call, ROUTE_TABLE, call.inputs["routeTableId"], "InvalidRouteTableID.NotFound")
    if call.inputs.get("subnetId") is None:
        return
    subnet = names.must_find_here(call, SUBNET, call.inputs["subnetId"], "InvalidSubnetID.NotFound")
    if subnet.inputs["vpcId"] != table.inputs["vpcId"]:
        raise RefusedError(f"InvalidParameterValue: {subnet.id!r} and {table.id!r} belong to different networks")
    # A subnet has one route table (docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html).
    for other in call.others(ASSOCIATION):
        if other.inputs.get("subnetId") == subnet.id:
            raise RefusedError(f"Resource.AlreadyAssociated: {subnet.id!r} already has a route table: {other.id!r}")


KINDS = (
    Kind(
        ROUTE_TABLE,
        identify=names.fresh("rtb"),
        replaces=frozenset({"vpcId", "region"}),  # ForceNew of aws_route_table
        planned=names.plan,
        rules=(_table_rules,),
        in_use=(lambda call: names.refuse_while_used(call, {ASSOCIATION: "routeTableId"}),),
        create=_table_outputs,
    ),
    Kind(
        ROUTE,
        identify=_route_id,
        replaces=frozenset({"routeTableId", "region", *_DESTINATIONS}),  # ForceNew of aws_route
        planned=lambda call: {"region": names.region(call)},
        rules=(_route_rules,),
        create=_route_outputs,
        update=_route_outputs,
    ),
    Kind(
        ASSOCIATION,
        identify=names.fresh("rtbassoc"),
        replaces=frozenset({"subnetId", "gatewayId", "region"}),  # ForceNew of aws_route_table_association
        planned=lambda call: {"region": names.region(call)},
        rules=(_association_rules,),
    ),
)
