"""Every fault of a configuration at once.

Owns: which checks there are and their order. Does not own: the checks (shape.py, rules/).
"""

from collections.abc import Mapping
from ipaddress import IPv4Network
from itertools import chain
from typing import Any, cast

from pulumi_multimesh.plan import links, reading
from pulumi_multimesh.plan.addresses import SUPERNET, Placement, RangeWish, place
from pulumi_multimesh.plan.book import Book
from pulumi_multimesh.plan.cluster_fields import Field, Kind
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.fields import MESH
from pulumi_multimesh.plan.meshes import ISTIO, chosen
from pulumi_multimesh.plan.needs import needed
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.access import access_faults
from pulumi_multimesh.plan.rules.clouds import cloud_faults
from pulumi_multimesh.plan.rules.clusters import cluster_faults, name_faults
from pulumi_multimesh.plan.rules.connectivity import connectivity_faults
from pulumi_multimesh.plan.rules.consul import consul_faults
from pulumi_multimesh.plan.rules.istio import istio_faults
from pulumi_multimesh.plan.rules.linkerd import linkerd_faults
from pulumi_multimesh.plan.rules.login import login_faults
from pulumi_multimesh.plan.rules.meetings import meeting_faults
from pulumi_multimesh.plan.rules.mesh import choice_faults, pki_faults
from pulumi_multimesh.plan.rules.networks import network_faults
from pulumi_multimesh.plan.rules.pki import authority_faults
from pulumi_multimesh.plan.rules.ranges import range_faults
from pulumi_multimesh.plan.rules.security import security_faults
from pulumi_multimesh.plan.rules.sign_on import sign_on_faults
from pulumi_multimesh.plan.rules.wants import wants_faults
from pulumi_multimesh.plan.rules.zones import zone_faults
from pulumi_multimesh.plan.shape import faults_of_form

_WHOLE = Field(Kind.RECORD, fields=MESH)


def validate(name: str, args: Mapping[str, Any], book: Book | None = None) -> list[Fault]:
    """All faults of a mesh's arguments; none when a plan can be made of them and of what the book remembers."""
    if not isinstance(cast("object", args), Mapping):
        return list(faults_of_form("", _WHOLE, args))
    given = reading.as_record(args)
    faults = [
        *faults_of_form("", _WHOLE, args),
        *name_faults(name, given),
        *choice_faults(given),
        *wants_faults(given),
        *cluster_faults(given),
        *cloud_faults(given),
        *network_faults(given),
        *connectivity_faults(given),
        *istio_faults(given),
        *linkerd_faults(given),
        *consul_faults(given),
        *pki_faults(given),
        *authority_faults(given),
        *access_faults(given),
        *login_faults(given),
        *security_faults(given),
        *(chain(zone_faults(given), sign_on_faults(given)) if chosen(given) == ISTIO else ()),
        *range_faults(given),
    ]
    # Room is looked for only where every range is sound, or one fault would show up as two.
    return faults or _room_faults(given, book or Book())


def _room_faults(args: Record, book: Book) -> list[Fault]:
    placed = placement(args, book)
    reserved = reading.text_table(reading.record(args, "addresses"), "reserved")
    return [*placed.faults, *meeting_faults(_wishes(args, book), placed, reserved)]


def placement(args: Record, book: Book) -> Placement:
    """The address plan of arguments without faults; who is in the book keeps its ranges."""
    addresses = reading.record(args, "addresses")
    return place(
        _wishes(args, book),
        IPv4Network(reading.text(addresses, "supernet") or SUPERNET),
        reading.text_table(addresses, "reserved"),
        # What the book's clusters have comes last of all; whoever is still there is asked first, and keeps it.
        freed=(*book.freed_ranges, *book.areas()),
    )


def _wishes(args: Record, book: Book) -> list[RangeWish]:
    with_vpn = links.with_vpn(args)
    return [_wish(kind, name, wish, book, vpn=name in with_vpn) for kind, name, wish in reading.clusters(args)]


def _wish(kind: str, name: str, wish: Record, book: Book, *, vpn: bool) -> RangeWish:
    """A cluster keeps the ranges of the book, and its block for what it needs beside them; pins win."""
    booked = book.clusters.get(name)
    wanted = needed(kind, wish, vpn=vpn)
    pinned = reading.text_table(wish, "ranges")
    if booked is None or booked.kind != kind:
        return RangeWish(name, kind, pinned, wanted)
    kept = {key: cidr for key, cidr in booked.ranges.items() if key in wanted and key not in pinned}
    return RangeWish(name, kind, pinned, wanted, booked.block, kept)
