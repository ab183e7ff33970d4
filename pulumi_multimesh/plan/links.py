"""Who is joined to whom, by which road, and which credentials that takes.

Owns: pairs of clusters and their road. Does not own: networks and their numbers (networks.py, vpn.py), and whether
the arguments are right (rules/connectivity.py).
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.connectivity import connectivity, is_private
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, RemoteSecretPlan
from pulumi_multimesh.plan.network_plan import GATEWAYS, PEERING, SAME_NETWORK, TRANSIT, VPN, LinkPlan
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.roles import CONFIG, MANAGEMENT

FULL_MESH, HUB_AND_SPOKES, LIST = "full-mesh", "hub-and-spokes", "list"
TOPOLOGIES = (FULL_MESH, HUB_AND_SPOKES, LIST)


def joined(args: Record, names: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of clusters that the mesh joins, each in the order of names.

    A pair has no direction: roads and what admits are for both ends, and who may call whom is for rules to say.
    """
    wish = reading.record(args, "links")
    every_two = list(combinations(sorted(names), 2))
    match reading.text(wish, "topology") or FULL_MESH:
        case "hub-and-spokes" if wish.get("transit") is not True:
            hub = reading.text(wish, "hub")
            return [pair for pair in every_two if hub in pair]
        case "list":
            records = [reading.as_record(pair) for pair in reading.as_list(wish.get("pairs"))]
            listed = [{reading.text(pair, "first"), reading.text(pair, "second")} for pair in records]
            return [pair for pair in every_two if set(pair) in listed]
        case _:
            return every_two


def with_vpn(args: Record) -> set[str]:
    """The clusters that need a VPN gateway of their network's own: another's may serve it."""
    if connectivity(args) != VPN:
        return set()
    clouds, wish = clouds_of(args), reading.record(args, "links")
    pairs = [pair for pair in joined(args, clouds) if clouds[pair[0]] != clouds[pair[1]]]
    return {name for pair in pairs for name in pair} - set(reading.text_table(wish, "gateways_of"))


def links(args: Record, clusters: Mapping[str, ClusterPlan], owners: Mapping[str, str]) -> tuple[LinkPlan, ...]:
    """The links of valid arguments; `owners` says which clusters share a network."""
    return tuple(_link(args, clusters[first], clusters[second], owners) for first, second in joined(args, clusters))


def _link(args: Record, first: ClusterPlan, second: ClusterPlan, owners: Mapping[str, str]) -> LinkPlan:
    wish = reading.record(args, "links")
    hub = reading.text(wish, "hub") if wish.get("transit") is True else None
    if not is_private(args):
        return LinkPlan(first.name, second.name, GATEWAYS, None)
    if owners[first.name] == owners[second.name]:
        return LinkPlan(first.name, second.name, SAME_NETWORK, None)
    if hub is not None and hub not in (first.name, second.name):
        return LinkPlan(first.name, second.name, TRANSIT, owners[hub])
    return LinkPlan(first.name, second.name, PEERING if first.cloud == second.cloud else VPN, None)


def remote_secrets(found: Iterable[LinkPlan], clusters: Mapping[str, ClusterPlan]) -> tuple[RemoteSecretPlan, ...]:
    """Both ends of each link read each other, as far as they have a control plane that reads.

    An external control plane reads its config cluster as if it were its own, by another credential, and nobody reads
    a management cluster.
    """
    pairs = [(link.first, link.second) for link in found]
    both = sorted([*pairs, *((second, first) for first, second in pairs)])
    return tuple(
        RemoteSecretPlan(of, into)
        for of, into in both
        if clusters[into].is_primary and clusters[of].role not in (MANAGEMENT, CONFIG)
    )
