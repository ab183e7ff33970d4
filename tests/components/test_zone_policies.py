"""Zones as Istio's and Kubernetes' resources: both say what the declared table says, and lie where they are kept."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocked_engine import Run

import pulumi_multimesh as multimesh
from pulumi_multimesh.istio.zone_policies import network_policy_spec, zone_policy_spec
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.zones import ANYBODY, INGRESS

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
}
GATEWAY = "cluster.local/ns/istio-system/sa/istio-ingressgateway"
NAMES = ("a", "b", "c")
PORTS = ("80", "8080", "9090")
OUTSIDE = "elsewhere"


@st.composite
def declarations(draw: st.DrawFn) -> dict[str, Any]:
    """Zones `a`, `b` and `c` of one or two namespaces each, and crossings between them, each pair once."""
    zones = {
        name: {"namespaces": [f"{name}{number}" for number in range(draw(st.integers(1, 2)))]}
        for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    }
    pairs = [(caller, to) for to in zones for caller in (*zones, INGRESS, ANYBODY) if caller != to]
    crossings = [
        {"callers": [caller], "to": to, "ports": draw(st.lists(st.sampled_from(PORTS), unique=True))}
        for caller, to in draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8))
    ]
    return {"zones": zones, "crossings": crossings}


def planned(security: dict[str, Any], **changes: Any) -> Any:
    return plan("shop", {**copy.deepcopy(ARGS), "istio": {"ingress": {}}, "security": security, **changes})


def denied(spec: dict[str, Any] | None, namespace: str | None, principal: str | None, port: str) -> bool:
    """What Istio does with a policy that denies: a rule matches when all that it names does."""
    if spec is None:
        return False
    assert spec["action"] == "DENY"
    for rule in spec["rules"]:
        (source,) = (each["source"] for each in rule["from"])
        matches = {
            "namespaces": lambda wanted: namespace in wanted,
            "notNamespaces": lambda wanted: namespace not in wanted,
            "principals": lambda wanted: principal in wanted,
            "notPrincipals": lambda wanted: principal not in wanted,
        }
        on = [each["operation"]["notPorts"] for each in rule.get("to", [])]
        if all(matches[key](wanted) for key, wanted in source.items()) and all(port not in ports for ports in on):
            return True
    return False


def let_in(spec: dict[str, Any], namespace: str, labels: dict[str, str], port: str) -> bool:
    """What a network does with a NetworkPolicy for a pod of its own cluster."""
    for rule in spec["ingress"]:
        by_port = "ports" not in rule or int(port) in [each["port"] for each in rule["ports"]]
        by_source = "from" not in rule or any(_matches(each, namespace, labels) for each in rule["from"])
        if by_port and by_source:
            return True
    return False


def _matches(peer: dict[str, Any], namespace: str, labels: dict[str, str]) -> bool:
    if "ipBlock" in peer:
        return False
    chosen = peer["namespaceSelector"]
    named = [value for each in chosen.get("matchExpressions", []) for value in each["values"]]
    named += list(chosen.get("matchLabels", {}).values())
    pods = peer.get("podSelector", {}).get("matchLabels", {})
    return namespace in named and pods.items() <= labels.items()


@given(declarations(), st.sampled_from(PORTS))
def test_both_policies_say_what_the_table_says(security: dict[str, Any], port: str) -> None:
    made = planned(security)
    zones = made.security.zones
    for zone in zones.zones:
        mesh = zone_policy_spec(zones, zone, GATEWAY)
        network = network_policy_spec(made, "gcp-eu", zone)
        for caller in (*zones.zones, INGRESS, ANYBODY):
            allowed = zones.ports(caller, zone)
            may = allowed is not None and (not allowed or port in allowed)
            if caller == INGRESS:
                assert denied(mesh, "istio-system", GATEWAY, port) != may
                assert let_in(network, "istio-system", {"istio": "ingressgateway"}, port) == may
                continue
            for namespace in zones.zones.get(caller, (OUTSIDE,)):
                identity = f"cluster.local/ns/{namespace}/sa/default"
                assert denied(mesh, namespace, identity, port) != may, (caller, zone)
                assert let_in(network, namespace, {}, port) == may, (caller, zone)
            if caller == ANYBODY:
                assert denied(mesh, None, None, port) != may, "a caller without an identity"


TWO = {"zones": {"shop": {"namespaces": ["web"]}, "payments": {"namespaces": ["payments"]}}}


def test_other_clusters_come_by_the_gateway_or_from_their_ranges() -> None:
    behind = network_policy_spec(planned(TWO), "gcp-eu", "shop")
    assert let_in(behind, "istio-system", {"istio": "eastwestgateway"}, "80")
    assert not let_in(behind, "istio-system", {"istio": "other"}, "80")
    flat = planned(TWO, connectivity="vpn", flat=True)
    ranges = [
        peer["ipBlock"]["cidr"]
        for rule in network_policy_spec(flat, "gcp-eu", "shop")["ingress"]
        for peer in rule["from"]
        if "ipBlock" in peer
    ]
    assert ranges == flat.ranges_of(["aws-us"]) != []


def test_an_ambient_meshs_calls_arrive_on_a_port_of_their_own() -> None:
    security = {**TWO, "crossings": [{"callers": ["shop"], "to": "payments", "ports": ["8080"]}]}
    ambient = planned(security, istio={"data_plane": "ambient"})
    assert let_in(network_policy_spec(ambient, "gcp-eu", "payments"), "web", {}, "15008")
    assert not let_in(network_policy_spec(planned(security), "gcp-eu", "payments"), "web", {}, "15008")


def mesh(*enrolled: str, **changes: Any) -> None:
    made = multimesh.MultiCloudMesh("shop", {**copy.deepcopy(ARGS), **changes})  # type: ignore[typeddict-item]
    for namespace in enrolled:
        made.enrol(namespace)


def names(engine: Any, kind: str) -> list[str]:
    return sorted(resource.name for resource in engine.of(kind))


NETWORK = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
AUTHORIZATION = "kubernetes:security.istio.io/v1:AuthorizationPolicy"


def test_a_namespace_in_no_zone_has_neither(run: Run) -> None:
    engine = run(lambda: mesh("other", security=TWO))
    assert names(engine, NETWORK) == names(engine, AUTHORIZATION) == []


@pytest.mark.parametrize(
    ("topology", "readers"),
    [({}, ["aws-us", "gcp-eu"]), ({"topology": "primary-remote", "primary": "aws-us"}, ["aws-us"])],
    ids=("multi-primary", "primary-remote"),
)
def test_every_cluster_keeps_one_and_istio_reads_the_other(
    run: Run, topology: dict[str, Any], readers: list[str]
) -> None:
    engine = run(lambda: mesh("web", security=TWO, istio=topology))
    assert names(engine, NETWORK) == ["shop-aws-us-web-zone", "shop-gcp-eu-web-zone"]
    assert names(engine, AUTHORIZATION) == [f"shop-{cluster}-web-authorizationpolicy-zone" for cluster in readers]
