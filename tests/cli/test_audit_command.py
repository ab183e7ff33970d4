"""`multimesh audit`, `checks` and `policy-pack` as a user calls them, with stand-ins for `pulumi` and `kubectl`."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_cases.things import KEY, namespace, peer
from stand_in_programs import has, stand_in

from pulumi_multimesh import __version__
from pulumi_multimesh.checks.catalogue import BY_ID
from pulumi_multimesh.cli import main

# The state is asked for without its secrets, the kubeconfigs with them.
PULUMI = """\
import sys
assert sys.argv[sys.argv.index("--stack") + 1] == "prod", sys.argv
what = sys.argv[2]
assert ("--show-secrets" in sys.argv) == (what == "output"), sys.argv
print((FOLDER / f"{what}.json").read_text())
"""
KUBECTL = """\
import json, sys
cluster = pathlib.Path(sys.argv[-1]).read_text()
if not (FOLDER / f"{cluster}.json").exists():
    sys.exit("Unable to connect to the server")
answer = json.loads((FOLDER / f"{cluster}.json").read_text())
if sys.argv[1] == "api-resources":
    print("\\n".join(answer["kinds"]))
else:
    assert sys.argv[2] == ",".join(answer["asked"]), sys.argv[2]
    print(json.dumps({"items": answer["items"]}))
"""
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}


def resource(token: str, called: str, **inputs: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:prod::shop::{token}::{called}", "type": token, "inputs": inputs, "outputs": {}}


STATE = {
    "deployment": {
        "resources": [
            resource("tls:index/privateKey:PrivateKey", "old-key", algorithm="RSA", rsaBits=1024, key=SECRET),
            # Of a cluster's objects what runs counts: this one is not there any more.
            resource("kubernetes:security.istio.io/v1:PeerAuthentication", "gone", **peer("DISABLE").properties),
        ]
    }
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    stand_in(tmp_path, monkeypatch, {"pulumi": PULUMI, "kubectl": KUBECTL})
    has(tmp_path, export=STATE, output={"kubeconfigs": {"gcp-eu": "gcp-eu"}})
    mesh_kinds = ["namespaces", "peerauthentications.security.istio.io"]
    has(tmp_path, **{"gcp-eu": {"kinds": [*mesh_kinds, "secrets"], "asked": mesh_kinds, "items": []}})
    return tmp_path


def runs(folder: Path, *items: dict[str, Any]) -> None:
    answer = json.loads((folder / "gcp-eu.json").read_text())
    has(folder, **{"gcp-eu": {**answer, "items": list(items)}})


def told(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    return [(each["check"], each["name"]) for each in json.loads(capsys.readouterr().out)]


@pytest.mark.usefixtures("folder")
def test_what_runs_counts_and_not_what_was_declared(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["audit", "--stack", "prod", "-o", "json"]) == 1
    assert told(capsys) == [("key-weak", "old-key")]

    runs(folder, dict(peer("PERMISSIVE", "legacy").properties), dict(namespace(in_mesh=True).properties))
    assert main(["audit", "--stack", "prod", "-o", "json"]) == 1
    assert told(capsys) == [
        ("istio-plain-text", "legacy/it"),
        ("namespace-without-network-policy", "shop"),
        ("key-weak", "old-key"),
    ]


@pytest.mark.usefixtures("folder")
def test_without_clusters_what_was_declared_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--stack", "prod", "--no-clusters", "-o", "json"]) == 1
    assert told(capsys) == [("istio-plain-text", "gone"), ("key-weak", "old-key")]


def test_a_cluster_that_does_not_answer_is_named_and_the_others_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    has(folder, output={"kubeconfigs": {"aws-us": "aws-us", "gcp-eu": "gcp-eu"}})
    runs(folder, dict(peer("PERMISSIVE", "legacy").properties))
    assert main(["audit", "--stack", "prod", "-o", "json"]) == 2
    answer = capsys.readouterr()
    assert [each["check"] for each in json.loads(answer.out)] == ["istio-plain-text", "key-weak"]
    (said,) = answer.err.splitlines()
    assert said.startswith("aws-us was not looked at")
    assert said.endswith("Unable to connect to the server")
    assert main(["audit", "--stack", "prod"]) == 2
    assert "aws-us was not looked at" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_no_findings_of_clusters_that_did_not_answer_are_no_success(folder: Path) -> None:
    has(folder, output={"kubeconfigs": {"aws-us": "aws-us"}}, export={"deployment": {"resources": []}})
    assert main(["audit", "--stack", "prod"]) == 2


def test_the_report_says_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs(folder, dict(peer("PERMISSIVE", "legacy").properties))
    assert main(["audit", "--stack", "prod"]) == 1
    said = capsys.readouterr().out
    assert "mandatory  istio-plain-text: An exception from mTLS has a last day.\n" in said
    assert "  gcp-eu PeerAuthentication legacy/it: spec.mtls.mode is PERMISSIVE" in said
    assert f"  remedy: {BY_ID['istio-plain-text'].remedy}\n" in said
    assert said.endswith("over 2 resources and 1 objects of running clusters: 2 mandatory, 0 advisory\n")


def test_levels_and_exceptions_are_those_of_the_policy_pack(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wished = folder / "checks.json"
    wished.write_text(json.dumps({"key-weak": {"enforcementLevel": "advisory"}}))
    assert main(["audit", "--stack", "prod", "--config", str(wished)]) == 0
    assert "advisory  key-weak" in capsys.readouterr().out
    wished.write_text(json.dumps({"key-weak": {"except": ["old-*"]}}))
    assert main(["audit", "--stack", "prod", "--config", str(wished), "-o", "json"]) == 0
    assert told(capsys) == []
    wished.write_text(json.dumps({"all": "disabled"}))
    assert main(["audit", "--stack", "prod", "--config", str(wished)]) == 0
    assert "0 checks over" in capsys.readouterr().out


def test_every_fault_of_the_settings_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wished = folder / "checks.json"
    wished.write_text(json.dumps({"key-week": "advisory", "key-weak": "loud"}))
    assert main(["audit", "--stack", "prod", "--config", str(wished)]) == 1
    said = capsys.readouterr().err
    assert "key-week is no check" in said
    assert "write  key-weak" in said
    assert 'key-weak.enforcementLevel: "loud" is no level' in said


def test_a_state_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "state.json"
    readable = resource("any:index:Thing", "open", key=KEY, hidden=SECRET)
    file.write_text(json.dumps({"deployment": {"resources": [readable]}}))
    assert main(["audit", "--state", str(file), "-o", "json"]) == 1
    assert told(capsys) == [("state-secret-readable", "open")]

    # A provider that returns a secret input as an output that is none.
    returned = {**resource("any:index:Thing", "returned", key=SECRET), "outputs": {"key": KEY, "id": "one"}}
    file.write_text(json.dumps({"deployment": {"resources": [returned]}}))
    assert main(["audit", "--state", str(file), "-o", "json"]) == 1
    assert told(capsys) == [("state-secret-readable", "returned")]


def test_a_file_that_is_no_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state.json").write_text(json.dumps({"deployment": {}}))
    (tmp_path / "checks.json").write_text("no json")
    state = str(tmp_path / "state.json")
    assert main(["audit", "--state", state, "--config", str(tmp_path / "checks.json")]) == 2
    assert "is not JSON" in capsys.readouterr().err
    assert main(["audit", "--state", state, "--config", str(tmp_path / "none.json")]) == 2


def test_the_list_and_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(BY_ID)
    assert main(["checks", "-o", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(BY_ID)
    assert main(["checks", "chart-unpinned"]) == 0
    assert capsys.readouterr().out.startswith("# chart-unpinned\n")
    assert main(["checks", "chart-pinned"]) == 2
    assert "did you mean chart-unpinned?" in capsys.readouterr().err


def test_the_packs_folder_has_the_librarys_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy-pack"]) == 0
    project = yaml.safe_load((Path(capsys.readouterr().out.strip()) / "PulumiPolicy.yaml").read_text())
    assert (project["name"], project["version"]) == ("multimesh", __version__)
