"""`multimesh graph`: the plan as a picture."""

from pathlib import Path

import pytest

from pulumi_multimesh.cli import FAULTS, OK, USAGE, main

MESH = """
gke: {gcp-eu: {project: acme-dev, region: europe-west4}}
eks: {aws-us: {region: us-east-1}}
consul: {}
api_access: {office: 203.0.113.0/24}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mesh.yaml"
    path.write_text(MESH)
    return str(path)


def test_mermaid_unless_given(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "-f", file]) == OK
    out = capsys.readouterr().out
    assert "flowchart TD" in out
    assert "peered over public gateways" in out


def test_dot(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "-f", file, "--as", "dot"]) == OK
    assert capsys.readouterr().out.startswith("digraph mesh {")


def test_faults_are_told_and_nothing_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mesh.yaml").write_text("gke: {}\n")
    assert main(["graph", "-f", str(tmp_path / "mesh.yaml")]) == FAULTS
    told = capsys.readouterr()
    assert told.out == ""
    assert "is missing, and no other mesh is given" in told.err


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "-f", "nowhere.yaml"]) == USAGE
    assert "nowhere.yaml" in capsys.readouterr().err
