"""One sign-on at the ingress: what is read of a declaration, and what is said of a wrong one."""

from typing import Any

import pytest
from configurations import changed

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.reading import as_record
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.rules.sign_on import sign_on_faults
from pulumi_multimesh.plan.sign_on import HEADERS, SignOnPlan
from pulumi_multimesh.plan.validate import validate

WISH: dict[str, Any] = {"service": "sign-on/oauth2-proxy", "hosts": ["shop.example.com"]}
ISTIO: dict[str, Any] = {"ingress": {}}


def args(istio: dict[str, Any] | None = None, sign_on: dict[str, Any] | None = None, **security: Any) -> Any:
    wish = {**WISH, **(sign_on or {})}
    return changed({"istio": ISTIO if istio is None else istio, "security": {**security, "sign_on": wish}})


def test_nobody_signs_on_unless_asked() -> None:
    assert plan("shop", changed({})).security.sign_on is None


def test_what_is_asked() -> None:
    more = {"public_paths": ["/health"], "headers": ["X-Team"], "port": 4180}
    found = plan("shop", args(sign_on=more)).security.sign_on
    assert found == SignOnPlan("sign-on", "oauth2-proxy", 4180, ("shop.example.com",), (), ("/health",), ("x-team",))
    first = plan("shop", args()).security.sign_on
    assert first is not None
    assert (first.port, first.headers) == (80, HEADERS)


def test_the_plan_shows_it() -> None:
    every = {"service": "sign-on/oauth2-proxy", "open_hosts": ["www.example.com"], "public_paths": ["/health"]}
    text = render(plan("shop", changed({"istio": ISTIO, "security": {"sign_on": every}})))
    assert "every host  www.example.com, /health  sign-on/oauth2-proxy:80" in text.partition("One sign-on")[2]
    text = render(plan("shop", args(sign_on={"public_paths": ["/health"]})))
    assert "shop.example.com  /health  sign-on/oauth2-proxy:80" in text.partition("One sign-on")[2]


WRONG: dict[str, tuple[Any, str, str]] = {
    "no ingress": (args({}), "security.sign_on", "has no ingress"),
    "ambient": (args({**ISTIO, "data_plane": "ambient"}), "security.sign_on", "ambient"),
    "no service": (args(sign_on={"service": "oauth2-proxy"}), "security.sign_on.service", "sign-on/oauth2-proxy"),
    "no port": (args(sign_on={"port": 0}), "security.sign_on.port", "1 to 65535"),
    "no host": (args(sign_on={"hosts": []}), "security.sign_on.hosts", "is empty"),
    "a port": (args(sign_on={"hosts": ["a.example.com:443"]}), "security.sign_on.hosts[0]", "without a port"),
    "any host": (args(sign_on={"hosts": ["*"]}), "security.sign_on.hosts[0]", "not a host"),
    "capitals": (args(sign_on={"hosts": ["Shop.example.com"]}), "security.sign_on.hosts[0]", "in lower case"),
    "both kinds of hosts": (args(sign_on={"open_hosts": ["a.b"]}), "security.sign_on.open_hosts", "one of the two"),
    "open to a port": (
        {**args(), "security": {"sign_on": {"service": "sign-on/oauth2-proxy", "open_hosts": ["a.b:1"]}}},
        "security.sign_on.open_hosts[0]",
        "without a port",
    ),
    "the host": (args(sign_on={"headers": ["Host"]}), "security.sign_on.headers[0]", "chosen by"),
    "every path": (args(sign_on={"public_paths": ["/*"]}), "security.sign_on.public_paths[0]", "nobody signs on"),
    "no path": (args(sign_on={"public_paths": ["health"]}), "security.sign_on.public_paths[0]", "not a path"),
    "no header": (args(sign_on={"headers": ["a b"]}), "security.sign_on.headers[0]", "not a header"),
    "out of reach": (
        args(default="deny", allow=[{"callers": ["*"], "to": "web"}]),
        "security.sign_on.service",
        "{callers: [istio-system/istio-ingressgateway], to: sign-on}",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_faults_name_the_path(case: str) -> None:
    wrong, path, said = WRONG[case]
    found = {fault.path: str(fault) for fault in sign_on_faults(as_record(wrong))}
    assert list(found) == [path]
    assert said in found[path]


def test_faults_are_told_with_all_others() -> None:
    assert [fault.path for fault in validate("shop", args(sign_on={"hosts": []}))] == ["security.sign_on.hosts"]


def test_a_gateway_that_is_let_in_is_no_fault() -> None:
    rule = {"callers": ["istio-system/istio-ingressgateway"], "to": "sign-on"}
    assert validate("shop", args(default="deny", allow=[rule])) == []
