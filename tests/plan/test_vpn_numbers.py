"""Each tunnel has inside addresses, and each gateway a number, that its clouds take."""

from dataclasses import replace
from ipaddress import IPv4Network
from itertools import combinations

import cloud_reserves
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan import vpn
from pulumi_multimesh.plan.network_plan import NetworkPlan
from pulumi_multimesh.plan.rules.numbers import number_faults

CLOUDS = ("aws", "azure", "gcp", "oci")


def network(name: str, cloud: str, region: str = "somewhere") -> NetworkPlan:
    return NetworkPlan(name, cloud, region, (name,), ("10.0.0.0/16",), (), name, 64512)


fleets = st.dictionaries(st.from_regex(r"[a-z][a-z0-9-]{0,16}", fullmatch=True), st.sampled_from(CLOUDS), max_size=7)


def pairs(fleet: dict[str, str]) -> list[tuple[NetworkPlan, NetworkPlan]]:
    found = [network(name, cloud) for name, cloud in sorted(fleet.items())]
    return [(one, other) for one, other in combinations(found, 2) if one.cloud != other.cloud]


@given(fleets)
def test_inside_ranges_are_each_tunnels_own_and_reserved_nowhere(fleet: dict[str, str]):
    found, lacking = vpn.vpns(pairs(fleet), {})
    assert not lacking
    inside = [IPv4Network(tunnel.inside) for road in found for tunnel in road.tunnels]
    assert len(inside) == len(set(inside))
    for road in found:
        clouds = {fleet[road.first], fleet[road.second]}
        for tunnel in road.tunnels:
            cidr = IPv4Network(tunnel.inside)
            assert cidr.prefixlen == 30
            assert {tunnel.first_ip, tunnel.second_ip} == {str(host) for host in cidr.hosts()}
            for cloud in clouds:
                assert not any(cidr.overlaps(IPv4Network(kept)) for kept in cloud_reserves.INSIDE[cloud])
            if "azure" in clouds:
                assert any(cidr.subnet_of(IPv4Network(its)) for its in cloud_reserves.AZURES_INSIDE)


@given(fleets)
def test_aws_has_the_first_address_as_it_takes_no_other(fleet: dict[str, str]):
    for road in vpn.vpns(pairs(fleet), {})[0]:
        for tunnel in road.tunnels:
            first = str(next(IPv4Network(tunnel.inside).hosts()))
            if "aws" in (fleet[road.first], fleet[road.second]):
                assert (tunnel.first_ip if fleet[road.first] == "aws" else tunnel.second_ip) == first


@given(fleets)
def test_numbers_are_private_each_gateways_own_and_reserved_nowhere(fleet: dict[str, str]):
    found = vpn.asns(((name, cloud, "somewhere") for name, cloud in fleet.items()), {})
    own = [found[name] for name, cloud in fleet.items() if cloud != "oci"]
    assert len(own) == len(set(own))
    for number in own:
        assert number is not None
        assert 64512 <= number <= 65534
        assert number not in cloud_reserves.ASNS
    assert {found[name] for name, cloud in fleet.items() if cloud == "oci"} <= {31898}


def test_oracle_has_another_number_in_jovanovac():
    assert vpn.asns([("a", "oci", "eu-jovanovac-1")], {}) == {"a": 14544}


def test_a_number_that_is_kept_stays_and_nobody_else_gets_it():
    free = vpn.asns([("a", "gcp", "r"), ("b", "gcp", "r")], {})
    taken = free["b"]
    assert taken is not None
    kept = vpn.asns([("a", "gcp", "r"), ("b", "gcp", "r")], {"a": taken})
    assert kept["a"] == taken
    assert kept["b"] != taken


def test_a_number_of_a_gateway_that_is_gone_is_given_last():
    wanted = vpn.asns([("b", "gcp", "r")], {})["b"]
    assert wanted is not None
    assert vpn.asns([("b", "gcp", "r")], {"gone": wanted})["b"] != wanted
    assert vpn.asns([("b", "gcp", "r")], {}, [wanted])["b"] != wanted
    others = [number for number in vpn.ASN_POOLS["gcp"] if number != wanted]
    live = {f"c{number}": number for number in others}
    gateways = [("b", "gcp", "r"), *((name, "gcp", "r") for name in live)]
    assert vpn.asns(gateways, {**live, "gone": wanted})["b"] == wanted


@pytest.mark.parametrize(
    ("first", "second", "tunnels"),
    [
        ("gcp", "azure", ((0, 0), (1, 0))),
        ("gcp", "aws", ((0, 0), (0, 1), (1, 0), (1, 1))),
        ("aws", "azure", ((0, 0), (0, 1), (1, 0), (1, 1))),
        ("oci", "gcp", ((0, 0), (0, 1), (1, 0), (1, 1))),
        ("azure", "oci", ((0, 0), (0, 1), (1, 0), (1, 1))),
        ("aws", "oci", ((0, 0), (1, 0))),
    ],
)
def test_each_pair_has_the_tunnels_that_its_clouds_ask_for(first: str, second: str, tunnels: object):
    assert vpn.layout(first, second) == tunnels


def test_what_finds_no_inside_range_is_told():
    many = {f"azure-{number}": "azure" for number in range(8)} | {f"gcp-{number}": "gcp" for number in range(9)}
    found, lacking = vpn.vpns(pairs(many), {})
    assert len(lacking) == 8 * 9 * 2 - 128
    assert sum(len(road.tunnels) for road in found) == 128


def test_gateways_and_tunnels_that_find_nothing_are_named_with_what_there_is():
    without = replace(network("late", "gcp"), asn=None)
    faults = list(number_faults({"late": without, "a": network("a", "gcp")}, ["a~late/0"], {}))
    assert [fault.path for fault in faults] == ["links", "links"]
    assert "more VPN gateways of gcp than there are numbers; none is left for late" in faults[0].problem
    assert faults[0].allowed == "88 gateways, 64512 to 64599"
    assert "none is left for a~late/0" in faults[1].problem
    assert faults[1].allowed == "128 tunnels with an Azure end and 512 others"
