"""Who may call whom as Istio's resources: a default that denies, targets, identities, tokens, exceptions."""

import copy
from typing import Any

from exception_days import UNTIL
from mocked_engine import Run

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {"trust_domain": "shop.example.com"},
    "api_access": {"office": "203.0.113.0/24"},
}
AUTHORIZATION = "kubernetes:security.istio.io/v1:AuthorizationPolicy"
REQUEST = "kubernetes:security.istio.io/v1:RequestAuthentication"
PEER = "kubernetes:security.istio.io/v1:PeerAuthentication"


def mesh(security: dict[str, Any], *enrolled: str, **changes: Any) -> None:
    made = multimesh.MultiCloudMesh("shop", {**copy.deepcopy(ARGS), **changes, "security": security})  # type: ignore[typeddict-item]
    for namespace in enrolled:
        made.enrol(namespace)


def found(engine: Any, kind: str) -> dict[tuple[str, str], dict[str, Any]]:
    """By namespace and name, of the cluster gcp-eu."""
    return {
        (r.inputs["metadata"]["namespace"], r.inputs["metadata"]["name"]): r.inputs["spec"]
        for r in engine.of(kind)
        if "gcp-eu" in r.name
    }


def test_nothing_asked_nothing_made(run: Run) -> None:
    engine = run(lambda: mesh({}, "web"))
    assert found(engine, AUTHORIZATION) == {}
    assert list(found(engine, PEER)) == [("istio-system", "default")]


def test_the_default_denies_once_gateways_are_open(run: Run) -> None:
    specs = found(run(lambda: mesh({"default": "deny"}, istio={"ingress": {"clusters": ["gcp-eu"]}})), AUTHORIZATION)
    assert specs["istio-system", "default-deny"] == {}
    for gateway in ("eastwestgateway", "ingressgateway"):
        spec = specs["istio-system", f"istio-{gateway}"]
        assert spec == {"selector": {"matchLabels": {"istio": gateway}}, "rules": [{}]}


def test_only_gateways_that_are_there_are_opened(run: Run) -> None:
    engine = run(lambda: mesh({"default": "deny"}, istio={"ingress": {"clusters": ["aws-us"]}}))
    assert set(found(engine, AUTHORIZATION)) == {
        ("istio-system", "default-deny"),
        ("istio-system", "istio-eastwestgateway"),
    }


def test_istiod_fetches_no_keys_from_metadata_servers(run: Run) -> None:
    corp = {"issuer": "https://login.example.com", "jwks_uri": "https://login.example.com/keys"}
    rule = {"callers": ["web"], "to": "payments", "token": "corp"}

    def env(security: dict[str, Any]) -> Any:
        releases = run(lambda: mesh(security)).of("kubernetes:helm.sh/v3:Release")
        (istiod,) = [r.inputs["values"] for r in releases if r.name == "shop-gcp-eu-istio-istiod"]
        return istiod.get("env", {})

    assert "169.254.0.0/16" in env({"allow": [rule], "issuers": {"corp": corp}})["BLOCKED_CIDRS_IN_JWKS_URIS"]
    assert env({}) == {}


def test_rules_lie_in_the_namespace_that_is_called(run: Run) -> None:
    rules = [
        {"callers": ["web/frontend", "monitoring"], "to": "payments/api", "methods": ["GET"], "ports": ["8080"]},
        {"callers": ["*"], "to": "payments/api", "paths": ["/health"]},
        {"callers": ["payments"], "to": "payments"},
    ]
    specs = found(run(lambda: mesh({"allow": rules}, "payments", "web")), AUTHORIZATION)
    assert sorted(specs) == [("payments", "allow"), ("payments", "allow-api")]
    assert specs["payments", "allow"]["rules"] == [{"from": [{"source": {"namespaces": ["payments"]}}]}]
    first, second = specs["payments", "allow-api"]["rules"]
    assert specs["payments", "allow-api"]["selector"] == {"matchLabels": {"app": "api"}}
    assert first == {
        "from": [
            {"source": {"principals": ["shop.example.com/ns/web/sa/frontend"]}},
            {"source": {"namespaces": ["monitoring"]}},
        ],
        "to": [{"operation": {"methods": ["GET"], "ports": ["8080"]}}],
    }
    assert second["from"] == [{"source": {"principals": ["*"]}}]


def test_a_token_is_asked_for_beside_the_identity(run: Run) -> None:
    corp = {"issuer": "https://login.example.com", "audiences": ["shop"], "jwks": '{"keys": []}'}
    rule = {"callers": ["web"], "to": "payments", "token": "corp", "claims": {"groups": "payments"}}
    engine = run(lambda: mesh({"allow": [rule], "issuers": {"corp": corp}}, "payments"))
    (spec,) = found(engine, AUTHORIZATION)["payments", "allow"]["rules"]
    source = {"namespaces": ["web"], "requestPrincipals": ["https://login.example.com/*"]}
    assert spec["from"] == [{"source": source}]
    assert spec["when"] == [{"key": "request.auth.claims[groups]", "values": ["payments"]}]
    assert found(engine, REQUEST)["payments", "allow"]["jwtRules"] == [corp]


def test_an_exception_is_in_its_namespace_alone(run: Run) -> None:
    old = {"until": UNTIL, "reason": "the old billing host has no sidecar"}
    specs = found(run(lambda: mesh({"plain_text": {"old": old}}, "old", "web")), PEER)
    assert specs["old", "plain-text"] == {"mtls": {"mode": "PERMISSIVE"}}
    assert specs["istio-system", "default"] == {"mtls": {"mode": "STRICT"}}
    assert len(specs) == 2


ANONYMOUS = {"from": [{"source": {"notPrincipals": ["*"]}}]}


def test_an_exception_lets_in_who_has_no_identity_where_others_are_denied(run: Run) -> None:
    security = {"default": "deny", "plain_text": {"old": {"until": UNTIL, "reason": "no sidecar"}}}
    engine = run(lambda: mesh(security, "old", "web"))
    assert found(engine, AUTHORIZATION)["old", "allow"] == {"action": "ALLOW", "rules": [ANONYMOUS]}
    (policy,) = [r for r in engine.of(AUTHORIZATION) if r.name == "shop-gcp-eu-old-authorizationpolicy-allow"]
    assert policy.inputs["metadata"]["annotations"] == {
        "multimesh.io/plain-text-until": UNTIL,
        "multimesh.io/plain-text-reason": "no sidecar",
    }


def test_an_exception_is_beside_the_rules_of_its_namespace(run: Run) -> None:
    old = {"old": {"until": UNTIL, "reason": "no sidecar"}}
    rule = {"callers": ["web"], "to": "old/api"}
    for default, why in (
        ("allow", "without a default that denies the others are open anyway"),
        ("deny", "with it the others are nobody's, and would be everybody's"),
    ):
        engine = run(lambda default=default: mesh({"default": default, "allow": [rule], "plain_text": old}, "old"))
        specs = {key: spec for key, spec in found(engine, AUTHORIZATION).items() if key[0] == "old"}
        assert list(specs) == [("old", "allow-api")], why
        assert specs["old", "allow-api"]["rules"][1] == ANONYMOUS


def test_an_exception_opens_no_more_than_the_rules_beside_it(run: Run) -> None:
    """Whoever has an identity can leave it out, so what a rule says of calls holds for those without one too."""
    old = {"old": {"until": UNTIL, "reason": "no sidecar"}}
    get, post = {"methods": ["GET"], "paths": ["/v1/*"]}, {"methods": ["POST"], "ports": ["8080"]}
    rules = [
        {"callers": ["web"], "to": "old/api", **get},
        {"callers": ["jobs"], "to": "old/api", **get},
        {"callers": ["web"], "to": "old/api", **post},
        {"callers": ["web"], "to": "old/page"},
        {"callers": ["jobs"], "to": "old/page", **post},
    ]
    specs = found(run(lambda: mesh({"allow": rules, "plain_text": old}, "old")), AUTHORIZATION)
    assert specs["old", "allow-api"]["rules"][3:] == [{**ANONYMOUS, "to": [{"operation": get}, {"operation": post}]}]
    assert specs["old", "allow-page"]["rules"][2:] == [ANONYMOUS]


def test_policies_are_where_configuration_is_read(run: Run) -> None:
    istio = {"topology": "primary-remote", "primary": "gcp-eu"}
    rules = {"default": "deny", "allow": [{"callers": ["web"], "to": "payments"}]}
    engine = run(lambda: mesh(rules, "payments", istio=istio))
    assert {r.name.split("-payments-")[0].split("-istio-")[0] for r in engine.of(AUTHORIZATION)} == {"shop-gcp-eu"}
