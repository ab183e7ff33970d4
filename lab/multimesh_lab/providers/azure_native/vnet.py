"""Virtual networks of the simulated Azure.

Owns: their ranges. Does not own: subnets that are resources of their own (subnet).
"""

import re

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.azure_native import ids, subnet_use
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import PEERING, SUBNET, VNET
from multimesh_lab.providers.kinds import Call, RefusedError
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

# "Naming rules and restrictions for Azure resources" (learn.microsoft.com), Microsoft.Network.
_NAME = re.compile(r"^[A-Za-z0-9]([\w.-]*\w)?$")


def check_name(name: object, shortest: int, longest: int) -> None:
    """Refuse a name that the network's API does not take."""
    text = str(name)
    if not shortest <= len(text) <= longest or not _NAME.match(text):
        message = (
            f"Resource name {text} is invalid. The name has {shortest} to {longest} letters, digits, underscores, "
            "periods and hyphens, begins with a letter or digit and ends with one or with an underscore."
        )
        raise ids.invalid("InvalidResourceName", message)


def prefixes(vnet: Record) -> list[str]:
    """The ranges of the network."""
    return [str(each) for each in ids.listed(ids.within(vnet.outputs, "addressSpace"), "addressPrefixes")]


def subnets_of(store: Store, vnet_id: str) -> list[Record]:
    return [each for each in store.all(SUBNET) if ids.lies_in(each.id, vnet_id)]


def _ranges(call: Call) -> None:
    # REST API, VirtualNetworks - Create Or Update: addressSpace.addressPrefixes; ranges of one network are disjoint.
    check_name(call.inputs["virtualNetworkName"], 2, 64)
    found = ids.listed(ids.within(call.inputs, "addressSpace"), "addressPrefixes")
    if not found:
        raise ids.invalid("InvalidRequestFormat", "addressSpace.addressPrefixes must have at least one range.")
    for index, each in enumerate(found):
        taken = [(str(other), f"addressPrefixes[{i}]") for i, other in enumerate(found[:index])]
        cidrs.must_not_overlap(str(each), f"addressSpace.addressPrefixes[{index}]", taken)
    for each in subnets_of(call.store, call.id) if call.id else []:
        own = cidrs.parse(str(each.outputs["addressPrefix"]), each.id)
        if not any(own.subnet_of(cidrs.parse(str(prefix), "addressPrefixes")) for prefix in found):
            message = f"Address prefix {own} of subnet {each.id} is in use and would be in none of the ranges {found}."
            raise ids.invalid("InUsePrefixCannotBeDeleted", message)


def _inline(call: Call) -> None:
    # A PUT with a list of subnets deletes those that are not in it; the lab knows subnets as own resources only.
    if call.inputs.get("subnets"):
        raise RefusedError("subnets within a network are not simulated; use network.Subnet")


def _subnets(store: Store, record: Record) -> Properties:
    keys = ("name", "addressPrefix", "natGateway", "delegations", "provisioningState")
    found = subnets_of(store, record.id)
    peered = [{"id": each.id, "name": each.outputs["name"]} for each in _peerings(store, record.id)]
    return {
        "subnets": [{"id": s.id, **{k: s.outputs[k] for k in keys if s.outputs.get(k)}} for s in found],
        "virtualNetworkPeerings": peered,
    }


def _peerings(store: Store, vnet_id: str) -> list[Record]:
    return [each for each in store.all(PEERING) if ids.lies_in(each.id, vnet_id)]


def _unused(call: Call) -> None:
    # "Delete a virtual network" (learn.microsoft.com): with whatever still uses a subnet it stays; subnets go along.
    for each in subnets_of(call.store, call.id):
        subnet_use.must_be_unused(call.store, each)


KIND = ArmKind(
    VNET,
    identify=ids.in_group("Microsoft.Network/virtualNetworks/{virtualNetworkName}"),
    replaces=frozenset({"resourceGroupName", "virtualNetworkName", "location"}),  # forceNewMap, replacement.go
    named_by="virtualNetworkName",
    planned=ids.named(VNET, "virtualNetworkName"),
    shown=_subnets,
    parts=frozenset({"subnets", "virtualNetworkPeerings"}),
    rules=(_ranges, _inline),
    in_use=(_unused,),
    create=lambda call: {"provisioningState": "Succeeded", "resourceGuid": ids.fresh_guid(call, "vnet")},
    create_minutes=0.2,
    delete_minutes=0.2,
)
