"""How an AKS cluster's network must fit into the virtual network that it is given.

Owns: these rules. Does not own: the virtual network, and the right to join it (cluster_rights).
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, cast

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.azure_native import ids, subnet, vnet
from multimesh_lab.providers.azure_native.tokens import SUBNET, VNET
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

# "Azure CNI networking in AKS" and "Plan IP addressing for your cluster" (learn.microsoft.com).
_RESERVED = ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")
_SMALLEST_SERVICE_BITS = 12
_DEFAULTS: Properties = {
    "networkPlugin": "azure",
    "serviceCidr": "10.0.0.0/16",
    "dnsServiceIP": "10.0.0.10",
    "outboundType": "loadBalancer",
    "loadBalancerSku": "standard",
}
_DATAPLANES = ("azure", "cilium")
_ACL = 200


def profile(cluster: Mapping[str, Any]) -> Properties:
    """The network profile with AKS' defaults (ContainerServiceNetworkProfile in its API)."""
    given = {key: value for key, value in ids.within(cluster, "networkProfile").items() if value is not None}
    return {**_DEFAULTS, **given}


def check(call: Call) -> None:
    """Refuse ranges and modes that do not go together."""
    known = profile(call.inputs)
    if known["networkPlugin"] not in ("azure", "none"):
        raise _invalid(f"networkPlugin '{known['networkPlugin']}' is not simulated; use azure")
    # "Configure Azure CNI Powered by Cilium in AKS" (learn.microsoft.com).
    if known.get("networkDataplane", "azure") not in _DATAPLANES:
        raise _invalid(f"networkDataplane '{known['networkDataplane']}' must be azure or cilium")
    if known.get("networkDataplane") == "cilium" and known.get("networkPolicy", "cilium") != "cilium":
        raise _invalid(f"networkPolicy '{known['networkPolicy']}' must be cilium with networkDataplane cilium")
    if known.get("networkPolicy") == "cilium" and known.get("networkDataplane") != "cilium":
        raise _invalid("networkPolicy cilium needs networkDataplane cilium")
    overlay = known.get("networkPluginMode") == "overlay"
    if overlay != ("podCidr" in ids.within(call.inputs, "networkProfile")):
        raise _invalid("podCidr goes with networkPluginMode overlay, and overlay with a podCidr")
    _ranges(call, known)
    for index, pool in enumerate(ids.listed(call.inputs, "agentPoolProfiles")):
        check_pool(call, cast("Properties", pool), overlay, f"agentPoolProfiles[{index}]")
    _way_out(call, str(known["outboundType"]))


def check_pool(call: Call, pool: Mapping[str, Any], overlay: bool, what: str) -> None:
    """Refuse subnets in which a pool's nodes and pods cannot be."""
    nodes = pool.get("vnetSubnetID")
    pods = pool.get("podSubnetID")
    if nodes is not None:
        found = ids.must_find(call.store, SUBNET, nodes, f"{what}.vnetSubnetID")
        if subnet.delegated_to_aks(found):
            raise _invalid(f"{what}.vnetSubnetID: {found.id} is delegated to pods and takes no nodes")
    # "Configure Azure CNI Overlay" and "Azure CNI Pod Subnet" (learn.microsoft.com).
    if pods is None:
        return
    if overlay:
        raise _invalid(f"{what}.podSubnetID must not be set with networkPluginMode overlay")
    found = ids.must_find(call.store, SUBNET, pods, f"{what}.podSubnetID")
    if not subnet.delegated_to_aks(found):
        raise _invalid(f"{what}.podSubnetID: {found.id} must be delegated to {subnet.AKS}")
    if nodes is None or not ids.same(_vnet_id(str(nodes)), _vnet_id(str(pods))):
        raise _invalid(f"{what}.podSubnetID must be in the same virtual network as vnetSubnetID")


def _ranges(call: Call, known: Properties) -> None:
    what, services = "networkProfile", str(known["serviceCidr"])
    taken = [(each, "reserved for AKS") for each in _RESERVED]
    for record in _networks(call):
        taken += [(each, f"virtual network {record.id}") for each in vnet.prefixes(record)]
    own = cidrs.parse(services, f"{what}.serviceCidr")
    if own.prefixlen <= _SMALLEST_SERVICE_BITS:
        raise _invalid(f"serviceCidr {services} must be smaller than /{_SMALLEST_SERVICE_BITS}")
    _apart(services, f"{what}.serviceCidr", taken, "ServiceCidrOverlapExistingSubnetsCidr")
    dns = ipaddress.ip_address(str(known["dnsServiceIP"]))
    if dns not in own or dns == own[0]:
        raise _invalid(f"dnsServiceIP {dns} must be in serviceCidr {services} and not its first address")
    if dns == own[1]:  # "Don't use the first IP address in your address range": it is kubernetes.default's
        raise _invalid(f"dnsServiceIP {dns} is the address of kubernetes.default in {services}")
    if "podCidr" in known:
        _apart(str(known["podCidr"]), f"{what}.podCidr", [*taken, (services, "serviceCidr")], "InvalidParameter")


def _apart(cidr: str, what: str, taken: list[tuple[str, str]], code: str) -> None:
    own = cidrs.parse(cidr, what)
    for other, owner in taken:
        if own.overlaps(cidrs.parse(other, owner)):
            raise ids.invalid(code, f"{what}: {cidr} overlaps {other} ({owner}); choose a range of its own.")


def _way_out(call: Call, outbound: str) -> None:
    # "Create a managed or user-assigned NAT gateway for your AKS cluster" (learn.microsoft.com).
    if outbound != "userAssignedNATGateway":
        return
    for index, pool in enumerate(ids.listed(call.inputs, "agentPoolProfiles")):
        what = f"agentPoolProfiles[{index}].vnetSubnetID"
        found = ids.find(call.store, SUBNET, pool.get("vnetSubnetID"))
        if found is None or not ids.within(found.outputs, "natGateway").get("id"):
            message = f"{what}: outboundType userAssignedNATGateway needs a subnet with a NAT gateway; it has none."
            raise ids.invalid("InvalidParameter", message)


def check_access(call: Call) -> None:
    """Refuse ranges by which nobody could reach the API server."""
    # "Secure access to the API server using authorized IP address ranges" (learn.microsoft.com): 200 at most, public.
    access = ids.within(call.inputs, "apiServerAccessProfile")
    ranges = ids.listed(access, "authorizedIPRanges")
    if len(ranges) > _ACL:
        raise _invalid(f"apiServerAccessProfile.authorizedIPRanges has {len(ranges)} entries; {_ACL} are allowed")
    if ranges and access.get("enablePrivateCluster"):
        raise _invalid("apiServerAccessProfile.authorizedIPRanges cannot be used with enablePrivateCluster")
    for index, each in enumerate(ranges):
        what = f"apiServerAccessProfile.authorizedIPRanges[{index}]"
        try:
            ipaddress.ip_network(str(each))
        except ValueError as error:
            raise ids.invalid("InvalidParameter", f"{what}: '{each}' is not a range: {error}.") from error


def _networks(call: Call) -> list[Record]:
    """The virtual networks that the pools are in."""
    found: dict[str, Record] = {}
    for pool in ids.listed(call.inputs, "agentPoolProfiles"):
        record = network_of(call.store, str(pool.get("vnetSubnetID") or ""))
        if record is not None:
            found[record.id] = record
    return list(found.values())


def network_of(store: Store, subnet_id: str) -> Record | None:
    return ids.find(store, VNET, _vnet_id(subnet_id))


def _vnet_id(subnet_id: str) -> str:
    return subnet_id.rpartition("/subnets/")[0]


def _invalid(message: str) -> Exception:
    return ids.invalid("InvalidParameter", f"{message}.")
