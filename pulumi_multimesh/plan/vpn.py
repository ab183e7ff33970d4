"""The numbers of VPNs: BGP's autonomous systems, and each tunnel's inside addresses.

Owns: pools and shapes. Does not own: which networks are joined (networks.py) and what a tunnel is made of
(components). Sources of the limits: Google Cloud, "HA VPN topologies" and "Create Cloud Routers"; AWS, "Tunnel options
for your Site-to-Site VPN connection"; Azure, "VPN Gateway FAQ" on BGP; Oracle, "Setting up Site-to-Site VPN".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from pulumi_multimesh.plan.network_plan import NetworkPlan, TunnelPlan, VpnPlan
from pulumi_multimesh.plan.pool import allocate

ASN_POOLS: Mapping[str, range] = {
    "gcp": range(64512, 64600),
    "aws": range(64600, 64700),
    "azure": range(64700, 64800),
}
"""Private numbers of 16 bits (RFC 6996), none of which a cloud keeps for itself; a cloud's own make logs readable."""
_ORACLE_ASN, _ORACLE_ASN_OF = 31898, {"eu-jovanovac-1": 14544}

ANNOUNCING = ("gcp", "azure")
"""Clouds whose gateway has two addresses of its own, known before any connection."""
_LOWER_FIRST = ("aws", "oci", "azure", "gcp")
"""AWS takes the first address of a tunnel's /30 for itself; the others take what they are given."""


def _thirties(cidr: str) -> Iterator[str]:
    return (str(part) for part in IPv4Network(cidr).subnets(new_prefix=30))


INSIDE_WITH_AZURE = tuple(_thirties("169.254.21.0/24")) + tuple(_thirties("169.254.22.0/24"))
"""Azure takes inside addresses from nowhere else."""
INSIDE_WITHOUT_AZURE = tuple(_thirties("169.254.40.0/21"))
"""Clear of what AWS (169.254.0.0–5.3, 169.254.169.252/30), Oracle (169.254.10–19, 100–109 and 192–201) and Google
(the metadata server, 169.254.169.254) keep for themselves."""


def oracle_asn(region: str) -> int:
    """Oracle's own number, which its gateways cannot change."""
    return _ORACLE_ASN_OF.get(region, _ORACLE_ASN)


def asns(
    gateways: Iterable[tuple[str, str, str]], kept: Mapping[str, int], freed: Sequence[int] = ()
) -> dict[str, int | None]:
    """A number for each gateway (name, cloud, region), None where none is left.

    Pinned and remembered ones (`kept`) stay; freed ones come last, after them what is kept for gateways that are gone.
    """
    ordered = sorted(gateways)
    numbers: dict[str, int | None] = {name: oracle_asn(region) for name, cloud, region in ordered if cloud == "oci"}
    own = {name for name, cloud, _ in ordered if cloud != "oci"}
    had = {name: number for name, number in kept.items() if name in own}
    gone = [kept[name] for name in sorted(set(kept) - own)]
    for cloud, pool in ASN_POOLS.items():
        of_cloud = [name for name, its_cloud, _ in ordered if its_cloud == cloud]
        given = allocate(of_cloud, pool, had, (*freed, *gone))
        had |= {name: number for name, number in given.items() if number is not None}
        numbers |= given
    return numbers


def pair_name(first: str, second: str) -> str:
    """What a VPN is called in the address book; a tunnel has its index after a slash."""
    return f"{min(first, second)}~{max(first, second)}"


def layout(first_cloud: str, second_cloud: str) -> Sequence[tuple[int, int]]:
    """Interface and slot of each tunnel of a pair: what the clouds' promise of 99.99 % (or the most there is) asks for.

    Two gateways with addresses of their own: one tunnel from each to each. One of them, and one whose connections
    bring two addresses each: a connection to each address, both its tunnels used. Neither: two connections, of which
    one tunnel each can be used, since a connection knows a single address of the other end.
    """
    announcing = (first_cloud in ANNOUNCING, second_cloud in ANNOUNCING)
    if announcing in ((True, False), (False, True)):
        return ((0, 0), (0, 1), (1, 0), (1, 1))
    return ((0, 0), (1, 0))


def tunnel_keys(first: NetworkPlan, second: NetworkPlan) -> list[str]:
    """The book's keys of a pair's tunnels."""
    return [f"{pair_name(first.name, second.name)}/{i}" for i in range(len(layout(first.cloud, second.cloud)))]


def vpns(
    pairs: Iterable[tuple[NetworkPlan, NetworkPlan]], kept: Mapping[str, str], freed: Sequence[str] = ()
) -> tuple[tuple[VpnPlan, ...], tuple[str, ...]]:
    """The VPN of each pair, and the tunnels for which no inside range was left.

    Remembered ranges (`kept`) stay where the pair's clouds still take them; freed ones come last, after them what is
    kept for tunnels that are gone.
    """
    ordered = sorted(pairs, key=lambda pair: (pair[0].name, pair[1].name))
    pools = {key: inside_pool(*pair) for pair in ordered for key in tunnel_keys(*pair)}
    had = {key: cidr for key, cidr in kept.items() if cidr in pools.get(key, ())}
    gone = [kept[key] for key in sorted(set(kept) - set(had))]
    inside: dict[str, str | None] = {}
    for pool in (INSIDE_WITH_AZURE, INSIDE_WITHOUT_AZURE):
        inside |= allocate((key for key in pools if pools[key] is pool), pool, had, (*freed, *gone))
    lacking = tuple(key for key, cidr in inside.items() if cidr is None)
    return tuple(_vpn(first, second, inside) for first, second in ordered), lacking


def inside_pool(first: NetworkPlan, second: NetworkPlan) -> Sequence[str]:
    """The inside ranges that both clouds of a pair take."""
    return INSIDE_WITH_AZURE if "azure" in (first.cloud, second.cloud) else INSIDE_WITHOUT_AZURE


def _vpn(first: NetworkPlan, second: NetworkPlan, inside: Mapping[str, str | None]) -> VpnPlan:
    low_is_first = _LOWER_FIRST.index(first.cloud) < _LOWER_FIRST.index(second.cloud)
    tunnels: list[TunnelPlan] = []
    for index, (interface, slot) in enumerate(layout(first.cloud, second.cloud)):
        cidr = inside[tunnel_keys(first, second)[index]]
        if cidr is None:
            continue
        low, high = (str(host) for host in IPv4Network(cidr).hosts())
        first_ip, second_ip = (low, high) if low_is_first else (high, low)
        tunnels.append(TunnelPlan(index, interface, slot, cidr, first_ip, second_ip))
    return VpnPlan(first.name, second.name, tuple(tunnels))
