"""`multimesh upgrade` as a user calls it."""

import json
from pathlib import Path

import pytest

from pulumi_multimesh.cli import main

MESH = """\
gke: {gcp-eu: {project: acme-dev, region: europe-west4}}
eks: {aws-us: {region: us-east-1}}
istio: ISTIO
api_access: {office: 203.0.113.0/24}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mesh.yaml"


def called(file: Path, istio: str, *words: str) -> int:
    file.write_text(MESH.replace("ISTIO", istio))
    return main(["upgrade", "-f", str(file), *words])


def test_the_order_with_what_to_write(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(file, "{version: 1.30.3}", "--to", "1.31.0", "--first", "gcp-eu") == 0
    said = capsys.readouterr().out
    assert "From 1.30.3 to 1.31.0, side by side" in said
    assert "1. the new control plane beside the old one  [next]" in said
    assert "2. gcp-eu first" in said
    assert "          1-31-0:\n            version: 1.31.0\n            default_in: [gcp-eu]\n" in said
    assert "$ istioctl proxy-status" in said


def test_it_knows_where_the_mesh_stands(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = "{revisions: {default: {version: 1.30.3}, 1-31-0: {version: 1.31.0}}, default: default}"
    assert called(file, there, "--to", "1.31.0") == 0
    said = capsys.readouterr().out
    assert "1. the new control plane beside the old one  [done]" in said
    assert "2. all clusters  [next]" in said
    assert said.count("   write, ") == 2


def test_nothing_to_do(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(file, "{revisions: {1-31-0: {version: 1.31.0}}}", "--to", "1.31.0") == 0
    assert capsys.readouterr().out == "The mesh is on 1.31.0; there is nothing to do.\n"


def test_for_a_script(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(file, "{}", "--to", "1.31.0", "-o", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["done"] == 0
    assert [step["istio"].get("default") for step in found["steps"]] == ["default", "1-31-0", None]


def test_a_refusal_and_a_fault_are_told_apart_from_an_order(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(file, "{version: 1.30.3}", "--to", "1.29.0") == 1
    assert "1.29.0 is not newer than 1.30.3" in capsys.readouterr().err
    assert called(file, "{version: v1.30.3}", "--to", "1.31.0") == 1
    captured = capsys.readouterr()
    assert "istio.version" in captured.err
    assert captured.out == ""
