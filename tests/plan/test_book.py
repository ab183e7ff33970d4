"""What a program may want beside its address book, and what stops it before anything is registered."""

from typing import Any

import pytest
from booked_fleets import WISHES, Fleet

from pulumi_multimesh.plan.book import Book, BookedCluster, difference, remembered
from pulumi_multimesh.plan.build import plan, plan_anew
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.pool import allocate


def fleet(kinds: dict[str, str], connectivity: str = "vpn", **more: Any) -> Fleet:
    return Fleet(kinds, connectivity=connectivity, **more)


def after(wanted: Fleet, book: Book | None = None) -> Book:
    return remembered(plan_anew("shop", wanted.args(), book), book or Book())


def planned(wanted: Fleet, book: Book | None = None) -> MeshPlan:
    return plan("shop", wanted.args(), book)


def told(wanted: Fleet, book: Book, *, anew: bool = False) -> str:
    with pytest.raises(ConfigurationFaults) as raised:
        (plan_anew if anew else plan)("shop", wanted.args(), book)
    return str(raised.value)


ALONE = after(fleet({"a": "gke"}))
PODS, NODES = ALONE.clusters["a"].ranges["pods"], ALONE.clusters["a"].ranges["nodes"]


class TestNotInTheBook:
    def test_a_cluster_its_number_and_its_tunnels_are_told_with_the_command(self):
        text = told(fleet({"a": "gke", "b": "eks"}), ALONE)
        assert "eks.b is not in the address book addresses.yaml" in text
        assert "addresses.asns.b is not in the address book addresses.yaml" in text
        assert text.count("tunnels.a~b has tunnels whose inside ranges are not in the address book addresses.yaml") == 1
        assert "remedy: multimesh plan --update-book ; then commit addresses.yaml with the change" in text

    def test_the_command_is_the_callers(self):
        with pytest.raises(ConfigurationFaults) as raised:
            plan("shop", fleet({"a": "gke"}).args(), Book(), "multimesh plan --stack dev --update-book")
        assert "multimesh plan --stack dev --update-book" in str(raised.value)

    def test_a_range_that_a_cluster_comes_to_need(self):
        book = after(fleet({"a": "aks", "b": "eks"}, "gateways"))
        assert "vpn_gateway" not in book.clusters["a"].ranges
        text = told(fleet({"a": "aks", "b": "eks"}), book)
        assert "aks.a.ranges.vpn_gateway" in text
        assert after(fleet({"a": "aks", "b": "eks"}), book).clusters["a"].block == book.clusters["a"].block

    def test_what_is_pinned_need_not_be_in_the_book_and_is_recorded(self):
        pins = {"b": {"nodes": "10.40.0.0/16", "services": "10.41.0.0/20"}}
        wanted = fleet({"a": "gke", "b": "eks"}, "gateways", pins=pins)
        assert planned(wanted, ALONE).clusters["b"].ranges.nodes == "10.40.0.0/16"
        assert after(wanted, ALONE).clusters["b"] == BookedCluster("eks", None, pins["b"])

    def test_a_range_that_a_cluster_comes_to_need_may_be_pinned_too(self):
        book = after(fleet({"a": "aks", "b": "eks"}, asns={"a": "64530", "b": "64531"}))
        before = book.clusters["a"]
        without = BookedCluster("aks", before.block, {key: before.ranges[key] for key in ("nodes", "pods", "services")})
        pins = {"a": {"vpn_gateway": "10.77.0.0/27"}}
        found = planned(
            fleet({"a": "aks", "b": "eks"}, pins=pins), Book({**book.clusters, "a": without}, book.asns, book.tunnels)
        )
        assert found.clusters["a"].ranges.vpn_gateway == "10.77.0.0/27"

    def test_what_was_pinned_stays_without_the_pin_and_needs_no_block(self):
        pins = {"nodes": "10.40.0.0/16", "services": "10.41.0.0/20"}
        kinds = {f"c{number}": "gke" for number in range(16)}
        full = after(fleet({**kinds, "b": "eks"}, "gateways", pins={"b": pins}, supernet="10.0.0.0/16"))
        found = planned(fleet({**kinds, "b": "eks"}, "gateways", supernet="10.0.0.0/16"), full)
        assert found.clusters["b"].block is None
        assert found.clusters["b"].ranges.as_args() == pins

    def test_what_is_recorded_as_pinned_is_nobody_elses(self):
        pinned = BookedCluster("eks", None, {"nodes": ALONE.clusters["a"].block or "", "services": "10.41.0.0/20"})
        book = Book({"gone": pinned})
        found = after(fleet({"a": "gke"}), book)
        assert found.clusters["a"].block != ALONE.clusters["a"].block
        assert found.freed_ranges == (ALONE.clusters["a"].block, "10.41.0.0/20")

    def test_a_pinned_number_need_not_be_in_the_book(self):
        book = after(fleet({"a": "gke", "b": "eks"}))
        without = Book(book.clusters, {"b": book.asns["b"]}, book.tunnels)
        assert planned(fleet({"a": "gke", "b": "eks"}, asns={"a": "64530"}), without).networks["a"].asn == 64530


class TestAgainstTheBook:
    def test_a_pin_is_told_both_ways_out(self):
        wanted = fleet({"a": "gke"}, pins={"a": {"nodes": "10.77.0.0/18"}})
        text = told(wanted, ALONE)
        assert 'gke.a.ranges.nodes: "10.77.0.0/18" is not what the address book addresses.yaml says' in text
        assert f"write  {NODES} , or leave the pin out; or to move it on purpose:  multimesh plan --update-book" in text
        moved = after(wanted, ALONE)
        assert moved.clusters["a"].ranges["nodes"] == "10.77.0.0/18"
        assert moved.clusters["a"].ranges["pods"] == PODS
        assert after(fleet({"a": "gke"}), moved) == moved

    def test_a_pin_as_it_is_changes_nothing(self):
        wanted = fleet({"a": "gke"}, pins={"a": {"nodes": NODES}})
        assert planned(wanted, ALONE).clusters["a"].block == ALONE.clusters["a"].block
        assert after(wanted, ALONE) == ALONE

    def test_a_cluster_that_is_pinned_elsewhere_gives_its_block_back(self):
        pins = {"nodes": "10.77.0.0/18", "pods": "10.78.0.0/16", "services": "10.77.64.0/20"}
        moved = after(fleet({"a": "gke"}, pins={"a": {**pins, "control_plane": "10.77.80.0/28"}}), ALONE)
        assert moved.clusters["a"].block is None
        assert moved.freed_ranges == (ALONE.clusters["a"].block,)

    def test_a_number(self):
        book = after(fleet({"a": "gke", "b": "eks"}))
        text = told(fleet({"a": "gke", "b": "eks"}, asns={"a": "64530"}), book)
        assert 'addresses.asns.a: "64530" is not what the address book addresses.yaml says' in text
        assert f"write  {book.asns['a']} , or leave the pin out" in text

    def test_another_kind_under_the_same_name(self):
        assert "eks.a is a gke cluster in the address book" in told(fleet({"a": "eks"}), ALONE)

    def test_another_kind_has_tunnels_that_its_cloud_takes(self):
        book = after(fleet({"a": "gke", "b": "eks"}))
        roads = plan_anew("shop", fleet({"a": "aks", "b": "eks"}).args(), book).vpns
        assert all(tunnel.inside.startswith(("169.254.21.", "169.254.22.")) for tunnel in roads[0].tunnels)


class TestMeetings:
    """What the book keeps is nobody else's, also when the book is updated."""

    def test_a_pin_in_somebody_elses_block(self):
        wanted = fleet({"a": "gke", "b": "eks"}, pins={"b": {"nodes": PODS}})
        for anew in (False, True):
            text = told(wanted, ALONE, anew=anew)
            assert (
                f'eks.b.ranges.nodes: "{PODS}" overlaps gke.a ({ALONE.clusters["a"].block}) of the address book' in text
            )
            assert "pin another range; or to move a, take clusters.a out of the address book" in text

    def test_a_pin_on_a_range_of_the_same_cluster(self):
        text = told(fleet({"a": "gke"}, pins={"a": {"nodes": PODS}}), ALONE, anew=True)
        assert f'gke.a.ranges.nodes: "{PODS}" overlaps gke.a.ranges.pods ({PODS})' in text
        assert "pin another range, or pin gke.a.ranges.pods elsewhere too" in text

    def test_a_new_range_of_a_block_on_a_pin_of_the_same_cluster(self):
        book = after(fleet({"a": "aks"}, "gateways"))
        with_gateway = after(fleet({"a": "aks", "b": "eks"})).clusters["a"].ranges["vpn_gateway"]
        wanted = fleet({"a": "aks", "b": "eks"}, pins={"a": {"services": with_gateway}})
        text = told(wanted, book, anew=True)
        assert f'aks.a.ranges.services: "{with_gateway}" overlaps aks.a.ranges.vpn_gateway' in text

    def test_a_reserved_range(self):
        text = told(fleet({"a": "gke"}, reserved={"office": PODS}), ALONE, anew=True)
        assert f'addresses.reserved.office: "{PODS}" overlaps gke.a.ranges.pods ({PODS})' in text
        assert "reserve less; or to move a, take clusters.a out of the address book" in text

    def test_the_spare_room_of_a_block_may_be_reserved(self):
        first, second, *_ = (ALONE.clusters["a"].block or "").split(".")
        spare = f"{first}.{int(second) + 1}.192.0/18"
        assert planned(fleet({"a": "gke"}, reserved={"office": spare}), ALONE).clusters["a"].ranges.pods == PODS

    def test_a_pin_in_the_room_of_a_cluster_that_is_gone(self):
        book = after(fleet({"a": "gke", "gone": "eks"}, "gateways"))
        nodes = book.clusters["gone"].ranges["nodes"]
        wanted = fleet({"b": "eks"}, pins={"b": {"nodes": nodes, "services": "10.41.0.0/20"}})
        text = told(wanted, book)
        assert f'eks.b.ranges.nodes: "{nodes}" overlaps gone ({book.clusters["gone"].block})' in text
        assert "or as gone is gone:  multimesh plan --update-book" in text
        assert after(wanted, book).clusters["b"].ranges["nodes"] == nodes

    def test_a_pinned_number_that_another_gateway_has(self):
        book = after(fleet({"a": "gke", "b": "eks"}))
        pinned = {"a": str(book.asns["b"])}
        text = told(fleet({"a": "gke", "b": "eks"}, asns=pinned), book, anew=True)
        assert f'addresses.asns.a: "{book.asns["b"]}" is that of b in the address book' in text

    def test_a_pinned_number_of_a_gateway_that_is_gone(self):
        book = after(fleet({"a": "gke", "gone": "eks"}))
        wanted = fleet({"b": "gke", "c": "eks"}, asns={"b": str(book.asns["gone"])})
        assert "is that of gone in the address book addresses.yaml" in told(wanted, book)
        assert after(wanted, book).asns["b"] == book.asns["gone"]

    def test_a_block_outside_of_the_supernet(self):
        text = told(fleet({"a": "gke"}, supernet="172.16.0.0/12"), ALONE)
        block = ALONE.clusters["a"].block
        assert f'addresses.supernet: "172.16.0.0/12" does not hold {block}, which gke.a has in the address book' in text


class TestFreed:
    def test_it_is_given_last_and_the_longest_free_of_it_first(self):
        pool = ["a", "b", "c"]
        assert set(allocate(["one", "two"], pool, {}, ["b"]).values()) == {"a", "c"}
        assert list(allocate(["one"], pool, {"p": "a"}, ["c", "b"]).values()) == ["c"]

    def test_a_block_goes_to_nobody_while_there_is_another(self):
        book = after(fleet({"other": "eks"}), after(fleet({"gone": "gke"})))
        (freed,) = book.freed_ranges
        # The same name comes back: its own block is free, and still another is given.
        again = after(fleet({"other": "eks", "gone": "gke"}), book)
        assert again.clusters["gone"].block != freed
        assert again.freed_ranges == (freed,)

    def test_what_lies_in_a_range_that_is_somebodys_is_not_free(self):
        before = Book(freed_ranges=("10.40.16.0/20", "10.42.0.0/16"))
        pins = {"a": {"nodes": "10.40.0.0/16", "services": "10.41.0.0/20"}}
        assert after(fleet({"a": "eks"}, pins=pins), before).freed_ranges == ("10.42.0.0/16",)

    def test_when_nothing_else_is_left_the_longest_free_block_comes_back(self):
        book, gone = Book(), list[str]()
        for number in range(20):
            wanted = fleet({"stays": "gke", f"c{number}": "eks"}, "gateways", supernet="10.0.0.0/16")
            before, book = book, after(wanted, book)
            gone += [cluster.block or "" for name, cluster in before.clusters.items() if name != "stays"]
            assert book.clusters["stays"] == before.clusters.get("stays", book.clusters["stays"])
        # Sixteen blocks: one stays, fifteen are used once, then they come round again in their order.
        given = [*gone, book.clusters["c19"].block]
        assert len(set(given[:15])) == 15
        assert given[15:] == given[:5]

    def test_no_room_names_every_owner_and_what_is_free(self):
        kinds = {f"c{number}": "eks" for number in range(16)}
        book = after(fleet(kinds, "gateways", supernet="10.0.0.0/16"))
        text = told(fleet({**kinds, "more": "gke"}, "gateways", supernet="10.0.0.0/16"), book, anew=True)
        assert "gke.more.ranges finds no free block of /20 in 10.0.0.0/16" in text
        assert "eks.c0 10.0." in text
        assert "what is free: nothing" in text

    def test_who_left_the_program_keeps_its_room_until_the_book_is_updated(self):
        book = after(fleet({"a": "gke", "b": "eks"}))
        found = planned(fleet({"a": "gke"}), book)
        (note,) = [note for note in found.notes if "remembers" in note]
        assert "remembers b, the VPN gateway of a, the VPN gateway of b, tunnels between a and b, which" in note
        assert "multimesh plan --update-book" in note
        assert [line[0] for line in difference(book, remembered(found, book)).lines] == ["-"] * 7


SHARED = {"subnetwork": "s", "egress_ips": ["203.0.113.7"], "network": "projects/acme/global/networks/main"}


class TestNetworksThatAreShared:
    def args(self, *names: str) -> dict[str, Any]:
        def ranges(number: int) -> dict[str, str]:
            return {
                "nodes": f"10.{number}.0.0/20",
                "pods": f"10.{number + 20}.0.0/16",
                "services": f"10.{number}.64.0/20",
            }

        gke = {name: {**WISHES["gke"], "network": SHARED, "ranges": ranges(ord(name))} for name in names}
        around = {"istio": {}, "connectivity": "vpn", "api_access": {"office": "203.0.113.0/24"}}
        return {"gke": gke, "eks": {"z": WISHES["eks"]}, **around, "addresses": {"book": "addresses.yaml"}}

    def test_a_network_keeps_its_name_number_and_tunnels_when_one_is_added_that_sorts_before(self):
        book = remembered(plan_anew("shop", self.args("b"), Book()), Book())
        found = plan_anew("shop", self.args("a", "b"), book)
        assert found.networks["b"].clusters == ("a", "b")
        now = remembered(found, book)
        assert (now.asns, now.tunnels) == (book.asns, book.tunnels)

    def test_one_number_is_enough_for_one_network(self):
        args = self.args("a", "b")
        args["addresses"] = {"asns": {"a": "64530", "b": "64531"}}
        with pytest.raises(ConfigurationFaults) as raised:
            plan("shop", args)
        (fault,) = raised.value.faults
        assert fault.path == "addresses.asns.b"
        assert "is for the gateway that b shares with a" in fault.problem


class TestDifference:
    def test_each_kind_of_line(self):
        before = after(fleet({"a": "gke", "b": "eks"}))
        now = after(fleet({"a": "gke", "c": "aks"}, pins={"a": {"nodes": "10.77.0.0/18"}}), before)
        found = difference(before, now)
        assert f"~ cluster a: nodes {before.clusters['a'].ranges['nodes']} becomes 10.77.0.0/18" in found.lines
        assert any(line.startswith("+ cluster c: aks, nodes 10.") for line in found.lines)
        assert any(line.startswith("- cluster b: eks, nodes 10.") and line.endswith("is free") for line in found.lines)
        assert f"- tunnel a~b/0: {before.tunnels['a~b/0']} is free" in found.lines
        assert found.kept == 1

    def test_what_has_been_somebodys_is_told(self):
        before = Book(freed_asns=(64530,), freed_ranges=("10.40.0.0/16",))
        pins = {"a": {"nodes": "10.40.0.0/16", "services": "10.41.0.0/20"}}
        lines = difference(before, after(fleet({"a": "eks", "b": "gke"}, pins=pins, asns={"b": "64530"}), before)).lines
        assert "+ cluster a: eks, nodes 10.40.0.0/16, services 10.41.0.0/20 (which has been somebody's)" in lines
        assert "+ ASN of b: 64530 (which has been somebody's)" in lines


def test_without_a_book_the_plan_says_that_it_is_by_name():
    args = fleet({"a": "gke"}).args()
    found = plan("shop", {**args, "addresses": {}})
    assert any("remembered nowhere" in note and "addresses.book" in note for note in found.notes)
