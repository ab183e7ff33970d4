"""Rules of the numbers that a plan gave: enough of them, and each one gateway's own.

Owns: exhaustion, and pins that another gateway has. Does not own: pins by themselves (private_roads.py).
"""

from collections.abc import Iterator, Mapping, Sequence

from pulumi_multimesh.plan import vpn
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.network_plan import NetworkPlan

_FEWER = "join fewer pairs:  links: {topology: hub-and-spokes, hub: …}  or a list"


def number_faults(
    networks: Mapping[str, NetworkPlan], without_inside: Sequence[str], pinned: Mapping[str, int]
) -> Iterator[Fault]:
    """Gateways without a number, tunnels without an inside range, and two gateways of one number.

    `pinned`: the numbers that the configuration gives, by network.
    """
    gateways = {name: network for name, network in networks.items() if network.gateway == name}
    for cloud, pool in vpn.ASN_POOLS.items():
        lacking = [name for name, network in gateways.items() if network.cloud == cloud and network.asn is None]
        if lacking:
            problem = (
                f"asks for more VPN gateways of {cloud} than there are numbers; none is left for {_names(lacking)}"
            )
            allowed = f"{len(pool)} gateways, {pool[0]} to {pool[-1]}"
            remedy = f"pin private numbers of 32 bits under addresses.asns, or {_FEWER}"
            yield Fault("links", None, problem, allowed, remedy)
    if without_inside:
        problem = f"ask for more tunnels than there are inside ranges; none is left for {_names(without_inside)}"
        allowed = f"{len(vpn.INSIDE_WITH_AZURE)} tunnels with an Azure end and {len(vpn.INSIDE_WITHOUT_AZURE)} others"
        yield Fault("links", None, problem, allowed, _FEWER)
    yield from _shared_numbers(gateways, pinned)


def _names(names: Sequence[str]) -> str:
    return ", ".join(names)


def _shared_numbers(gateways: Mapping[str, NetworkPlan], pinned: Mapping[str, int]) -> Iterator[Fault]:
    """Only a pin can be what another gateway has been given already: one that the address book keeps."""
    for name in sorted(set(pinned) & set(gateways)):
        for other, its in sorted(gateways.items()):
            if other not in pinned and its.asn == pinned[name]:
                problem = f"is that of {other} in the address book"
                remedy = f"give it another, or pin addresses.asns.{other} elsewhere too"
                path = f"addresses.asns.{name}"
                yield Fault(path, str(pinned[name]), problem, "a number for each gateway", remedy)
