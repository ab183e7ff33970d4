"""`multimesh certificates` as a user calls it, and the days that it counts."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pulumi_multimesh.cli import main
from pulumi_multimesh.pki.endings import endings
from pulumi_multimesh.pki.expiry import server_warnings, warnings
from pulumi_multimesh.plan.trust import tree

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def state(**ends: timedelta) -> dict[str, Any]:
    told = {name: (datetime.now(UTC) + left).isoformat() for name, left in ends.items()}
    urn = "urn:pulumi:dev::shop::multimesh:index:MultiCloudMesh$multimesh:index:MeshPki::shop-pki"
    return {"deployment": {"resources": [{"urn": urn, "type": "multimesh:index:MeshPki", "outputs": {"ends": told}}]}}


def test_the_first_to_end_comes_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state(root=timedelta(days=3000), gcp=timedelta(days=20.5), aws=timedelta(days=-3))))
    assert main(["certificates", "--state", str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["over", "aws"], ["soon", "gcp"], ["fine", "root"]]
    assert "in 20 days  (shop-pki)" in lines[1]


def test_enough_days_for_a_pipeline(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(state(root=timedelta(days=50)))))
    assert main(["certificates", "--days", "45", "-o", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["certificate"], told["state"]) == ("root", "fine")


def test_servers_are_among_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = state(root=timedelta(days=3000))
    for mesh, server, days in (("Linkerd", "proxy-injector", 31.5), ("Consul", "servers", 30.5)):
        kind = f"multimesh:index:{mesh}Trust"
        urn = f"urn:pulumi:dev::shop::multimesh:index:MultiCloudMesh${kind}::shop-gcp-eu-{mesh.lower()}-trust"
        ends = {server: (datetime.now(UTC) + timedelta(days=days)).isoformat()}
        told["deployment"]["resources"].append({"urn": urn, "type": kind, "outputs": {"ends": ends}})
    (tmp_path / "state.json").write_text(json.dumps(told))
    assert main(["certificates", "--state", str(tmp_path / "state.json")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["soon", "servers"], ["soon", "proxy-injector"], ["fine", "root"]]
    assert "in 30 days  (shop-gcp-eu-consul-trust)" in lines[0]


@pytest.mark.parametrize("text", ["no json", "{}", "[]"])
def test_what_is_no_state(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text(text)
    assert main(["certificates", "--state", str(tmp_path / "x")]) == 2
    assert "pulumi stack export" in capsys.readouterr().err


def test_what_a_warning_says() -> None:
    plan = tree(["gcp-eu"], "x", {"roots": ["default", "r2028"], "issuing": "default"})
    ends: dict[str, str | None] = {
        "root": "2027-02-01T00:00:00Z",
        "root-r2028": "2037-01-01T00:00:00+01:00",
        "gcp-eu": "2026-12-31T00:00:00Z",
        "unknown": None,
    }
    assert list(warnings(ends, plan, NOW)) == [
        "the intermediate of gcp-eu has ended; an `up` in its last 30 days renews it",
        "the root ends on 2027-02-01, in 31 days; rotate it now: docs/pki.md has the steps",
    ]
    assert [ending.name for ending in endings(ends, NOW)] == ["gcp-eu", "root", "root-r2028"]


def test_what_a_warning_of_a_server_says() -> None:
    ends: dict[str, str | None] = {
        "root": "2027-01-02T00:00:00Z",
        "gcp-eu/servers": "2027-01-31T00:00:00Z",
        "aws-us/servers": "2027-12-31T00:00:00Z",
    }
    (line,) = server_warnings(ends, 60, NOW)
    assert line.startswith(
        "the certificate of servers in gcp-eu ends on 2027-01-31, in 30 days; an `up` in its last 121"
    )
