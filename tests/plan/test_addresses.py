"""The address plan: no two ranges meet, none lies outside, and nobody moves without need."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from itertools import combinations

from hypothesis import assume, given
from hypothesis import strategies as st

from pulumi_multimesh.plan.addresses import Placement, RangeWish, block_prefix, free_room, place
from pulumi_multimesh.plan.mesh_plan import Ranges
from pulumi_multimesh.plan.needs import NEEDED

TEN = IPv4Network("10.0.0.0/8")
SUPERNETS = st.sampled_from(
    [IPv4Network(cidr) for cidr in ("10.0.0.0/8", "10.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "10.32.0.0/11")]
)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
CLUSTERS = st.dictionaries(NAMES, st.sampled_from(["gke", "eks", "aks", "oke"]), min_size=1, max_size=10)


def wish(name: str, kind: str, pinned: Mapping[str, str] | None = None) -> RangeWish:
    return RangeWish(name, kind, pinned or {}, NEEDED[kind])


def wishes(clusters: dict[str, str]) -> list[RangeWish]:
    return [wish(name, kind) for name, kind in clusters.items()]


def networks(ranges: Ranges) -> list[IPv4Network]:
    return [IPv4Network(cidr) for cidr in ranges.as_args().values()]


def all_networks(placement: Placement) -> list[IPv4Network]:
    return [network for ranges in placement.ranges.values() for network in networks(ranges)]


@given(clusters=CLUSTERS, supernet=SUPERNETS)
def test_no_two_ranges_overlap_and_all_lie_in_the_supernet(clusters: dict[str, str], supernet: IPv4Network):
    placement = place(wishes(clusters), supernet, {})
    assert not placement.faults
    assert set(placement.ranges) == set(clusters)
    found = all_networks(placement)
    assert all(network.subnet_of(supernet) for network in found)
    assert not any(one.overlaps(other) for one, other in combinations(found, 2))


@given(clusters=CLUSTERS, supernet=SUPERNETS)
def test_every_kind_gets_what_its_cloud_can_use(clusters: dict[str, str], supernet: IPv4Network):
    for name, ranges in place(wishes(clusters), supernet, {}).ranges.items():
        assert set(ranges.as_args()) == set(NEEDED[clusters[name]])
        if clusters[name] == "eks":
            assert 16 <= IPv4Network(ranges.nodes or "").prefixlen <= 22
            continue
        if clusters[name] != "aks":
            assert IPv4Network(ranges.control_plane or "").prefixlen == 28
        if clusters[name] == "oke":
            # An Oracle VCN takes ranges of /16 and smaller.
            assert all(IPv4Network(cidr).prefixlen >= 16 for cidr in ranges.as_args().values())
        else:
            assert IPv4Network(ranges.pods or "").prefixlen <= 21


@given(clusters=CLUSTERS, supernet=SUPERNETS, data=st.data())
def test_the_order_of_the_clusters_does_not_matter(
    clusters: dict[str, str], supernet: IPv4Network, data: st.DataObject
):
    shuffled = data.draw(st.permutations(wishes(clusters)))
    assert place(shuffled, supernet, {}) == place(wishes(clusters), supernet, {})


@given(clusters=CLUSTERS, data=st.data())
def test_a_cluster_that_goes_moves_nobody_who_lies_where_the_name_says(clusters: dict[str, str], data: st.DataObject):
    assume(len(clusters) > 1)
    before = place(wishes(clusters), TEN, {})
    assume(not before.displaced)
    gone = data.draw(st.sampled_from(sorted(clusters)))
    after = place(wishes({name: kind for name, kind in clusters.items() if name != gone}), TEN, {})
    assert after.ranges == {name: ranges for name, ranges in before.ranges.items() if name != gone}


@given(clusters=CLUSTERS, third=st.integers(0, 255), length=st.integers(9, 24))
def test_nothing_is_placed_in_a_reserved_range(clusters: dict[str, str], third: int, length: int):
    reserved = IPv4Network((int(IPv4Network(f"10.{third}.0.0/16").network_address), 16)).supernet(new_prefix=9)
    reserved = next(reserved.subnets(new_prefix=length)) if length > 9 else reserved
    placement = place(wishes(clusters), TEN, {"office": str(reserved)})
    assert not placement.faults
    assert not any(network.overlaps(reserved) for network in all_networks(placement))


@given(clusters=CLUSTERS, second=st.integers(0, 255))
def test_nothing_is_placed_in_a_pinned_range(clusters: dict[str, str], second: int):
    pinned = wish("pinned-one", "eks", {"nodes": f"10.{second}.0.0/16"})
    placement = place([*wishes(clusters), pinned], TEN, {})
    found = all_networks(placement)
    assert not any(one.overlaps(other) for one, other in combinations(found, 2))
    assert placement.ranges["pinned-one"].nodes == f"10.{second}.0.0/16"
    assert placement.ranges["pinned-one"].pinned


def test_the_layout_of_a_block():
    ranges = place([wish("gcp-eu", "gke")], TEN, {}).ranges["gcp-eu"]
    assert ranges == Ranges(
        "10.215.0.0/18", "10.214.0.0/16", "10.215.64.0/18", "10.215.128.0/28", None, None, pinned=False
    )
    ranges = place([wish("aws-us", "eks")], TEN, {}).ranges["aws-us"]
    assert ranges == Ranges("10.188.0.0/16", None, "10.189.64.0/18", None, None, None, pinned=False)
    ranges = place([wish("oci-eu", "oke")], TEN, {}).ranges["oci-eu"]
    assert ranges.control_plane and ranges.load_balancers
    third = int(ranges.control_plane.split(".")[2])
    assert ranges.load_balancers.split(".")[2:] == [str(third + 32), "0/24"]


def test_blocks_grow_with_the_supernet_but_not_beyond_an_aws_vpc():
    prefixes = {
        cidr: block_prefix(IPv4Network(cidr)) for cidr in ("10.0.0.0/8", "10.0.0.0/11", "10.0.0.0/14", "10.0.0.0/16")
    }
    assert prefixes == {"10.0.0.0/8": 15, "10.0.0.0/11": 15, "10.0.0.0/14": 18, "10.0.0.0/16": 20}


def test_an_existing_cluster_has_only_what_it_declares():
    old = wish("old", "existing", {"pods": "10.1.0.0/16"})
    placement = place([old, wish("new", "existing")], TEN, {})
    assert placement.ranges["old"] == Ranges(None, "10.1.0.0/16", None, None, None, None, pinned=True)
    assert placement.ranges["new"] == Ranges(None, None, None, None, None, None, pinned=False)
    assert placement.by_name == ()


def test_a_wholly_pinned_cluster_takes_no_block():
    pins = {"nodes": "172.20.0.0/16", "services": "172.21.0.0/20"}
    placement = place([wish("a", "eks", pins)], IPv4Network("10.0.0.0/16"), {"all": "10.0.0.0/16"})
    assert not placement.faults and placement.by_name == ()


def test_exhaustion_names_owners_and_free_room():
    names = [f"c{number}" for number in range(16)]
    supernet = IPv4Network("192.168.0.0/16")
    placement = place([wish(name, "gke") for name in names], supernet, {"office": "192.168.32.0/24"})
    assert len(placement.faults) == 1
    (fault,) = placement.faults
    assert fault.path.startswith("gke.c") and fault.path.endswith(".ranges")
    assert "addresses.reserved.office 192.168.32.0/24" in fault.problem
    assert "gke.c0 192.168." in fault.problem
    assert "192.168.33.0/24" in fault.allowed
    assert "no free block of /20 in 192.168.0.0/16" in fault.problem


def test_the_displaced_are_named():
    supernet = IPv4Network("192.168.0.0/16")
    placement = place([wish(f"c{number}", "gke") for number in range(16)], supernet, {})
    assert not placement.faults
    assert placement.displaced
    assert len({ranges.pods for ranges in placement.ranges.values()}) == 16


def test_free_room_is_what_nobody_has():
    taken = [IPv4Network("10.0.0.0/9"), IPv4Network("10.128.0.0/10"), IPv4Network("192.168.0.0/16")]
    assert free_room(TEN, taken) == [IPv4Network("10.192.0.0/10")]
    assert free_room(TEN, [IPv4Network("0.0.0.0/0")]) == []
