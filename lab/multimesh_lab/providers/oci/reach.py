"""Who reaches a cluster's API server, and by which address a cluster's traffic leaves.

Owns: both, as they follow from routes, security rules and gateways. Does not own: those.
Every change of any of them has to be followed by `apply`.
"""

from collections.abc import Mapping
from typing import Any

from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.oci import facts, names, security_rules
from multimesh_lab.providers.oci.tokens import CLUSTER, INTERNET_GATEWAY, NAT_GATEWAY, NODE_POOL, ROUTE_TABLE, SUBNET
from multimesh_lab.providers.store import Record, Store

API_PORT = 6443


def apply(call: Call, vcn: object) -> None:
    """Tell the lab's clusters of this VCN what now holds."""
    for cluster in call.store.all(CLUSTER):
        if cluster.outputs.get("vcnId") == vcn and facts.known(call.store, cluster.id) is not None:
            apply_to(call, cluster)


def apply_to(call: Call, cluster: Record) -> None:
    """Tell the lab's cluster what now holds."""
    call.runtime.admit_api(names.lab_id(cluster.id), admitted(call.store, cluster))
    call.runtime.set_egress(names.lab_id(cluster.id), egress(call.store, cluster))


def admitted(store: Store, cluster: Record) -> list[str]:
    """The ranges that reach the public endpoint: it needs an address, a way to the internet, and rules."""
    endpoint = names.within(cluster.outputs, "endpointConfig")
    subnet = store.get(SUBNET, str(endpoint.get("subnetId")))
    if not endpoint.get("isPublicIpEnabled") or subnet is None or not _has_internet(store, subnet):
        return []
    groups = frozenset(str(each) for each in names.listed(endpoint, "nsgIds"))
    rules = security_rules.effective(store, subnet, groups)
    from_ranges = [r for r in rules if r.ingress and r.peer_type == security_rules.CIDR and r.admits(API_PORT)]
    return sorted({rule.peer for rule in from_ranges})


def egress(store: Store, cluster: Record) -> str | None:
    """The NAT gateway's address on the way out of the first pool's subnet, that of its pods if they have one."""
    for pool in store.all(NODE_POOL):
        if pool.outputs.get("clusterId") == cluster.id:
            details = names.within(pool.outputs, "nodeConfigDetails")
            pods = names.listed(names.within(details, "nodePoolPodNetworkOptionDetails"), "podSubnetIds")
            nodes = names.values(details, "placementConfigs.subnetId")
            subnet = store.get(SUBNET, str((pods or nodes)[0]))
            return _nat_address(store, subnet) if subnet else None
    return None


def targets(store: Store, subnet: Record) -> dict[str, str]:
    """Where the subnet's route table sends what: destination → the target's OCID."""
    table = store.get(ROUTE_TABLE, str(subnet.outputs.get("routeTableId")))
    rules = names.listed(table.outputs, "routeRules") if table else []
    return {destination(rule): str(rule.get("networkEntityId")) for rule in rules}


def destination(rule: Mapping[str, Any]) -> str:
    """A route rule's destination; `cidrBlock` is its former name."""
    return str(rule.get("destination") or rule.get("cidrBlock"))


def _nat_address(store: Store, subnet: Record) -> str | None:
    gateway = store.get(NAT_GATEWAY, targets(store, subnet).get(security_rules.ANYWHERE, ""))
    if gateway is None or gateway.outputs.get("blockTraffic"):
        return None
    address = gateway.outputs.get("natIp")
    return str(address) if address else None


def _has_internet(store: Store, subnet: Record) -> bool:
    gateway = store.get(INTERNET_GATEWAY, targets(store, subnet).get(security_rules.ANYWHERE, ""))
    return gateway is not None and gateway.outputs.get("enabled", True) is not False
