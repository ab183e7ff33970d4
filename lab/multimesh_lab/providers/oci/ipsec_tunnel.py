"""The tunnels of IPSec connections in the simulated Oracle Cloud.

Owns: a tunnel's configuration, which comes and goes with its connection, and the resource that changes it. Does not
own: whether it is up, which takes the other end (the lab's fabric).
A tunnel is remembered under a type that no program uses (TUNNEL); what it says there is what Oracle's headend does.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from multimesh_lab.providers.kinds import Call, Kind
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.oci.tokens import IPSEC, TUNNEL, TUNNEL_MANAGEMENT
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

# docs.oracle.com/en-us/iaas/Content/Network/Tasks/overviewIPsec.htm: the number of all simulated regions.
ORACLE_ASN = "31898"
_GROUPS = ("GROUP2", "GROUP5", "GROUP14", "GROUP19", "GROUP20", "GROUP24")
_CBC = ("AES_256_CBC", "AES_192_CBC", "AES_128_CBC")
_GCM = ("AES_256_GCM", "AES_192_GCM", "AES_128_GCM")
# ValidateFunc of oci_core_ipsec_connection_tunnel_management; letters' case does not count.
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "routing": ("BGP", "STATIC", "POLICY"),
    "ikeVersion": ("V1", "V2"),
    "natTranslationEnabled": ("ENABLED", "DISABLED", "AUTO"),
    "oracleCanInitiate": ("INITIATOR_OR_RESPONDER", "RESPONDER_ONLY"),
    "dpdConfigs.dpdMode": ("INITIATE_AND_RESPOND", "RESPOND_ONLY"),
    "phaseOneDetails.customEncryptionAlgorithm": _CBC,
    "phaseOneDetails.customAuthenticationAlgorithm": ("SHA2_384", "SHA2_256", "SHA1_96"),
    "phaseOneDetails.customDhGroup": _GROUPS,
    "phaseTwoDetails.customEncryptionAlgorithm": (*_GCM, *_CBC),
    "phaseTwoDetails.customAuthenticationAlgorithm": ("HMAC_SHA2_256_128", "HMAC_SHA1_128"),
    "phaseTwoDetails.dhGroup": _GROUPS,
}
_KEY = re.compile(r"^[A-Za-z0-9 ]+$")
_RESERVED = (
    ("169.254.10.0", "169.254.19.255"),
    ("169.254.100.0", "169.254.109.255"),
    ("169.254.192.0", "169.254.201.255"),
)
_ENDS = ("customerInterfaceIp", "oracleInterfaceIp")
_LARGEST_ASN = 2**32 - 1
_CONFIGURED = ("displayName", "routing", "ikeVersion", "natTranslationEnabled", "oracleCanInitiate", "sharedSecret")
_DETAILS = ("bgpSessionInfo", "phaseOneDetails", "phaseTwoDetails")
PLAIN = (
    *_CONFIGURED,
    *("dpdMode", "dpdTimeoutInSec", "compartmentId", "cpeIp", "vpnIp", "state", "status", "timeCreated"),
    *("timeStatusUpdated", "associatedVirtualCircuits"),
)
"""What a tunnel says of itself, beside its details."""


def of(store: Store, connection: str) -> list[Record]:
    """The connection's tunnels, in no order that means anything."""
    return sorted((r for r in store.all(TUNNEL) if r.outputs.get("ipsecId") == connection), key=lambda r: r.id)


def make(call: Call, number: int, cpe_ip: str) -> None:
    """Give the connection that is being made a tunnel, which has Oracle's defaults."""
    tunnel = f"ocid1.ipsectunnel.oc1.{names.region(call)}.{names.unique_part(f'{call.id} {number}')}"
    state: Properties = {
        "ipsecId": call.id,
        "compartmentId": call.inputs["compartmentId"],
        "displayName": f"ipsectunnel2026010100000{number}",
        "cpeIp": cpe_ip,
        "vpnIp": call.runtime.allocate_address(f"oci/{tunnel}"),
        "sharedSecret": names.unique_part(f"key of {tunnel}"),
        **_defaults(),
    }
    call.store.put(Record(TUNNEL, tunnel, "", "", {}, state, ("sharedSecret",)))


def _defaults() -> Properties:
    # CreateIPSecConnection (Core API): "two default static tunnels"; the rest is from
    # docs.oracle.com/en-us/iaas/Content/Network/Reference/supportedIPsecparams.htm and IPSecConnectionTunnel.
    return {
        "routing": "STATIC",
        "ikeVersion": "V1",
        "natTranslationEnabled": "AUTO",
        "oracleCanInitiate": "INITIATOR_OR_RESPONDER",
        "dpdMode": "INITIATE_AND_RESPOND",
        "dpdTimeoutInSec": 20,
        "bgpSessionInfo": {"oracleBgpAsn": ORACLE_ASN, "bgpState": "DOWN", "bgpIpv6State": "DOWN"},
        "phaseOneDetails": {"isCustomPhaseOneConfig": False, "lifetime": 28800, "isIkeEstablished": False},
        "phaseTwoDetails": {
            "isCustomPhaseTwoConfig": False,
            "lifetime": 3600,
            "isEspEstablished": False,
            "isPfsEnabled": True,
            "dhGroup": "GROUP5",
        },
        "associatedVirtualCircuits": [],
        "state": "AVAILABLE",
        "status": "DOWN",
        "timeCreated": names.CREATED,
        "timeStatusUpdated": names.CREATED,
    }


def drop(call: Call, tunnel: Record) -> None:
    """Take the tunnel away with its connection."""
    call.runtime.release_address(f"oci/{tunnel.id}")
    call.store.remove(TUNNEL, tunnel.id)


def _tunnel(call: Call) -> Record:
    connection = names.must_find_here(call, IPSEC, call.inputs.get("ipsecId"), "ipsecId")
    tunnel = names.must_find(call, TUNNEL, call.inputs.get("tunnelId"), "tunnelId")
    if tunnel.outputs.get("ipsecId") != connection.id:
        raise names.not_found("tunnelId", tunnel.id, f"a tunnel of {connection.id!r}")
    return tunnel


def _exists(call: Call) -> None:
    _tunnel(call)


def _choices(call: Call) -> None:
    for path, allowed in _CHOICES.items():
        for value in names.values(call.inputs, path):
            if value is not None and str(value).upper() not in allowed:
                raise names.invalid(f"expected {path} to be one of {list(allowed)}, got {value}")


def _key(call: Call) -> None:
    # UpdateIPSecConnectionTunnelSharedSecretDetails: "Only numbers, letters, and spaces are allowed."
    key = call.inputs.get("sharedSecret")
    if key is not None and not _KEY.match(str(key)):
        raise names.invalid("sharedSecret: only numbers, letters, and spaces are allowed")


def _bgp(call: Call) -> None:
    session = names.within(call.inputs, "bgpSessionInfo")
    networks = [_inside(name, str(session[name])) for name in _ENDS if session.get(name) is not None]
    if len(networks) == len(_ENDS) and (networks[0].network != networks[1].network or networks[0] == networks[1]):
        raise names.invalid(f"bgpSessionInfo: {networks[0]} and {networks[1]} are not the two ends of one range")
    asn = session.get("customerBgpAsn")
    if asn is not None and not (str(asn).isdigit() and 1 <= int(asn) <= _LARGEST_ASN):
        raise names.invalid(f"bgpSessionInfo.customerBgpAsn {asn!r} is not a 2-byte or 4-byte ASN")
    # SDK documentation of bgpSessionInfo: what BGP needs, and that a static tunnel has no ASN.
    routing = str(call.inputs.get("routing")).upper()
    lacking = [name for name in ("customerBgpAsn", *_ENDS) if session.get(name) is None]
    if routing == "BGP" and lacking:
        raise names.invalid(f"bgpSessionInfo.{lacking[0]} is required if routing = BGP")
    if routing == "STATIC" and asn is not None:
        raise names.invalid("bgpSessionInfo.customerBgpAsn must be null if routing = STATIC")


def _inside(name: str, text: str) -> ipaddress.IPv4Interface:
    try:
        found = ipaddress.IPv4Interface(text)
    except ValueError as error:
        raise names.invalid(f"bgpSessionInfo.{name} {text!r} is not an address with a prefix length") from error
    # SDK documentation of customerInterfaceIp and oracleInterfaceIp.
    if found.network.prefixlen not in (30, 31):
        raise names.invalid(f"bgpSessionInfo.{name} {text}: the value must be a /30 or /31")
    if found.network.prefixlen == 30 and found.ip not in list(found.network.hosts()):
        raise names.invalid(f"bgpSessionInfo.{name} {text} is the network's or the broadcast address")
    # docs.oracle.com/en-us/iaas/Content/Network/Tasks/settingupIPsec.htm: ranges that Oracle keeps for itself.
    for first, last in _RESERVED:
        if ipaddress.IPv4Address(first) <= found.ip <= ipaddress.IPv4Address(last):
            raise names.invalid(f"bgpSessionInfo.{name} {text} is in the reserved range {first}-{last}")
    return found


def _configure(call: Call) -> Properties:
    """Tell the tunnel what it is to be, and return what it is then."""
    # Update() of oracle/terraform-provider-oci, core_ip_sec_connection_tunnel_management_resource.go: the key and the
    # ASN are sent only where they differ from what the provider last knew, even if the tunnel is another one.
    given = {name: call.inputs[name] for name in _CONFIGURED if call.inputs.get(name) is not None}
    if call.inputs.get("sharedSecret") == call.old.get("sharedSecret"):
        given.pop("sharedSecret", None)
    with call.store.locked():
        tunnel = _tunnel(call)
        before = dict(tunnel.outputs)
        for name in _DETAILS:
            given[name] = {**before[name], **_known(names.within(call.inputs, name))}
        asn = names.within(call.inputs, "bgpSessionInfo").get("customerBgpAsn")
        if asn == names.within(call.old, "bgpSessionInfo").get("customerBgpAsn"):
            given["bgpSessionInfo"].pop("customerBgpAsn", None)
            given["bgpSessionInfo"] |= _known({"customerBgpAsn": before["bgpSessionInfo"].get("customerBgpAsn")})
        for setting in names.listed(call.inputs, "dpdConfigs"):
            given |= _known({"dpdMode": setting.get("dpdMode"), "dpdTimeoutInSec": setting.get("dpdTimeoutInSec")})
        call.store.change(TUNNEL, tunnel.id, given)
        return {name: {**before, **given}[name] for name in (*PLAIN, *_DETAILS)}


def _known(properties: Mapping[str, Any]) -> Properties:
    return {name: value for name, value in properties.items() if value is not None}


KIND = Kind(
    TUNNEL_MANAGEMENT,
    identify=lambda call: str(call.inputs["tunnelId"]),
    planned=lambda call: names.chosen(call, **dict.fromkeys(_CONFIGURED, "")),
    computed_within=frozenset(
        {
            "bgpSessionInfo.oracleBgpAsn",
            "bgpSessionInfo.bgpState",
            "phaseOneDetails.isIkeEstablished",
            "phaseTwoDetails.isEspEstablished",
        }
    ),
    rules=(_exists, _choices, _key, _bgp),
    create=_configure,
    update=_configure,
    private=frozenset({"sharedSecret"}),
    create_minutes=0.3,
)
