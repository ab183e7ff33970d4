"""Which gateway learns which ranges from which, over the tunnels that are up.

Owns: the exchange of routes between clouds. Does not own: what a gateway announces of its own (a tunnel's end says
so), nor whether a network takes what its gateway learned (the clouds' `not_sent_to_gateway`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from multimesh_lab.fabric.inventory import networks
from multimesh_lab.fabric.model import Gateway, Tunnel, TunnelEnd


@dataclass(frozen=True)
class Route:
    """A range that a gateway has learned."""

    network: IPv4Network
    path: tuple[str, ...]
    """Ids of the gateways that it came through, the nearest first, the one that announced it of its own last."""
    tunnel: str
    """Name of the tunnel to the nearest."""


@dataclass(frozen=True)
class Loop:
    """A range that a gateway refuses because its own number is in the path already (RFC 4271, 9.1.2)."""

    network: IPv4Network
    gateway: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Exchange:
    """All that is learned and refused."""

    learned: Mapping[str, Sequence[Route]]
    """By gateway."""
    loops: Sequence[Loop]


@dataclass(frozen=True)
class _Session:
    """One direction of a BGP session."""

    sender: TunnelEnd
    receiver: TunnelEnd
    tunnel: str


def exchange(tunnels: Iterable[Tunnel], gateways: Iterable[Gateway]) -> Exchange:
    """What the gateways tell each other; each passes on only the shortest path that it knows."""
    known = {gateway.id: gateway for gateway in gateways}
    up = [tunnel for tunnel in tunnels if tunnel.is_up and all(end.gateway in known for end in tunnel.ends)]
    sessions = [session for tunnel in up for session in _sessions(tunnel)]
    learned: dict[str, list[Route]] = {}
    loops: list[Loop] = []
    for origin in sorted({session.sender.gateway for session in sessions}):
        own = {cidr for session in sessions if session.sender.gateway == origin for cidr in session.sender.advertised}
        for network in sorted(networks(own)):
            spread = _Spread(known, sessions, origin, network)
            spread.run()
            loops += spread.loops
            for gateway, routes in spread.learned.items():
                learned.setdefault(gateway, []).extend(routes)
    return Exchange(learned, loops)


def _sessions(tunnel: Tunnel) -> list[_Session]:
    one, other = tunnel.ends
    return [_Session(one, other, tunnel.name), _Session(other, one, tunnel.name)]


class _Spread:
    """One range on its way from the gateway that announces it of its own."""

    def __init__(
        self, gateways: Mapping[str, Gateway], sessions: Sequence[_Session], origin: str, network: IPv4Network
    ) -> None:
        self._gateways, self._sessions = gateways, sessions
        self._origin, self._network = origin, network
        self.learned: dict[str, list[Route]] = {}
        self.loops: list[Loop] = []

    def run(self) -> None:
        told, frontier = {self._origin}, [(self._origin, ())]
        while frontier:
            reached: list[tuple[str, tuple[str, ...]]] = []
            for gateway, path in frontier:
                reached += self._tell((gateway, *path))
            frontier = []
            for gateway, path in reached:
                if gateway not in told and self._gateways[gateway].passes_on:
                    told.add(gateway)
                    frontier.append((gateway, path))

    def _tell(self, path: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        """The gateways that learn the range from the first of the path."""
        reached: list[tuple[str, tuple[str, ...]]] = []
        for session in self._sessions:
            receiver = session.receiver.gateway
            if session.sender.gateway != path[0] or receiver in path or not self._is_announced(session):
                continue
            if self._number(receiver) in [self._number(each) for each in path]:
                self.loops.append(Loop(self._network, receiver, path))
                continue
            self.learned.setdefault(receiver, []).append(Route(self._network, path, session.tunnel))
            reached.append((receiver, path))
        return reached

    def _is_announced(self, session: _Session) -> bool:
        """On its first hop a range takes the sessions that announce it; a gateway that passes it on tells everybody."""
        return session.sender.gateway != self._origin or str(self._network) in session.sender.advertised

    def _number(self, gateway: str) -> int | None:
        return self._gateways[gateway].asn
