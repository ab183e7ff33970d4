"""VPN gateways of the simulated Azure, and what they know of gateways elsewhere.

Owns: their rules. Does not own: connections (vpn_connection), the subnet and addresses that a gateway uses (subnet,
egress), and what passes (the lab's fabric).
"""

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any

from multimesh_lab.providers.azure_native import ids, vnet
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import (
    ADDRESS,
    CONNECTION,
    LOCAL_GATEWAY,
    PEERING,
    SUBNET,
    VPN_GATEWAY,
)
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

_FIRST_GENERATION = ("VpnGw1AZ", "VpnGw2AZ", "VpnGw3AZ")
_SECOND_GENERATION = ("VpnGw2AZ", "VpnGw3AZ", "VpnGw4AZ", "VpnGw5AZ")
"""Azure, "About gateway SKUs": which sizes each generation has."""
_ENDED = ("VpnGw1", "VpnGw2", "VpnGw3", "VpnGw4", "VpnGw5")
"""Azure, "Gateway SKU consolidation": sizes without zones are not made any more."""
INSIDE = tuple(IPv4Network(cidr) for cidr in ("169.254.21.0/24", "169.254.22.0/24"))
"""Azure, "Configure BGP for VPN Gateway": custom APIPA addresses are of 169.254.21.0 to 169.254.22.255."""
_RESERVED_ASNS = {8074, 8075, 12076, 65517, 65518, 65519, 65520, 23456, *range(64496, 64512), *range(65535, 65552)}
"""Azure, "VPN Gateway FAQ", BGP: numbers of Azure and of IANA; 65515 is the default, which a gateway alone may have."""


def configurations(gateway: Mapping[str, Any]) -> list[Properties]:
    """The gateway's instances, each with its subnet and public address."""
    return [each for each in ids.listed(gateway, "ipConfigurations") if isinstance(each, dict)]


def inside_addresses(gateway: Mapping[str, Any]) -> dict[str, list[str]]:
    """By the id of an instance's configuration, in small letters: its inside addresses."""
    given = ids.listed(ids.within(gateway, "bgpSettings"), "bgpPeeringAddresses")
    return {
        str(each.get("ipconfigurationId")).lower(): [str(ip) for ip in ids.listed(each, "customBgpIpAddresses")]
        for each in given
    }


def gateway_of(store: Store, vnet_id: str) -> Record | None:
    """The VPN gateway of a network."""
    for each in store.all(VPN_GATEWAY):
        if any(ids.lies_in(ids.within(own, "subnet").get("id"), vnet_id) for own in configurations(each.outputs)):
            return each
    return None


def _size(call: Call) -> None:
    vnet.check_name(call.inputs["virtualNetworkGatewayName"], 1, 80)
    if (call.inputs.get("gatewayType"), call.inputs.get("vpnType")) != ("Vpn", "RouteBased"):
        raise ids.invalid("InvalidParameter", "only gatewayType Vpn with vpnType RouteBased is simulated.")
    sku = ids.within(call.inputs, "sku")
    name, generation = sku.get("name"), call.inputs.get("vpnGatewayGeneration", "Generation1")
    if name in _ENDED:
        message = f"The gateway SKU {name} is not supported for new gateways; use {name}AZ."
        raise ids.invalid("VpnGatewaySkuNotSupported", message)
    if sku.get("tier", name) != name:
        raise ids.invalid("InvalidParameter", f"sku.tier {sku.get('tier')} must be that of sku.name {name}.")
    sizes = {"Generation1": _FIRST_GENERATION, "Generation2": _SECOND_GENERATION}.get(str(generation), ())
    if name not in sizes:
        message = f"The gateway SKU {name} is not available in {generation}; it has {', '.join(sizes) or 'none'}."
        raise ids.invalid("GatewaySkuNotSupportedForGeneration", message)


def _instances(call: Call) -> None:
    found = configurations(call.inputs)
    wanted = 2 if call.inputs.get("activeActive") else 1
    # "About active-active mode VPN gateways": two instances, each with a configuration and an address of its own.
    if len(found) != wanted:
        message = f"The gateway has {len(found)} IP configurations; with activeActive {wanted == 2} it needs {wanted}."
        raise ids.invalid("ActiveActiveGatewayIpConfigurationCount", message)
    places: set[str] = set()
    for index, each in enumerate(found):
        what = f"ipConfigurations[{index}]"
        subnet = ids.must_find(call.store, SUBNET, ids.within(each, "subnet").get("id"), f"{what}.subnet.id")
        if subnet.outputs["name"] != "GatewaySubnet":
            message = f"{what}.subnet: {subnet.id} is not named GatewaySubnet."
            raise ids.invalid("SubnetNotNamedGatewaySubnet", message)
        address = ids.must_find(call.store, ADDRESS, ids.within(each, "publicIPAddress").get("id"), f"{what}.address")
        if len(ids.listed(address.outputs, "zones")) == 0:
            # "About zone-redundant gateways": an AZ size needs a Standard address that is in zones.
            message = f"{what}: {address.id} is in no zone, which a gateway of an AZ SKU needs."
            raise ids.invalid("PublicIpAddressWithoutZones", message)
        places.add(address.id.lower())
        other = gateway_of(call.store, subnet.id.rpartition("/subnets/")[0])
        if other is not None and not ids.same(other.id, call.id):
            raise ids.invalid("OnlyOneGatewayPerVirtualNetwork", f"{subnet.id} has a VPN gateway already: {other.id}.")
    if len(places) != len(found):
        raise ids.invalid("PublicIPAddressInUse", "each IP configuration needs a public address of its own.")


def _numbers(call: Call) -> None:
    bgp = ids.within(call.inputs, "bgpSettings")
    if not call.inputs.get("enableBgp") or not bgp:
        return
    if int(bgp.get("asn") or 65515) in _RESERVED_ASNS:
        raise ids.invalid("InvalidAsn", f"bgpSettings.asn {bgp.get('asn')} is reserved.")
    own = {f"{_url(call)}/ipConfigurations/{each.get('name')}".lower() for each in configurations(call.inputs)}
    seen: set[str] = set()
    for place, addresses in inside_addresses(call.inputs).items():
        if place not in own:
            raise ids.invalid("InvalidResourceReference", f"bgpPeeringAddresses: {place} is not of this gateway.")
        for text in addresses:
            _inside(text)
            if text in seen:
                raise ids.invalid("DuplicateCustomBgpIpAddress", f"customBgpIpAddresses: {text} is given twice.")
            seen.add(text)


def _inside(text: str) -> None:
    try:
        address = IPv4Address(text)
    except AddressValueError:
        raise ids.invalid("InvalidParameter", f"customBgpIpAddresses: {text!r} is not an IPv4 address.") from None
    if not any(address in cidr for cidr in INSIDE):
        message = f"customBgpIpAddresses: {text} is not of 169.254.21.0 to 169.254.22.255."
        raise ids.invalid("CustomBgpIpAddressNotInRange", message)


def _unused(call: Call) -> None:
    # "Delete a virtual network gateway": its connections go first, and so do peerings that use it.
    for each in call.store.all(CONNECTION):
        if ids.same(ids.within(each.outputs, "virtualNetworkGateway1").get("id"), call.id):
            message = f"The gateway {call.id} is in use by the connection {each.id}."
            raise ids.invalid("VirtualNetworkGatewayCannotBeDeleted", message)
    own = {str(ids.within(each, "subnet").get("id")).rpartition("/subnets/")[0] for each in configurations(call.old)}
    for each in call.store.all(PEERING):
        remote = ids.within(each.outputs, "remoteVirtualNetwork").get("id")
        if each.outputs.get("useRemoteGateways") and any(ids.same(remote, network) for network in own):
            message = f"The gateway {call.id} is used by the peering {each.id}."
            raise ids.invalid("VirtualNetworkGatewayCannotBeDeleted", message)


def _made(call: Call) -> Properties:
    own = [
        {**each, "id": f"{call.id}/ipConfigurations/{each.get('name')}", "provisioningState": "Succeeded"}
        for each in configurations(call.inputs)
    ]
    return {"provisioningState": "Succeeded", "ipConfigurations": own, "resourceGuid": ids.fresh_guid(call, "vng")}


def _far(call: Call) -> None:
    vnet.check_name(call.inputs["localNetworkGatewayName"], 1, 80)
    text, bgp = call.inputs.get("gatewayIpAddress"), ids.within(call.inputs, "bgpSettings")
    try:
        IPv4Address(str(text))
    except AddressValueError:
        raise ids.invalid("InvalidParameter", f"gatewayIpAddress: {text!r} is not an IPv4 address.") from None
    spaces = ids.listed(ids.within(call.inputs, "localNetworkAddressSpace"), "addressPrefixes")
    if not bgp and not spaces:
        # "Create a local network gateway": without BGP the ranges must be told.
        message = "localNetworkAddressSpace.addressPrefixes must not be empty without bgpSettings."
        raise ids.invalid("LocalNetworkGatewayAddressSpaceEmpty", message)
    if bgp and int(bgp.get("asn") or 0) in _RESERVED_ASNS | {65515}:
        raise ids.invalid("InvalidAsn", f"bgpSettings.asn {bgp.get('asn')} is reserved.")


def _far_unused(call: Call) -> None:
    for each in call.store.all(CONNECTION):
        if ids.same(ids.within(each.outputs, "localNetworkGateway2").get("id"), call.id):
            message = f"The local network gateway {call.id} is in use by the connection {each.id}."
            raise ids.invalid("LocalNetworkGatewayCannotBeDeleted", message)


_url = ids.in_group("Microsoft.Network/virtualNetworkGateways/{virtualNetworkGatewayName}")

KINDS = (
    ArmKind(
        VPN_GATEWAY,
        identify=_url,
        # forceNewMap, provider/pkg/gen/replacement.go, names none of the body.
        replaces=frozenset({"resourceGroupName", "virtualNetworkGatewayName"}),
        named_by="virtualNetworkGatewayName",
        planned=ids.named(VPN_GATEWAY, "virtualNetworkGatewayName"),
        rules=(_size, _instances, _numbers),
        in_use=(_unused,),
        create=_made,
        update=_made,
        # "Create a VPN gateway": "creating a gateway can often take 45 minutes or more".
        create_minutes=45,
        delete_minutes=10,
    ),
    ArmKind(
        LOCAL_GATEWAY,
        identify=ids.in_group("Microsoft.Network/localNetworkGateways/{localNetworkGatewayName}"),
        replaces=frozenset({"resourceGroupName", "localNetworkGatewayName"}),
        named_by="localNetworkGatewayName",
        planned=ids.named(LOCAL_GATEWAY, "localNetworkGatewayName"),
        rules=(_far,),
        in_use=(_far_unused,),
        create=lambda call: {"provisioningState": "Succeeded", "resourceGuid": ids.fresh_guid(call, "lng")},
        create_minutes=0.2,
        delete_minutes=0.2,
    ),
)
