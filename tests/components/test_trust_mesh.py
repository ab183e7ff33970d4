"""What a whole mesh registers for its trust: nothing more than before where nothing is asked, and what is asked."""

import copy
from typing import Any

import pulumi
import pytest
from mocked_engine import INVOKES, Engine, Run

import pulumi_multimesh as multimesh
from pulumi_multimesh.pki.former_trust import trust_in
from pulumi_multimesh.plan.rotation import ISSUING, ROOTS, Trust

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
SECRET, RELEASE = "kubernetes:core/v1:Secret", "kubernetes:helm.sh/v3:Release"
READ = "pulumi:pulumi:readStackResourceOutputs"
BOTH: dict[str, Any] = {"roots": ["default", "r2028"], "issuing": "default"}


def made(run: Run, pki: dict[str, Any] | None = None, aliases: list[str] | None = None) -> Engine:
    def program() -> None:
        istio = {"trust_domain_aliases": aliases} if aliases else {}
        args: Any = {**copy.deepcopy(ARGS), "istio": istio, "pki": pki or {}}
        multimesh.MultiCloudMesh("shop", args)

    return run(program)


def cacerts(engine: Engine) -> dict[str, dict[str, Any]]:
    return {r.name: r.inputs for r in engine.of(SECRET) if r.name.endswith("-cacerts")}


def istiod(engine: Engine) -> dict[str, Any]:
    (found,) = [r for r in engine.of(RELEASE) if r.name == "shop-gcp-eu-istio-istiod"]
    return found.inputs["values"]


def left(roots: str, issuing: str, *clusters: str) -> dict[str, Any]:
    """A state in which the clusters have that trust."""
    annotations = {ROOTS: roots, ISSUING: issuing} if roots else {}
    return {
        f"urn:pulumi:stack::project::a$b$kubernetes:core/v1:Secret::shop-{name}-istio-cacerts": {
            "type": SECRET,
            "outputs": {"metadata": {"annotations": annotations}},
        }
        for name in clusters
    }


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The state that the program's stack has; filled by a test."""
    found: dict[str, Any] = {}
    monkeypatch.setitem(INVOKES, READ, lambda args: {"name": args["stackName"], "outputs": found})
    return found


def test_nothing_is_told_where_nothing_is_asked(run: Run) -> None:
    engine = made(run)
    assert all("annotations" not in inputs["metadata"] for inputs in cacerts(engine).values())
    assert istiod(engine)["meshConfig"] == {"trustDomain": "cluster.local"}
    assert "env" not in istiod(engine)


def test_roots_by_name(run: Run) -> None:
    engine = made(run, {**BOTH, "workload_minutes": 60}, ["old.example.com"])
    for inputs in cacerts(engine).values():
        assert inputs["metadata"]["annotations"] == {ROOTS: "default r2028", ISSUING: "default"}
        assert inputs["stringData"]["root-cert.pem"] == "ROOT\nROOT\n"
        assert inputs["stringData"]["cert-chain.pem"] == "INTERMEDIATE\nROOT\n"
    values = istiod(engine)
    assert values["env"] == {"ISTIO_MULTIROOT_MESH": "true"}
    assert values["meshConfig"] == {
        "trustDomain": "cluster.local",
        "trustDomainAliases": ["old.example.com"],
        "defaultConfig": {"proxyMetadata": {"PROXY_CONFIG_XDS_AGENT": "true", "SECRET_TTL": "60m"}},
    }


def test_a_skipped_stage_is_refused_and_nothing_is_registered(run: Run, state: dict[str, Any]) -> None:
    state.update(left("default", "default", "gcp-eu", "aws-us"))
    with pytest.raises(pulumi.RunError, match=r"pki\.issuing: \"r2028\" is a root that aws-us, gcp-eu do not trust"):
        made(run, {**BOTH, "issuing": "r2028"})
    made(run, BOTH)


def test_names_forgotten_while_another_root_issues(run: Run, state: dict[str, Any]) -> None:
    state.update(left("r2028", "r2028", "gcp-eu", "aws-us"))
    with pytest.raises(pulumi.RunError, match="a stage is skipped"):
        made(run)


def test_a_state_is_read_by_the_names_of_this_mesh_alone() -> None:
    state = {**left("a b", "a", "gcp-eu"), **left("", "", "aws-us")}
    assert trust_in(state, "shop", ["gcp-eu", "aws-us", "oci-eu"], "istio") == {
        "gcp-eu": Trust(("a", "b"), "a", many_roots=True),
        "aws-us": Trust(),
    }
    assert trust_in(state, "other", ["gcp-eu"], "istio") == {}
