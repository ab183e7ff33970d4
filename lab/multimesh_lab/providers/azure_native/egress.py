"""Public addresses and NAT gateways of the simulated Azure.

Owns: their forms, and the lab's address behind each. Does not own: which subnets use a gateway (subnet).
"""

from multimesh_lab.providers.azure_native import ids, vnet
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import ADDRESS, NAT_GATEWAY, SUBNET, VPN_GATEWAY
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

_SKUS = ("Basic", "Standard")
_MOST_ADDRESSES = 16
_IDLE = range(4, 121)


def owner(address_id: str) -> str:
    """The name under which the lab keeps the address."""
    return f"azure/{address_id}"


def _gateway_of(store: Store, address_id: str) -> Record | None:
    for each in store.all(NAT_GATEWAY):
        if any(ids.same(a.get("id"), address_id) for a in ids.listed(each.outputs, "publicIpAddresses")):
            return each
    return None


def _address(call: Call) -> None:
    vnet.check_name(call.inputs["publicIpAddressName"], 1, 80)
    sku = ids.within(call.inputs, "sku").get("name", "Basic")
    if sku not in _SKUS:
        raise ids.invalid("InvalidParameter", f"sku.name '{sku}' must be one of {', '.join(_SKUS)}.")
    # "Public IP addresses" (learn.microsoft.com): Basic ones ended on 30 September 2025; a Standard one is static.
    if sku == "Basic":
        message = "sku.name: Basic public IP addresses can no longer be created; use Standard."
        raise ids.invalid("IPv4BasicSkuPublicIpCountLimitReached", message)
    if call.inputs.get("publicIPAllocationMethod") != "Static":
        message = "Standard sku publicIp must have AllocationMethod set to Static."
        raise ids.invalid("StandardSkuPublicIPAddressesMustBeStatic", message)
    # "What are Azure regions and availability zones": an address is in one zone or in all three.
    zones = ids.listed(call.inputs, "zones")
    if len(zones) not in (0, 1, 3) or not {str(each) for each in zones} <= {"1", "2", "3"}:
        message = f"zones {zones}: a public IP address is in one zone, in all three or in none."
        raise ids.invalid("InvalidParameter", message)


def _vpn_gateway_of(store: Store, address_id: str) -> Record | None:
    for each in store.all(VPN_GATEWAY):
        own = ids.listed(each.outputs, "ipConfigurations")
        if any(ids.same(ids.within(part, "publicIPAddress").get("id"), address_id) for part in own):
            return each
    return None


def _address_unused(call: Call) -> None:
    # Azure/azure-sdk and "Troubleshoot public IP" (learn.microsoft.com): PublicIPAddressCannotBeDeleted.
    gateway = _gateway_of(call.store, call.id) or _vpn_gateway_of(call.store, call.id)
    if gateway is not None:
        message = (
            f"Public IP address {call.id} can not be deleted since it is still allocated to resource {gateway.id}. "
            "In order to delete the public IP, disassociate it from the resource."
        )
        raise ids.invalid("PublicIPAddressCannotBeDeleted", message)


def _made_address(call: Call) -> Properties:
    address = call.runtime.allocate_address(owner(call.id))
    return {"ipAddress": address, "provisioningState": "Succeeded", "resourceGuid": ids.fresh_guid(call, "address")}


def _used_by(store: Store, record: Record) -> Properties:
    gateway = _gateway_of(store, record.id)
    return {"natGateway": {"id": gateway.id}} if gateway else {}


def _gateway(call: Call) -> None:
    vnet.check_name(call.inputs["natGatewayName"], 1, 80)
    sku = ids.within(call.inputs, "sku").get("name")
    # "What is Azure NAT Gateway?" (learn.microsoft.com): Standard static addresses, 16 at most, idle 4 to 120 minutes.
    if sku != "Standard":
        raise ids.invalid("InvalidParameter", f"sku.name '{sku}' must be Standard; StandardV2 is not simulated.")
    given = ids.listed(call.inputs, "publicIpAddresses")
    if len(given) > _MOST_ADDRESSES:
        message = f"publicIpAddresses has {len(given)} entries; a NAT gateway has {_MOST_ADDRESSES} at most."
        raise ids.invalid("InvalidParameter", message)
    if int(call.inputs.get("idleTimeoutInMinutes") or _IDLE.start) not in _IDLE:
        message = f"idleTimeoutInMinutes {call.inputs['idleTimeoutInMinutes']} must be 4 to 120."
        raise ids.invalid("InvalidParameter", message)
    for index, each in enumerate(given):
        what = f"publicIpAddresses[{index}].id"
        address = ids.must_find(call.store, ADDRESS, each.get("id"), what)
        other = _gateway_of(call.store, address.id)
        if other is not None and not ids.same(other.id, call.id):
            message = f"{what}: {address.id} is already allocated to resource {other.id}."
            raise ids.invalid("PublicIPAddressInUse", message)
        if ids.within(address.outputs, "sku").get("name") != "Standard":
            message = f"{what}: {address.id} is not a Standard sku address, which a NAT gateway needs."
            raise ids.invalid("InvalidParameter", message)


def gateway_users(store: Store, gateway_id: str) -> list[Record]:
    return [s for s in store.all(SUBNET) if ids.same(ids.within(s.outputs, "natGateway").get("id"), gateway_id)]


def _gateway_unused(call: Call) -> None:
    # "Manage NAT gateway" (learn.microsoft.com): it is taken off its subnets first.
    found = gateway_users(call.store, call.id)
    if found:
        message = f"NAT Gateway {call.id} is in use by subnet {found[0].id} and cannot be deleted."
        raise ids.invalid("InUseNatGatewayCannotBeDeleted", message)


KINDS = (
    ArmKind(
        ADDRESS,
        identify=ids.in_group("Microsoft.Network/publicIPAddresses/{publicIpAddressName}"),
        # forceNewMap, provider/pkg/gen/replacement.go
        replaces=frozenset(
            {
                "resourceGroupName",
                "publicIpAddressName",
                "location",
                "publicIPAddressVersion",
                "publicIPPrefix",
                "sku",
            }
        ),
        named_by="publicIpAddressName",
        planned=lambda call: {
            **ids.named(ADDRESS, "publicIpAddressName")(call),
            "publicIPAddressVersion": "IPv4",
            "idleTimeoutInMinutes": 4,
        },
        shown=_used_by,
        rules=(_address,),
        in_use=(_address_unused,),
        create=_made_address,
        delete=lambda call: call.runtime.release_address(owner(call.id)),
        create_minutes=0.2,
        delete_minutes=0.2,
    ),
    ArmKind(
        NAT_GATEWAY,
        identify=ids.in_group("Microsoft.Network/natGateways/{natGatewayName}"),
        replaces=frozenset({"resourceGroupName", "natGatewayName"}),
        named_by="natGatewayName",
        planned=lambda call: {**ids.named(NAT_GATEWAY, "natGatewayName")(call), "idleTimeoutInMinutes": 4},
        shown=lambda store, record: {"subnets": [{"id": each.id} for each in gateway_users(store, record.id)] or None},
        rules=(_gateway,),
        in_use=(_gateway_unused,),
        create=lambda call: {"provisioningState": "Succeeded", "resourceGuid": ids.fresh_guid(call, "nat")},
        create_minutes=0.2,
        delete_minutes=0.2,
    ),
)
