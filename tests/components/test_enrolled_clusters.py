"""Where namespaces are enrolled: their rules hold in every cluster that is named, or the call is refused."""

import copy
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from mocked_engine import Run

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..a", "region": "eu-frankfurt-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
PRIMARY_REMOTE = {"topology": "primary-remote", "primary": "gcp-eu"}
EXTERNAL = {"topology": "external", "management": "aws-us", "config_cluster": "oci-eu"}
RULE = {"callers": ["shop"], "to": "web"}
GUARDED: dict[str, dict[str, Any]] = {
    "a rule": {"security": {"allow": [RULE]}},
    "a zone": {"security": {"zones": {"front": {"namespaces": ["web"]}}}},
    "a scope": {"istio": {"scopes": {"web": {"calls": ["payments"]}}}},
}
POLICY = "kubernetes:security.istio.io/v1:AuthorizationPolicy"
MESHES: dict[str, dict[str, Any]] = {
    "istio": {"istio": {}},
    "linkerd": {"linkerd": {}},
    "consul": {"consul": {"exports": ["web/api"]}},
}


def mesh(istio: dict[str, Any], /, **changes: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), **changes, "istio": {**istio, **changes.get("istio", {})}}
    return multimesh.MultiCloudMesh("shop", args)


@pytest.mark.parametrize("guarded", GUARDED)
@pytest.mark.parametrize(
    ("istio", "remote", "source"), [(PRIMARY_REMOTE, "aws-us", "gcp-eu"), (EXTERNAL, "gcp-eu", "oci-eu")]
)
def test_a_remote_alone_would_lose_the_rules(
    run: Run, istio: dict[str, Any], remote: str, source: str, guarded: str
) -> None:
    remedy = rf'reads them in {source}, where web is not enrolled; .*enrol\("web", \["{source}", "{remote}"\]\)'
    with pytest.raises(ValueError, match=remedy):
        run(lambda: mesh(istio, **GUARDED[guarded]).enrol("web", [remote]))


@pytest.mark.parametrize("istio", [PRIMARY_REMOTE, EXTERNAL])
@pytest.mark.parametrize("apart", [False, True])
def test_in_whatever_order_they_are_named(run: Run, istio: dict[str, Any], apart: bool) -> None:
    def program() -> None:
        made = mesh(istio, **GUARDED["a rule"])
        members = [name for name in made.clusters if made.plan.clusters[name].is_in_mesh]
        if apart:
            for name in members:
                made.enrol("web", [name])
        else:
            made.enrol("web", reversed(members))

    (policy,) = run(program).of(POLICY)
    assert policy.name == f"shop-{'gcp-eu' if istio is PRIMARY_REMOTE else 'oci-eu'}-web-authorizationpolicy-allow"


def test_a_remote_alone_is_enough_where_nothing_is_said_of_the_namespace(run: Run) -> None:
    engine = run(lambda: mesh(PRIMARY_REMOTE, **GUARDED["a rule"]).enrol("free", ["aws-us"]))
    assert [r.name for r in engine.of("kubernetes:core/v1:Namespace") if "free" in r.name] == ["shop-aws-us-free"]


def test_a_primary_alone_has_the_rules(run: Run) -> None:
    engine = run(lambda: mesh({}, **GUARDED["a rule"]).enrol("web", ["oci-eu"]))
    assert [r.name for r in engine.of(POLICY)] == ["shop-oci-eu-web-authorizationpolicy-allow"]


CALLS: dict[str, Callable[[multimesh.MultiCloudMesh, list[str]], Any]] = {
    "enrol": lambda made, clusters: made.enrol("web", clusters),
    "export": lambda made, clusters: made.export("web", "api", clusters),
    "federate": lambda made, clusters: made.federate("web", "api", clusters),
}


@pytest.mark.parametrize("verb", CALLS)
@pytest.mark.parametrize("kind", MESHES)
def test_a_cluster_that_is_not_there_is_named_beside_those_that_are(run: Run, kind: str, verb: str) -> None:
    args: Any = {**copy.deepcopy(ARGS), **MESHES[kind]}
    said = rf"{verb}: not in the mesh: 'gcp-us', 'x'; its clusters: aws-us, gcp-eu, oci-eu"
    with pytest.raises(ValueError, match=said):
        run(lambda: CALLS[verb](multimesh.MultiCloudMesh("shop", args), ["gcp-us", "gcp-eu", "x"]))


def test_a_management_cluster_is_not_in_the_mesh(run: Run) -> None:
    with pytest.raises(ValueError, match="not in the mesh: 'aws-us'; its clusters: gcp-eu, oci-eu"):
        run(lambda: mesh(EXTERNAL).enrol("web", ["aws-us"]))


def test_the_name_of_the_default_cannot_pin_what_is_not_the_default(run: Run) -> None:
    both: dict[str, Any] = {"default": {"version": "1.30.3"}, "1-31-0": {"version": "1.31.0"}}
    with pytest.raises(ValueError, match=r"the sidecars of 1-31-0.*istio\.default: default"):
        run(lambda: mesh({"revisions": both, "default": "1-31-0"}).enrol("web", ["gcp-eu"], revision="default"))
    engine = run(lambda: mesh({"revisions": both, "default": "default"}).enrol("web", ["gcp-eu"], revision="default"))
    (namespace,) = (r for r in engine.of("kubernetes:core/v1:Namespace") if r.name == "shop-gcp-eu-web")
    assert namespace.inputs["metadata"]["labels"] == {"istio.io/rev": "default"}


@pytest.mark.parametrize("preview", [False, True])
def test_what_is_enrolled_nowhere_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, preview: bool) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: said.append(text))
    security = {"allow": [RULE], "zones": {"back": {"namespaces": ["ledger", "payments"]}}}

    def program(*enrolled: str) -> None:
        made = mesh({}, security=security)
        for namespace in enrolled:
            made.enrol(namespace)

    run(lambda: program("web", "ledger", "payments"), preview=preview)
    assert said == []
    run(lambda: program("ledger"), preview=preview)
    (line,) = said
    assert "enrolled nowhere, so that no rule guards its pods: payments, web; call  mesh.enrol" in line
