"""What the network of an OKE cluster must let its worker nodes do before they can join it.

Owns: the requirements. Does not own: the rules and routes themselves (security, routes), or the nodes (node_pool).
The requirements are those of docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengnetworkconfig.htm; that both
ports are needed is also in zoom/karpenter-oci#8.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.oci import names, reach, regions, security_rules, subnet
from multimesh_lab.providers.oci.security_rules import Rule
from multimesh_lab.providers.oci.tokens import INTERNET_GATEWAY, NAT_GATEWAY, SERVICE_GATEWAY, SUBNET
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_API_PORTS = (reach.API_PORT, 12250)
_HTTPS = 443


@dataclass(frozen=True)
class _Side:
    """One end of a connection."""

    what: str
    network: IPv4Network
    groups: frozenset[str]
    rules: list[Rule]

    def lets(self, other: "_Side", port: int, *, in_: bool) -> bool:
        """Whether its rules let TCP pass, in from the other or out to it."""
        return any(
            rule.ingress is in_ and rule.admits(port) and rule.covers(other.network, other.groups)
            for rule in self.rules
        )


def missing(call: Call, cluster: Record, pool: Properties) -> list[str]:
    """Everything for want of which the pool's nodes would not register."""
    config = names.within(cluster.outputs, "endpointConfig")
    endpoint = call.store.get(SUBNET, str(config.get("subnetId")))
    if endpoint is None:
        return []  # an endpoint outside the VCN is reached without the program's rules
    api = _side(call, "the API endpoint", endpoint, names.listed(config, "nsgIds"))
    details = names.within(pool, "nodeConfigDetails")
    found: list[str] = []
    for each in names.values(details, "placementConfigs.subnetId"):
        place = call.store.get(SUBNET, str(each))
        if place is not None:
            workers = _side(call, "the workers", place, names.listed(details, "nsgIds"))
            found += [*_to_api(workers, api), *_to_services(call, workers, place)]
    return found


def _side(call: Call, what: str, place: Record, groups: list[object]) -> _Side:
    members = frozenset(str(each) for each in groups)
    rules = security_rules.effective(call.store, place, members)
    return _Side(f"{what} ({place.id})", subnet.network_of(place), members, rules)


def _to_api(workers: _Side, api: _Side) -> Iterator[str]:
    for port in _API_PORTS:
        if not workers.lets(api, port, in_=False):
            yield f"no egress rule of {workers.what} admits TCP {port} to {api.what}"
        if not api.lets(workers, port, in_=True):
            yield f"no ingress rule of {api.what} admits TCP {port} from {workers.what}"


def _to_services(call: Call, workers: _Side, place: Record) -> Iterator[str]:
    labels = {each.label for each in regions.services(names.region(call)) if each.label.startswith("all-")}
    peers = {r.peer for r in workers.rules if not r.ingress and r.admits(_HTTPS)}
    if not peers & {*labels, security_rules.ANYWHERE}:
        yield f"no egress rule of {workers.what} admits TCP {_HTTPS} to {' or '.join(labels)}"
    targets = reach.targets(call.store, place)
    way_out = targets.get(security_rules.ANYWHERE, "")
    by_gateway = call.store.get(NAT_GATEWAY, way_out) is not None
    # Through an internet gateway only what has a public address gets out (Network/Tasks/managingIGs.htm).
    by_internet = call.store.get(INTERNET_GATEWAY, way_out) is not None and not subnet.is_private(place)
    by_services = any(call.store.get(SERVICE_GATEWAY, targets.get(label, "")) for label in labels)
    if not (by_gateway or by_internet or by_services):
        yield f"the route table of {workers.what} leads to no Oracle services: add a service or NAT gateway"
