"""Whatever is done to a fleet step by step: nothing meets, nobody who stays moves, what was freed is given last."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cache
from ipaddress import IPv4Network
from itertools import pairwise

import cloud_reserves
import pytest
from booked_fleets import KINDS, Edit, Fleet, edited, histories
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_multimesh.plan import vpn
from pulumi_multimesh.plan.addresses import block_prefix
from pulumi_multimesh.plan.book import Book, difference, remembered
from pulumi_multimesh.plan.book_document import as_document, of_document
from pulumi_multimesh.plan.build import plan, plan_anew
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.pool import allocate
from pulumi_multimesh.plan.rules.book import book_faults

Pair = tuple[Fleet, MeshPlan]


@cache
def span(cidr: str) -> tuple[int, int]:
    network = IPv4Network(cidr)
    return int(network.network_address), int(network.broadcast_address)


def meets_any(cidr: str, others: Iterable[str]) -> bool:
    first, last = span(cidr)
    return any(first <= its_last and its_first <= last for its_first, its_last in map(span, others))


def all_ranges(found: MeshPlan) -> list[str]:
    return [cidr for cluster in found.clusters.values() for cidr in cluster.ranges.as_args().values()]


def assert_nothing_meets(fleet: Fleet, found: MeshPlan) -> None:
    ordered = sorted(map(span, all_ranges(found)))
    assert all(before[1] < after[0] for before, after in pairwise(ordered))
    assert not any(meets_any(cidr, fleet.reserved.values()) for cidr in all_ranges(found))


def assert_inside(fleet: Fleet, found: MeshPlan, ever_pinned: set[str]) -> None:
    supernet = IPv4Network(fleet.supernet)
    for cidr in all_ranges(found):
        assert cidr in ever_pinned or IPv4Network(cidr).subnet_of(supernet)


def assert_numbers_are_taken_by_all_clouds(found: MeshPlan) -> None:
    own = [network.asn for network in found.networks.values() if network.asn and network.cloud != "oci"]
    assert len(own) == len(set(own))
    assert not set(own) & cloud_reserves.ASNS
    assert all(any(number in numbers for numbers in cloud_reserves.PRIVATE_ASNS) for number in own)
    inside = [tunnel.inside for road in found.vpns for tunnel in road.tunnels]
    assert len(inside) == len(set(inside))
    for road in found.vpns:
        clouds = {found.networks[end].cloud for end in (road.first, road.second)}
        for tunnel in road.tunnels:
            assert not any(meets_any(tunnel.inside, cloud_reserves.INSIDE[cloud]) for cloud in clouds)
            assert "azure" not in clouds or meets_any(tunnel.inside, cloud_reserves.AZURES_INSIDE)


def assert_nobody_moves(before: Pair, after: Pair) -> None:
    (was, then), (fleet, now) = before, after
    stays = {name for name in fleet.kinds if was.kinds.get(name) == fleet.kinds[name]}
    for name in stays:
        had, has = then.clusters[name].ranges.as_args(), now.clusters[name].ranges.as_args()
        pins = fleet.pins.get(name, {})
        assert all(has[key] == had[key] for key in set(had) & set(has) if key not in pins)
        assert all(has[key] == pins[key] for key in pins)
        number, numbered = then.networks[name].asn, now.networks[name].asn
        assert number is None or numbered is None or name in fleet.asns or number == numbered
    tunnels = {(v.first, v.second, t.index): t for v in now.vpns for t in v.tunnels}
    for road in then.vpns:
        for tunnel in road.tunnels:
            key = (road.first, road.second, tunnel.index)
            assert not {road.first, road.second} <= stays or tunnels.get(key, tunnel) == tunnel


def assert_freed_comes_last(before: Book, after: Book, fleet: Fleet) -> None:
    """Whoever is given what somebody had: nothing else was left, and this had been free for longest."""
    had = (*before.freed_ranges, *before.areas())
    blocks = [
        cluster.block
        for name, cluster in after.clusters.items()
        if cluster.block and (name not in before.clusters or cluster.block != before.clusters[name].block)
    ]
    if any(meets_any(block, had) for block in blocks):
        supernet = IPv4Network(fleet.supernet)
        taken = [*after.areas(), *fleet.reserved.values(), *had]
        others = map(str, supernet.subnets(new_prefix=block_prefix(supernet)))
        assert all(meets_any(other, taken) for other in others)
    freed_tunnels = (*before.freed_tunnels, *before.tunnels.values())
    for key, cidr in after.tunnels.items():
        if before.tunnels.get(key) != cidr and cidr in freed_tunnels:
            pool = next(pool for pool in (vpn.INSIDE_WITH_AZURE, vpn.INSIDE_WITHOUT_AZURE) if cidr in pool)
            assert set(pool) <= {*freed_tunnels, *after.tunnels.values()}
    freed_asns = {*before.freed_asns, *before.asns.values()}
    for name, number in after.asns.items():
        assert before.asns.get(name) == number or name in fleet.asns or number not in freed_asns


def assert_book_is_sound(book: Book) -> None:
    document = as_document(book)
    assert not book_faults(document)
    assert of_document(document) == book
    assert not difference(book, of_document(document)).lines
    assert not set(book.freed_asns) & set(book.asns.values())
    assert not set(book.freed_tunnels) & set(book.tunnels.values())
    assert not set(book.freed_ranges) & set(book.areas())


def assert_stops_where_the_book_does_not_know(fleet: Fleet, found: MeshPlan, book: Book) -> None:
    """With the old book the plan is what the book says, or there is none."""
    try:
        stays = plan("shop", fleet.args(), book)
    except ConfigurationFaults as faults:
        assert all("multimesh plan --update-book" in fault.remedy for fault in faults.faults)
        return
    assert stays.as_dict() | {"notes": ()} == found.as_dict() | {"notes": ()}
    for name, cluster in stays.clusters.items():
        booked = book.clusters.get(name)
        known = {**(booked.ranges if booked else {}), **fleet.pins.get(name, {})}
        assert cluster.ranges.as_args().items() <= known.items()
    wanted = remembered(stays, book)
    assert wanted.tunnels.items() <= book.tunnels.items()
    assert all(book.asns.get(name) == number or name in fleet.asns for name, number in wanted.asns.items())


seen: Counter[str] = Counter()
"""How often each edit was planned, and how often it was refused."""


@settings(max_examples=130)
@given(histories)
def a_history(history: tuple[Fleet, list[Edit]]) -> None:
    fleet, edits = history
    book, before = Book(), None
    ever_pinned = set[str]()
    for edit in [("start", 0, None), *edits]:
        wanted = edited(fleet, edit, book)
        try:
            found = plan_anew("shop", wanted.args(), book)
        except ConfigurationFaults as faults:
            seen[f"{edit[0]} refused"] += 1
            assert all(fault.remedy and fault.path for fault in faults.faults)
            continue
        seen[edit[0]] += 1
        ever_pinned |= {cidr for pins in wanted.pins.values() for cidr in pins.values()}
        assert_nothing_meets(wanted, found)
        assert_inside(wanted, found, ever_pinned)
        assert_numbers_are_taken_by_all_clouds(found)
        assert plan_anew("shop", wanted.args(backwards=True), book).as_dict() == found.as_dict()
        assert_stops_where_the_book_does_not_know(wanted, found, book)
        after = remembered(found, book)
        assert_freed_comes_last(book, after, wanted)
        assert_book_is_sound(after)
        if before is not None:
            assert_nobody_moves(before, (wanted, found))
        assert remembered(plan("shop", wanted.args(), after), after) == after
        fleet, book, before = wanted, after, (wanted, found)


def test_whatever_is_done_step_by_step() -> None:
    a_history()
    # The property says something only if each kind of edit was mostly planned and not refused.
    edits = ("add", "remove", "rename", "remake", "pin", "pin as it is", "unpin", "number", "connect", "link")
    for edit in edits:
        assert seen[edit] > 8, (edit, seen)
    assert sum(seen[edit] for edit in edits) > 3 * sum(seen[f"{edit} refused"] for edit in edits), seen


names = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
fleets = st.builds(
    Fleet,
    st.dictionaries(names, st.sampled_from(KINDS), min_size=1, max_size=5),
    reserved=st.dictionaries(names, st.integers(0, 63).map(lambda number: f"10.{4 * number}.0.0/14"), max_size=3),
    connectivity=st.sampled_from(["vpn", "gateways"]),
    topology=st.sampled_from(["full-mesh", "list"]),
)


@settings(max_examples=500)
@given(fleets)
def test_a_fleet_without_a_past(fleet: Fleet) -> None:
    found = plan_anew("shop", fleet.args())
    assert_nothing_meets(fleet, found)
    assert_inside(fleet, found, set())
    assert_numbers_are_taken_by_all_clouds(found)
    assert_book_is_sound(remembered(found, Book()))


POOL = "abcdef"
comings_and_goings = st.lists(st.sets(st.sampled_from("123456789")), min_size=2, max_size=8)


@settings(max_examples=1000)
@given(comings_and_goings)
def test_a_pool_is_given_out_fairly_whoever_comes_and_goes(steps: Sequence[set[str]]) -> None:
    kept: Mapping[str, str] = {}
    freed: list[str] = []
    for keys in steps:
        stay = {key: thing for key, thing in kept.items() if key in keys}
        gone = [kept[key] for key in sorted(set(kept) - keys)]
        given_now = allocate(keys, POOL, stay, (*freed, *gone))
        found = {key: thing for key, thing in given_now.items() if thing is not None}
        assert set(given_now) == keys
        assert found.items() >= stay.items()
        assert len(set(found.values())) == len(found) == min(len(keys), len(POOL))
        assert_longest_free_first([found[key] for key in sorted(set(found) - set(stay))], [*freed, *gone])
        freed = [thing for thing in (*freed, *gone) if thing not in found.values()]
        kept = found


def assert_longest_free_first(new: Sequence[Hashable], freed: Sequence[Hashable]) -> None:
    places = [freed.index(thing) if thing in freed else -1 for thing in new]
    assert places == sorted(places)


@pytest.mark.parametrize("cloud", sorted(vpn.ASN_POOLS))
def test_no_pool_holds_what_a_cloud_keeps_for_itself(cloud: str) -> None:
    assert not set(vpn.ASN_POOLS[cloud]) & cloud_reserves.ASNS
    for cidr in vpn.INSIDE_WITHOUT_AZURE:
        assert not any(meets_any(cidr, kept) for kept in cloud_reserves.INSIDE.values())
    for cidr in vpn.INSIDE_WITH_AZURE:
        assert not any(meets_any(cidr, kept) for kept in cloud_reserves.INSIDE.values())
        assert meets_any(cidr, cloud_reserves.AZURES_INSIDE)
