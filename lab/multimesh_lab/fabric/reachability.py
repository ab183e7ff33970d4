"""Which packet may pass between two clusters of the lab, as it follows from what was provisioned, and why not.

Owns: the verdict. Does not own: what the clouds say (gcp.py, aws.py, azure.py, oci.py) and the single roads (ways.py).
Pure: nothing is read but the records that are given, and nothing is changed. What a load balancer's own source ranges
admit is enforced where the load balancer is, so firewalls count for pods alone.
"""

from collections.abc import Iterable, Iterator, Sequence

from multimesh_lab.fabric import bgp, ways
from multimesh_lab.fabric import tunnels as matching
from multimesh_lab.fabric.aws import Aws
from multimesh_lab.fabric.azure import Azure
from multimesh_lab.fabric.cloud import Cloud
from multimesh_lab.fabric.gcp import Gcp
from multimesh_lab.fabric.inventory import Inventory
from multimesh_lab.fabric.model import (
    FLOWS,
    GATEWAY_FLOW,
    POD_FLOW,
    SAME_NETWORK,
    TRANSIT,
    Member,
    Road,
    Site,
    Tunnel,
    Verdict,
)
from multimesh_lab.fabric.oci import Oci
from multimesh_lab.fabric.ways import Trip, Way, World
from multimesh_lab.providers.store import Record

_KEEP = {"gcp": "Google Cloud's routers announce", "oci": "Oracle Cloud's DRGs announce"}


def tunnels(inventory: Inventory | Iterable[Record]) -> tuple[Tunnel, ...]:
    """The tunnels between the clouds, each with every reason for which it cannot come up."""
    return Fabric(inventory).tunnels


def verdict(inventory: Inventory | Iterable[Record], source: str, destination: str, flow: str) -> Verdict:
    """Whether a packet of this flow passes between two clusters, given by their ids in the lab.

    Raises `KeyError` for a cluster that no cloud has, `ValueError` for a flow that is none of `FLOWS`.
    """
    return Fabric(inventory).verdict(source, destination, flow)


def table(inventory: Inventory | Iterable[Record], flow: str = GATEWAY_FLOW) -> tuple[Verdict, ...]:
    """The verdict on every ordered pair of clusters."""
    return Fabric(inventory).table(flow)


class Fabric:
    """The roads of one inventory; cheaper than the functions where several verdicts are wanted."""

    def __init__(self, inventory: Inventory | Iterable[Record]) -> None:
        known = Inventory.of(inventory)
        clouds: dict[str, Cloud] = {"gcp": Gcp(known), "aws": Aws(known), "azure": Azure(known), "oci": Oci(known)}
        self.sites = tuple(site for cloud in clouds.values() for site in cloud.sites())
        self.gateways = tuple(gateway for cloud in clouds.values() for gateway in cloud.gateways())
        self.peerings = tuple(peering for cloud in clouds.values() for peering in cloud.peerings())
        ends = [end for cloud in clouds.values() for end in cloud.ends()]
        self.tunnels = matching.tunnels(ends, self.gateways, self.sites)
        by_id = {site.id: site for site in self.sites}
        exchange = bgp.exchange(self.tunnels, self.gateways)
        self._world = World(clouds, by_id, self.gateways, self.tunnels, self.peerings, exchange)
        self._members = {member.id: (site, member) for site in self.sites for member in site.members}

    def table(self, flow: str = GATEWAY_FLOW) -> tuple[Verdict, ...]:
        """The verdict on every ordered pair of clusters."""
        names = sorted(self._members)
        return tuple(self.verdict(one, other, flow) for one in names for other in names if one != other)

    def verdict(self, source: str, destination: str, flow: str) -> Verdict:
        """Whether a packet of this flow, and its answer, pass from one cluster to the other."""
        if flow not in FLOWS:
            raise ValueError(f"flow {flow!r}; there are {', '.join(FLOWS)}")
        (near, sender), (far, receiver) = self._members[source], self._members[destination]
        stopped = [*_unaddressed(sender, receiver, flow), *self._stopped(near, sender, far, receiver, flow)]
        roads = self._roads(near, sender, far, receiver, flow)
        passes = any(not road.there for road in roads) and any(not road.back for road in roads)
        allowed = passes and not stopped
        reasons = [*stopped, *(fault for road in roads for fault in road.faults)]
        if not roads:
            reasons += self._no_road(near, far)
        return Verdict(source, destination, flow, allowed, tuple(roads), tuple(dict.fromkeys(reasons)))

    def _stopped(self, near: Site, sender: Member, far: Site, receiver: Member, flow: str) -> list[str]:
        if flow != POD_FLOW:
            return []
        clouds = self._world.clouds
        return [*clouds[near.cloud].not_let_out(sender, receiver), *clouds[far.cloud].not_let_in(receiver, sender)]

    def _roads(self, near: Site, sender: Member, far: Site, receiver: Member, flow: str) -> list[Road]:
        if near.id == far.id:
            return [Road(SAME_NETWORK, near.name, (), (), ())]
        sources = sender.pods if flow == POD_FLOW else sender.sources
        targets = receiver.pods if flow == POD_FLOW else receiver.load_balancers
        there, back = Trip(near, sources, far, targets), Trip(far, targets, near, sources)
        found = [ways.direct(self._world, trip) for trip in (there, back)]
        if not all(any(not way.faults for way in direction) for direction in found):
            more = [ways.through_others(self._world, trip) for trip in (there, back)]
            found = [[*own, *others] for own, others in zip(found, more, strict=True)]
        return self._joined(*found)

    def _joined(self, there: Sequence[Way], back: Sequence[Way]) -> list[Road]:
        """The two directions of each road together."""
        forth = {way.stops: way for way in there}
        reverse = {way.stops if way.kind != TRANSIT else way.stops[::-1]: way for way in back}
        roads: list[Road] = []
        for stops in dict.fromkeys((*forth, *reverse)):
            known = [way for way in (forth.get(stops), reverse.get(stops)) if way is not None]
            name = " → ".join(self._world.sites[stop].name for stop in stops) if known[0].kind == TRANSIT else stops[0]
            one_way = (f"{name}: only the other direction is announced",)
            faults = [each.faults if (each := side.get(stops)) else one_way for side in (forth, reverse)]
            roads.append(Road(known[0].kind, name, known[0].tunnels, faults[0], faults[1]))
        return roads

    def _no_road(self, near: Site, far: Site) -> Iterator[str]:
        first, second = sorted((near.name, far.name))
        yield f"no road joins {first} and {second}: neither a peering nor a VPN"
        yield from self._to_nowhere(near, far)
        world = self._world
        for site in self.sites:
            peered = [{site.id, each.id} for each in (near, far)]
            if all(any(set(peering.sites) == pair for peering in world.peerings) for pair in peered):
                yield f"both are peered with {site.name}, but a peering leads no further than to its other side"
            joined = all(any(set(tunnel.sites) == pair for tunnel in world.tunnels) for pair in peered)
            if joined and site.cloud in _KEEP:
                yield f"both have a VPN to {site.name}, but {_KEEP[site.cloud]} nothing that they have learned"
        for loop in world.exchange.loops:
            owner = next(gateway for gateway in world.gateways if gateway.id == loop.gateway)
            origin = next(gateway for gateway in world.gateways if gateway.id == loop.path[-1])
            if (owner.site, origin.site) in ((near.id, far.id), (far.id, near.id)):
                yield (
                    f"{owner.name} refuses {loop.network} of {world.sites[origin.site].name}: its own number "
                    f"{owner.asn} is in the path already"
                )

    def _to_nowhere(self, near: Site, far: Site) -> Iterator[str]:
        """Tunnels of either network that end where no network is known."""
        names = {gateway.site: gateway.name for gateway in self.gateways}
        for tunnel in self.tunnels:
            lost = [side for side in tunnel.sites if side not in self._world.sites]
            if lost and {near.id, far.id} & set(tunnel.sites):
                behind = names.get(lost[0], lost[0])
                yield from tunnel.faults or (f"{tunnel.name}: {behind} is attached to no network",)


def _unaddressed(sender: Member, receiver: Member, flow: str) -> Iterator[str]:
    """What has no address that another network could send to or answer."""
    if flow == POD_FLOW:
        for member in (sender, receiver):
            if member.overlay is not None or not member.pods:
                yield member.overlay or f"{member.name} has no node pool, so it has no pods"
        return
    if not sender.sources:
        yield f"{sender.name} has no node pool, so nothing sends"
    if not receiver.load_balancers:
        yield f"{receiver.name} has no subnet for internal load balancers"
