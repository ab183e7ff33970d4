"""Site-to-Site VPN connections of the simulated AWS.

Owns: their rules, addresses and inside ranges, and the exchange of a customer gateway. Does not own: whether a tunnel
is up, which follows from both ends' records, nor the gateways at their ends (vpn).
"""

import ipaddress
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, cast

from multimesh_lab.providers.aws import names
from multimesh_lab.providers.aws.vpn import CONNECTION, CUSTOMER, GATEWAY
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

TUNNELS = ("tunnel1", "tunnel2")
CHANGE_MINUTES = 4
"""AWS gives the endpoints anew when the customer gateway changes: 2 to 10 minutes."""
_ENCRYPTION = ("AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16")
_INTEGRITY = ("SHA1", "SHA2-256", "SHA2-384", "SHA2-512")
_GROUPS = tuple(range(14, 25))
# aws_vpn_connection's validation, after docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html.
_CHOICES: Mapping[str, tuple[object, ...]] = {
    "IkeVersions": ("ikev1", "ikev2"),
    "Phase1EncryptionAlgorithms": _ENCRYPTION,
    "Phase2EncryptionAlgorithms": _ENCRYPTION,
    "Phase1IntegrityAlgorithms": _INTEGRITY,
    "Phase2IntegrityAlgorithms": _INTEGRITY,
    "Phase1DhGroupNumbers": (2, *_GROUPS),
    "Phase2DhGroupNumbers": (2, 5, *_GROUPS),
    "StartupAction": ("add", "start"),
    "DpdTimeoutAction": ("clear", "none", "restart"),
}
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "Phase1LifetimeSeconds": (900, 28800),
    "Phase2LifetimeSeconds": (900, 3600),
    "DpdTimeoutSeconds": (30, 2**31),
    "RekeyFuzzPercentage": (0, 100),
    "RekeyMarginTimeSeconds": (60, 1800),
    "ReplayWindowSize": (64, 2048),
}
_LINK_LOCAL = ipaddress.IPv4Network("169.254.0.0/16")
_RESERVED = frozenset({*(f"169.254.{third}.0/30" for third in range(6)), "169.254.169.252/30"})
_KEY = re.compile(r"^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$")
_SPARE_KEY_BYTES = 16
_MOST = 10


def _check(inputs: Properties) -> Iterable[InputFault]:
    if isinstance(inputs.get("type"), str) and inputs["type"] != "ipsec.1":
        yield InputFault("type", f"{inputs['type']!r}; allowed is 'ipsec.1'")
    if inputs.get("vpnGatewayId") is not None and inputs.get("transitGatewayId") is not None:
        yield InputFault("vpnGatewayId", "conflicts with transitGatewayId")
    for tunnel in TUNNELS:
        yield from _tunnel_faults(tunnel, inputs)


def _tunnel_faults(tunnel: str, inputs: Properties) -> Iterable[InputFault]:
    for name, allowed in _CHOICES.items():
        for value in _several(inputs.get(f"{tunnel}{name}")):
            if isinstance(value, str | int) and value not in allowed:
                yield InputFault(f"{tunnel}{name}", f"{value!r}; allowed are {', '.join(map(str, allowed))}")
    for name, (low, high) in _BOUNDS.items():
        value = inputs.get(f"{tunnel}{name}")
        if isinstance(value, int) and not low <= value <= high:
            yield InputFault(f"{tunnel}{name}", f"expected to be in the range ({low} - {high}), got {value}")
    cidr = inputs.get(f"{tunnel}InsideCidr")
    if isinstance(cidr, str) and (problem := _inside_problem(cidr)):
        yield InputFault(f"{tunnel}InsideCidr", f"{cidr!r} {problem}")
    key = inputs.get(f"{tunnel}PresharedKey")
    if isinstance(key, str) and not _KEY.match(key):
        # The key itself stays out of the message.
        yield InputFault(
            f"{tunnel}PresharedKey",
            f"has {len(key)} characters; allowed are 8 to 64 letters, digits, periods and underscores, no 0 in front",
        )


def _several(value: object) -> list[object]:
    if value is None:
        return []
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _inside_problem(cidr: str) -> str | None:
    # ec2 VpnTunnelOptionsSpecification, TunnelInsideCidr: a /30 of 169.254.0.0/16 without those that AWS keeps.
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        return f"is not an IPv4 range: {error}"
    if network.prefixlen != 30 or not network.subnet_of(_LINK_LOCAL):
        return "must be a /30 within 169.254.0.0/16"
    return "is kept by AWS" if cidr in _RESERVED else None


def _ends(call: Call) -> None:
    customer_gateway(call, call.inputs["customerGatewayId"])
    if call.inputs.get("vpnGatewayId") is None:
        raise RefusedError("a VPN connection without a vpnGatewayId is not simulated, nor are transit gateways")
    names.must_find_here(call, GATEWAY, call.inputs["vpnGatewayId"], "InvalidVpnGatewayID.NotFound")
    others = [r for r in call.others(CONNECTION) if r.outputs.get("vpnGatewayId") == call.inputs["vpnGatewayId"]]
    _one_for_each_pair(others, call.inputs["vpnGatewayId"], call.inputs["customerGatewayId"])
    # docs.aws.amazon.com/vpn/latest/s2svpn/vpn-limits.html: ten connections for each gateway unless raised.
    if len(others) >= _MOST:
        raise RefusedError(
            f"VpnConnectionLimitExceeded: The maximum number of VPN connections ({_MOST}) has been reached"
        )


def customer_gateway(call: Call, customer: object) -> Record:
    """The customer gateway, which must be in the connection's region."""
    return names.must_find_here(call, CUSTOMER, customer, "InvalidCustomerGatewayID.NotFound")


def _one_for_each_pair(others: Iterable[Record], gateway: object, customer: object) -> None:
    # ec2 CreateVpnConnection is idempotent: for the same two gateways it answers with the connection that exists, so
    # that two resources would be one.
    for other in others:
        if (other.outputs.get("vpnGatewayId"), other.outputs.get("customerGatewayId")) == (gateway, customer):
            raise RefusedError(f"InvalidParameterValue: {other.id} joins {gateway} and {customer} already")


def _inside_ranges(call: Call) -> None:
    # docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html: unique across all VPN connections of the gateway.
    own = [str(call.inputs[key]) for key in _inside_keys() if call.inputs.get(key) is not None]
    taken = _taken(call)
    for cidr in own:
        if cidr in taken or own.count(cidr) > 1:
            owner = taken.get(cidr, "the other tunnel")
            raise RefusedError(f"InvalidParameterValue: The CIDR {cidr} is in use at this VPN gateway, by {owner}")


def _inside_keys() -> tuple[str, ...]:
    return tuple(f"{tunnel}InsideCidr" for tunnel in TUNNELS)


def _taken(call: Call) -> dict[str, str]:
    """The inside ranges of the gateway's other connections, and whose each is."""
    gateway = call.inputs["vpnGatewayId"]
    beside = [other for other in call.others(CONNECTION) if other.outputs.get("vpnGatewayId") == gateway]
    return {str(other.outputs.get(key)): other.id for other in beside for key in _inside_keys()}


def _initiation(call: Call) -> None:
    # docs.aws.amazon.com/vpn/latest/s2svpn/initiate-vpn-tunnels.html: AWS begins only with IKEv2, and only where the
    # customer gateway has an address.
    customer = customer_gateway(call, call.inputs["customerGatewayId"])
    for tunnel in TUNNELS:
        if call.inputs.get(f"{tunnel}StartupAction") != "start":
            continue
        if "ikev2" not in (call.inputs.get(f"{tunnel}IkeVersions") or ["ikev2"]):
            raise RefusedError(f"InvalidParameterCombination: {tunnel}StartupAction start needs ikev2")
        if customer.outputs.get("ipAddress") is None:
            raise RefusedError(f"InvalidParameterCombination: {tunnel}StartupAction start needs an address")


def _lifetimes(call: Call) -> None:
    # docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html: phase 2 ends before phase 1, and a key is renewed in the
    # second half of its life.
    for tunnel in TUNNELS:
        first = call.inputs.get(f"{tunnel}Phase1LifetimeSeconds") or 28800
        second = call.inputs.get(f"{tunnel}Phase2LifetimeSeconds") or 3600
        margin = call.inputs.get(f"{tunnel}RekeyMarginTimeSeconds") or 0
        if second > first:
            raise RefusedError(f"InvalidParameterValue: {tunnel}: phase 2 lives {second} s, longer than phase 1")
        if margin > second / 2:
            raise RefusedError(f"InvalidParameterValue: {tunnel}: rekey margin {margin} s is over half of {second} s")


def _planned(call: Call) -> Properties:
    return {
        **names.plan(call),
        "enableAcceleration": False,
        "staticRoutesOnly": False,
        "outsideIpAddressType": "PublicIpv4",
        "tunnelInsideIpVersion": "ipv4",
        "localIpv4NetworkCidr": "0.0.0.0/0",
        "remoteIpv4NetworkCidr": "0.0.0.0/0",
        "presharedKeyStorage": "Standard",
    }


def _create(call: Call) -> Properties:
    outputs: Properties = {
        "arn": names.arn(call, "ec2", f"vpn-connection/{call.id}"),
        "routes": [],
        "coreNetworkArn": "",
        "coreNetworkAttachmentArn": "",
        "presharedKeyArn": "",
        "transitGatewayAttachmentId": "",
    }
    for tunnel in TUNNELS:
        outputs[f"{tunnel}Address"] = call.runtime.allocate_address(f"aws/{call.id}/{tunnel}")
    return {**outputs, **_tunnels(call, outputs)}


def _tunnels(call: Call, known: Properties) -> Properties:
    """What AWS says of the tunnels; what the program leaves open is drawn once and kept."""
    gateway = names.must_find(call, GATEWAY, call.inputs["vpnGatewayId"], "InvalidVpnGatewayID.NotFound")
    outputs: Properties = {"vgwTelemetries": [_telemetry(str(known[f"{tunnel}Address"])) for tunnel in TUNNELS]}
    for tunnel in TUNNELS:
        inside = call.inputs.get(f"{tunnel}InsideCidr") or known.get(f"{tunnel}InsideCidr") or _spare_range(call)
        low, high = (str(host) for host in ipaddress.IPv4Network(str(inside)).hosts())
        spare_key = known.get(f"{tunnel}PresharedKey") or f"k{secrets.token_hex(_SPARE_KEY_BYTES)}"
        outputs |= {
            f"{tunnel}InsideCidr": inside,
            # AWS takes the first address for itself (docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html).
            f"{tunnel}VgwInsideAddress": low,
            f"{tunnel}CgwInsideAddress": high,
            f"{tunnel}PresharedKey": call.inputs.get(f"{tunnel}PresharedKey") or spare_key,
            f"{tunnel}BgpAsn": gateway.outputs["amazonSideAsn"],
            f"{tunnel}BgpHoldtime": 30,
        }
    # The real one is a document for the customer's device with both keys in it.
    outputs["customerGatewayConfiguration"] = f'<vpn_connection id="{call.id}"/>'
    return outputs


def _spare_range(call: Call) -> str:
    taken = {*_taken(call), *(str(call.inputs.get(key)) for key in _inside_keys()), *_RESERVED}
    blocks = list(_LINK_LOCAL.subnets(new_prefix=30))
    while str(block := secrets.choice(blocks)) in taken:
        continue
    return str(block)


def _telemetry(address: str) -> dict[str, Any]:
    return {
        "acceptedRouteCount": 0,
        "certificateArn": "",
        "lastStatusChange": names.CREATED,
        "outsideIpAddress": address,
        "status": "DOWN",
        "statusMessage": "IPSEC IS DOWN",
    }


def _update(call: Call) -> Properties:
    outputs = _tunnels(call, call.old)
    # aws_vpn_connection calls ModifyVpnConnection only for what the program changed, and reads back what there is.
    if call.inputs["customerGatewayId"] == call.old_inputs.get("customerGatewayId"):
        now = call.store.get(CONNECTION, call.id)
        outputs["customerGatewayId"] = (now.outputs if now else call.old)["customerGatewayId"]
    return outputs


def exchange(store: Store, connection: Record, customer: Record) -> None:
    """Give the connection another customer gateway, as ModifyVpnConnection does; addresses and options stay."""
    others = [other for other in store.all(CONNECTION) if other.id != connection.id]
    _one_for_each_pair(others, connection.outputs.get("vpnGatewayId"), customer.id)
    store.change(CONNECTION, connection.id, {"customerGatewayId": customer.id})


def _gone(call: Call) -> None:
    for tunnel in TUNNELS:
        call.runtime.release_address(f"aws/{call.id}/{tunnel}")


KINDS = (
    Kind(
        CONNECTION,
        identify=names.fresh("vpn"),
        # ForceNew of aws_vpn_connection; inside ranges change in place since terraform-provider-aws#45781, and the
        # customer gateway always did.
        replaces=frozenset(
            {"enableAcceleration", "staticRoutesOnly", "tunnelInsideIpVersion", "tunnelBandwidth", "type", "region"}
        ),
        planned=_planned,
        check=_check,
        rules=(_ends, _inside_ranges, _initiation, _lifetimes),
        create=_create,
        update=_update,
        delete=_gone,
        # Sensitive in aws_vpn_connection.
        private=frozenset({"customerGatewayConfiguration", "tunnel1PresharedKey", "tunnel2PresharedKey"}),
        create_minutes=3.5,
        delete_minutes=0.75,
    ),
)
