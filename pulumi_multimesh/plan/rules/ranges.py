"""Rules of address ranges: notation, limits of the clouds, and no two owners of one address.

Owns: ranges that the user gives. Does not own: those that the address plan gives (addresses.py).
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import combinations

from pulumi_multimesh.plan import links, reading
from pulumi_multimesh.plan.addresses import SMALLEST_SUPERNET, SUPERNET
from pulumi_multimesh.plan.cluster_fields import RANGES
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.needs import needed, of_network
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.text import cidr_fault, network_of

LIMITS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    # Google Cloud, "VPC-native clusters": sizes of subnet, pod and Service ranges; a control plane has a /28.
    "gke": {"nodes": (8, 28), "pods": (9, 21), "services": (16, 27), "control_plane": (28, 28)},
    # AWS, "VPC CIDR blocks": /16 at most; below /22 a VPC cut for three zones has too few pod addresses.
    # Amazon EKS, "KubernetesNetworkConfigRequest": Services have /12 to /24.
    "eks": {"nodes": (16, 22), "services": (12, 24)},
    # AKS, "Azure CNI Overlay": each node takes a /24 of the pods' range; Services have less than a /12.
    # Azure, "About VPN Gateway configuration settings": the gateway's subnet has /27 or more.
    "aks": {"nodes": (8, 28), "pods": (8, 23), "services": (13, 27), "vpn_gateway": (8, 27)},
    # Oracle Cloud, "VCNs and subnets": /16 to /30; OKE, "Network resource configuration".
    "oke": {
        "nodes": (16, 28),
        "pods": (16, 27),
        "services": (12, 27),
        "control_plane": (16, 29),
        "load_balancers": (16, 28),
    },
}
"""Longest and shortest range of each key, as prefix lengths."""

_THIS = {"gke": "a GKE", "eks": "an EKS", "aks": "an AKS", "oke": "an OKE"}

_PRIVATE = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""RFC 1918; Amazon EKS takes Service ranges from nowhere else."""
_PRIVATE_ALLOWED = "a range within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as Amazon EKS asks of Services"


def range_faults(args: Record) -> Iterator[Fault]:
    """Every fault of pinned, reserved and the plan's own ranges."""
    yield from _supernet_faults(args)
    with_vpn = links.with_vpn(args)
    for kind, name, wish in reading.clusters(args):
        yield from _pinned_faults(kind, name, wish, vpn=name in with_vpn)
    for owner, cidr in reading.text_table(reading.record(args, "addresses"), "reserved").items():
        fault = cidr_fault(f"addresses.reserved.{owner}", cidr, "10.0.0.0/16")
        if fault:
            yield fault
    yield from _overlap_faults(args)


def _supernet_faults(args: Record) -> Iterator[Fault]:
    path, text = "addresses.supernet", reading.text(reading.record(args, "addresses"), "supernet")
    if text is None:
        return
    fault, supernet = cidr_fault(path, text, SUPERNET), network_of(text)
    if fault or supernet is None:
        if fault:
            yield fault
        return
    if supernet.prefixlen > SMALLEST_SUPERNET:
        yield Fault(path, text, "is too small", f"a range of /{SMALLEST_SUPERNET} or larger", f"give it {SUPERNET}")
    if reading.record(args, "eks") and not _is_private(supernet):
        yield Fault(path, text, "is not private", _PRIVATE_ALLOWED, f"take it from {SUPERNET}")


def _is_private(cidr: IPv4Network) -> bool:
    return any(cidr.subnet_of(private) for private in _PRIVATE)


def _pinned_faults(kind: str, name: str, wish: Record, *, vpn: bool) -> Iterator[Fault]:
    pinned, wanted = reading.text_table(wish, "ranges"), needed(kind, wish, vpn=vpn)
    for key in of_network(kind, wish, vpn=vpn):
        if key not in pinned:
            allowed = "the range that the named network has, so that no other cluster gets it"
            yield Fault(f"{kind}.{name}.ranges.{key}", None, "is missing", allowed, f"add  {key}: 10.64.0.0/16")
    for key, text in pinned.items():
        path = f"{kind}.{name}.ranges.{key}"
        if wanted and key not in wanted and key in RANGES:
            remedy = (
                "remove it; nodes is the whole VPC, pods included" if (kind, key) == ("eks", "pods") else "remove it"
            )
            yield Fault(path, text, f"is not a range of {_THIS[kind]} cluster", ", ".join(wanted), remedy)
            continue
        fault, cidr = cidr_fault(path, text, "10.64.0.0/16"), network_of(text)
        if fault:
            yield fault
        elif cidr is not None:
            yield from limit_faults(kind, key, path, cidr)


def limit_faults(kind: str, key: str, path: str, cidr: IPv4Network) -> Iterator[Fault]:
    """What a cloud does not take of a range's size and place."""
    longest, shortest = LIMITS.get(kind, {}).get(key, (0, 32))
    if not longest <= cidr.prefixlen <= shortest:
        allowed = f"exactly /{longest}" if longest == shortest else f"/{longest} to /{shortest}"
        problem = "is too large" if cidr.prefixlen < longest else "is too small"
        wanted = min(max(cidr.prefixlen, longest), shortest)
        yield Fault(path, str(cidr), problem, allowed, f"write  {cidr.network_address}/{wanted}")
    if (kind, key) == ("eks", "services") and not _is_private(cidr):
        yield Fault(path, str(cidr), "is not private", _PRIVATE_ALLOWED, "write  172.20.0.0/16")


def _overlap_faults(args: Record) -> Iterator[Fault]:
    reserved = reading.text_table(reading.record(args, "addresses"), "reserved")
    owners = [(f"addresses.reserved.{owner}", network_of(cidr)) for owner, cidr in reserved.items()]
    for kind, name, wish in reading.clusters(args):
        pinned = reading.text_table(wish, "ranges").items()
        owners += [(f"{kind}.{name}.ranges.{key}", network_of(cidr)) for key, cidr in pinned]
    for (first, one), (second, other) in combinations(owners, 2):
        # Reserved ranges may lie within each other: an office within its company's.
        both_reserved = second.startswith("addresses.reserved.")
        if one is not None and other is not None and one.overlaps(other) and not both_reserved:
            yield Fault(
                second,
                str(other),
                f"overlaps {first} ({one})",
                "a range that no other owner has",
                f"move {second} or {first}, or remove one of them: what is not pinned, the plan places",
            )
