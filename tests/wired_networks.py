"""Two networks with two tunnels between them, as the wiring gets them: made by hand, altered at one end if asked."""

from dataclasses import dataclass, fields, replace
from typing import Any

from multimesh_lab.fabric.model import GATEWAY_FLOW, Declared, Proposal, TunnelEnd
from multimesh_lab.fabric.wiring_plan import End, Flow, Router, Wiring
from multimesh_lab.network import Plan

_DECLARED = Declared(**{each.name: "" for each in fields(Declared)})


def proposal(words: str = "aes256-sha256-modp2048") -> Proposal:
    """As strongSwan writes it, with one of each."""
    encryption, integrity, group = words.split("-")
    return Proposal((encryption,), (integrity,), (group,))


def tunnel_end(**changes: Any) -> TunnelEnd:
    """An end of the first network."""
    end = TunnelEnd(
        cloud="gcp",
        site="a",
        gateway="gateway of a",
        name="gcp vpnTunnel a",
        number=0,
        connection="a",
        own_public="198.18.3.1",
        peer_public="198.18.3.3",
        own_inside="169.254.40.1",
        peer_inside="169.254.40.2",
        own_asn=64512,
        peer_asn=64600,
        key="a key of both ends",
        ike_versions=(2,),
        ike=proposal(),
        esp=proposal(),
        ike_seconds=28800,
        esp_seconds=3600,
        starts=True,
        answers=True,
        advertised=(),
        declared=_DECLARED,
    )
    return replace(end, **changes)


def other_side(end: TunnelEnd, **changes: Any) -> TunnelEnd:
    """The end that agrees with this one in everything but the changes."""
    values: dict[str, Any] = {
        "own_public": end.peer_public,
        "peer_public": end.own_public,
        "own_inside": end.peer_inside,
        "peer_inside": end.own_inside,
        "own_asn": end.peer_asn,
        "peer_asn": end.own_asn,
    }
    return replace(end, site="b", cloud="aws", gateway="gateway of b", **{**values, **changes})


@dataclass(frozen=True)
class Networks:
    """Ends 1 and 2 are of the first network, 3 and 4 of the second."""

    wiring: Wiring

    def end_in_use(self, _: Plan) -> End:
        """The end that BIRD prefers among equals: of the neighbour with the lower identity, here the first."""
        return self.wiring.routers[0].ends[0]


def two_networks(second: dict[str, object] | None = None) -> Networks:
    """`second` alters the second tunnel's end in the second network."""
    altered: dict[str, Any] = {
        name: proposal(str(value)) if name in ("ike", "esp") else value for name, value in (second or {}).items()
    }
    first = tunnel_end()
    parallel = tunnel_end(
        own_public="198.18.3.2", peer_public="198.18.3.4", own_inside="169.254.40.5", peer_inside="169.254.40.6"
    )
    one, two = Plan(1), Plan(2)
    ours = [End(1, first, (one.subnet, one.internal)), End(2, parallel, (one.subnet, one.internal))]
    theirs = [
        End(3, other_side(first), (two.subnet, two.internal)),
        End(4, other_side(parallel, starts=False, **altered), (two.subnet, two.internal)),
    ]
    routers = (
        Router(1, "a", (1,), tuple(ours), installed=(two.subnet, two.internal)),
        Router(2, "b", (2,), tuple(theirs), installed=(one.subnet, one.internal)),
    )
    return Networks(Wiring(routers, (Flow(1, 2, GATEWAY_FLOW), Flow(2, 1, GATEWAY_FLOW))))
