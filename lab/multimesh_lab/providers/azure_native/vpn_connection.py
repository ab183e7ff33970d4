"""Connections of the simulated Azure's VPN gateways.

Owns: their rules. Does not own: the gateways (vpn_gateway), and whether a tunnel comes up (the lab's fabric).
"""

from typing import Any

from multimesh_lab.providers.azure_native import ids, vnet
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import CONNECTION, LOCAL_GATEWAY, VPN_GATEWAY
from multimesh_lab.providers.azure_native.vpn_gateway import configurations, inside_addresses
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.wire import Properties

_LONGEST_KEY = 128
_POLICY = {
    "ikeEncryption": ("AES128", "AES192", "AES256", "GCMAES128", "GCMAES256", "DES3"),
    "ikeIntegrity": ("SHA384", "SHA256", "SHA1", "MD5", "GCMAES128", "GCMAES256"),
    "dhGroup": ("DHGroup24", "ECP384", "ECP256", "DHGroup14", "DHGroup2048", "DHGroup2", "DHGroup1", "None"),
    "ipsecEncryption": ("GCMAES256", "GCMAES192", "GCMAES128", "AES256", "AES192", "AES128", "DES3", "None"),
    "ipsecIntegrity": ("GCMAES256", "GCMAES192", "GCMAES128", "SHA256", "SHA1", "MD5"),
    "pfsGroup": ("PFS24", "ECP384", "ECP256", "PFS2048", "PFS2", "PFS1", "PFSMM", "None"),
}
"""Azure, "Configure custom IPsec/IKE connection policies": what each part can be."""
_LEAST_SECONDS, _LEAST_KILOBYTES = 300, 1024


def _ends(call: Call) -> None:
    vnet.check_name(call.inputs["virtualNetworkGatewayConnectionName"], 1, 80)
    if call.inputs.get("connectionType") != "IPsec":
        raise ids.invalid("InvalidParameter", "connectionType: only IPsec is simulated.")
    what = "virtualNetworkGateway1.id"
    gateway = ids.must_find(call.store, VPN_GATEWAY, ids.within(call.inputs, "virtualNetworkGateway1").get("id"), what)
    far = ids.must_find(
        call.store, LOCAL_GATEWAY, ids.within(call.inputs, "localNetworkGateway2").get("id"), "localNetworkGateway2.id"
    )
    for other in call.others(CONNECTION):
        pair = (ids.within(other.outputs, "virtualNetworkGateway1"), ids.within(other.outputs, "localNetworkGateway2"))
        if ids.same(pair[0].get("id"), gateway.id) and ids.same(pair[1].get("id"), far.id):
            raise ids.invalid("ConnectionAlreadyExists", f"{other.id} joins the same gateways already.")
    if call.inputs.get("enableBgp"):
        _sessions(call, dict(gateway.outputs), dict(far.outputs))


def _sessions(call: Call, gateway: Properties, far: Properties) -> None:
    own, other = (int(ids.within(each, "bgpSettings").get("asn") or 0) for each in (gateway, far))
    if not gateway.get("enableBgp") or not other:
        message = "enableBgp needs a gateway with BGP and a local network gateway with bgpSettings."
        raise ids.invalid("BgpNotEnabledOnGateway", message)
    if own == other:
        # "VPN Gateway FAQ", BGP: neighbours have different numbers.
        raise ids.invalid("AsnOfPeersMustDiffer", f"both ends have the ASN {own}.")
    known = inside_addresses(gateway)
    given = ids.listed(call.inputs, "gatewayCustomBgpIpAddresses")
    instances = len(configurations(gateway))
    if given and len(given) != instances:
        # "How to connect AWS and Azure using a BGP-enabled VPN gateway": one address for each instance.
        message = f"gatewayCustomBgpIpAddresses has {len(given)} entries; the gateway has {instances}."
        raise ids.invalid("CustomBgpIpAddressCountMismatch", message)
    for each in given:
        place, text = str(each.get("ipConfigurationId")).lower(), str(each.get("customBgpIpAddress"))
        if text not in known.get(place, []):
            message = f"gatewayCustomBgpIpAddresses: {text} is not an inside address of {place}."
            raise ids.invalid("CustomBgpIpAddressNotFoundOnGateway", message)


def _key(call: Call) -> None:
    # REST API, VirtualNetworkGatewayConnections: the shared key has 1 to 128 printable ASCII characters.
    key = str(call.inputs.get("sharedKey") or "")
    if not 1 <= len(key) <= _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        message = f"sharedKey: {len(key)} characters; it has 1 to {_LONGEST_KEY} printable ASCII characters."
        raise ids.invalid("InvalidSharedKey", message)
    if call.inputs.get("connectionProtocol", "IKEv2") not in ("IKEv1", "IKEv2"):
        raise ids.invalid("InvalidParameter", "connectionProtocol must be IKEv1 or IKEv2.")


def _policies(call: Call) -> None:
    found = ids.listed(call.inputs, "ipsecPolicies")
    if len(found) > 1:
        # "Configure custom IPsec/IKE connection policies": one policy for each connection.
        raise ids.invalid("IpsecPolicyCount", f"ipsecPolicies has {len(found)} entries; one is the most.")
    for policy in found:
        for part, words in _POLICY.items():
            if policy.get(part) not in words:
                message = f"ipsecPolicies[0].{part} {policy.get(part)!r} must be one of {', '.join(words)}."
                raise ids.invalid("InvalidIpsecPolicy", message)
        _lives(policy)


def _lives(policy: dict[str, Any]) -> None:
    for part, least in (("saLifeTimeSeconds", _LEAST_SECONDS), ("saDataSizeKilobytes", _LEAST_KILOBYTES)):
        if int(policy.get(part) or 0) < least:
            message = f"ipsecPolicies[0].{part} {policy.get(part)} must be at least {least}."
            raise ids.invalid("InvalidIpsecPolicy", message)


def _made(call: Call) -> Properties:
    return {
        "provisioningState": "Succeeded",
        "connectionStatus": "Unknown",
        "resourceGuid": ids.fresh_guid(call, "connection"),
    }


KIND = ArmKind(
    CONNECTION,
    identify=ids.in_group("Microsoft.Network/connections/{virtualNetworkGatewayConnectionName}"),
    # forceNewMap, provider/pkg/gen/replacement.go, names none of the body.
    replaces=frozenset({"resourceGroupName", "virtualNetworkGatewayConnectionName"}),
    named_by="virtualNetworkGatewayConnectionName",
    planned=ids.named(CONNECTION, "virtualNetworkGatewayConnectionName"),
    rules=(_ends, _key, _policies),
    # What a program gives as a secret the engine keeps as one, though azure-native's schema marks nothing.
    private=frozenset({"sharedKey"}),
    create=_made,
    create_minutes=1,
    delete_minutes=1,
)
