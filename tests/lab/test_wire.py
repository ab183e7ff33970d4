"""The provider protocol's values: there and back, with secrets and unknowns where they were."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from multimesh_lab.providers.wire import (
    SECRET,
    SIGNATURE,
    UNKNOWN,
    Secret,
    decode,
    encode,
    has_secret,
    has_unknown,
    plain,
)

KEYS = st.text(min_size=1, max_size=8).filter(lambda key: key != SIGNATURE)
LEAVES = st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=12) | st.just(UNKNOWN)
PLAIN = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
VALUES = PLAIN | PLAIN.map(Secret) | st.lists(PLAIN.map(Secret), max_size=3)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_there_and_back(properties: dict[str, Any]) -> None:
    assert decode(encode(properties)) == properties


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_plain_has_no_secret_and_the_same_unknowns(properties: dict[str, Any]) -> None:
    assert not has_secret(plain(properties))
    assert has_unknown(plain(properties)) == has_unknown(properties)


def test_a_secret_is_never_shown() -> None:
    assert "value" not in repr(Secret("value"))
    assert encode({"a": Secret("x")}).fields["a"].struct_value.fields[SIGNATURE].string_value == SECRET


def test_whole_numbers_come_back_whole() -> None:
    """An API server refuses 3.0 where it wants 3."""
    assert repr(decode(encode({"a": 3}))["a"]) == "3"
