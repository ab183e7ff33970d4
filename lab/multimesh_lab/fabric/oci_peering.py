"""Oracle Cloud's peerings: VCNs on one DRG, DRGs of two regions, and local peering gateways.

Owns: which VCNs they join. Does not own: the route rules that lead there (oci.py). Sources: "Peering VCNs in the same
region through a DRG", "Peering VCNs in different regions through a DRG" and "Local VCN Peering using Local Peering
Gateways" (docs.oracle.com/en-us/iaas/Content/Network).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from multimesh_lab.fabric.inventory import Inventory, label, text
from multimesh_lab.fabric.model import Peering
from multimesh_lab.fabric.oci_names import DRG, VCN, attached, region_of
from multimesh_lab.providers.store import Record

_REMOTE = "oci:Core/remotePeeringConnection:RemotePeeringConnection"
_LOCAL = "oci:Core/localPeeringGateway:LocalPeeringGateway"


@dataclass(frozen=True)
class _Side:
    """A VCN with one of the things by which it can be peered."""

    vcn: Record
    record: Record
    """A remote peering connection or a local peering gateway."""
    target: str
    """What the VCN's route rules must lead to."""


def peerings(inventory: Inventory) -> list[Peering]:
    """Every peering, those with one side only among them as far as it is plain whom they are meant for."""
    found = list(_on_one_drg(inventory))
    for token in (_REMOTE, _LOCAL):
        sides = list(_sides(inventory, token))
        for one, other in combinations(sorted(sides, key=lambda side: label(side.vcn)), 2):
            if one.vcn.id != other.vcn.id and _names(one, other):
                found.append(_peering(one.vcn, other.vcn, (one.target, other.target), ()))
        found += _one_sided(inventory, token, sides, found)
    return found


def name_of(inventory: Inventory, target: str) -> str:
    """What a sentence calls the target of a route rule."""
    record = inventory.get(DRG, target) or inventory.get(_LOCAL, target)
    kind = "localPeeringGateway" if record is not None and record.type == _LOCAL else "drg"
    return f"{kind} {label(record) if record else target}"


def _on_one_drg(inventory: Inventory) -> Iterator[Peering]:
    for drg in inventory.all(DRG):
        for one, other in combinations(sorted(attached(inventory, drg.id), key=label), 2):
            yield _peering(one, other, (drg.id, drg.id), ())


def _sides(inventory: Inventory, token: str) -> Iterator[_Side]:
    for record in inventory.all(token):
        if token == _LOCAL:
            vcn = inventory.get(VCN, text(record, "vcnId"))
            yield from [_Side(vcn, record, record.id)] if vcn else []
        else:
            drg = text(record, "drgId")
            yield from (_Side(vcn, record, drg) for vcn in attached(inventory, drg))


def _names(one: _Side, other: _Side) -> bool:
    """One side names the other; which of them does is the same."""
    return text(one.record, "peerId") == other.record.id or text(other.record, "peerId") == one.record.id


def _one_sided(
    inventory: Inventory, token: str, sides: Sequence[_Side], joined: Sequence[Peering]
) -> Iterator[Peering]:
    """What is joined to nothing, told to every VCN that it could be meant for and that no peering joins yet."""
    done = {frozenset(peering.sites) for peering in joined}
    kind = token.rpartition(":")[2]
    kind = kind[0].lower() + kind[1:]
    for side in sides:
        if any(_names(side, other) for other in sides):
            continue
        for vcn in inventory.all(VCN):
            pair = frozenset((side.vcn.id, vcn.id))
            if vcn.id == side.vcn.id or pair in done or not _could_be_for(token, side, vcn):
                continue
            done.add(pair)
            first, second = sorted((side.vcn, vcn), key=label)
            fault = f"oci {kind} {label(side.record)}.peerId joins it to none of {label(vcn)}"
            yield _peering(first, second, ("", ""), (fault,))


def _could_be_for(token: str, side: _Side, vcn: Record) -> bool:
    region = region_of(vcn.id)
    if token == _LOCAL:
        return region == region_of(side.vcn.id)
    return region != region_of(side.vcn.id) and text(side.record, "peerRegionName") in ("", region)


def _peering(one: Record, other: Record, targets: tuple[str, str], faults: Sequence[str]) -> Peering:
    name = f"peering {label(one)}~{label(other)}"
    return Peering(name, "oci", (one.id, other.id), targets, tuple(f"{name}: {fault}" for fault in faults))
