"""Who reaches an AKS cluster's API server, and by which address a cluster's traffic leaves.

Owns: both, as they follow from the cluster, its subnet and the NAT gateway. Does not own: those.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.tokens import ADDRESS, CLUSTER, NAT_GATEWAY, SUBNET
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Store

_ANYWHERE = "0.0.0.0/0"


def lab_id(cluster_id: str) -> str:
    """The cluster's id in the lab."""
    return f"azure/{cluster_id}"


def apply(call: Call, cluster_id: str, properties: Mapping[str, Any]) -> None:
    """Tell the lab's cluster what now holds."""
    call.runtime.admit_api(lab_id(cluster_id), admitted(properties))
    call.runtime.set_egress(lab_id(cluster_id), egress(call.store, properties))


def admitted(cluster: Mapping[str, Any]) -> list[str]:
    """The ranges that reach the API server; without any named, everybody does."""
    # "Secure access to the API server using authorized IP address ranges" (learn.microsoft.com): none of them
    # means all, and a single address may be written without its length.
    access = ids.within(cluster, "apiServerAccessProfile")
    if access.get("enablePrivateCluster"):
        return []
    ranges = [str(each) for each in ids.listed(access, "authorizedIPRanges")]
    return [str(ipaddress.ip_network(each, strict=False)) for each in ranges] or [_ANYWHERE]


def node_subnet(cluster: Mapping[str, Any]) -> str:
    """The id of the subnet in which the cluster's first nodes are, empty when AKS makes one."""
    pools = ids.listed(cluster, "agentPoolProfiles")
    return str(pools[0].get("vnetSubnetID") or "") if pools else ""


def egress(store: Store, cluster: Mapping[str, Any], gateway_of: Mapping[str, Any] | None = None) -> str | None:
    """The address of the NAT gateway on the nodes' subnet, whose properties may be those that will be."""
    subnet = ids.find(store, SUBNET, node_subnet(cluster))
    properties = gateway_of if gateway_of is not None else (subnet.outputs if subnet else {})
    gateway = ids.find(store, NAT_GATEWAY, ids.within(properties, "natGateway").get("id"))
    addresses = ids.listed(gateway.outputs, "publicIpAddresses") if gateway else []
    address = ids.find(store, ADDRESS, addresses[0].get("id")) if addresses else None
    return str(address.outputs["ipAddress"]) if address and address.outputs.get("ipAddress") else None


def apply_to_subnet(call: Call, subnet_id: str, properties: Mapping[str, Any]) -> None:
    """Tell the clusters in a subnet by which address their traffic leaves now."""
    for cluster in call.store.all(CLUSTER):
        if ids.same(node_subnet(cluster.outputs), subnet_id):
            call.runtime.set_egress(lab_id(cluster.id), egress(call.store, cluster.outputs, properties))
