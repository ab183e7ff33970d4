"""Which ranges of addresses admit everybody."""

from ipaddress import IPv4Network
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.checks.item import UNREAD, admit_everybody


@pytest.mark.parametrize("ranges", [["0.0.0.0/0"], ["::/0"], ["128.0.0.0/1", "0.0.0.0/1"], ["8.0.0.0/6"], ["2000::/3"]])
def test_more_than_anybody_has_is_everybody(ranges: list[str]) -> None:
    assert admit_everybody(ranges)


@pytest.mark.parametrize("ranges", [[], ["10.0.0.0/8"], ["203.0.113.7"], ["fd00::/12"], ["office", None, UNREAD, 4]])
def test_what_somebody_has_is_not(ranges: list[object]) -> None:
    assert not admit_everybody(ranges)


@given(st.integers(1, 6), st.randoms(use_true_random=False))
def test_the_world_in_any_pieces_is_everybody(bits: int, order: Random) -> None:
    pieces = [str(each) for each in IPv4Network("0.0.0.0/0").subnets(prefixlen_diff=bits)]
    order.shuffle(pieces)
    assert admit_everybody(pieces)
    assert admit_everybody(pieces[1:]), "all but one is nearly all"


@given(st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_single_addresses_are_never_everybody(addresses: list[int]) -> None:
    assert not admit_everybody(f"{IPv4Network((each, 32))}" for each in addresses)
