"""What a simulated cloud remembers, and how it can be told to fail."""

import json
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, home_in

from multimesh_lab.home import LabHome
from multimesh_lab.providers.gcp.provider import provider
from multimesh_lab.providers.property_diff import changes, forced, prune
from multimesh_lab.providers.store import (
    Failure,
    Record,
    Settings,
    SettingsError,
    Store,
    inventory,
    read_settings,
    write_settings,
)

NETWORK = "gcp:compute/network:Network"
ADDRESS = "gcp:compute/address:Address"
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=3)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner),
    max_leaves=8,
)
objects = st.dictionaries(st.text("abc", min_size=1, max_size=2), values, max_size=4)


@pytest.fixture
def home(tmp_path: Path) -> LabHome:
    return home_in(tmp_path)


def cloud(home: LabHome) -> Engine:
    return Engine(provider(home, FakeRuntime()), {"project": "p", "region": "europe-west4"})


def test_private_values_are_marked_and_files_are_private(home: LabHome) -> None:
    store = Store(home, "gcp")
    record = Record("t", "i", "urn", "n", {"key": "abc"}, {"key": "abc", "open": 1}, ("key",))
    store.put(record)
    assert store.get("t", "i") == record
    (path,) = (home.clouds / "gcp" / "resources").glob("*.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["outputs"]["key"] == {"$private": "abc"}


def test_another_process_sees_it(home: LabHome) -> None:
    made = cloud(home).create(NETWORK, "net", {})
    assert [record.id for record in inventory(home, "gcp")] == [made.id]
    assert cloud(home).read(made) is not None
    assert inventory(home, "aws") == []


def test_drift_shows_after_a_refresh(home: LabHome) -> None:
    engine = cloud(home)
    made = engine.create(NETWORK, "net", {"routingMode": "GLOBAL"})
    engine.store.change(NETWORK, made.id, {"routingMode": "REGIONAL"})
    seen = engine.read(made)
    assert seen is not None
    assert seen.inputs["routingMode"] == "REGIONAL"
    assert list(engine.diff(seen, {"routingMode": "GLOBAL"}).diffs) == ["routingMode"]


def test_what_is_gone_is_gone(home: LabHome) -> None:
    engine = cloud(home)
    made = engine.create(NETWORK, "net", {})
    engine.store.remove(NETWORK, made.id)
    assert engine.read(made) is None
    engine.delete(made)
    with pytest.raises(RefusedByProviderError, match="is not found; run `pulumi refresh`"):
        engine.update(made, {})


def test_failures_as_often_as_told(home: LabHome) -> None:
    write_settings(home, Settings(failures=(Failure(ADDRESS, "create", 2, "quota 'STATIC_ADDRESSES' exceeded"),)))
    for _ in range(2):
        with pytest.raises(RefusedByProviderError, match="STATIC_ADDRESSES"):
            cloud(home).create(ADDRESS, "a", {})
    assert cloud(home).create(ADDRESS, "a", {}).id


def test_durations_are_scaled(home: LabHome) -> None:
    write_settings(home, Settings(duration_scale=0.02))
    started = time.monotonic()
    cloud(home).create(NETWORK, "net", {})
    assert 0.3 < time.monotonic() - started < 5  # 0.3 minutes times 0.02


def test_a_cancelled_call_does_not_wait(home: LabHome) -> None:
    write_settings(home, Settings(duration_scale=10))
    engine = cloud(home)
    engine.provider.stopping.set()
    assert engine.create(NETWORK, "net", {}).id


def test_calls_are_noted_without_values(home: LabHome) -> None:
    engine = cloud(home)
    engine.preview(NETWORK, "net", {"description": "words"})
    engine.create(NETWORK, "net", {"description": "words"})
    assert [(c["method"], c["preview"]) for c in engine.store.calls()] == [
        ("create", True),
        ("create", False),
    ]
    assert "words" not in (home.clouds / "gcp" / "calls.jsonl").read_text()


def test_settings_are_checked(home: LabHome) -> None:
    (home.clouds / "settings.json").write_text('{"nodes": "many"}')
    with pytest.raises(SettingsError, match="allowed are 'real' and 'none'"):
        read_settings(home)
    (home.clouds / "settings.json").write_text('{"speed": 1}')
    with pytest.raises(SettingsError, match="unknown"):
        read_settings(home)


def test_many_writers_lose_nothing(home: LabHome) -> None:
    store = Store(home, "gcp")

    def write(index: int) -> None:
        with store.locked():
            store.put(Record("t", str(index), "", "", {}, {}))
            store.log_call("create", "t", "", str(index), False)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.all("t")) == len(store.calls()) == 16


def test_autonames(home: LabHome) -> None:
    engine = cloud(home)
    first = engine.check(NETWORK, "Net", {})
    assert first["name"].startswith("net-")
    assert len(first["name"]) == len("net-") + 7
    assert first["__defaults"] == ["name"]
    assert engine.check(NETWORK, "Net", {}, {**first, "name": "net-1234567"})["name"] == "net-1234567"
    assert engine.check(NETWORK, "Net", {"name": "mine"}, first)["__defaults"] == []


@given(objects)
def test_nothing_differs_from_itself(value: dict[str, object]) -> None:
    assert changes(value, value) == {}
    assert prune(value, value) == value


@given(objects, objects)
def test_differences_mirror(old: dict[str, object], new: dict[str, object]) -> None:
    mirrored = {"add": "delete", "delete": "add", "update": "update"}
    assert {path: mirrored[c] for path, c in changes(old, new).items()} == changes(new, old)


def test_forcing_paths() -> None:
    assert forced("a.b[0].c", frozenset({"a.b"}))
    assert not forced("ab", frozenset({"a"}))
    assert not forced("a", frozenset({"a.b"}))
