"""Helm releases by the kubernetes stand-in: the real Helm, a small chart, a real API server."""

from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2
from simulated_cloud import CheckFailedError, Engine, RefusedByProviderError

from multimesh_lab.providers.wire import UNKNOWN, Secret

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
