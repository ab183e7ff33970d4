"""Roles and bindings as the mesh makes them: who may do what and what nobody may, in every cluster."""

import copy
from itertools import product
from typing import Any, cast

import pytest
from mocked_engine import Run

import pulumi_multimesh as multimesh
from pulumi_multimesh.access import roles

OPS = "ops@example.com"
ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
}
ACCESS: dict[str, Any] = {
    "operators": [OPS],
    "readers": ["all@example.com"],
    "teams": {"pay": {"groups": ["pay@example.com"], "namespaces": ["payments"]}},
    "groups": {OPS: {"eks": "ops"}},
}
RBAC = "kubernetes:rbac.authorization.k8s.io/v1:"


def mesh(*enrolled: str, **changes: Any) -> None:
    made = multimesh.MultiCloudMesh("shop", {**copy.deepcopy(ARGS), **changes})  # type: ignore[typeddict-item]
    for namespace in enrolled:
        made.enrol(namespace)


def may(rules: "Rules", verb: str, resource: str, group: str = "") -> bool:
    """What Kubernetes decides by rules without names and wildcards."""
    return any(
        verb in rule["verbs"] and resource in rule["resources"] and group in rule["api_groups"] for rule in rules
    )


Rules = list[dict[str, list[str]]]


def all_of(mesh: str) -> dict[str, Rules]:
    """Every role, as it is where that mesh is chosen."""
    return cast(
        "dict[str, Rules]",
        {
            "reader": roles.reader(mesh),
            "operator": roles.operator(mesh),
            "operator at home": roles.OPERATOR_AT_HOME,
            "team": roles.team(mesh),
        },
    )


ALL = all_of("istio")
SECURITY, NETWORKING = "security.istio.io", "networking.istio.io"
MATRIX: dict[tuple[str, str, str], set[str]] = {
    ("list", "pods", ""): {"reader", "operator", "team"},
    ("delete", "pods", ""): {"operator at home", "team"},
    ("create", "pods", ""): {"team"},
    ("get", "pods/log", ""): {"operator at home", "team"},
    ("create", "pods/exec", ""): {"team"},
    ("create", "pods/portforward", ""): {"operator at home", "team"},
    ("get", "secrets", ""): {"team"},
    ("get", "configmaps", ""): {"operator at home", "team"},
    ("patch", "deployments", "apps"): {"team"},
    ("get", "authorizationpolicies", SECURITY): {"reader", "operator", "team"},
    ("update", "authorizationpolicies", SECURITY): {"operator"},
    ("create", "peerauthentications", SECURITY): {"operator"},
    ("create", "virtualservices", NETWORKING): {"operator", "team"},
    ("create", "gateways", NETWORKING): {"operator"},
    ("create", "envoyfilters", NETWORKING): {"operator"},
    ("create", "networkpolicies", "networking.k8s.io"): set(),
    ("create", "rolebindings", "rbac.authorization.k8s.io"): set(),
    ("create", "serviceaccounts/token", ""): set(),
    ("impersonate", "groups", ""): set(),
}


LINKERD, CONSUL = "policy.linkerd.io", "consul.hashicorp.com"
OTHERS: dict[tuple[str, str, str, str], set[str]] = {
    ("linkerd", "get", "servers", LINKERD): {"reader", "operator", "team"},
    ("linkerd", "create", "authorizationpolicies", LINKERD): {"operator"},
    ("linkerd", "create", "links", "multicluster.linkerd.io"): {"operator"},
    ("linkerd", "create", "serviceprofiles", "linkerd.io"): {"operator", "team"},
    ("linkerd", "create", "httproutes", "gateway.networking.k8s.io"): {"operator", "team"},
    ("linkerd", "create", "httproutes", LINKERD): {"operator"},
    ("linkerd", "get", "virtualservices", "networking.istio.io"): set(),
    ("consul", "create", "serviceintentions", CONSUL): {"operator"},
    ("consul", "create", "exportedservices", CONSUL): {"operator"},
    ("consul", "create", "serviceresolvers", CONSUL): {"operator", "team"},
    ("consul", "get", "peeringacceptors", CONSUL): {"reader", "operator", "team"},
    ("consul", "get", "secrets", ""): {"team"},
}


@pytest.mark.parametrize("asked", OTHERS, ids=" ".join)
def test_who_may_do_what_in_other_meshes(asked: tuple[str, str, str, str]) -> None:
    mesh, *what = asked
    assert {name for name, rules in all_of(mesh).items() if may(rules, *what)} == OTHERS[asked]


@pytest.mark.parametrize("asked", MATRIX, ids=" ".join)
def test_who_may_do_what(asked: tuple[str, str, str]) -> None:
    assert {name for name, rules in ALL.items() if may(rules, *asked)} == MATRIX[asked]


def test_no_right_to_take_other_rights_and_no_wildcard() -> None:
    for rules, verb in product(ALL.values(), ("escalate", "bind", "impersonate", "*")):
        assert all(verb not in rule["verbs"] for rule in rules)
    for rule in (rule for rules in ALL.values() for rule in rules):
        assert "*" not in [*rule["resources"], *rule["api_groups"]]
        assert all("rbac" not in group for group in rule["api_groups"])


def test_nothing_asked_nothing_made(run: Run) -> None:
    engine = run(lambda: mesh("payments"))
    assert [r.token for r in engine.resources if r.token.startswith(RBAC)] == []


def test_every_cluster_binds_the_groups_as_it_calls_them(run: Run) -> None:
    engine = run(lambda: mesh("payments", "web", access=ACCESS))
    bound = {
        (r.name, r.inputs.get("metadata", {}).get("namespace", "")): [each["name"] for each in r.inputs["subjects"]]
        for kind in ("ClusterRoleBinding", "RoleBinding")
        for r in engine.of(f"{RBAC}{kind}")
    }
    assert bound == {
        (f"shop-{cluster}-access-{what}", where): [group]
        for cluster, ops in (("gcp-eu", OPS), ("aws-us", "ops"))
        for what, where, group in (
            ("operator", "", ops),
            ("operator-home", "istio-system", ops),
            ("reader", "", "all@example.com"),
            ("pay-payments", "payments", "pay@example.com"),
        )
    }
    (role,) = [r for r in engine.of(f"{RBAC}ClusterRole") if r.name == "shop-gcp-eu-access-reader"]
    assert role.inputs["metadata"]["name"] == "multimesh-reader"


def test_a_management_cluster_has_its_operators_too(run: Run) -> None:
    istio = {"topology": "external", "management": "gcp-eu"}
    engine = run(lambda: mesh(istio=istio, access={"operators": [OPS]}))
    homes = {r.name: r.inputs["metadata"]["namespace"] for r in engine.of(f"{RBAC}Role")}
    assert homes == {f"shop-{name}-access-operator-home": "external-istiod" for name in ("gcp-eu", "aws-us")}
