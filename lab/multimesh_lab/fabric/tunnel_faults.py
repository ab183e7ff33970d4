"""Why two ends do not make a tunnel, and why a tunnel has no BGP session.

Owns: what the ends must agree on. Does not own: which ends belong together (tunnels.py).
"""

from collections.abc import Iterator
from ipaddress import IPv4Interface

from multimesh_lab.fabric.model import Proposal, TunnelEnd
from multimesh_lab.fabric.proposals import lacking


def alone(end: TunnelEnd) -> str:
    """What is wrong with an end that has no other."""
    if not end.peer_public:
        return f"{end.name} knows no address of another end"
    return f"nothing at {end.peer_public} expects {end.own_public}; only {end.name} is there"


def ipsec(one: TunnelEnd, other: TunnelEnd) -> Iterator[str]:
    """Why no security association comes up."""
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


def bgp(one: TunnelEnd, other: TunnelEnd) -> Iterator[str]:
    """Why no BGP session comes up."""
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
