"""Rules of roads: whether each pair of clusters that is joined has one.

Owns: values under `connectivity` and `links.transit`. Does not own: who is joined (topology.py), and what private
roads ask of networks (private_roads.py).
"""

from collections.abc import Iterator
from itertools import combinations

from pulumi_multimesh.plan import connectivity, links, networks, reading
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.network_plan import GATEWAYS, PEERING, VPN
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.private_roads import private_faults
from pulumi_multimesh.plan.rules.topology import topology_faults

_PASSING_ON = ("aws", "azure")
"""AWS's and Azure's VPN gateways tell each BGP neighbour what they learned from the others; Google's Cloud Router and
Oracle's DRG, as they come, do not."""


def connectivity_faults(args: Record) -> Iterator[Fault]:
    """Every fault of roads."""
    word = reading.text(args, "connectivity")
    if word is not None and word not in connectivity.CONNECTIVITIES:
        allowed = ", ".join(connectivity.CONNECTIVITIES)
        yield Fault("connectivity", word, "is not a known road", allowed, f"leave it out for {GATEWAYS}, or write  vpn")
        return
    topology = list(topology_faults(args))
    yield from topology
    if not topology:
        yield from _road_faults(args)
        yield from _transit_faults(args)
    yield from private_faults(args)


def _road_faults(args: Record) -> Iterator[Fault]:
    """A pair that is joined must have a road."""
    if not connectivity.is_private(args):
        return
    clouds, word = clouds_of(args), connectivity.connectivity(args)
    kinds = {name: kind for kind, name, _ in reading.clusters(args)}
    for name in sorted(kinds):
        if kinds[name] == "existing" and any(name in pair for pair in links.joined(args, clouds)):
            yield Fault(
                f"existing.{name}",
                None,
                f"has no private road: the mesh makes none into a network that it does not know (connectivity: {word})",
                "clusters that the mesh makes, with networks made here or named",
                "write  connectivity: gateways , or take the cluster out",
            )
    for first, second in links.joined(args, clouds):
        if word == PEERING and clouds[first] != clouds[second] and "existing" not in (kinds[first], kinds[second]):
            yield Fault(
                "connectivity",
                word,
                f"leaves {first} ({clouds[first]}) and {second} ({clouds[second]}) without a road",
                "peering joins networks of one cloud alone",
                "write  connectivity: vpn  or  gateways , or leave the pair out under links.pairs",
            )


def _transit_faults(args: Record) -> Iterator[Fault]:
    wish, clouds = reading.record(args, "links"), clouds_of(args)
    hub = reading.text(wish, "hub")
    if wish.get("transit") is not True or hub not in clouds:
        return
    path, give_up = "links.transit", "write  topology: full-mesh , or  transit: false"
    if connectivity.connectivity(args) != VPN:
        allowed = "only beside connectivity: vpn"
        yield Fault(path, True, "has no effect without a VPN", allowed, "remove it, or write  connectivity: vpn")
        return
    if clouds[hub] not in _PASSING_ON:
        problem = f"leaves the spokes without a road: the gateway of {hub} ({clouds[hub]}) passes nothing on"
        allowed = "a hub on AWS or Azure, whose gateways tell each neighbour what they learned from the others"
        yield Fault(path, True, problem, allowed, f"choose another hub, or {give_up}")
        return
    owners = networks.shared(args)
    for first, second in combinations(sorted(name for name in clouds if owners[name] != owners[hub]), 2):
        if owners[first] == owners[second]:
            continue
        near = next((name for name in (first, second) if clouds[name] == clouds[hub]), None)
        without = f"leaves {first} and {second} without a road"
        if near is not None:
            problem = f"{without}: {near} is peered with {hub}, and peering passes nothing on"
            yield Fault(path, True, problem, "spokes of other clouds than the hub's", give_up)
        elif clouds[first] == clouds[second] == "oci":
            problem = f"{without}: both gateways have Oracle's number, so each drops the other's routes"
            yield Fault(path, True, problem, "one Oracle Cloud network among the spokes", give_up)
