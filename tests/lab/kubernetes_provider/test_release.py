"""Helm releases by the kubernetes stand-in: the real Helm, a small chart, a real API server."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime.proto import provider_pb2
from simulated_cloud import CheckFailedError, Engine, RefusedByProviderError

from multimesh_lab.providers.wire import SIGNATURE, UNKNOWN, Secret

RELEASE = "kubernetes:helm.sh/v3:Release"
TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-settings
data:
  greeting: {{ .Values.greeting | quote }}
"""


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    folder = tmp_path / "greeter"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: greeter\nversion: 0.3.1\n")
    (folder / "values.yaml").write_text("greeting: hello\n")
    (folder / "templates" / "settings.yaml").write_text(TEMPLATE)
    return folder


def wanted(chart: Path, name: str, **values: Any) -> dict[str, Any]:
    return {"chart": str(chart), "name": name, "namespace": "default", "values": values}


def test_the_life_of_a_release(engine: Engine, chart: Path) -> None:
    made = engine.create(RELEASE, "r", wanted(chart, "one"))
    assert made.id == "default/one"
    assert made.inputs["version"] == "0.3.1", "the resolved version is pinned in the inputs"
    assert made.outputs["status"]["status"] == "deployed"
    assert made.outputs["resourceNames"] == {"ConfigMap/v1": ["one-settings"]}
    assert isinstance(made.raw["__inputs"], Secret)
    assert engine.diff(made, wanted(chart, "one")).changes == provider_pb2.DiffResponse.DIFF_NONE
    changed = engine.update(made, wanted(chart, "one", greeting="bye"))
    assert changed.outputs["status"]["revision"] == 2
    read = engine.read(changed)
    assert read is not None
    assert read.outputs["values"] == {"greeting": "bye"}
    assert list(engine.diff(changed, wanted(chart, "two", greeting="bye")).replaces) == ["name"]
    engine.delete(changed)
    assert engine.read(changed) is None


def test_a_chart_that_is_not_there_fails_the_check(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(CheckFailedError, match="chart: the chart cannot be loaded"):
        engine.check(RELEASE, "r", wanted(tmp_path / "nothing", "none"))


def test_with_unknown_values_the_chart_is_not_loaded(engine: Engine, tmp_path: Path) -> None:
    inputs = engine.check(RELEASE, "r", wanted(tmp_path / "nothing", "none", greeting=UNKNOWN))
    assert inputs["version"] == ""


def test_a_name_in_use_is_refused(engine: Engine, chart: Path) -> None:
    made = engine.create(RELEASE, "r", wanted(chart, "taken"))
    with pytest.raises(RefusedByProviderError, match=r"cannot re-use|in use"):
        engine.create(RELEASE, "s", wanted(chart, "taken"))
    engine.delete(made)


def test_values_files_are_folded_and_secret_leaves_stay_secret(engine: Engine, chart: Path, tmp_path: Path) -> None:
    asset = "c44067f5952c0a294b673a41bacd8c17"
    file = tmp_path / "more.yaml"
    file.write_text("b: {x: 1, y: 2}\n")
    files = [{SIGNATURE: asset, "text": "a: 1\nb: {x: 0}\n"}, {SIGNATURE: asset, "path": str(file)}]
    values = {"b": {"y": 3}, "token": Secret("s")}
    inputs = engine.check(RELEASE, "r", {**wanted(chart, "files"), "values": values, "valueYamlFiles": files})
    assert inputs["values"] == {"a": 1, "b": {"x": 1, "y": 3}, "token": Secret("s")}
    assert "valueYamlFiles" not in inputs
    broken = [{SIGNATURE: asset, "text": "- a list"}]
    with pytest.raises(CheckFailedError, match="valueYamlFiles: a values file holds a list"):
        engine.check(RELEASE, "r", {**wanted(chart, "files"), "valueYamlFiles": broken})


def test_what_a_release_cannot_be_is_said(engine: Engine, chart: Path) -> None:
    with pytest.raises(CheckFailedError, match="chart: a release needs a chart"):
        engine.check(RELEASE, "r", {"name": "none"})
    with pytest.raises(CheckFailedError, match=r"repositoryOpts\.password"):
        engine.check(RELEASE, "r", {**wanted(chart, "x"), "repositoryOpts": {"password": Secret("p")}})
    unknown = engine.check(RELEASE, "r", {**wanted(chart, "x"), "atomic": UNKNOWN, "repositoryOpts": UNKNOWN})
    assert unknown["atomic"] is UNKNOWN
    assert unknown["repositoryOpts"] is UNKNOWN


def test_a_failed_upgrade_keeps_the_release_and_the_next_one_heals_it(engine: Engine, chart: Path) -> None:
    made = engine.create(RELEASE, "r", wanted(chart, "healing"))
    template = chart / "templates" / "settings.yaml"
    template.write_text(TEMPLATE + "  Not_Valid/at all: x\n")
    with pytest.raises(RefusedByProviderError, match="Helm release healing"):
        engine.update(made, wanted(chart, "healing", greeting="bye"))
    read = engine.read(made)
    assert read is not None
    assert read.outputs["status"]["status"] == "failed"
    template.write_text(TEMPLATE)
    healed = engine.update(made, wanted(chart, "healing", greeting="bye"))
    assert healed.outputs["status"]["status"] == "deployed"
    engine.delete(healed)
    with pytest.raises(RefusedByProviderError, match="not found"):
        engine.delete(healed)


def test_the_chosen_context_is_helms_too(engine: Engine, chart: Path, kubeconfig: str) -> None:
    document = yaml.safe_load(kubeconfig)
    document["contexts"].append({"name": "second", "context": {"cluster": "c", "user": "u", "namespace": "default"}})
    document["contexts"][0]["context"]["cluster"] = "nowhere"
    engine.configure({"kubeconfig": yaml.safe_dump(document), "context": "second"})
    made = engine.create(RELEASE, "r", wanted(chart, "there"))
    engine.delete(made)


def test_nothing_secret_is_left_on_disk(engine: Engine, chart: Path, tmp_path: Path) -> None:
    values = {"greeting": Secret("a-very-secret-greeting")}
    made = engine.create(RELEASE, "r", {**wanted(chart, "quiet"), "values": values})
    assert made.raw["values"] == values
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"a-very-secret-greeting" in path.read_bytes()]
    engine.delete(made)
