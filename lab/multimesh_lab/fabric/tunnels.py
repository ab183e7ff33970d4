"""Which ends of tunnels belong together.

Owns: this, from the public addresses that the ends declare. Does not own: how an end is read from its cloud, why a
tunnel does not come up (tunnel_faults.py), and what it carries (bgp.py, reachability.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Interface

from multimesh_lab.fabric import tunnel_faults
from multimesh_lab.fabric.model import Gateway, Site, Tunnel, TunnelEnd

_Pair = tuple[TunnelEnd] | tuple[TunnelEnd, TunnelEnd]
_BY_CONNECTION = ("aws", "oci")
"""Clouds whose connection brings two addresses of its own and knows one of the other side."""


def tunnels(ends: Iterable[TunnelEnd], gateways: Sequence[Gateway], sites: Iterable[Site]) -> tuple[Tunnel, ...]:
    """The tunnels, in the order of their names.

    Two connections between AWS and Oracle Cloud have four ends on either side and can make two tunnels; the ends that
    no other can ever match are left out. So are those of an Azure connection for the gateway's other instance.
    """
    known = sorted(ends, key=lambda end: (end.name, end.own_public, end.peer_public))
    peers = _Peers(known, gateways)
    names = {site.id: site.name for site in sites}
    pairs = _pairs(known)
    matched = {end.connection for pair in pairs for end in pair if len(pair) == 2}
    kept = [pair for pair in pairs if len(pair) == 2 or not _is_one_of_two(pair[0], peers, matched)]
    return tuple(_numbered(_one_for_each_connection(kept, peers), peers, names))


class _Peers:
    """Whom an end means."""

    def __init__(self, ends: Sequence[TunnelEnd], gateways: Sequence[Gateway]) -> None:
        self._owners = {address: (each.site, each.cloud) for each in gateways for address in each.addresses}
        self._owners |= {end.own_public: (end.site, end.cloud) for end in ends}
        self._gateways = gateways

    def of(self, end: TunnelEnd) -> tuple[str, str]:
        """Network and cloud of the other side: who has the address, or the only gateway with the number.

        An address that came with a connection is gone with it; then the address itself stands for the network.
        """
        found = self._owners.get(end.peer_public)
        numbered = [each for each in self._gateways if each.asn == end.peer_asn and each.site != end.site]
        if found is None and len(numbered) == 1:
            return numbered[0].site, numbered[0].cloud
        return found or (end.peer_public, "")

    def only_first_tunnel(self, end: TunnelEnd) -> bool:
        """Whether only one tunnel of the end's connection can be used: neither side knows two addresses."""
        return end.cloud in _BY_CONNECTION and self.of(end)[1] in _BY_CONNECTION


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


def _is_one_of_two(end: TunnelEnd, peers: _Peers, matched: set[str]) -> bool:
    """Whether it is the end of its connection that nobody was meant to match."""
    return end.connection in matched and (end.cloud == "azure" or peers.only_first_tunnel(end))


def _one_for_each_connection(pairs: Sequence[_Pair], peers: _Peers) -> list[_Pair]:
    """Of a connection that nothing answers, the one end that should have been answered.

    Of Azure's two instances that is the one whose inside address goes with the other end's; of Oracle's two tunnels
    the one that is set up for BGP.
    """
    first: dict[str, TunnelEnd] = {}
    for pair in pairs:
        end = pair[0]
        if len(pair) == 2 or not (end.cloud == "azure" or peers.only_first_tunnel(end)):
            continue
        if end.connection not in first or (_is_set_up(end) and not _is_set_up(first[end.connection])):
            first[end.connection] = end
    return [pair for pair in pairs if len(pair) == 2 or first.get(pair[0].connection, pair[0]) == pair[0]]


def _is_set_up(end: TunnelEnd) -> bool:
    """Whether it could have a session with an end that mirrors it."""
    if end.bgp_faults or end.own_inside is None or end.peer_inside is None or end.own_inside == end.peer_inside:
        return False
    own, peer = (IPv4Interface(f"{each}/{end.inside_prefix}") for each in (end.own_inside, end.peer_inside))
    return own.network == peer.network


def _numbered(pairs: Iterable[_Pair], peers: _Peers, names: Mapping[str, str]) -> Iterator[Tunnel]:
    """The tunnels with their names; the numbers are those in the resources' names, as far as these are told apart."""
    of_vpn: dict[tuple[str, str], list[_Pair]] = {}
    for pair in pairs:
        of_vpn.setdefault(_sites(pair, peers, names), []).append(pair)
    for sites, found in sorted(of_vpn.items(), key=lambda vpn: [names.get(site, site) for site in vpn[0]]):
        ordered = sorted(found, key=lambda pair: _order(pair, peers))
        own = [_order(pair, peers)[0] for pair in ordered]
        numbers = own if len(set(own)) == len(own) else list(range(len(own)))
        vpn = "~".join(names.get(site, site) or "unknown" for site in sites)
        for number, pair in zip(numbers, ordered, strict=True):
            in_order = tuple(sorted(pair, key=lambda end: sites.index(end.site)))
            yield _tunnel(f"tunnel {number} of {vpn}", sites, in_order)


def _order(pair: _Pair, peers: _Peers) -> tuple[int, str]:
    # AWS's connections hold two tunnels, so that the other clouds' names number them better.
    telling = pair[1] if len(pair) == 2 and pair[0].cloud == "aws" else pair[0]
    halved = telling.cloud == "aws" and peers.only_first_tunnel(telling)
    return telling.number // 2 if halved else telling.number, telling.name


def _sites(pair: _Pair, peers: _Peers, names: Mapping[str, str]) -> tuple[str, str]:
    other = pair[1].site if len(pair) == 2 else peers.of(pair[0])[0]
    first, second = sorted((pair[0].site, other), key=lambda site: (names.get(site, site), site))
    return first, second


def _tunnel(name: str, sites: tuple[str, str], ends: tuple[TunnelEnd, ...]) -> Tunnel:
    def told(faults: Iterable[str]) -> tuple[str, ...]:
        return tuple(f"{name}: {fault}" for fault in faults)

    if len(ends) == 1:
        return Tunnel(name, sites, ends, told([tunnel_faults.alone(ends[0])]), told(ends[0].bgp_faults))
    return Tunnel(name, sites, ends, told(tunnel_faults.ipsec(*ends)), told(tunnel_faults.bgp(*ends)))
