"""Every road in one direction, from a cluster's ranges to a network, with what is wrong on it.

Owns: one direction. Does not own: the way back, firewalls and the verdict (reachability.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import pairwise

from multimesh_lab.fabric.bgp import Exchange, Route
from multimesh_lab.fabric.cloud import Cloud
from multimesh_lab.fabric.inventory import networks
from multimesh_lab.fabric.model import PEERING, TRANSIT, VPN, Gateway, Part, Peering, Site, Tunnel


@dataclass(frozen=True)
class World:
    """All that the inventories say."""

    clouds: Mapping[str, Cloud]
    sites: Mapping[str, Site]
    gateways: Sequence[Gateway]
    tunnels: Sequence[Tunnel]
    peerings: Sequence[Peering]
    exchange: Exchange


@dataclass(frozen=True)
class Way:
    """A road in one direction."""

    kind: str
    stops: tuple[str, ...]
    """For transit the ids of the networks on the way, both ends included; else the name of the tunnel or peering."""
    tunnels: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Trip:
    """From where to where."""

    origin: Site
    sources: tuple[Part, ...]
    goal: Site
    targets: tuple[Part, ...]


def direct(world: World, trip: Trip) -> list[Way]:
    """By peering, and by each tunnel between gateways that serve the two networks."""
    found = [_by_peering(world, trip, each) for each in world.peerings if trip.origin.id in each.sites]
    ways = [way for way in found if way is not None]
    by_tunnel = list(_by_tunnels(world, trip))
    own = [way for way, is_own in by_tunnel if is_own]
    # A gateway that could be shared is worth a word only where there is no road of the two networks' own.
    shared = [way for way, is_own in by_tunnel if not is_own]
    return [*ways, *own, *([] if ways or own else shared)]


def through_others(world: World, trip: Trip) -> list[Way]:
    """Through gateways of third networks, which pass on what they have learned."""
    found: list[Way] = []
    for gateway in world.gateways:
        if not _serves(gateway, trip.origin):
            continue
        learned = [route for route in world.exchange.learned.get(gateway.id, ()) if len(route.path) > 1]
        for path in sorted({route.path for route in learned}):
            last = next(each for each in world.gateways if each.id == path[-1])
            if _serves(last, trip.goal):
                found.append(_through(world, trip, gateway, [route for route in learned if route.path == path]))
    return found


def _by_peering(world: World, trip: Trip, peering: Peering) -> Way | None:
    if trip.goal.id not in peering.sites:
        return None
    cloud = world.clouds[peering.cloud]
    next_hop = peering.targets[peering.sites.index(trip.origin.id)]
    faults = list(peering.faults)
    # Nothing can lead to a side that is not there.
    if not faults or next_hop:
        for part in trip.sources:
            for target in trip.targets:
                faults += cloud.not_sent_to_peer(part, target.network, next_hop)
    return Way(PEERING, (peering.name,), (), tuple(dict.fromkeys(faults)))


def _by_tunnels(world: World, trip: Trip) -> Iterator[tuple[Way, bool]]:
    """The ways, each with whether the tunnel joins the two networks themselves."""
    for tunnel in world.tunnels:
        for near, far in (tunnel.sites, tunnel.sites[::-1]):
            here, there = _service(world, near, trip.origin), _service(world, far, trip.goal)
            if here is None or there is None:
                continue
            faults = [*tunnel.faults, *here, *there, *_not_announced(world, trip, tunnel, far)]
            for part in trip.sources:
                faults += _not_taken(world, trip, part, tunnel, near)
            is_own = (near, far) == (trip.origin.id, trip.goal.id)
            # A peered network may use the gateway as its own once both sides of the peering say so.
            way = Way(VPN, (tunnel.name,), (tunnel.name,), tuple(dict.fromkeys(faults)))
            yield way, is_own or not (here or there)


def _service(world: World, owner: str, site: Site) -> tuple[str, ...] | None:
    """Why the gateways of the network `owner` do not serve the site; None where they have nothing to do with it."""
    if owner == site.id:
        return ()
    for gateway in world.gateways:
        for service in gateway.services:
            if gateway.site == owner and service.site == site.id:
                return service.faults
    return None


def _serves(gateway: Gateway, site: Site) -> bool:
    return any(service.site == site.id and not service.faults for service in gateway.services)


def _not_announced(world: World, trip: Trip, tunnel: Tunnel, far: str) -> Iterator[str]:
    for end in tunnel.ends:
        if end.site != far:
            continue
        for target in trip.targets:
            if _announced(tunnel, far, target.network) is None:
                known = ", ".join(sorted(set(end.advertised))) or "nothing"
                yield (
                    f"{tunnel.name}: {world.sites[far].name} announces {known}, not {target.network} of "
                    f"{trip.goal.name} ({end.declared.advertised})"
                )


def _announced(tunnel: Tunnel, far: str, target: IPv4Network) -> IPv4Network | None:
    """The narrowest range with the target in it that the far end announces."""
    own = [network for end in tunnel.ends if end.site == far for network in networks(end.advertised)]
    return max((each for each in own if target.subnet_of(each)), key=lambda each: each.prefixlen, default=None)


def _not_taken(world: World, trip: Trip, part: Part, tunnel: Tunnel, near: str) -> Iterator[str]:
    """Why the part's packets do not go to the near end's gateway, also while the tunnel itself is down."""
    own = {end.gateway for end in tunnel.ends if end.site == near}
    far = tunnel.sites[1 - tunnel.sites.index(near)]
    gateways = [each for each in world.gateways if each.site == near and (not own or each.id in own)]
    for gateway in gateways:
        for target in trip.targets:
            learned = _announced(tunnel, far, target.network) or target.network
            yield from world.clouds[gateway.cloud].not_sent_to_gateway(part, target.network, learned, gateway)


def _through(world: World, trip: Trip, gateway: Gateway, routes: Sequence[Route]) -> Way:
    path = (gateway.id, *routes[0].path)
    sites = [next(each.site for each in world.gateways if each.id == one) for one in path]
    stops = (trip.origin.id, *sites[1:-1], trip.goal.id)
    hops = list(pairwise(path))
    tunnels = [
        tunnel.name
        for tunnel in world.tunnels
        if tunnel.is_up and any({end.gateway for end in tunnel.ends} == set(hop) for hop in hops)
    ]
    faults: list[str] = []
    for target in trip.targets:
        covering = [route.network for route in routes if target.network.subnet_of(route.network)]
        learned = max(covering, key=lambda each: each.prefixlen, default=None)
        if learned is None:
            faults.append(f"{gateway.name} learns no way to {target.network} of {trip.goal.name} from its neighbours")
            continue
        for part in trip.sources:
            cloud = world.clouds[gateway.cloud]
            faults += cloud.not_sent_to_gateway(part, target.network, learned, gateway)
    return Way(TRANSIT, stops, tuple(tunnels), tuple(dict.fromkeys(faults)))
