"""`PATH=VALUE` as people type it."""

from typing import Any

import pytest

from multimesh_lab.property_paths import PathError, parse

BEFORE: dict[str, Any] = {
    "tags": {"owner": "me", "team.name": "a"},
    "ranges": [{"cidr": "a"}, {"cidr": "b"}],
    "size": 1,
}


@pytest.mark.parametrize(
    ("word", "property_", "after"),
    [
        ("size=3", "size", 3),
        ("size=large", "size", "large"),
        ('size="3"', "size", "3"),
        ("size=", "size", ""),
        ("size=a=b", "size", "a=b"),
        ("tags.owner=you", "tags", {"owner": "you", "team.name": "a"}),
        ('tags["team.name"]=b', "tags", {"owner": "me", "team.name": "b"}),
        ("tags.owner=null", "tags", {"team.name": "a"}),
        ("tags={}", "tags", {}),
        ("ranges[1].cidr=c", "ranges", [{"cidr": "a"}, {"cidr": "c"}]),
        ("ranges[0]=null", "ranges", [{"cidr": "b"}]),
        ("scaling.limits.max=4", "scaling", {"limits": {"max": 4}}),
    ],
)
def test_sets_what_lies_at_the_path_and_nothing_else(word: str, property_: str, after: object) -> None:
    result = parse(word).applied(BEFORE)
    assert result[property_] == after
    assert {**result, property_: None} == {**BEFORE, property_: None}


def test_null_takes_a_property_away() -> None:
    assert "size" not in parse("size=null").applied(BEFORE)


def test_the_original_stays_as_it_is() -> None:
    parse("tags.owner=you").applied(BEFORE)
    assert BEFORE["tags"]["owner"] == "me"


@pytest.mark.parametrize("word", ["size", "=3", "[0]=3", "tags.=3", "tags[owner]=3", "tags[0=3", ""])
def test_words_that_are_no_assignment_are_refused(word: str) -> None:
    with pytest.raises(PathError, match=r"is not PATH=VALUE, such as tags\.owner=me"):
        parse(word)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("ranges[2].cidr=c", r"ranges has 2 items; the last is \[1\]"),
        ("size.large=1", "size is 1, which has nothing called 'large' in it"),
        ("tags[0]=c", r"tags is no list, so it has no item \[0\]"),
        ("ranges.cidr=c", "ranges is .* which has nothing called 'cidr'"),
        ("new[0]=1", r"new is no list"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_is_there(word: str, reason: str) -> None:
    with pytest.raises(PathError, match=reason):
        parse(word).applied(BEFORE)
