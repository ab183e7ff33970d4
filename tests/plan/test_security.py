"""Who may call whom: what is read of a declaration, and what is said of a wrong one."""

from datetime import date
from typing import Any

import pytest
from configurations import changed
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.reading import as_record
from pulumi_multimesh.plan.rules.security import METHODS, security_faults
from pulumi_multimesh.plan.security import SecurityPlan, ending_soon
from pulumi_multimesh.plan.validate import validate
from pulumi_multimesh.plan.zones import ZonesPlan

TODAY = date(2026, 11, 23)
RULE: dict[str, Any] = {"callers": ["web/frontend"], "to": "payments/api"}
CORP: dict[str, Any] = {"issuer": "https://login.example.com", "jwks_uri": "https://login.example.com/keys"}


def secured(**security: Any) -> SecurityPlan:
    return plan("shop", changed({"security": security})).security


def faults(**security: Any) -> dict[str, str]:
    args = changed({"security": security})
    found = security_faults(as_record(args), TODAY)
    return {fault.path: f"{fault.problem}; {fault.allowed}; {fault.remedy}" for fault in found}


def test_nothing_declared_is_nothing_denied() -> None:
    assert plan("shop", changed({})).security == SecurityPlan(False, (), {}, {}, ZonesPlan({}, ()), None)


def test_a_whole_declaration() -> None:
    rule = {**RULE, "methods": ["POST", "GET"], "paths": ["/v1/*"], "ports": ["9090", "8080"], "token": "corp"}
    found = secured(default="deny", allow=[{**rule, "claims": {"groups": "payments"}}], issuers={"corp": CORP})
    (only,) = found.rules
    assert found.deny_by_default
    assert (only.to.namespace, only.to.app, only.callers) == ("payments", "api", ("web/frontend",))
    assert (only.methods, only.ports, only.claims) == (("GET", "POST"), ("8080", "9090"), {"groups": "payments"})
    assert found.issuers["corp"].jwks_uri == CORP["jwks_uri"]


@given(st.lists(st.sampled_from(["payments", "payments/api", "payments/db", "web"]), max_size=8))
def test_each_rule_is_for_one_target_and_none_is_lost(targets: list[str]) -> None:
    found = secured(allow=[{"callers": ["*"], "to": to} for to in targets])
    by_target = [
        rule for namespace in ("payments", "web") for rules in found.rules_for(namespace).values() for rule in rules
    ]
    assert sorted(by_target, key=str) == sorted(found.rules, key=str)
    assert len(found.rules) == len(targets)


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "default": ({"default": "refuse"}, "security.default", "deny, allow"),
    "nobody": ({"allow": [{**RULE, "callers": []}]}, "security.allow[0].callers", "names nobody"),
    "caller": (
        {"allow": [{**RULE, "callers": ["web/*"]}]},
        "security.allow[0].callers[0]",
        "write it like  web/frontend",
    ),
    "target": ({"allow": [{**RULE, "to": "payments/"}]}, "security.allow[0].to", "not a target"),
    "everybody's namespace": ({"allow": [{**RULE, "to": "istio-system"}]}, "security.allow[0].to", "every namespace's"),
    "method": ({"allow": [{**RULE, "methods": ["get"]}]}, "security.allow[0].methods[0]", "write  GET"),
    "path": ({"allow": [{**RULE, "paths": ["/v*/a"]}]}, "security.allow[0].paths[0]", "write it like  /v1/*"),
    "relative path": ({"allow": [{**RULE, "paths": ["v1"]}]}, "security.allow[0].paths[0]", "not a path"),
    "port": ({"allow": [{**RULE, "ports": ["http"]}]}, "security.allow[0].ports[0]", "1 to 65535"),
    "large port": ({"allow": [{**RULE, "ports": ["70000"]}]}, "security.allow[0].ports[0]", "1 to 65535"),
    "issuer": ({"allow": [{**RULE, "token": "corp"}]}, "security.allow[0].token", "security.issuers.corp"),
    "claims": ({"allow": [{**RULE, "claims": {"a": "b"}}]}, "security.allow[0].claims", "add  token"),
    "no keys": ({"issuers": {"corp": {"issuer": "x"}}}, "security.issuers.corp", "has no keys"),
    "two keys": ({"issuers": {"corp": {**CORP, "jwks": '{"keys": []}'}}}, "security.issuers.corp", "two sources"),
    "http": ({"issuers": {"corp": {**CORP, "jwks_uri": "http://x/y"}}}, "security.issuers.corp.jwks_uri", "on the way"),
    "private keys": (
        {"issuers": {"corp": {"issuer": "x", "jwks": '{"keys": [{"kty": "EC", "x": "a"}, {"kty": "EC", "d": "b"}]}'}}},
        "security.issuers.corp.jwks",
        "private parts of keys (d)",
    ),
    "shared key": (
        {"issuers": {"corp": {"issuer": "x", "jwks": '{"keys": [{"kty": "oct", "k": "b"}]}'}}},
        "security.issuers.corp.jwks",
        "private parts of keys (k)",
    ),
    "key set": ({"issuers": {"corp": {"issuer": "x", "jwks": "{}"}}}, "security.issuers.corp.jwks", "not a key set"),
    "day": (
        {"plain_text": {"old": {"until": "next year", "reason": "x"}}},
        "security.plain_text.old.until",
        "not a day",
    ),
    "over": (
        {"plain_text": {"old": {"until": "2026-11-22", "reason": "x"}}},
        "security.plain_text.old.until",
        "is over",
    ),
    "too long": (
        {"plain_text": {"old": {"until": "2027-11-25", "reason": "x"}}},
        "security.plain_text.old.until",
        "a day from 2026-11-23 to 2027-11-24",
    ),
    "a token that can be left out": (
        {
            "allow": [{**RULE, "token": "corp"}],
            "issuers": {"corp": CORP},
            "plain_text": {"payments": {"until": "2027-01-01", "reason": "x"}},
        },
        "security.allow[0].token",
        "remove  security.plain_text.payments",
    ),
    "why": ({"plain_text": {"old": {"until": "2027-01-01", "reason": ""}}}, "security.plain_text.old.reason", "empty"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong(wrong: str) -> None:
    security, path, said = WRONG[wrong]
    found = faults(**security)
    assert list(found) == [path]
    assert said in found[path]


@pytest.mark.parametrize("until", ["2026-11-23", "2027-11-24"])
def test_an_exception_holds_through_its_last_day_and_for_a_year_at_most(until: str) -> None:
    assert faults(plain_text={"old": {"until": until, "reason": "the old host"}}) == {}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_one(method: str) -> None:
    assert faults(allow=[{**RULE, "methods": [method]}]) == {}


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/*", "*/admin", "*"])
def test_paths_as_istio_reads_them(path: str) -> None:
    assert faults(allow=[{**RULE, "paths": [path]}]) == {}


def test_an_ambient_mesh_reads_no_http() -> None:
    args = changed({"istio": {"data_plane": "ambient"}, "security": {"allow": [{**RULE, "paths": ["/v1"]}]}})
    assert [fault.path for fault in validate("shop", args)] == ["security.allow[0].paths"]


@pytest.mark.parametrize(("until", "said"), [("2026-12-23", True), ("2026-12-24", False)])
def test_an_exception_is_spoken_of_a_month_before_it_ends(until: str, said: bool) -> None:
    found = secured(plain_text={"old": {"until": until, "reason": "x"}})
    assert [line for line in ending_soon(found, TODAY) if "security.plain_text.old ends in 30 days" in line] == (
        ending_soon(found, TODAY) if said else []
    )
    assert bool(ending_soon(found, TODAY)) == said
