"""Rules of what private roads ask of networks: routable pods, ids of named networks, gateways and their numbers.

Owns: values under `flat`, `links.gateways_of` and `addresses.asns`, and what a named network must say. Does not own:
ranges (ranges.py), and what an address book says (book.py).
"""

from collections.abc import Iterator, Mapping

from pulumi_multimesh.plan import connectivity, links, networks, reading, vpn
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.needs import POD_SUBNET_MODES, has_pod_subnet
from pulumi_multimesh.plan.network_plan import VPN
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.topology import name_faults

_AZURES_OWN_ASNS = {65515, *range(65517, 65521)}
"""Azure, "VPN Gateway FAQ", BGP: what Azure keeps for itself; no neighbour of its gateways may have it."""
_PRIVATE_ASNS = (range(64512, 65535), range(4200000000, 4294967295))
"""RFC 6996; Google Cloud's routers take no other."""
PRIVATE_NUMBER = "a private number: 64512 to 65534 or 4200000000 to 4294967294, but not Azure's own 65515, 65517–65520"


def private_faults(args: Record) -> Iterator[Fault]:
    """Every fault of what private roads need."""
    yield from _flat_faults(args)
    yield from _named_network_faults(args)
    yield from _gateway_of_faults(args)
    yield from _asn_faults(args)


def _flat_faults(args: Record) -> Iterator[Fault]:
    if args.get("flat") is not True:
        return
    if not connectivity.is_private(args):
        allowed = "only beside connectivity: peering or vpn, as pods have private addresses"
        yield Fault("flat", True, "needs private roads", allowed, "write  connectivity: vpn , or remove flat")
    for kind, name, wish in reading.clusters(args, *POD_SUBNET_MODES):
        if not has_pod_subnet(kind, wish):
            mode = POD_SUBNET_MODES[kind]
            given = reading.text(wish, "network_mode")
            yield Fault(
                f"{kind}.{name}.network_mode",
                given,
                "hides pods behind their nodes, so no other cluster finds a way to them, and the mesh is flat",
                mode,
                f"write  network_mode: {mode} , or remove flat",
            )


_WANTED: Mapping[str, tuple[str, str, str]] = {
    "eks": (
        "private_route_table_ids",
        "the route tables of the private subnets, as a list whose length is plain: each gets the peers' routes",
        "private_route_table_ids: [rtb-0a1b2c3d]",
    ),
    "oke": (
        "drg_id",
        "the DRG that the VCN is attached to, its route tables sending the peers' ranges there",
        "drg_id: ocid1.drg.oc1..…",
    ),
}
"""By kind: what a named network must say for private roads, what that is, and an example."""


def _named_network_faults(args: Record) -> Iterator[Fault]:
    if not connectivity.is_private(args):
        return
    for kind, name, wish in reading.clusters(args, *_WANTED):
        key, allowed, example = _WANTED[kind]
        network = reading.record(wish, "network")
        if not network:
            continue
        path, value = f"{kind}.{name}.network.{key}", network.get(key)
        if value is None:
            yield Fault(path, None, "is missing, and roads are private", allowed, f"add  {example}")
        elif key == "private_route_table_ids" and not reading.is_list(value):
            remedy = "write the list in the program; its items may be outputs"
            yield Fault(path, None, "is an output of a list, whose length is not known", allowed, remedy)


def _gateway_of_faults(args: Record) -> Iterator[Fault]:
    served = reading.text_table(reading.record(args, "links"), "gateways_of")
    azure, joined = sorted(reading.record(args, "aks")), links.joined(args, clouds_of(args))
    for name, owner in served.items():
        path = f"links.gateways_of.{name}"
        if connectivity.connectivity(args) != VPN:
            yield Fault(path, owner, "has no effect without a VPN", "only beside connectivity: vpn", "remove it")
            continue
        for each in sorted({name, owner} - set(azure)):
            allowed = f"AKS clusters: {', '.join(azure) or 'there is none'}; other clouds share no gateway"
            yield Fault(path, each, "is not an AKS cluster of the mesh", allowed, "correct the name, or remove it")
        if name == owner or owner in served:
            problem = "is served by itself" if name == owner else f"is served by {owner}, which has no gateway itself"
            yield Fault(path, owner, problem, "a cluster with a gateway of its own", "name another, or remove it")
        elif {name, owner} <= set(azure) and (min(name, owner), max(name, owner)) not in joined:
            allowed = "clusters that are joined, as the gateway is used over their peering"
            yield Fault(path, owner, f"is not joined with {name}", allowed, "join them under links, or remove it")


def _asn_faults(args: Record) -> Iterator[Fault]:
    clouds, owners = clouds_of(args), networks.shared(args)
    seen: dict[str, str] = {}
    gateways: dict[str, str] = {}
    for name, text in reading.text_table(reading.record(args, "addresses"), "asns").items():
        path = f"addresses.asns.{name}"
        yield from name_faults(path, name, sorted(clouds)) if name not in clouds else ()
        if not text.isdecimal() or not is_private_number(int(text)):
            yield Fault(path, text, "is not a number that a gateway may have", PRIVATE_NUMBER, 'write it like  "64530"')
        elif clouds.get(name) == "oci":
            problem = "cannot be given to Oracle's gateway, which has Oracle's own"
            yield Fault(path, text, problem, f"nothing; it is {vpn.oracle_asn('')}", "remove it")
        first = gateways.setdefault(owners.get(name, name), name)
        if first != name:
            problem = f"is for the gateway that {name} shares with {first}, as they are in one network"
            yield Fault(path, text, problem, "one number for each network", "remove it")
        elif seen.setdefault(text, name) != name:
            problem = f"is also that of {seen[text]}"
            yield Fault(path, text, problem, "a number for each gateway", "give one of them another")


def is_private_number(number: int) -> bool:
    """Whether a gateway may have this number, in whichever cloud it is."""
    return any(number in numbers for numbers in _PRIVATE_ASNS) and number not in _AZURES_OWN_ASNS
