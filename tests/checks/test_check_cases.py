"""Each check finds what it must and leaves alone what it must; what it looks for is there in the clouds' SDKs."""

from typing import Any

import pytest
from check_cases import CASES
from check_cases.things import thing
from hypothesis import given
from hypothesis import strategies as st

from multimesh_lab.providers import sdk_schema
from pulumi_multimesh.checks.catalogue import BY_ID, CATALOGUE
from pulumi_multimesh.checks.check import Level, run
from pulumi_multimesh.checks.item import KUBERNETES, UNREAD, Item

CLOUDS = ("gcp:", "aws:", "azure-native:", "oci:", "tls:")


def test_every_check_has_cases_of_both_kinds_and_an_id_of_its_own() -> None:
    assert len(BY_ID) == len(CATALOGUE) >= 30
    assert set(CASES) == set(BY_ID)
    assert all(cases.bad and cases.good for cases in CASES.values())


@pytest.mark.parametrize("check", BY_ID)
def test_a_check_finds_each_bad_one(check: str) -> None:
    for items in CASES[check].bad:
        assert run([BY_ID[check]], items), items


@pytest.mark.parametrize("check", BY_ID)
def test_a_check_leaves_each_good_one_alone(check: str) -> None:
    for items in CASES[check].good:
        assert run([BY_ID[check]], items) == [], items


@pytest.mark.parametrize("check", BY_ID)
def test_a_finding_reads_as_a_sentence(check: str) -> None:
    for items in CASES[check].bad:
        for finding in run([BY_ID[check]], items):
            assert finding.message
            assert not finding.message.endswith(".")
    about = BY_ID[check]
    assert all(each.endswith((".", "`")) for each in (about.title, about.why, about.remedy))
    assert about.level in Level


@pytest.mark.parametrize("check", BY_ID)
def test_every_property_of_a_case_is_in_its_sdk(check: str) -> None:
    """So that no check waits for a name that the engine never says."""
    for items in (*CASES[check].bad, *CASES[check].good):
        for item in items:
            if item.type.startswith(CLOUDS):
                shape = sdk_schema.resource_shape(item.type)
                inputs = {key: value for key, value in item.properties.items() if key not in shape.computed}
                faults = sdk_schema.faults(shape, _plain(inputs))
                assert [fault for fault in faults if "unknown property" in fault.reason] == [], item


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not UNREAD}
    return value


@pytest.mark.parametrize("check", BY_ID)
def test_every_type_of_a_cloud_is_in_its_sdk(check: str) -> None:
    for token in BY_ID[check].types:
        if token.startswith(CLOUDS) and "*" not in token and "default" not in token:
            assert sdk_schema.resource_shape(token).inputs.properties


@pytest.mark.parametrize("check", [check.id for check in CATALOGUE if check.look is not None])
def test_what_cannot_be_read_is_not_judged(check: str) -> None:
    """A preview in which every known part of a good one is unknown brings nothing to light."""
    for (item,) in CASES[check].good:
        hidden = {key: value if key in ("apiVersion", "kind") else UNREAD for key, value in item.properties.items()}
        if not item.type.startswith(KUBERNETES) or item.kind:
            assert run([BY_ID[check]], [Item(item.type, item.name, hidden, item.cluster, item.urn)]) == []


ODD: list[Any] = [
    None,
    True,
    1,
    1.5,
    "",
    "x",
    "*",
    UNREAD,
    [],
    [None],
    ["x"],
    [{}],
    [UNREAD],
    {},
    {"x": None},
    {"x": {}},
]


@pytest.mark.parametrize("port", [True, "ssh", "inf", [], {}])
def test_a_port_that_is_no_number_is_not_judged(port: object) -> None:
    known = {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "icmp", "fromPort": port, "toPort": 4}
    rule = Item("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "it", known, "", "")
    assert run([each for each in CATALOGUE if each.id == "firewall-open"], [rule]) == []


@given(st.data())
def test_no_check_stumbles_over_any_shape(data: st.DataObject) -> None:
    """What a user's own program declares, and a cluster holds, is not ours to choose."""
    check = data.draw(st.sampled_from(CATALOGUE))
    items = data.draw(
        st.sampled_from([items for each in (CASES[check.id].bad, CASES[check.id].good) for items in each])
    )
    run([check], [Item(item.type, item.name, _torn(data, item.properties), item.cluster, item.urn) for item in items])


def _torn(data: st.DataObject, value: Any) -> Any:
    """The same with something else in the place of a part."""
    if isinstance(value, dict) and value:
        key = data.draw(st.sampled_from(sorted(value)))
        if key in ("apiVersion", "kind"):
            return value
        return {**value, key: data.draw(st.sampled_from(ODD)) if data.draw(st.booleans()) else _torn(data, value[key])}
    if isinstance(value, list) and value:
        return [_torn(data, value[0]), *value[1:]]
    return data.draw(st.sampled_from(ODD))


def test_a_pattern_excepts_by_name() -> None:
    bad = thing("tls:index/privateKey:PrivateKey", {"algorithm": "RSA", "rsaBits": 1024}, "old-key")
    check = BY_ID["key-weak"]
    assert run([check], [bad], {"key-weak": ("old-*",)}) == []
    assert run([check], [bad], {"key-weak": ("new-*",), "chart-unpinned": ("*",)}) != []
