"""Names are made in one place, fit their limits and do not meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan import names


def test_logical_names():
    assert names.cluster("shop", "gcp-eu") == "shop-gcp-eu"
    assert names.child("shop-gcp-eu", "istio") == "shop-gcp-eu-istio"
    assert names.network("gcp-eu") == "network-gcp-eu"
    assert names.remote_secret("gcp-eu") == "istio-remote-secret-gcp-eu"


def test_the_longest_name_and_the_engines_suffix_fit_a_gke_cluster():
    longest = names.cluster("m" * names.LONGEST_MESH, "c" * names.LONGEST_CLUSTER)
    assert len(longest + "-1a2b3c4") <= 40


@given(text=st.from_regex(r"[a-z]([a-z0-9-]{0,60}[a-z0-9])?", fullmatch=True), limit=st.integers(8, 40))
def test_bounded_keeps_the_limit(text: str, limit: int):
    result = names.bounded(text, limit)
    assert len(result) <= limit
    assert result[0].isalpha() and not result.endswith("-")
    assert (result == text) == (len(text) <= limit)


def test_bounded_tells_two_long_names_apart():
    first, second = "m" * 40 + "-a", "m" * 40 + "-b"
    assert names.bounded(first, 30) != names.bounded(second, 30)


def test_bounded_refuses_a_limit_without_room_for_the_hash():
    with pytest.raises(ValueError, match="limit is 7"):
        names.bounded("anything", 7)
