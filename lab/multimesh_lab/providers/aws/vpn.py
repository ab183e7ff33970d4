"""Virtual private gateways, what they propagate, and customer gateways of the simulated AWS.

Owns: their rules. Does not own: the connections between them (vpn_connection), nor whether anything passes.
"""

import ipaddress
from collections.abc import Iterable

from multimesh_lab.providers.aws import names
from multimesh_lab.providers.aws.vpc import ROUTE_TABLE, VPC
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.wire import Properties

GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
PROPAGATION = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
CUSTOMER = "aws:ec2/customerGateway:CustomerGateway"
CONNECTION = "aws:ec2/vpnConnection:VpnConnection"
_LARGEST_ASN = 2**32 - 1
_LARGEST_PLAIN_ASN = 2**31 - 1
_PRIVATE_ASNS = (range(64512, 65535), range(4200000000, 4294967295))
_LEGACY_ASNS = (7224, 9059, 10124, 17493)
_RESERVED_ASNS = {"7224": None, "9059": "eu-west-1", "10124": "ap-northeast-1", "17943": "ap-southeast-1"}
_IDENTITY = ("type", "bgpAsn", "bgpAsnExtended", "ipAddress", "deviceName", "certificateArn")


def _gateway_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_vpn_gateway: validAmazonSideASN, after ec2 CreateVpnGateway.
    asn = inputs.get("amazonSideAsn")
    if isinstance(asn, str) and not (asn.isdigit() and _is_amazons(int(asn))):
        yield InputFault(
            "amazonSideAsn", f"{asn!r}; allowed are 64512 to 65534, 4200000000 to 4294967294, and {_LEGACY_ASNS}"
        )


def _is_amazons(asn: int) -> bool:
    return asn in _LEGACY_ASNS or any(asn in private for private in _PRIVATE_ASNS)


def _gateway_rules(call: Call) -> None:
    vpc = call.inputs.get("vpcId")
    if vpc is None:
        return
    names.must_find_here(call, VPC, vpc, "InvalidVpcID.NotFound")
    # docs.aws.amazon.com/vpn/latest/s2svpn/vpn-limits.html: one virtual private gateway is attached to a VPC at a time.
    for other in call.others(GATEWAY):
        if other.inputs.get("vpcId") == vpc:
            raise RefusedError(
                f"InvalidParameterValue: Network {vpc} already has an attached virtual private gateway: {other.id!r}"
            )


def _gateway_unused(call: Call) -> None:
    # ec2 DeleteVpnGateway: a gateway with VPN connections is refused. Propagation ends with it.
    names.refuse_while_used(call, {CONNECTION: "vpnGatewayId"}, "IncorrectState: The VPN gateway is in use")


def _propagation_rules(call: Call) -> None:
    table = names.must_find_here(call, ROUTE_TABLE, call.inputs["routeTableId"], "InvalidRouteTableID.NotFound")
    gateway = names.must_find_here(call, GATEWAY, call.inputs["vpnGatewayId"], "InvalidVpnGatewayID.NotFound")
    # ec2 EnableVgwRoutePropagation: the gateway must be attached to the VPC of the table.
    if gateway.outputs.get("vpcId") != table.inputs["vpcId"]:
        raise RefusedError(f"Gateway.NotAttached: {gateway.id} is not attached to network {table.inputs['vpcId']}")


def _customer_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_customer_gateway: Valid4ByteASN, IsIPv4Address, StringLenBetween(1, 255), GatewayType.
    given = [key for key in ("bgpAsn", "bgpAsnExtended") if inputs.get(key) is not None]
    # Its schema: exactly one of the two; CreateCustomerGateway: BgpAsn up to 2147483647, BgpAsnExtended from there on.
    if len(given) != 1:
        yield InputFault("bgpAsn", f"exactly one of bgpAsn and bgpAsnExtended must be given, there are {len(given)}")
    for key, low, high in (("bgpAsn", 1, _LARGEST_PLAIN_ASN), ("bgpAsnExtended", 2**31, _LARGEST_ASN)):
        asn = inputs.get(key)
        if isinstance(asn, str) and not (asn.isdigit() and low <= int(asn) <= high):
            yield InputFault(key, f"{asn!r} is not a number from {low} to {high}")
    address = inputs.get("ipAddress")
    if isinstance(address, str) and not _is_address(address):
        yield InputFault("ipAddress", f"expected ipAddress to contain a valid IPv4 address, got: {address}")
    if isinstance(inputs.get("type"), str) and inputs["type"] != "ipsec.1":
        yield InputFault("type", f"{inputs['type']!r}; allowed is 'ipsec.1'")
    device = inputs.get("deviceName")
    if isinstance(device, str) and not 1 <= len(device) <= 255:
        yield InputFault("deviceName", f"has {len(device)} characters; allowed are 1 to 255")


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(text))
    except ValueError:
        return False


def _customer_rules(call: Call) -> None:
    asn = str(call.inputs.get("bgpAsn"))
    # docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html: numbers that AWS keeps, one everywhere, others by region.
    if asn in _RESERVED_ASNS and _RESERVED_ASNS[asn] in (None, names.region(call)):
        raise RefusedError(f"InvalidParameterValue: Value ({asn}) for parameter bgpAsn is reserved by AWS")
    if call.inputs.get("ipAddress") is None and call.inputs.get("certificateArn") is None:
        raise RefusedError("MissingParameter: The request must contain the parameter ipAddress")
    # ec2 CreateCustomerGateway: an identical request is answered with the gateway that exists, so that two resources
    # would be one; a name of the device of its own makes it another.
    for other in call.others(CUSTOMER):
        same = all(other.inputs.get(key) == call.inputs.get(key) for key in _IDENTITY)
        if same and other.outputs.get("region") == names.region(call):
            raise RefusedError(f"AWS answers this with {other.id}, which {other.urn} has; set another deviceName")


def _customer_unused(call: Call) -> None:
    # ec2 DeleteCustomerGateway: "You must delete the VPN connection before you can delete the customer gateway." What
    # counts is what the connection has now, whatever it was made with.
    for connection in call.store.all(CONNECTION):
        if connection.outputs.get("customerGatewayId") == call.id:
            raise RefusedError(f"IncorrectState: The customer gateway is in use: {call.id} by {connection.id}")


KINDS = (
    Kind(
        GATEWAY,
        identify=names.fresh("vgw"),
        replaces=frozenset({"amazonSideAsn", "availabilityZone", "region"}),  # aws_vpn_gateway: vpc_id moves in place
        planned=lambda call: {**names.plan(call), "amazonSideAsn": "64512"},
        check=_gateway_check,
        rules=(_gateway_rules,),
        in_use=(_gateway_unused,),
        create=lambda call: {"arn": names.arn(call, "ec2", f"vpn-gateway/{call.id}")},
        create_minutes=0.3,
        delete_minutes=0.5,
    ),
    Kind(
        PROPAGATION,
        identify=lambda call: f"{call.inputs['vpnGatewayId']}_{call.inputs['routeTableId']}",
        # ForceNew of aws_vpn_gateway_route_propagation.
        replaces=frozenset({"routeTableId", "vpnGatewayId", "region"}),
        planned=lambda call: {"region": names.region(call)},
        rules=(_propagation_rules,),
    ),
    Kind(
        CUSTOMER,
        identify=names.fresh("cgw"),
        replaces=frozenset({*_IDENTITY, "region"}),  # ForceNew of aws_customer_gateway
        planned=names.plan,
        check=_customer_check,
        rules=(_customer_rules,),
        in_use=(_customer_unused,),
        create=lambda call: {"arn": names.arn(call, "ec2", f"customer-gateway/{call.id}")},
        create_minutes=0.2,
        delete_minutes=0.5,
    ),
)
