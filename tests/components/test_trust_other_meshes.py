"""What Linkerd and Consul are told of trust: which stage a cluster was left with, and when pods have to start anew."""

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pulumi
import pytest
import yaml
from mocked_engine import COMPUTED, INVOKES, Engine, Run

import pulumi_multimesh as multimesh
from pulumi_multimesh.pki.fingerprint import CERTIFICATES
from pulumi_multimesh.pki.former_trust import trust_in
from pulumi_multimesh.plan.rotation import ISSUING, ROOTS, Trust

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"]}},
    "api_access": {"office": "203.0.113.0/24"},
}
CLUSTERS = ("aws-us", "gcp-eu")
MESHES: dict[str, dict[str, Any]] = {
    "istio": {"istio": {}},
    "linkerd": {"linkerd": {}},
    "consul": {"consul": {}},
    "federation": {"consul": {"topology": "federation", "primary": "gcp-eu"}},
}
OTHERS = ("linkerd", "consul", "federation")
BOTH: dict[str, Any] = {"roots": ["default", "r2028"], "issuing": "default"}
SWITCHED: dict[str, Any] = {"roots": ["default", "r2028"], "issuing": "r2028"}
SECRET, CONFIG_MAP, RELEASE = (
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:helm.sh/v3:Release",
)
ROOT, SIGNED = "tls:index/selfSignedCert:SelfSignedCert", "tls:index/locallySignedCert:LocallySignedCert"


def made(run: Run, mesh: str, pki: dict[str, Any] | None = None) -> Engine:
    def program() -> None:
        args: Any = {**copy.deepcopy(ARGS), **copy.deepcopy(MESHES[mesh]), "pki": pki or {}}
        multimesh.MultiCloudMesh("shop", args)

    return run(program)


def left(engine: Engine) -> dict[str, Any]:
    """The state that the program leaves, as the engine would tell it."""
    return {
        f"urn:pulumi:dev::shop::a$b${each.token}::{each.name}": {
            "type": each.token,
            "outputs": {"metadata": each.inputs["metadata"]},
        }
        for token in (SECRET, CONFIG_MAP)
        for each in engine.of(token)
        if "metadata" in each.inputs  # what is read has none
    }


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The state that the program's stack has; filled by a test."""
    found: dict[str, Any] = {}
    monkeypatch.setitem(
        INVOKES, "pulumi:pulumi:readStackResourceOutputs", lambda args: {"name": args["stackName"], "outputs": found}
    )
    return found


@pytest.mark.parametrize("mesh", OTHERS)
def test_nothing_is_told_where_nothing_is_asked(run: Run, mesh: str) -> None:
    assert ROOTS not in json.dumps(left(made(run, mesh)))
    assert ISSUING not in json.dumps(left(made(run, mesh)))


@pytest.mark.parametrize(
    ("mesh", "holds_roots", "is_signed"),
    [
        ("linkerd", "linkerd-identity-trust-roots", "linkerd-identity-issuer"),
        ("consul", "consul-roots", "consul-servers"),
        ("federation", "consul-roots", "consul-servers"),
    ],
)
def test_each_says_what_changes_with_it(run: Run, mesh: str, holds_roots: str, is_signed: str) -> None:
    told: dict[str, list[dict[str, str]]] = {}
    for each in left(made(run, mesh, BOTH)).values():
        metadata = each["outputs"]["metadata"]
        said = {key: value for key, value in metadata.get("annotations", {}).items() if key in (ROOTS, ISSUING)}
        if said:
            told.setdefault(metadata["name"], []).append(said)
    assert told == {
        holds_roots: [{ROOTS: "default r2028"}] * len(CLUSTERS),
        is_signed: [{ISSUING: "default"}] * len(CLUSTERS),
    }


@pytest.mark.parametrize("mesh", OTHERS)
def test_what_an_up_leaves_is_found_by_the_next(run: Run, mesh: str) -> None:
    chosen = next(iter(MESHES[mesh]))
    found = trust_in(left(made(run, mesh, SWITCHED)), "shop", CLUSTERS, chosen)
    trust = Trust(("default", "r2028"), "r2028", many_roots=True, starts_anew=True)
    assert found == dict.fromkeys(CLUSTERS, trust)
    assert set(trust_in(left(made(run, mesh)), "shop", CLUSTERS, chosen)) == set(CLUSTERS)


@pytest.mark.parametrize("mesh", OTHERS)
def test_a_skipped_stage_is_refused(run: Run, mesh: str, state: dict[str, Any]) -> None:
    state.update(left(made(run, mesh)))
    with pytest.raises(pulumi.RunError, match=r"pki\.issuing: \"r2028\" is a root that aws-us, gcp-eu do not trust"):
        made(run, mesh, SWITCHED)
    with pytest.raises(pulumi.RunError, match="a stage is skipped"):
        made(run, mesh, {"roots": ["r2028"]})
    distributed = made(run, mesh, BOTH)
    state.clear()
    state.update(left(distributed))
    with pytest.raises(pulumi.RunError, match="leaves out default, under which aws-us, gcp-eu issue"):
        made(run, mesh, {"roots": ["r2028"]})
    switched = made(run, mesh, SWITCHED)
    state.clear()
    state.update(left(switched))
    made(run, mesh, {"roots": ["r2028"]})


@pytest.mark.parametrize(("before", "after"), [("istio", "linkerd"), ("linkerd", "consul"), ("federation", "istio")])
def test_another_mesh_goes_on_where_the_former_stood(run: Run, before: str, after: str, state: dict[str, Any]) -> None:
    state.update(left(made(run, before)))
    former = next(iter(MESHES[before]))
    with pytest.raises(pulumi.RunError, match=rf"aws-us \({former}\), gcp-eu \({former}\) do not trust yet"):
        made(run, after, SWITCHED)
    # No istiod of before is to take another bundle while it runs.
    made(run, after, BOTH)


def annotations(engine: Engine) -> dict[tuple[str, str], str]:
    """By release and by the value that has it: what pods are told of certificates."""
    found: dict[tuple[str, str], str] = {}
    for release in engine.of(RELEASE):
        values = release.inputs["values"]
        for key, value in {"": values, **values}.items():
            told = value.get("podAnnotations") or value.get("annotations") if isinstance(value, dict) else None
            if told:
                read = yaml.safe_load(told) if isinstance(told, str) else told
                found[release.name, key] = read[CERTIFICATES]
    return found


@pytest.mark.parametrize(
    ("mesh", "with_roots", "with_certificates"),
    [
        ("linkerd", {("linkerd-control-plane", ""), ("multicluster-release", "")}, set()),
        (
            "consul",
            {("consul-release", key) for key in ("server", "connectInject", "meshGateway")},
            {("consul-release", "server")},
        ),
    ],
)
def test_pods_start_anew_with_other_certificates(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    mesh: str,
    with_roots: set[tuple[str, str]],
    with_certificates: set[tuple[str, str]],
) -> None:
    def everywhere(parts: set[tuple[str, str]]) -> set[tuple[str, str]]:
        return {(f"shop-{cluster}-{part}", key) for cluster in CLUSTERS for part, key in parts}

    before = annotations(made(run, mesh))
    assert set(before) == everywhere(with_roots)
    assert annotations(made(run, mesh)) == before, "a second run says the same"

    monkeypatch.setitem(COMPUTED, SIGNED, {"certPem": "RENEWED\n"})
    renewed = annotations(made(run, mesh))
    assert {key for key, value in renewed.items() if value != before[key]} == everywhere(with_certificates)

    monkeypatch.setitem(COMPUTED, ROOT, {"certPem": "ANOTHER\n"})
    other = annotations(made(run, mesh))
    assert {key for key, value in other.items() if value != renewed[key]} == everywhere(with_roots)


def test_consuls_annotations_are_lines_that_follow_others(run: Run) -> None:
    """The chart writes them below its own: `server-statefulset.yaml`, and the Deployments' templates."""
    (release,) = [each for each in made(run, "consul").of(RELEASE) if each.name == "shop-gcp-eu-consul-release"]
    for key in ("server", "connectInject", "meshGateway"):
        text = release.inputs["values"][key]["annotations"]
        assert set(yaml.safe_load(f'"its/own": "x"\n{text}\n')) == {"its/own", CERTIFICATES}


@pytest.mark.parametrize(
    ("mesh", "servers"),
    [("istio", ()), ("linkerd", ("policy-validator", "proxy-injector", "sp-validator")), ("consul", ("servers",))],
)
def test_ends_are_told_of_servers_too(
    run: Run, monkeypatch: pytest.MonkeyPatch, mesh: str, servers: tuple[str, ...]
) -> None:
    """And warned of: here everything ends within days."""
    soon = (datetime.now(UTC) + timedelta(days=9, hours=1)).isoformat()
    for kind in (ROOT, SIGNED):
        monkeypatch.setitem(COMPUTED, kind, {**COMPUTED[kind], "validityEndTime": soon})
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda line, *_: warned.append(line))
    told: list[dict[str, str]] = []

    def program() -> None:
        args: Any = {**copy.deepcopy(ARGS), **copy.deepcopy(MESHES[mesh])}
        multimesh.MultiCloudMesh("shop", args).trust.apply(told.append)

    run(program)
    below = {f"{cluster}/{server}" for cluster in CLUSTERS for server in servers}
    assert told == [dict.fromkeys({"root", *CLUSTERS, *below}, soon)]
    said = {line.partition(" ends on ")[0] for line in warned if "in 9 days" in line}
    assert said == {
        "the root",
        *(f"the intermediate of {cluster}" for cluster in CLUSTERS),
        *(f"the certificate of {server} in {cluster}" for cluster in CLUSTERS for server in servers),
    }
