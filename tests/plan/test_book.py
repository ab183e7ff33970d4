"""Who is in the address book stays where it is, whoever else comes, goes or is pinned."""

from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_multimesh.plan.book import Book, BookedCluster, difference, remembered
from pulumi_multimesh.plan.book_document import as_document, of_document
from pulumi_multimesh.plan.build import plan, plan_anew
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.pool import allocate
from pulumi_multimesh.plan.rules.book import book_faults

WISHES: dict[str, dict[str, Any]] = {
    "gke": {"project": "acme-dev", "region": "europe-west4"},
    "eks": {"region": "us-east-1"},
    "aks": {"region": "westeurope"},
    "oke": {"compartment_id": "ocid1.compartment.oc1..aaaa", "region": "eu-frankfurt-1"},
}
RESERVED = {"office": "10.0.0.0/12", "old": "10.128.0.0/14"}

names = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
fleets = st.dictionaries(names, st.sampled_from(sorted(WISHES)), min_size=1, max_size=5)
histories = st.lists(st.tuples(fleets, st.sampled_from(["gateways", "vpn"])), min_size=2, max_size=5)


def args(fleet: dict[str, str], connectivity: str = "vpn", **more: Any) -> dict[str, Any]:
    of_kind = {kind: {name: WISHES[kind] for name in fleet if fleet[name] == kind} for kind in WISHES}
    addresses = {"book": "addresses.yaml", "reserved": RESERVED}
    base = {"istio": {}, "connectivity": connectivity, "api_access": {"office": "203.0.113.0/24"}}
    return {**{kind: table for kind, table in of_kind.items() if table}, **base, "addresses": addresses, **more}


def everything(found: MeshPlan) -> dict[str, str]:
    """All that the plan gave, by whom."""
    ranges = {
        f"{name} {key}": cidr
        for name, cluster in found.clusters.items()
        for key, cidr in cluster.ranges.as_args().items()
    }
    asns = {f"{name} asn": str(network.asn) for name, network in found.networks.items() if network.asn}
    inside = {f"{v.first}~{v.second} {t.index}": t.inside for v in found.vpns for t in v.tunnels}
    return {**ranges, **asns, **inside}


@settings(max_examples=150, deadline=None)
@given(histories)
def test_nobody_moves_whoever_comes_and_goes(history: list[tuple[dict[str, str], str]]):
    book, before, kinds = Book(), dict[str, str](), dict[str, str]()
    for fleet, connectivity in history:
        found = plan_anew("shop", args(fleet, connectivity), book)
        now = everything(found)
        # A cluster of another kind is another one; whoever talked with it has a new tunnel.
        changed = {name for name in fleet if kinds.get(name, fleet[name]) != fleet[name]}
        stayed = {key for key in set(before) & set(now) if not changed & set(key.split()[0].split("~"))}
        assert {key: now[key] for key in stayed} == {key: before[key] for key in stayed}
        book = remembered(found, book)
        assert plan("shop", args(fleet, connectivity), book).as_dict() == found.as_dict() | {
            "notes": plan("shop", args(fleet, connectivity), book).notes
        }
        before, kinds = now, fleet


@settings(max_examples=200, deadline=None)
@given(fleets, st.sampled_from(["gateways", "vpn"]))
def test_ranges_meet_nowhere_and_lie_in_the_supernet(fleet: dict[str, str], connectivity: str):
    found = plan_anew("shop", args(fleet, connectivity))
    given_ranges = [
        IPv4Network(cidr) for cluster in found.clusters.values() for cidr in cluster.ranges.as_args().values()
    ]
    for one, other in combinations([*given_ranges, *(IPv4Network(cidr) for cidr in RESERVED.values())], 2):
        assert not one.overlaps(other)
    assert all(cidr.subnet_of(IPv4Network("10.0.0.0/8")) for cidr in given_ranges)
    assert plan_anew("shop", args(fleet, connectivity)).as_dict() == found.as_dict()


@settings(max_examples=60, deadline=None)
@given(histories)
def test_a_book_is_read_as_it_was_written(history: list[tuple[dict[str, str], str]]):
    book = Book()
    for fleet, connectivity in history:
        book = remembered(plan_anew("shop", args(fleet, connectivity), book), book)
        document = as_document(book)
        assert not book_faults(document)
        assert of_document(document) == book
        assert not difference(book, of_document(document)).lines


def test_freed_room_is_given_last_and_the_longest_free_of_it_first():
    pool = ["a", "b", "c"]
    assert set(allocate(["one", "two"], pool, {}, ["b"]).values()) == {"a", "c"}
    assert list(allocate(["one"], pool, {"p": "a"}, ["c", "b"]).values()) == ["c"]


def test_a_block_that_was_freed_goes_to_nobody_while_there_is_another():
    first = plan_anew("shop", args({"gone": "gke"}))
    book = remembered(plan_anew("shop", args({"other": "eks"}), remembered(first, Book())), remembered(first, Book()))
    (freed,) = book.freed_ranges
    assert first.clusters["gone"].block == freed
    # The same name comes back: its own block is free, and still another is given.
    again = plan_anew("shop", args({"other": "eks", "gone": "gke"}), book)
    assert again.clusters["gone"].block != freed


def told(fleet: dict[str, str], book: Book, **more: Any) -> str:
    with pytest.raises(ConfigurationFaults) as raised:
        plan("shop", args(fleet, **more), book)
    return str(raised.value)


def test_who_is_not_in_the_book_is_told_the_command():
    book = remembered(plan_anew("shop", args({"a": "gke"})), Book())
    text = told({"a": "gke", "b": "eks"}, book)
    assert "eks.b is not in the address book addresses.yaml" in text
    assert "multimesh plan --update-book" in text
    assert "tunnel a~b/0" in text
    assert "addresses.asns.b" in text


def test_a_pin_that_contradicts_the_book_is_told_both_ways_out():
    book = remembered(plan_anew("shop", args({"a": "gke"})), Book())
    pinned: dict[str, Any] = {"gke": {"a": {**WISHES["gke"], "ranges": {"nodes": "10.77.0.0/18"}}}}
    text = told({"a": "gke"}, book, **pinned)
    assert 'gke.a.ranges.nodes: "10.77.0.0/18" is not what the address book addresses.yaml says' in text
    assert f"write  {book.clusters['a'].ranges['nodes']}" in text
    moved = remembered(plan_anew("shop", args({"a": "gke"}, **pinned), book), book)
    assert moved.clusters["a"].ranges["nodes"] == "10.77.0.0/18"
    assert moved.clusters["a"].ranges["pods"] == book.clusters["a"].ranges["pods"]


def test_another_kind_under_the_same_name_is_told():
    book = remembered(plan_anew("shop", args({"a": "gke"})), Book())
    assert "eks.a is a gke cluster in the address book" in told({"a": "eks"}, book)


def test_a_pin_in_somebody_elses_room_is_refused():
    book = remembered(plan_anew("shop", args({"a": "gke"})), Book())
    taken = book.clusters["a"].ranges["pods"]
    pinned = {"eks": {"b": {"region": "us-east-1", "ranges": {"nodes": taken}}}}
    assert "overlaps" in told({"a": "gke", "b": "eks"}, book, **pinned)


def test_a_block_outside_of_the_supernet_is_refused():
    book = remembered(plan_anew("shop", args({"a": "gke"})), Book())
    addresses = {"book": "addresses.yaml", "supernet": "172.16.0.0/12"}
    assert "gke.a's block in the address book, and outside of 172.16.0.0/12" in told(
        {"a": "gke"}, book, addresses=addresses
    )


def test_who_left_the_program_keeps_its_room_until_the_book_is_updated():
    book = remembered(plan_anew("shop", args({"a": "gke", "b": "eks"}, "gateways")), Book())
    found = plan("shop", args({"a": "gke"}, "gateways"), book)
    assert any("remembers b, which the program does not have" in note for note in found.notes)
    assert [line[0] for line in difference(book, remembered(found, book)).lines] == ["-"]


def test_without_a_book_the_plan_says_that_it_is_by_name():
    found = plan("shop", args({"a": "gke"}, addresses={}))
    assert any("remembered nowhere" in note and "addresses.book" in note for note in found.notes)


SOUND = as_document(
    Book(
        {"a": BookedCluster("gke", "10.2.0.0/15", {"nodes": "10.3.0.0/18"})}, {"a": 64512}, {"a~b/0": "169.254.40.0/30"}
    )
)


@pytest.mark.parametrize(
    ("change", "path", "problem"),
    [
        ({"version": 7}, "version", "is not a version that this library reads"),
        ({"nonsense": 1}, "nonsense", "is not a part of an address book"),
        ({"asns": [1]}, "asns", "is not a table"),
        ({"clusters": {"a": {"kind": "vms", "ranges": {}}}}, "clusters.a.kind", "is not a kind of cluster"),
        ({"clusters": {"a": {"kind": "gke", "ranges": {"x": "10.0.0.0/16"}}}}, "clusters.a.ranges.x", "is not a range"),
        ({"clusters": {"a": {"kind": "gke", "block": "10.2.0.1/15"}}}, "clusters.a.block", ""),
        (
            {
                "clusters": {
                    "a": {"kind": "gke", "block": "10.2.0.0/15"},
                    "b": {"kind": "gke", "ranges": {"nodes": "10.3.0.0/20"}},
                }
            },
            "clusters.b.ranges.nodes",
            "overlaps clusters.a.block (10.2.0.0/15)",
        ),
        ({"asns": {"a": 64512, "b": 64512}}, "asns.b", "is also that of a"),
        ({"asns": {"a": "many"}}, "asns.a", "is not a number"),
        ({"tunnels": {"a~b/0": "10.0.0.0/30"}}, "tunnels.a~b/0", "is not an inside range"),
        (
            {"tunnels": {"a~b/0": "169.254.40.0/30", "a~c/0": "169.254.40.0/30"}},
            "tunnels.a~c/0",
            "is also that of a~b/0",
        ),
    ],
)
def test_a_book_that_somebody_edited(change: dict[str, Any], path: str, problem: str):
    assert not book_faults(SOUND)
    (fault,) = book_faults({**SOUND, **change})
    assert fault.path == path
    assert problem in fault.problem
    assert fault.remedy
