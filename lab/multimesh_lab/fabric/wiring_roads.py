"""The roads between the clusters for a reader: what may pass and why not, and what is really up.

Owns: `multimesh-lab roads`. Does not own: the verdicts (reachability) and the tunnels (wiring).
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from multimesh_lab import network
from multimesh_lab.fabric import wiring, wiring_state
from multimesh_lab.fabric.model import Tunnel, TunnelEnd, Verdict
from multimesh_lab.fabric.wiring import Actual
from multimesh_lab.fabric.wiring_intent import Roads, key
from multimesh_lab.home import LabHome


@dataclass(frozen=True)
class EndState:
    """One end of a tunnel."""

    name: str
    address: str
    peer: str
    ipsec: bool | None
    """Whether packets flow, by what strongSwan says; None where nobody was asked."""
    bgp: str | None
    """BIRD's word for the session: Established, Connect, …"""
    complaint: str


@dataclass(frozen=True)
class TunnelState:
    """A tunnel: what was declared, and what came of it."""

    name: str
    declared_up: bool
    faults: tuple[str, ...]
    up: bool | None
    """Whether both ends carry packets and routes; None where nobody was asked."""
    ends: tuple[EndState, ...]


@dataclass(frozen=True)
class RoadState:
    """An ordered pair of clusters."""

    source: str
    destination: str
    flow: str
    passes: bool
    by: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """All of it."""

    real: str
    """What decides whether a tunnel is up."""
    roads: tuple[RoadState, ...]
    tunnels: tuple[TunnelState, ...]

    def document(self) -> dict[str, object]:
        """For a machine to read."""
        return asdict(self)


def report(home: LabHome) -> Report:
    """What may pass now, and, of a lab that is up, what is up."""
    known = wiring_state.roads(home)
    asked = wiring_state.tunnels_are_real() and network.owner() == str(home.root) and os.geteuid() == 0
    found = _actual(home, known) if asked else {}
    names = {member.id: member.name for site in known.sites for member in site.members}
    return Report(
        real=wiring_state.how_tunnels_are() if network.owner() == str(home.root) else "no lab is up here",
        roads=tuple(_road(verdict, names) for verdict in known.verdicts),
        tunnels=tuple(_tunnel(tunnel, found) for tunnel in known.tunnels),
    )


def _actual(home: LabHome, known: Roads) -> dict[str, Actual]:
    """By the key of the end."""
    routers = wiring_state.plan(home, known, remember=False).routers
    numbered = wiring.actual(home, routers)
    return {key(end.at): numbered[end.number] for router in routers for end in router.ends}


def _road(verdict: Verdict, names: dict[str, str]) -> RoadState:
    source, destination = (names.get(each, each) for each in (verdict.source, verdict.destination))
    by = tuple(f"{road.kind}: {road.name}" for road in verdict.in_use)
    return RoadState(source, destination, verdict.flow, verdict.allowed, by, verdict.reasons)


def _tunnel(tunnel: Tunnel, found: dict[str, Actual]) -> TunnelState:
    ends = tuple(_end(end, found.get(key(end))) for end in tunnel.ends)
    known = [end for end in ends if end.ipsec is not None]
    up = len(known) == 2 and all(end.ipsec and end.bgp == "Established" for end in known) if known else None
    return TunnelState(tunnel.name, tunnel.is_up, tunnel.faults, up, ends)


def _end(end: TunnelEnd, actual: Actual | None) -> EndState:
    if actual is None:
        return EndState(end.name, end.own_public, end.peer_public, None, None, "")
    session = actual.session
    complaint = actual.association.complaint or (session.complaint if session else "")
    state = session.state if session else None
    return EndState(end.name, end.own_public, end.peer_public, actual.association.installed, state, complaint)


def lines(found: Report) -> Iterator[str]:
    """As a table, the reasons below each row that has some."""
    if not found.roads and not found.tunnels:
        yield "the simulated clouds have no two clusters, so there is no road; multimesh-lab exec -- pulumi up"
        return
    yield from _table(
        ("FROM", "TO", "FLOW", "PASSES", "BY"),
        [
            ((road.source, road.destination, road.flow, _yes(road.passes), ", ".join(road.by)), road.reasons)
            for road in found.roads
        ],
    )
    if found.tunnels:
        yield ""
        yield f"tunnels ({found.real})"
        yield from _table(
            ("TUNNEL", "DECLARED", "IPSEC", "BGP", ""),
            [(_tunnel_row(tunnel), [*tunnel.faults, *_complaints(tunnel)]) for tunnel in found.tunnels],
        )


def _tunnel_row(tunnel: TunnelState) -> tuple[str, ...]:
    ipsec = "/".join("-" if end.ipsec is None else _up(end.ipsec) for end in tunnel.ends)
    bgp = "/".join(end.bgp or "-" for end in tunnel.ends)
    differs = tunnel.up is not None and tunnel.up != tunnel.declared_up
    return tunnel.name, _up(tunnel.declared_up), ipsec, bgp, "NOT AS DECLARED" if differs else ""


def _complaints(tunnel: TunnelState) -> Iterator[str]:
    for end in tunnel.ends:
        if end.complaint and not tunnel.up:
            yield f"{end.name} ({end.address}) says: {end.complaint}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _up(value: bool) -> str:
    return "up" if value else "down"


def _table(head: Sequence[str], rows: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (head, *(row for row, _ in rows))) for column in range(len(head))]
    for row, below in ((head, ()), *rows):
        yield "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()
        yield from (f"    {line}" for line in below)
