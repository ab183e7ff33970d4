"""`multimesh restart` as a user calls it, with stand-ins for `pulumi` and `kubectl` that answer from files."""

from pathlib import Path
from typing import Any

import pytest
from stand_in_programs import has, stand_in

from pulumi_multimesh.cli import main

# Each kubeconfig is the name of its cluster, by which the stand-in finds what to answer.
PULUMI = """\
import json, sys
assert sys.argv[sys.argv.index("--stack") + 1] == "prod", sys.argv
assert "--show-secrets" in sys.argv
print((FOLDER / "outputs.json").read_text())
"""
KUBECTL = """\
import os, sys
words, path = sys.argv[1:-2], pathlib.Path(sys.argv[-1])
cluster = path.read_text()
assert os.stat(path).st_mode & 0o077 == 0, "others can read the kubeconfig"
with (FOLDER / "calls").open("a") as file:
    print(path, cluster, *words, file=file)
if words[0] == "get":
    listed = FOLDER / f"{cluster}.json"
    sys.exit(0 if listed.exists() and not print(listed.read_text()) else "no route to host")
if words[1] == "status" and (FOLDER / "stuck").exists() and words[2] == (FOLDER / "stuck").read_text():
    sys.exit("timed out waiting for the condition")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that holds the two stand-ins alone."""
    stand_in(tmp_path, monkeypatch, {"pulumi": PULUMI, "kubectl": KUBECTL})
    has(tmp_path, outputs={"kubeconfigs": {"gcp-eu": "gcp-eu", "aws-us": "aws-us"}})
    for cluster in ("gcp-eu", "aws-us"):
        has(tmp_path, **{cluster: {"items": items("web", "db", "queue")}})
    return tmp_path


def items(namespace: str, *stateful_sets: str) -> list[dict[str, Any]]:
    webhook = {"kind": "MutatingWebhookConfiguration", "metadata": {"name": "w", "labels": {"istio.io/rev": "default"}}}
    there = {"kind": "Namespace", "metadata": {"name": namespace, "labels": {"istio-injection": "enabled"}}}
    pods = [
        {
            "kind": "Pod",
            "metadata": {
                "name": f"{name}-0",
                "namespace": namespace,
                "ownerReferences": [{"kind": "StatefulSet", "name": name, "controller": True}],
            },
            "spec": {"containers": [{"name": "app"}]},
            "status": {"phase": "Running"},
        }
        for name in stateful_sets
    ]
    return [webhook, there, *pods]


def calls(folder: Path) -> list[str]:
    """What kubectl was called with, without the kubeconfig's path and without reading."""
    lines = [line.split(" ", 1)[1] for line in (folder / "calls").read_text().splitlines()]
    return [line for line in lines if " get " not in line]


def test_one_after_the_other_each_when_the_one_before_is_ready(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restart", "--stack", "prod", "--timeout", "60"]) == 0
    assert calls(folder) == [
        f"{cluster} rollout {what}"
        for cluster in ("aws-us", "gcp-eu")
        for name in ("db", "queue")
        for what in (f"restart statefulset/{name} -n web", f"status statefulset/{name} -n web --timeout=60s")
    ]
    assert "aws-us: restart web statefulset/db: has no sidecar\n" in capsys.readouterr().out
    paths = {line.split()[0] for line in (folder / "calls").read_text().splitlines()}
    assert len(paths) == 2
    assert not any(Path(path).exists() for path in paths), "a kubeconfig was left behind"


def test_a_dry_run_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restart", "--stack", "prod", "--dry-run"]) == 0
    assert calls(folder) == []
    assert capsys.readouterr().out.count("would restart web statefulset/") == 4


def test_it_stops_at_the_first_that_is_not_ready(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "stuck").write_text("statefulset/db")
    assert main(["restart", "--stack", "prod"]) == 1
    assert len(calls(folder)) == 2
    said = capsys.readouterr().err
    assert "aws-us: web statefulset/db is not ready: kubectl rollout: timed out" in said
    assert "kubectl rollout undo statefulset/db -n web" in said


def test_a_cluster_without_an_answer_is_passed_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "aws-us.json").unlink()
    assert main(["restart", "--stack", "prod"]) == 1
    assert {line.split()[0] for line in calls(folder)} == {"gcp-eu"}
    assert "aws-us: passed over: kubectl get: no route to host" in capsys.readouterr().err


def test_a_namespace_that_asks_for_nothing_is_told_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    has(folder, **{"gcp-eu": {"items": items("orders", "q")}})
    assert main(["restart", "--stack", "prod", "orders", "ordres", "--dry-run"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "aws-us: nothing to restart\ngcp-eu: would restart orders statefulset/q: has no sidecar\n"
    assert captured.err == "multimesh: ordres asks for sidecars in no cluster; enrol it: mesh.enrol\n"


@pytest.mark.parametrize("missing", ["kubectl", "pulumi"])
def test_a_missing_program_is_named_before_anything_is_done(
    folder: Path, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    (folder / "bin" / missing).unlink()
    assert main(["restart", "--stack", "prod"]) == 2
    assert f"{missing} is not on the PATH; install it" in capsys.readouterr().err
    assert not (folder / "calls").exists()


def test_a_stack_that_exports_no_kubeconfigs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    has(folder, outputs={"other": 1})
    assert main(["restart", "--stack", "prod"]) == 2
    assert 'pulumi.export("kubeconfigs", mesh.kubeconfigs)' in capsys.readouterr().err
