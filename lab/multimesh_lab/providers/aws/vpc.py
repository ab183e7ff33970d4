"""VPCs and subnets of the simulated AWS.

Owns: their rules. Does not own: routes (routes), gateways (gateways) or security groups (security_groups).
Additional CIDR blocks of a VPC are not simulated, so neither are the restrictions on associating them.
"""

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.aws import names
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.wire import Properties

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
_ATTACHED = (
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/vpnGateway:VpnGateway",
    "aws:ec2/securityGroup:SecurityGroup",
)
_PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"


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
    users: tuple[str, ...] = (SUBNET, ROUTE_TABLE, *_ATTACHED, _PEERING)
    names.refuse_while_used(call, dict.fromkeys(users, "vpcId"))
    names.refuse_while_used(call, {_PEERING: "peerVpcId"})


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
)
