"""From what the clouds' inventories say to what the kernel should have.

Owns: which cluster's lab addresses stand for which declared ranges, and what follows for routers, ends and flows. Does
not own: the verdicts (reachability), and doing it (wiring).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from multimesh_lab.fabric.model import (
    GATEWAY_FLOW,
    PEERING,
    TRANSIT,
    VPN,
    Gateway,
    Member,
    Part,
    Peering,
    Road,
    Site,
    Tunnel,
    TunnelEnd,
    Verdict,
)
from multimesh_lab.fabric.wiring_numbers import Numbers
from multimesh_lab.fabric.wiring_plan import End, Face, Flow, Forwarding, Hidden, Router, Wire, Wiring
from multimesh_lab.network import Plan

_FACE = 10
"""Which address of a declared range stands for all of it."""
_NOBODY = ("0.0.0.0/32",)


@dataclass(frozen=True)
class Roads:
    """What the pure part says of all clouds together."""

    sites: tuple[Site, ...]
    gateways: tuple[Gateway, ...]
    tunnels: tuple[Tunnel, ...]
    peerings: tuple[Peering, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Lab:
    """What the lab has on its side."""

    slots: Mapping[str, int]
    """By the cluster's id."""
    probes: tuple[int, ...] = ()
    """The slots of clusters on paper."""
    forwardings: tuple[Forwarding, ...] = ()
    tunnels: bool = True
    """Whether it can have real tunnels; without, an open road through some is a plain wire."""


def ends(roads: Roads) -> list[TunnelEnd]:
    """The ends that get a charon: one for each pair of public addresses, as packets cannot tell more apart."""
    found: dict[tuple[str, str], TunnelEnd] = {}
    for tunnel in roads.tunnels:
        for end in tunnel.ends:
            if end.own_public and end.peer_public:
                found.setdefault((end.own_public, end.peer_public), end)
    return list(found.values())


def key(end: TunnelEnd) -> str:
    """What an end is known by for as long as it is there."""
    return f"{end.own_public} {end.peer_public}"


def networks(roads: Roads, lab: Lab) -> list[str]:
    """The sites that get a router: those with a cluster of the lab, a tunnel or a peering."""
    used = {end.site for end in ends(roads)} | {side for peering in roads.peerings for side in peering.sites}
    return sorted(site.id for site in roads.sites if site.id in used or _slots(site, lab))


def wiring(roads: Roads, lab: Lab, numbers: Numbers) -> Wiring:
    """The kernel's plan; there must be a number for every end's key and every network."""
    return _Intent(roads, lab, numbers).wiring()


def _slots(site: Site, lab: Lab) -> tuple[int, ...]:
    known = (lab.slots.get(member.id) for member in site.members)
    return tuple(sorted(slot for slot in known if slot is not None))


class _Intent:
    def __init__(self, roads: Roads, lab: Lab, numbers: Numbers) -> None:
        self._roads = roads
        self._lab = lab
        self._numbers = numbers
        self._sites = {site.id: site for site in roads.sites}
        self._members = {member.id: member for site in roads.sites for member in site.members}
        self._site_of = {member.id: site.id for site in roads.sites for member in site.members}
        self._gateways = {gateway.id: gateway for gateway in roads.gateways}
        self._ends = ends(roads)
        self._routers = {site: numbers.routers[site] for site in networks(roads, lab)}

    def wiring(self) -> Wiring:
        return Wiring(
            routers=tuple(self._router(self._sites[site]) for site in sorted(self._routers)),
            flows=tuple(self._flows()),
            faces=tuple(face for member in self._members.values() for face in self._faces(member)),
            hidden=tuple(hidden for site in self._roads.sites for hidden in self._hidden(site)),
            probes=self._lab.probes,
        )

    def _faces(self, member: Member) -> Iterator[Face]:
        """How a load balancer that admits declared ranges only sees what the cluster sends."""
        slot = self._lab.slots.get(member.id)
        if slot is not None:
            plan = Plan(slot)
            for lab_range, parts in ((plan.subnet, member.nodes), (plan.pods, member.pods or member.nodes)):
                if parts:
                    yield Face(slot, lab_range, str(parts[0].network[_FACE]))

    def _hidden(self, site: Site) -> Iterator[Hidden]:
        """Overlay pods everywhere; on EKS all pods outside their VPC.

        Amazon's CNI translates what leaves the VPC unless AWS_VPC_K8S_CNI_EXTERNALSNAT says that others do (EKS,
        "Enable outbound internet access for Pods"); the node's address is of the same subnet, so no road depends on it.
        """
        inside = tuple(target for slot in _slots(site, self._lab) for target in _ranges(Plan(slot)))
        for member in site.members:
            slot = self._lab.slots.get(member.id)
            if slot is not None and (member.overlay is not None or site.cloud == "aws"):
                yield Hidden(slot, () if member.overlay is not None else inside)

    def _flows(self) -> Iterator[Flow]:
        slots = self._lab.slots
        for verdict in self._roads.verdicts:
            if verdict.allowed and verdict.source in slots and verdict.destination in slots:
                yield Flow(slots[verdict.source], slots[verdict.destination], verdict.flow)

    def _router(self, site: Site) -> Router:
        slots = _slots(site, self._lab)
        return Router(
            number=self._routers[site.id],
            name=f"{site.cloud} {site.name}",
            slots=slots,
            ends=tuple(self._end(end) for end in self._ends if end.site == site.id and self._lab.tunnels),
            wires=tuple(self._wires(site)),
            installed=self._installed(site),
            forwardings=tuple(self._forwarding(entry) for entry in self._lab.forwardings if entry.slot in slots),
        )

    def _forwarding(self, entry: Forwarding) -> Forwarding:
        """Whom it admits is declared in the clouds' ranges, and asked of the lab's."""
        if not entry.sources:
            return entry
        ranges = [IPv4Network(source, strict=False) for source in entry.sources]
        return replace(entry, sources=tuple(map(str, self._counterparts(self._members.values(), ranges))) or _NOBODY)

    def _end(self, end: TunnelEnd) -> End:
        gateway = self._gateways.get(end.gateway)
        served = [service.site for service in gateway.services if not service.faults] if gateway else [end.site]
        members = [member for site in served if site in self._sites for member in self._sites[site].members]
        return End(
            number=self._numbers.ends[key(end)],
            at=end,
            advertised=tuple(self._counterparts(members, [IPv4Network(each, strict=False) for each in end.advertised])),
            passes_on=gateway is not None and gateway.passes_on,
        )

    def _counterparts(self, members: Iterable[Member], ranges: Sequence[IPv4Network]) -> Iterator[IPv4Network]:
        """The lab's ranges of everything that lies in the declared ones."""

        def covered(parts: Sequence[Part]) -> bool:
            return any(part.network.subnet_of(each) for part in parts for each in ranges)

        for member in members:
            if member.id not in self._lab.slots:
                continue
            plan = Plan(self._lab.slots[member.id])
            if covered(member.nodes):
                yield plan.subnet
            if covered(member.load_balancers):
                yield plan.internal
            if covered(member.pods):
                yield plan.pods

    def _ways(self) -> Iterator[tuple[Verdict, Road]]:
        """Every road that is in use by clusters that the lab has."""
        for verdict in self._roads.verdicts:
            if {verdict.source, verdict.destination} <= set(self._lab.slots) & set(self._members):
                yield from ((verdict, road) for road in verdict.in_use)

    def _installed(self, site: Site) -> tuple[IPv4Network, ...]:
        """What lies beyond the tunnels of every open road that begins, ends or changes tunnels here."""
        found: set[IPv4Network] = set()
        for verdict, road in self._ways():
            if road.kind in (VPN, TRANSIT) and site.id in self._along(verdict, road):
                found.update(self._carried(verdict, road))
        own = {target for slot in _slots(site, self._lab) for target in _ranges(Plan(slot))}
        return tuple(sorted(found - own))

    def _along(self, verdict: Verdict, road: Road) -> set[str]:
        tunnels = [tunnel for tunnel in self._roads.tunnels if tunnel.name in road.tunnels]
        both = {self._site_of[verdict.source], self._site_of[verdict.destination]}
        return both | {side for tunnel in tunnels for side in tunnel.sites}

    def _carried(self, verdict: Verdict, road: Road) -> Iterator[IPv4Network]:
        """What packets and their answers are for, as far as this road takes either."""
        if not road.there:
            yield from self._targets(verdict)
        if not road.back:
            yield from self._sources(verdict)

    def _targets(self, verdict: Verdict) -> Iterator[IPv4Network]:
        plan = Plan(self._lab.slots[verdict.destination])
        yield plan.internal if verdict.flow == GATEWAY_FLOW else plan.pods

    def _sources(self, verdict: Verdict) -> Iterator[IPv4Network]:
        """What the answers need: the way back to whatever the source sends from."""
        plan = Plan(self._lab.slots[verdict.source])
        yield plan.subnet
        if self._members[verdict.source].overlay is None:
            yield plan.pods

    def _wires(self, site: Site) -> Iterator[Wire]:
        """The peerings that are up, with the routes of the roads in use through them."""
        peered = {
            each: peering
            for peering in self._roads.peerings
            if not peering.faults and site.id in peering.sites
            for each in peering.sites
            if each != site.id and each in self._routers
        }
        beyond = {other: self._beyond(site.id, other, peering) for other, peering in peered.items()}
        if not self._lab.tunnels:
            for other, targets in self._instead_of_tunnels(site.id):
                beyond.setdefault(other, set()).update(targets)
        for other, targets in sorted(beyond.items()):
            yield Wire(self._routers[other], tuple(sorted(targets)))

    def _instead_of_tunnels(self, here: str) -> Iterator[tuple[str, Iterator[IPv4Network]]]:
        for verdict, road in self._ways():
            if road.kind in (VPN, TRANSIT):
                first, last = self._site_of[verdict.source], self._site_of[verdict.destination]
                if here == first:
                    yield last, self._targets(verdict)
                elif here == last:
                    yield first, self._sources(verdict)

    def _beyond(self, here: str, other: str, peering: Peering) -> set[IPv4Network]:
        """What is reached through the other network: its own clusters, and what its gateway's tunnels lead to."""
        found: set[IPv4Network] = set()
        for verdict, road in self._ways():
            first, last = self._site_of[verdict.source], self._site_of[verdict.destination]
            if road.kind == PEERING:
                ways = {(first, last)} if road.name == peering.name else set[tuple[str, str]]()
            elif road.kind in (VPN, TRANSIT) and self._lab.tunnels:
                ways = self._hops_of_peering(verdict, road)
            else:
                continue
            if (here, other) in ways and not road.there:
                found.update(self._targets(verdict))
            # The answers go the same way back.
            if (other, here) in ways and not road.back:
                found.update(self._sources(verdict))
        return found

    def _hops_of_peering(self, verdict: Verdict, road: Road) -> set[tuple[str, str]]:
        """Where a network uses the VPN gateway of one that it is peered with: the hops before and after the tunnels."""
        tunnels = [tunnel for tunnel in self._roads.tunnels if tunnel.name in road.tunnels]
        ends_of = {side for tunnel in tunnels for side in tunnel.sites}
        first, last = self._site_of[verdict.source], self._site_of[verdict.destination]
        hops: set[tuple[str, str]] = set()
        for gateway in self._roads.gateways:
            served = {service.site for service in gateway.services if not service.faults} - {gateway.site}
            if gateway.site in ends_of:
                hops |= {(first, gateway.site)} if first in served and first not in ends_of else set()
                hops |= {(gateway.site, last)} if last in served and last not in ends_of else set()
        return hops


def _ranges(plan: Plan) -> tuple[IPv4Network, ...]:
    return plan.subnet, plan.internal, plan.pods
