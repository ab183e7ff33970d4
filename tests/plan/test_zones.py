"""Zones: what is read of a declaration, what may cross by it, and what is said of a wrong one."""

from typing import Any

import pytest
from configurations import changed
from exception_days import UNTIL

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.reading import as_record
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.rules.zones import zone_faults
from pulumi_multimesh.plan.validate import validate
from pulumi_multimesh.plan.zones import ZonesPlan

ZONES = {"shop": {"namespaces": ["web", "cart"]}, "payments": {"namespaces": ["payments"]}}
CROSSING: dict[str, Any] = {"callers": ["shop"], "to": "payments", "ports": ["9090", "8080"]}


def zoned(**security: Any) -> ZonesPlan:
    return plan("shop", changed({"security": security})).security.zones


def test_what_may_cross() -> None:
    found = zoned(zones=ZONES, crossings=[CROSSING, {"callers": ["*"], "to": "shop"}])
    assert found.zone_of("cart") == "shop"
    assert found.zone_of("elsewhere") is None
    assert found.ports("shop", "payments") == ("8080", "9090")
    assert found.ports("payments", "shop") == (), "anybody may"
    assert found.ports("*", "payments") is None
    assert found.ports("shop", "shop") == ()


def test_ports_of_several_crossings_are_put_together() -> None:
    anybody = {"callers": ["*"], "to": "payments", "ports": ["443"]}
    assert zoned(zones=ZONES, crossings=[CROSSING, anybody]).ports("shop", "payments") == ("443", "8080", "9090")


def test_the_table_says_what_may_not_cross_too() -> None:
    text = render(plan("shop", changed({"security": {"zones": ZONES, "crossings": [CROSSING]}})))
    table = text.partition("What may cross into a zone\n")[2].splitlines()[:4]
    assert [line.split() for line in table] == [
        ["FROM", "TO", "payments", "TO", "shop"],
        ["payments", "all", "no"],
        ["shop", "8080,", "9090", "all"],
        ["others", "no", "no"],
    ]
    assert "What may cross" not in render(plan("shop", changed({})))


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "twice": (
        {"zones": {**ZONES, "more": {"namespaces": ["web"]}}},
        "security.zones.shop.namespaces[0]",
        "in the zone more too",
    ),
    "in itself": ({"zones": {"a": {"namespaces": ["b", "b"]}}}, "security.zones.a.namespaces[1]", "there twice"),
    "nothing in it": ({"zones": {"a": {"namespaces": []}}}, "security.zones.a.namespaces", "is empty"),
    "Istio's own": (
        {"zones": {"a": {"namespaces": ["istio-system"]}}},
        "security.zones.a.namespaces[0]",
        "the mesh's own namespace",
    ),
    "no namespace": ({"zones": {"a": {"namespaces": ["B"]}}}, "security.zones.a.namespaces[0]", "not a namespace"),
    "a word": ({"zones": {"ingress": {"namespaces": ["a"]}}}, "security.zones.ingress", "a meaning of its own"),
    "a name": ({"zones": {"A": {"namespaces": ["a"]}}}, "security.zones.A", "not a zone's name"),
    "to nowhere": (
        {"zones": ZONES, "crossings": [{**CROSSING, "to": "x"}]},
        "security.crossings[0].to",
        "payments, shop",
    ),
    "from nowhere": (
        {"zones": ZONES, "crossings": [{**CROSSING, "callers": ["web"]}]},
        "security.crossings[0].callers[0]",
        "not a zone",
    ),
    "nobody": ({"zones": ZONES, "crossings": [{**CROSSING, "callers": []}]}, "security.crossings[0].callers", "nobody"),
    "itself": (
        {"zones": ZONES, "crossings": [{"callers": ["shop"], "to": "shop"}]},
        "security.crossings[0].callers[0]",
        "the zone itself",
    ),
    "again": (
        {"zones": ZONES, "crossings": [CROSSING, {"callers": ["shop"], "to": "payments"}]},
        "security.crossings[1].callers[0]",
        "in security.crossings[0] already",
    ),
    "a port": (
        {"zones": ZONES, "crossings": [{**CROSSING, "ports": ["http"]}]},
        "security.crossings[0].ports[0]",
        "not a port",
    ),
    "no ingress": (
        {"zones": ZONES, "crossings": [{**CROSSING, "callers": ["ingress"]}]},
        "security.crossings[0].callers",
        "the mesh has none",
    ),
    "in the clear": (
        {"zones": ZONES, "plain_text": {"web": {"until": UNTIL, "reason": "x"}}},
        "security.plain_text.web",
        "in the zone shop, which refuses",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_faults_name_the_path(case: str) -> None:
    security, path, said = WRONG[case]
    found = {fault.path: str(fault) for fault in zone_faults(as_record(changed({"security": security})))}
    assert list(found) == [path]
    assert said in found[path]


def test_faults_are_told_with_all_others() -> None:
    paths = [fault.path for fault in validate("shop", changed({"security": {"zones": {"A": {"namespaces": ["a"]}}}}))]
    assert paths == ["security.zones.A"]


def test_an_exception_may_be_in_a_zone_that_is_open_to_all() -> None:
    security = {
        "zones": ZONES,
        "crossings": [{"callers": ["*"], "to": "shop", "ports": ["80"]}],
        "plain_text": {"web": {"until": UNTIL, "reason": "x"}},
    }
    assert validate("shop", changed({"security": security})) == []
