"""Which ends of tunnels belong together, and why a tunnel cannot come up.

Owns: both, from what the ends declare. Does not own: how an end is read from its cloud, and what a tunnel carries
(bgp.py, reachability.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Interface

from multimesh_lab.fabric.model import Gateway, Proposal, Site, Tunnel, TunnelEnd
from multimesh_lab.fabric.proposals import lacking

_Pair = tuple[TunnelEnd] | tuple[TunnelEnd, TunnelEnd]
_BY_CONNECTION = ("aws", "oci")
"""Clouds whose connection brings two addresses of its own and knows one of the other side."""


def tunnels(ends: Iterable[TunnelEnd], gateways: Iterable[Gateway], sites: Iterable[Site]) -> tuple[Tunnel, ...]:
    """The tunnels, in the order of their names.

    Two connections between AWS and Oracle Cloud have four ends on either side and can make two tunnels; the ends that
    no other can ever match are left out. So are those of an Azure connection for the gateway's other instance.
    """
    known = sorted(ends, key=lambda end: (end.name, end.own_public, end.peer_public))
    owners = _owners(known, gateways)
    names = {site.id: site.name for site in sites}
    pairs = _pairs(known)
    matched = {end.connection for pair in pairs for end in pair if len(pair) == 2}
    kept = [pair for pair in pairs if len(pair) == 2 or not _is_spare(pair[0], matched, owners)]
    return tuple(_numbered(_one_for_each_connection(kept), owners, names))


def _owners(ends: Sequence[TunnelEnd], gateways: Iterable[Gateway]) -> dict[str, tuple[str, str]]:
    """Network and cloud by public address."""
    found = {address: (gateway.site, gateway.cloud) for gateway in gateways for address in gateway.addresses}
    return found | {end.own_public: (end.site, end.cloud) for end in ends}


def _pairs(ends: Sequence[TunnelEnd]) -> list[_Pair]:
    """Ends that name each other's address, two by two, and then those that are alone."""
    waiting: dict[tuple[str, str], TunnelEnd] = {}
    pairs: list[_Pair] = []
    alone: list[TunnelEnd] = []
    for end in ends:
        other = waiting.pop((end.peer_public, end.own_public), None)
        if other is not None:
            pairs.append((other, end))
        elif (end.own_public, end.peer_public) in waiting:
            alone.append(end)
        else:
            waiting[end.own_public, end.peer_public] = end
    return [*pairs, *((end,) for end in waiting.values()), *((end,) for end in alone)]


def _is_spare(end: TunnelEnd, matched: set[str], owners: Mapping[str, tuple[str, str]]) -> bool:
    if end.connection not in matched:
        return False
    if end.cloud == "azure":
        return True
    _, peer_cloud = owners.get(end.peer_public, ("", ""))
    return end.cloud in _BY_CONNECTION and peer_cloud in _BY_CONNECTION


def _one_for_each_connection(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Of an Azure connection that nothing answers, the instance whose inside address goes with the other end's."""
    first: dict[str, TunnelEnd] = {}
    for pair in pairs:
        end = pair[0]
        if len(pair) == 1 and end.cloud == "azure" and (end.connection not in first or _in_one_range(end)):
            first[end.connection] = end
    return [pair for pair in pairs if len(pair) == 2 or first.get(pair[0].connection, pair[0]) == pair[0]]


def _in_one_range(end: TunnelEnd) -> bool:
    if end.own_inside is None or end.peer_inside is None or end.own_inside == end.peer_inside:
        return False
    own, peer = (IPv4Interface(f"{each}/{end.inside_prefix}") for each in (end.own_inside, end.peer_inside))
    return own.network == peer.network


def _numbered(
    pairs: Iterable[_Pair], owners: Mapping[str, tuple[str, str]], names: Mapping[str, str]
) -> Iterator[Tunnel]:
    """The tunnels with their names; the numbers are those in the resources' names, as far as these are told apart."""
    of_vpn: dict[tuple[str, str], list[_Pair]] = {}
    for pair in pairs:
        of_vpn.setdefault(_sites(pair, owners, names), []).append(pair)
    for sites, found in sorted(of_vpn.items(), key=lambda vpn: [names.get(site, site) for site in vpn[0]]):
        ordered = sorted(found, key=_order)
        own = [_order(pair)[0] for pair in ordered]
        numbers = own if len(set(own)) == len(own) else list(range(len(own)))
        vpn = "~".join(names.get(site, site) for site in sites)
        for number, pair in zip(numbers, ordered, strict=True):
            in_order = tuple(sorted(pair, key=lambda end: sites.index(end.site)))
            yield _tunnel(f"tunnel {number} of {vpn}", sites, in_order)


def _order(pair: _Pair) -> tuple[int, str]:
    # AWS's connections hold two tunnels, so that only the other clouds' names number them.
    telling = pair[1] if len(pair) == 2 and pair[0].cloud == "aws" else pair[0]
    return telling.number, telling.name


def _sites(pair: _Pair, owners: Mapping[str, tuple[str, str]], names: Mapping[str, str]) -> tuple[str, str]:
    peer = pair[0].peer_public
    other = pair[1].site if len(pair) == 2 else owners.get(peer, (peer, ""))[0]
    first, second = sorted((pair[0].site, other), key=lambda site: (names.get(site, site), site))
    return first, second


def _tunnel(name: str, sites: tuple[str, str], ends: tuple[TunnelEnd, ...]) -> Tunnel:
    if len(ends) == 1:
        end = ends[0]
        alone = f"nothing at {end.peer_public} expects {end.own_public}; only {end.name} is there"
        return Tunnel(name, sites, ends, (f"{name}: {alone}",), _told(name, end.bgp_faults))
    first, second = ends
    return Tunnel(name, sites, ends, _told(name, _ipsec(first, second)), _told(name, _bgp(first, second)))


def _told(name: str, faults: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name}: {fault}" for fault in faults)


def _ipsec(one: TunnelEnd, other: TunnelEnd) -> Iterator[str]:
    if one.key != other.key:
        yield f"the pre-shared keys differ ({one.declared.key}, {other.declared.key})"
    if not set(one.ike_versions) & set(other.ike_versions):
        yield f"no version of IKE in common: {_versions(one)}, {_versions(other)}"
    yield from _phase("phase 1", (one.declared.ike, one.ike), (other.declared.ike, other.ike))
    yield from _phase("phase 2", (one.declared.esp, one.esp), (other.declared.esp, other.esp))
    if not (one.starts and other.answers) and not (other.starts and one.answers):
        yield f"no end starts what the other answers ({one.declared.start}, {other.declared.start})"


def _versions(end: TunnelEnd) -> str:
    return f"{end.name} has {' and '.join(str(version) for version in end.ike_versions)}"


def _phase(phase: str, one: tuple[str, Proposal], other: tuple[str, Proposal]) -> Iterator[str]:
    for what, mine, theirs in lacking(one[1], other[1]):
        yield f"{phase}: no {what} in common: {one[0]} has {', '.join(mine)}; {other[0]} has {', '.join(theirs)}"


def _bgp(one: TunnelEnd, other: TunnelEnd) -> Iterator[str]:
    yield from (*one.bgp_faults, *other.bgp_faults)
    yield from (*_expectations(one, other), *_expectations(other, one))
    inside = [IPv4Interface(f"{end.own_inside}/{end.inside_prefix}") for end in (one, other) if end.own_inside]
    if len(inside) == 2 and (inside[0].network != inside[1].network or inside[0].ip == inside[1].ip):
        yield (
            f"the inside addresses are not the two of one /{one.inside_prefix}: {one.declared.own_inside} is "
            f"{one.own_inside}, {other.declared.own_inside} is {other.own_inside}"
        )


def _expectations(one: TunnelEnd, other: TunnelEnd) -> Iterator[str]:
    """What one end expects of the other and does not find; an end without a session has said so already."""
    if None not in (one.peer_inside, other.own_inside) and one.peer_inside != other.own_inside:
        yield (
            f"the inside addresses do not mirror each other: {one.declared.peer_inside} expects {one.peer_inside}, "
            f"{other.declared.own_inside} is {other.own_inside}"
        )
    if None not in (one.peer_asn, other.own_asn) and one.peer_asn != other.own_asn:
        yield (f"{one.declared.peer_asn} expects the ASN {one.peer_asn}, {other.declared.own_asn} is {other.own_asn}")
