"""VPCs, subnets and route tables of the simulated AWS.

Owns: their rules. Does not own: gateways (gateways) or security groups (security_groups).
Nothing is routed by these: what may pass between the lab's clusters follows from the clusters' own settings.
Additional CIDR blocks of a VPC are not simulated, so neither are the restrictions on associating them.
"""

from typing import cast

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.aws import names
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.wire import Properties

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
_TARGETS = {
    "gatewayId": "aws:ec2/internetGateway:InternetGateway",
    "natGatewayId": "aws:ec2/natGateway:NatGateway",
}
_OTHER_TARGETS = (
    "carrierGatewayId",
    "coreNetworkArn",
    "egressOnlyGatewayId",
    "localGatewayId",
    "networkInterfaceId",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
)
_DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")


def _vpc_range(call: Call) -> None:
    # /16 to /28, not link-local (docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html).
    block = call.inputs.get("cidrBlock")
    if block is None:
        raise RefusedError("MissingParameter: cidrBlock is required; address pools (IPAM) are not simulated")
    cidrs.sized(str(block), "InvalidVpc.Range: cidrBlock", 16, 28)
    cidrs.must_not_overlap(str(block), "cidrBlock", [("169.254.0.0/16", "link-local addressing")])


def _vpc_outputs(call: Call) -> Properties:
    suffix = call.id.removeprefix("vpc-")
    return {
        "arn": names.arn(call, "ec2", f"vpc/{call.id}"),
        "ownerId": names.ACCOUNT,
        "mainRouteTableId": f"rtb-{suffix}",
        "defaultRouteTableId": f"rtb-{suffix}",
        "defaultSecurityGroupId": f"sg-{suffix}",
        "defaultNetworkAclId": f"acl-{suffix}",
        "dhcpOptionsId": f"dopt-{suffix}",
    }


def _vpc_unused(call: Call) -> None:
    # ec2 DeleteVpc: DependencyViolation; here also a cluster that is in it by way of its subnets.
    users = (SUBNET, ROUTE_TABLE, _TARGETS["gatewayId"], _TARGETS["natGatewayId"])
    security_group = "aws:ec2/securityGroup:SecurityGroup"
    names.refuse_while_used(call, dict.fromkeys((*users, security_group), "vpcId"))


def _subnet_rules(call: Call) -> None:
    # docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
    vpc = names.must_find(call, VPC, call.inputs["vpcId"], "InvalidVpcID.NotFound")
    block = str(call.inputs.get("cidrBlock"))
    cidrs.sized(block, "InvalidSubnet.Range: cidrBlock", 16, 28)
    cidrs.must_lie_within(block, "InvalidSubnet.Range: cidrBlock", str(vpc.outputs["cidrBlock"]), vpc.id)
    siblings = [r for r in call.others(SUBNET) if r.inputs["vpcId"] == vpc.id]
    taken = [(str(r.outputs["cidrBlock"]), r.id) for r in siblings]
    cidrs.must_not_overlap(block, "InvalidSubnet.Conflict: cidrBlock", taken)
    zone = call.inputs.get("availabilityZone")
    allowed = [names.region(call) + letter for letter in names.ZONES]
    if zone is not None and zone not in allowed:
        raise RefusedError(f"InvalidParameterValue: availabilityZone {zone!r}; allowed are {allowed}")


def _subnet_outputs(call: Call) -> Properties:
    zone = call.inputs.get("availabilityZone", names.region(call) + "a")
    return {
        "arn": names.arn(call, "ec2", f"subnet/{call.id}"),
        "ownerId": names.ACCOUNT,
        "availabilityZone": zone,
        "availabilityZoneId": zone_id(str(zone)),
    }


def zone_id(zone: str) -> str:
    """The zone's id in AWS's style, such as use1-az1 for us-east-1a."""
    area, direction, rest = zone.split("-")
    compass = "".join(word[0] for word in _compass_words(direction))
    return f"{area}{compass}{rest[0]}-az{ord(rest[1]) - ord('a') + 1}"


def _compass_words(direction: str) -> list[str]:
    words = ("north", "south", "east", "west", "central")
    found = sorted((direction.find(word), word) for word in words if word in direction)
    return [word for _, word in found] or [direction]


def _subnet_unused(call: Call) -> None:
    users = {
        "aws:ec2/natGateway:NatGateway": "subnetId",
        "aws:eks/cluster:Cluster": "vpcConfig.subnetIds",
        "aws:eks/nodeGroup:NodeGroup": "subnetIds",
    }
    names.refuse_while_used(call, users)


def _table_outputs(call: Call) -> Properties:
    return {"arn": names.arn(call, "ec2", f"route-table/{call.id}"), "ownerId": names.ACCOUNT}


def _table_rules(call: Call) -> None:
    names.must_find(call, VPC, call.inputs["vpcId"], "InvalidVpcID.NotFound")
    for route in cast("list[Properties]", call.inputs.get("routes") or []):
        for key, token in _TARGETS.items():
            if route.get(key) is not None:
                names.must_find(call, token, route[key], "InvalidGatewayID.NotFound")


def _route_rules(call: Call) -> None:
    table = names.must_find(call, ROUTE_TABLE, call.inputs["routeTableId"], "InvalidRouteTableID.NotFound")
    targets = [key for key in (*_TARGETS, *_OTHER_TARGETS) if call.inputs.get(key) is not None]
    destinations = [key for key in _DESTINATIONS if call.inputs.get(key) is not None]
    # aws_route: ExactlyOneOf for both (resource_aws_route.go).
    if len(targets) != 1:
        raise RefusedError(f"route: exactly one target must be given, there are {targets or 'none'}")
    if len(destinations) != 1:
        raise RefusedError(f"route: exactly one of {_DESTINATIONS} must be given, there are {len(destinations)}")
    token = _TARGETS.get(targets[0])
    if token is None:
        raise RefusedError(f"route: a {targets[0]} is not simulated; simulated are {', '.join(_TARGETS)}")
    gateway = names.must_find(call, token, call.inputs[targets[0]], "InvalidGatewayID.NotFound")
    if gateway.outputs.get("vpcId") != table.inputs["vpcId"]:
        raise RefusedError(f"InvalidParameterValue: {gateway.id!r} and {table.id!r} belong to different networks")
    for other in call.others(ROUTE):
        same_table = other.inputs["routeTableId"] == table.id
        if same_table and other.inputs.get(destinations[0]) == call.inputs[destinations[0]]:
            raise RefusedError(f"RouteAlreadyExists: {call.inputs[destinations[0]]} is in {table.id!r} already")


def _route_id(call: Call) -> str:
    destination = next(str(call.inputs[key]) for key in _DESTINATIONS if call.inputs.get(key))
    return f"r-{call.inputs['routeTableId']}{abs(hash_of(destination))}"


def hash_of(text: str) -> int:
    """Stable across processes, unlike Python's own."""
    return int.from_bytes(text.encode(), "big") % 10**10


def _association_rules(call: Call) -> None:
    table = names.must_find(call, ROUTE_TABLE, call.inputs["routeTableId"], "InvalidRouteTableID.NotFound")
    if call.inputs.get("subnetId") is None:
        return
    subnet = names.must_find(call, SUBNET, call.inputs["subnetId"], "InvalidSubnetID.NotFound")
    if subnet.inputs["vpcId"] != table.inputs["vpcId"]:
        raise RefusedError(f"InvalidParameterValue: {subnet.id!r} and {table.id!r} belong to different networks")
    # A subnet has one route table (docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html).
    for other in call.others(ASSOCIATION):
        if other.inputs.get("subnetId") == subnet.id:
            raise RefusedError(f"Resource.AlreadyAssociated: {subnet.id!r} already has a route table: {other.id!r}")


KINDS = (
    Kind(
        VPC,
        identify=names.fresh("vpc"),
        # ForceNew of aws_vpc.
        replaces=frozenset({"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "region"}),
        planned=lambda call: {
            **names.plan(call),
            "enableDnsSupport": True,
            "enableDnsHostnames": False,
            "instanceTenancy": "default",
        },
        rules=(_vpc_range,),
        in_use=(_vpc_unused,),
        create=_vpc_outputs,
    ),
    Kind(
        SUBNET,
        identify=names.fresh("subnet"),
        # ForceNew of aws_subnet.
        replaces=frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "region", "ipv6Native"}),
        planned=lambda call: {**names.plan(call), "mapPublicIpOnLaunch": False},
        rules=(_subnet_rules,),
        in_use=(_subnet_unused,),
        create=_subnet_outputs,
        create_minutes=0.2,
    ),
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
        create=lambda call: {
            "origin": "CreateRoute",
            "state": "active",
            "instanceId": "",
            "instanceOwnerId": "",
        },
    ),
    Kind(
        ASSOCIATION,
        identify=names.fresh("rtbassoc"),
        replaces=frozenset({"subnetId", "gatewayId", "region"}),  # ForceNew of aws_route_table_association
        planned=lambda call: {"region": names.region(call)},
        rules=(_association_rules,),
    ),
)
