"""Subnets of the simulated Azure.

Owns: their ranges and what they point to. Does not own: the network around them (vnet), who uses them (subnet_use).
"""

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.azure_native import ids, reach, subnet_use, vnet
from multimesh_lab.providers.azure_native.kind import ArmKind, Naming
from multimesh_lab.providers.azure_native.tokens import NAT_GATEWAY, SUBNET, VNET
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_LARGEST, _SMALLEST = 2, 29
GATEWAY_SUBNET, _SMALLEST_FOR_VPN = "GatewaySubnet", 27
AKS = "Microsoft.ContainerService/managedClusters"


def range_of(subnet: Record) -> str:
    return str(subnet.outputs["addressPrefix"])


def delegated_to_aks(subnet: Record) -> bool:
    return any(str(each.get("serviceName")) == AKS for each in ids.listed(subnet.outputs, "delegations"))


def _range(call: Call) -> None:
    vnet.check_name(call.inputs["subnetName"], 1, 80)
    parent = ids.parent_of(_as_known(call), VNET)
    given = call.inputs.get("addressPrefix")
    if not given:
        raise ids.invalid("InvalidRequestFormat", "addressPrefix is required; other forms are not simulated.")
    # "Azure Virtual Network frequently asked questions" (learn.microsoft.com): IPv4 subnets are /29 to /2.
    own = cidrs.sized(str(given), "addressPrefix", _LARGEST, _SMALLEST)
    if not any(own.subnet_of(cidrs.parse(prefix, "addressPrefixes")) for prefix in vnet.prefixes(parent)):
        message = (
            f"Subnet '{call.inputs['subnetName']}' is not valid in virtual network '{parent.outputs['name']}': "
            f"addressPrefix {given} is in none of the network's ranges {vnet.prefixes(parent)}."
        )
        raise ids.invalid("NetcfgInvalidSubnet", message)
    for other in vnet.subnets_of(call.store, parent.id):
        if not ids.same(other.id, _url(call)) and own.overlaps(cidrs.parse(range_of(other), other.id)):
            message = (
                f"Subnet '{call.inputs['subnetName']}' is not valid: its addressPrefix {given} overlaps "
                f"{range_of(other)} of subnet '{other.outputs['name']}'."
            )
            raise ids.invalid("NetcfgSubnetRangesOverlap", message)


def _for_vpn(call: Call) -> None:
    # "About VPN Gateway configuration settings": GatewaySubnet has /27 or more, and nothing beside gateways; a NAT
    # gateway is not for it ("What is Azure NAT Gateway?").
    if call.inputs["subnetName"] != GATEWAY_SUBNET:
        return
    if cidrs.parse(str(call.inputs["addressPrefix"]), "addressPrefix").prefixlen > _SMALLEST_FOR_VPN:
        message = f"Subnet GatewaySubnet: {call.inputs['addressPrefix']} is smaller than /{_SMALLEST_FOR_VPN}."
        raise ids.invalid("GatewaySubnetTooSmall", message)
    for key in ("natGateway", "delegations"):
        if call.inputs.get(key):
            raise ids.invalid("GatewaySubnetNotSupported", f"Subnet GatewaySubnet cannot have {key}.")


def _gateway(call: Call) -> None:
    gateway = ids.within(call.inputs, "natGateway").get("id")
    if gateway is not None:
        ids.must_find(call.store, NAT_GATEWAY, gateway, "natGateway.id")


def _unmoved(call: Call) -> None:
    # "Add, change, or delete a virtual network subnet" (learn.microsoft.com): a used subnet keeps its range.
    if (
        call.old
        and call.old.get("addressPrefix") != call.inputs.get("addressPrefix")
        and subnet_use.users(call.store, call.id)
    ):
        message = f"Subnet {call.inputs['subnetName']} is in use and its addressPrefix cannot be updated."
        raise ids.invalid("InUsePrefixCannotBeDeleted", message)


def _as_known(call: Call) -> Call:
    """The call with its URL, which the rules need before the resource is there."""
    call.id = call.id or _url(call)
    return call


_url = ids.in_group("Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}")


def _unused(call: Call) -> None:
    record = call.store.get(SUBNET, call.id)
    if record is not None:
        subnet_use.must_be_unused(call.store, record)


def _put(call: Call) -> Properties:
    reach.apply_to_subnet(call, call.id, call.inputs)
    return {"provisioningState": "Succeeded"}


KIND = ArmKind(
    SUBNET,
    identify=_url,
    replaces=frozenset({"resourceGroupName", "virtualNetworkName", "subnetName"}),  # forceNewMap names none of the body
    named_by="subnetName",
    naming=Naming.COPY,
    planned=ids.named(SUBNET, "subnetName"),
    rules=(_range, _for_vpn, _gateway, _unmoved),
    in_use=(_unused,),
    create=_put,
    update=_put,
)
