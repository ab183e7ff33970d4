"""The networks of a mesh: which clusters share one, what is reached in it, and whose VPN gateway serves it.

Owns: networks, peerings and VPNs as pairs of networks. Does not own: which clusters are joined (links.py), numbers
(vpn.py), and whether the arguments are right (rules/connectivity.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pulumi_multimesh.plan import reading, vpn
from pulumi_multimesh.plan.mesh_plan import ClusterPlan
from pulumi_multimesh.plan.needs import has_pod_subnet
from pulumi_multimesh.plan.network_plan import PEERING, TRANSIT, VPN, LinkPlan, NetworkPlan, PeeringPlan
from pulumi_multimesh.plan.reading import Record

_IDENTITY = {"gke": "network", "eks": "vpc_id", "aks": "network_id", "oke": "vcn_id"}
"""The key of a named network that says which one it is."""


def shared(args: Record, known: Collection[str] = ()) -> dict[str, str]:
    """By cluster: the one after which its network is called, of those that are in the same named network.

    It is one that is known already, as an address book knows the networks with a gateway, or else the first in the
    order of names.
    """
    first: list[tuple[str, object, str]] = []
    owner: dict[str, str] = {}
    for kind, name, wish in sorted(reading.clusters(args), key=lambda cluster: (cluster[1] not in known, cluster[1])):
        identity = reading.record(wish, "network").get(_IDENTITY.get(kind, ""))
        found = next((its for its_kind, its_id, its in first if its_kind == kind and _same(its_id, identity)), name)
        owner[name] = found
        if identity is not None and found == name:
            first.append((kind, identity, name))
    return owner


def _same(one: object, other: object) -> bool:
    """An output of the program is known only as itself."""
    return one is other if reading.is_output(one) or reading.is_output(other) else one == other


def networks(args: Record, clusters: Mapping[str, ClusterPlan], owners: Mapping[str, str]) -> dict[str, NetworkPlan]:
    """The networks by name, none with a gateway yet; `owners` says which clusters share one."""
    wishes = {name: (kind, wish) for kind, name, wish in reading.clusters(args)}
    found: dict[str, NetworkPlan] = {}
    for owner in sorted(set(owners.values())):
        members = sorted(name for name in clusters if owners[name] == owner)
        pods = _each(clusters[name].ranges.pods for name in members if _routable(*wishes[name]))
        others = _each(
            cidr for name in members for cidr in (clusters[name].ranges.nodes, clusters[name].ranges.load_balancers)
        )
        found[owner] = NetworkPlan(
            name=owner,
            cloud=clusters[owner].cloud,
            region=clusters[owner].region,
            clusters=tuple(members),
            ranges=tuple(sorted({*others, *pods})),
            pod_ranges=tuple(sorted(set(pods))),
            gateway=None,
            asn=None,
        )
    return found


def _each(cidrs: Iterable[str | None]) -> list[str]:
    return [cidr for cidr in cidrs if cidr is not None]


def _routable(kind: str, wish: Record) -> bool:
    """Whether pods have addresses that the network knows: always on GKE, which keeps them in the VPC."""
    return kind == "gke" or has_pod_subnet(kind, wish)


def with_gateways(
    found: Mapping[str, NetworkPlan],
    links: Iterable[LinkPlan],
    served: Mapping[str, str],
    kept: Mapping[str, int],
    freed: Sequence[int] = (),
) -> dict[str, NetworkPlan]:
    """The networks with the gateways that their VPNs need; `served` names networks that use another's, `kept`
    the numbers by network that are pinned or remembered.
    """
    home = {cluster: network.name for network in found.values() for cluster in network.clusters}
    wanting = {home[end] for link in links if link.road == VPN for end in (link.first, link.second)}
    owners = {name: served.get(name, name) for name in wanting}
    numbers = vpn.asns(
        ((owner, found[owner].cloud, found[owner].region) for owner in set(owners.values())),
        kept,
        freed,
    )
    return {name: replace(network, gateway=owners.get(name), asn=numbers.get(name)) for name, network in found.items()}


def peerings(found: Mapping[str, NetworkPlan], links: Iterable[LinkPlan]) -> tuple[PeeringPlan, ...]:
    """Each two networks that are peered, once."""
    pairs = network_pairs(found, links, PEERING)
    return tuple(_peering(found[first], found[second]) for first, second in pairs)


def _peering(first: NetworkPlan, second: NetworkPlan) -> PeeringPlan:
    transit = next(
        (one.name for one, other in ((first, second), (second, first)) if other.gateway == one.name and one != other),
        None,
    )
    return PeeringPlan(first.name, second.name, first.cloud, first.region == second.region, transit)


def network_pairs(found: Mapping[str, NetworkPlan], links: Iterable[LinkPlan], road: str) -> list[tuple[str, str]]:
    """The pairs of networks that links of one road join, each once, in order."""
    home = {cluster: network.name for network in found.values() for cluster in network.clusters}
    pairs = {tuple(sorted((home[link.first], home[link.second]))) for link in links if link.road == road}
    return sorted((first, second) for first, second in pairs)


def vpn_pairs(found: Mapping[str, NetworkPlan], links: Iterable[LinkPlan]) -> list[tuple[NetworkPlan, NetworkPlan]]:
    """The pairs of networks whose gateways are joined, each once; a network may be served by another's gateway."""
    gateways: set[tuple[str, str]] = set()
    for first, second in network_pairs(found, links, VPN):
        one, other = found[first].gateway or first, found[second].gateway or second
        gateways.add((min(one, other), max(one, other)))
    return [(found[one], found[other]) for one, other in sorted(gateways)]


def behind(found: Mapping[str, NetworkPlan], gateway: str) -> tuple[str, ...]:
    """What a VPN gateway leads to: the ranges of its own network and of those that it serves."""
    return tuple(sorted(cidr for network in found.values() if network.gateway == gateway for cidr in network.ranges))


def sought(
    found: Mapping[str, NetworkPlan], links: Iterable[LinkPlan], name: str
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """What a network must find a way to: through VPN gateways, and by peered network."""
    home = {cluster: network.name for network in found.values() for cluster in network.clusters}
    far: set[str] = set()
    near: dict[str, tuple[str, ...]] = {}
    for link in links:
        ends = (home[link.first], home[link.second])
        if name in ends and link.road in (VPN, TRANSIT, PEERING):
            other = found[ends[0] if ends[1] == name else ends[1]]
            if link.road == PEERING:
                near[other.name] = other.ranges
            else:
                far.update(other.ranges)
    return tuple(sorted(far)), near
