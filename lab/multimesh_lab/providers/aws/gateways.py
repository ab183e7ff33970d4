"""Internet gateways, Elastic IPs and NAT gateways of the simulated AWS.

Owns: which address a cluster's traffic leaves from. Does not own: the translation
itself (the lab's clusters do it).
With a NAT gateway per zone, the lab's one node leaves by that of the first zone.
"""

from multimesh_lab.providers.aws import names
from multimesh_lab.providers.aws.vpc import SUBNET, VPC
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
CLUSTER = "aws:eks/cluster:Cluster"


def _one_per_vpc(call: Call) -> None:
    vpc = call.inputs.get("vpcId")
    if vpc is None:
        return
    names.must_find(call, VPC, vpc, "InvalidVpcID.NotFound")
    # One internet gateway per VPC (docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
    for other in call.others(INTERNET_GATEWAY):
        if other.inputs.get("vpcId") == vpc:
            raise RefusedError(f"InvalidParameterValue: Network {vpc} already has an internet gateway attached")


def _no_public_addresses(call: Call) -> None:
    # ec2 DetachInternetGateway: "Network has some mapped public address(es)".
    for nat in call.store.all(NAT):
        if nat.outputs.get("vpcId") == call.inputs.get("vpcId") and nat.outputs.get("publicIp"):
            raise RefusedError(
                f"DependencyViolation: Network {call.inputs.get('vpcId')} has some mapped "
                f"public address(es): {nat.id!r}"
            )


def _eip_outputs(call: Call) -> Properties:
    address = call.runtime.allocate_address(f"aws/{call.id}")
    return {
        "allocationId": call.id,
        "publicIp": address,
        "publicDns": f"ec2-{address.replace('.', '-')}.compute.simulated",
        "arn": names.arn(call, "ec2", f"elastic-ip/{call.id}"),
        "domain": "vpc",
        "networkBorderGroup": names.region(call),
        "publicIpv4Pool": "amazon",
    }


def _nat_rules(call: Call) -> None:
    private = call.inputs.get("connectivityType", "public") == "private"
    regional = call.inputs.get("availabilityMode") == "regional"
    allocation, subnet = call.inputs.get("allocationId"), call.inputs.get("subnetId")
    vpc = _vpc_of(call)
    # docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html: public needs an Elastic IP, private
    # has none.
    if private and allocation is not None:
        raise RefusedError("InvalidParameterCombination: a private NAT gateway takes no allocationId")
    if not private and not regional and allocation is None:
        raise RefusedError("MissingParameter: a public NAT gateway needs allocationId, that of an Elastic IP")
    if regional and subnet is not None:
        raise RefusedError("InvalidParameterCombination: a regional NAT gateway takes vpcId and no subnetId")
    if allocation is not None:
        names.must_find(call, EIP, allocation, "InvalidAllocationID.NotFound")
        for other in call.others(NAT):
            if other.inputs.get("allocationId") == allocation:
                raise RefusedError(f"Resource.AlreadyAssociated: {allocation} is associated with {other.id!r}")
    gateways = call.store.all(INTERNET_GATEWAY)
    if not private and not any(each.inputs.get("vpcId") == vpc for each in gateways):
        raise RefusedError(f"Gateway.NotAttached: Network {vpc} has no Internet gateway attached")


def _vpc_of(call: Call) -> str:
    if call.inputs.get("subnetId") is not None:
        subnet = names.must_find(call, SUBNET, call.inputs["subnetId"], "InvalidSubnetID.NotFound")
        return str(subnet.inputs["vpcId"])
    if call.inputs.get("vpcId") is None:
        raise RefusedError("MissingParameter: a NAT gateway needs subnetId, or vpcId if it is regional")
    return names.must_find(call, VPC, call.inputs["vpcId"], "InvalidVpcID.NotFound").id


def _nat_outputs(call: Call) -> Properties:
    vpc = _vpc_of(call)
    outputs: Properties = {
        "vpcId": vpc,
        "associationId": call.id.replace("nat-", "eipassoc-"),
        "networkInterfaceId": call.id.replace("nat-", "eni-"),
        "connectivityType": call.inputs.get("connectivityType", "public"),
    }
    if outputs["connectivityType"] == "public":
        outputs["publicIp"] = _public_ip(call)
        _route(call, vpc, _in_vpc(call, vpc, (call.id, str(outputs["publicIp"]))))
    return outputs


def _public_ip(call: Call) -> str:
    if call.inputs.get("allocationId") is None:
        return call.runtime.allocate_address(f"aws/{call.id}")
    eip = names.must_find(call, EIP, call.inputs["allocationId"], "InvalidAllocationID.NotFound")
    return str(eip.outputs["publicIp"])


def _in_vpc(call: Call, vpc: str, added: tuple[str, str] | None = None) -> list[str]:
    """The public addresses of the VPC's NAT gateways, that of the first zone first."""
    found = [(_zone(call, r), r.id, str(r.outputs["publicIp"])) for r in call.others(NAT) if _is_in(r, vpc)]
    if added is not None:
        record = call.store.get(NAT, added[0])
        found.append((_zone(call, record) if record else "", *added))
    return [address for _, _, address in sorted(found)]


def _is_in(record: Record, vpc: str) -> bool:
    return record.outputs.get("vpcId") == vpc and bool(record.outputs.get("publicIp"))


def _zone(call: Call, nat: Record) -> str:
    subnet = call.store.get(SUBNET, str(nat.inputs.get("subnetId")))
    return str(subnet.outputs.get("availabilityZone")) if subnet else ""


def _route(call: Call, vpc: str, addresses: list[str]) -> None:
    for cluster in call.store.all(CLUSTER):
        if vpc_of_cluster(call, cluster) == vpc:
            call.runtime.set_egress(f"aws/{cluster.outputs['arn']}", addresses[0] if addresses else None)


def vpc_of_cluster(call: Call, cluster: Record) -> str | None:
    subnet = call.store.get(SUBNET, str(cluster.inputs["vpcConfig"]["subnetIds"][0]))
    return str(subnet.inputs["vpcId"]) if subnet else None


def egress_of(call: Call, vpc: str) -> str | None:
    """The address that traffic of the VPC's private subnets leaves from, if there is a NAT gateway yet."""
    addresses = _in_vpc(call, vpc)
    return addresses[0] if addresses else None


def _nat_gone(call: Call) -> None:
    vpc = str(call.old.get("vpcId"))
    _route(call, vpc, _in_vpc(call, vpc))
    call.runtime.release_address(f"aws/{call.id}")


KINDS = (
    Kind(
        INTERNET_GATEWAY,
        identify=names.fresh("igw"),
        replaces=frozenset({"region"}),  # aws_internet_gateway: vpc_id moves in place
        planned=names.plan,
        rules=(_one_per_vpc,),
        in_use=(_no_public_addresses,),
        create=lambda call: {
            "arn": names.arn(call, "ec2", f"internet-gateway/{call.id}"),
            "ownerId": names.ACCOUNT,
        },
    ),
    Kind(
        EIP,
        identify=names.fresh("eipalloc"),
        # ForceNew of aws_eip.
        replaces=frozenset({"domain", "publicIpv4Pool", "networkBorderGroup", "address", "region"}),
        planned=names.plan,
        in_use=(lambda call: names.refuse_while_used(call, {NAT: "allocationId"}, "InvalidIPAddress.InUse"),),
        create=_eip_outputs,
        delete=lambda call: call.runtime.release_address(f"aws/{call.id}"),
    ),
    Kind(
        NAT,
        identify=names.fresh("nat"),
        # ForceNew of aws_nat_gateway.
        replaces=frozenset({"allocationId", "subnetId", "vpcId", "connectivityType", "availabilityMode", "region"}),
        planned=names.plan,
        rules=(_nat_rules,),
        create=_nat_outputs,
        delete=_nat_gone,
        create_minutes=1.75,
        delete_minutes=1,
    ),
)
