"""The longest chain of waiting is found, and a circle is told."""

import pytest
from chain import longest
from hypothesis import given
from hypothesis import strategies as st


def test_the_longest_of_two_ways():
    minutes = {"network": 1, "gateway": 45, "router": 2, "tunnel": 3}
    before = {"gateway": ["network"], "router": ["network"], "tunnel": ["gateway", "router"]}
    found = longest(minutes, before)
    assert list(found.names) == ["network", "gateway", "tunnel"]
    assert found.minutes == 49


def test_what_takes_no_time_may_stand_between():
    assert longest({"a": 1, "c": 2}, {"b": ["a"], "c": ["b"]}).minutes == 3


def test_nothing_takes_no_time():
    assert longest({}, {}).minutes == 0


def test_a_circle_is_told():
    with pytest.raises(ValueError, match="waits for itself"):
        longest({}, {"a": ["b"], "b": ["a"]})


@given(st.dictionaries(st.integers(0, 12).map(str), st.floats(0, 50), min_size=1), st.data())
def test_no_chain_is_longer_and_the_one_that_is_told_is_one(minutes: dict[str, float], data: st.DataObject):
    names = sorted(minutes)
    before = {
        name: data.draw(st.lists(st.sampled_from(names[:at]), unique=True)) for at, name in enumerate(names) if at
    }
    found = longest(minutes, before)
    assert found.minutes == pytest.approx(sum(minutes[name] for name in found.names))
    for earlier, later in zip(found.names, found.names[1:], strict=False):
        assert earlier in before[later]
    assert all(minutes[name] <= found.minutes for name in names)
