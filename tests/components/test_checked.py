"""What ends a program before anything is registered."""

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import pulumi
import pytest

from pulumi_multimesh.checked import checked_plan

ARGS: Any = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
}


ROOT = Path(__file__).resolve().parents[2]


def test_the_clouds_sdks_and_the_policy_sdk_are_extras_and_nothing_else_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {
        name: [wish.partition(">")[0] for wish in wishes] for name, wishes in project["optional-dependencies"].items()
    }
    assert extras == {
        "gcp": ["pulumi-gcp"],
        "aws": ["pulumi-aws"],
        "azure": ["pulumi-azure-native"],
        "oci": ["pulumi-oci"],
        "policy": ["pulumi-policy"],
    }
    always = {wish.partition(">")[0] for wish in project["dependencies"]}
    assert always == {"cryptography", "pulumi", "pulumi-kubernetes", "pulumi-tls", "pyyaml"}


def test_a_plan_of_valid_arguments() -> None:
    assert list(checked_plan("shop", ARGS).clusters) == ["gcp-eu"]


def test_an_sdk_that_is_not_installed_is_a_fault_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pulumi_gcp" else real(name))
    with pytest.raises(pulumi.RunError) as raised:
        checked_plan("shop", ARGS)
    assert "gke needs the Python package pulumi_gcp, which is not installed" in str(raised.value)
    assert "pip install 'pulumi-multimesh[gcp]'" in str(raised.value)


def test_faults_of_the_plan_and_of_the_installation_come_together() -> None:
    args: Any = {**ARGS, "existing": {"old": {"egress_ips": ["203.0.113.7"]}}, "zzz": 1}
    with pytest.raises(pulumi.RunError) as raised:
        checked_plan("shop", args)
    assert "existing.old.kubeconfig is missing" in str(raised.value)
    assert "zzz is not a known key" in str(raised.value)


BOOKED: Any = {**ARGS, "addresses": {"book": "addresses.yaml"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def seen(file: Path) -> tuple[int, int]:
    """What differs when the file was written again."""
    return file.stat().st_ino, file.stat().st_mtime_ns


def test_a_book_that_is_not_there_ends_the_program_with_the_command(folder: Path) -> None:
    with pytest.raises(pulumi.RunError) as raised:
        checked_plan("shop", BOOKED)
    assert 'addresses.book: "addresses.yaml" is not there' in str(raised.value)
    assert f"multimesh plan --stack {pulumi.get_stack()} --update-book" in str(raised.value)
    assert "MULTIMESH_UPDATE_BOOK=1 pulumi preview" in str(raised.value)
    assert not list(folder.iterdir())


def test_a_program_whose_arguments_are_in_no_file_writes_its_book_on_request(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIMESH_UPDATE_BOOK", "1")
    first = checked_plan("shop", BOOKED)
    written = seen(folder / "addresses.yaml")
    assert checked_plan("shop", BOOKED).clusters == first.clusters
    assert seen(folder / "addresses.yaml") == written
    monkeypatch.delenv("MULTIMESH_UPDATE_BOOK")
    assert checked_plan("shop", BOOKED).clusters == first.clusters
    more: Any = {**BOOKED, "eks": {"aws-us": {"region": "us-east-1"}}}
    with pytest.raises(pulumi.RunError, match=r"eks\.aws-us is not in the address book"):
        checked_plan("shop", more)
    assert seen(folder / "addresses.yaml") == written


def test_a_broken_book_is_told_with_all_else_that_is_wrong(folder: Path) -> None:
    (folder / "addresses.yaml").write_text("version: 1\nasns: {a: 1}\n")
    args: Any = {**BOOKED, "existing": {"old": {"egress_ips": ["203.0.113.7"]}}, "zzz": 1}
    with pytest.raises(pulumi.RunError) as raised:
        checked_plan("shop", args)
    for part in ("addresses.yaml: asns.a: 1", "zzz is not a known key", "existing.old.kubeconfig is missing"):
        assert part in str(raised.value)


@pytest.mark.usefixtures("folder")
def test_no_book_is_written_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIMESH_UPDATE_BOOK", "1")
    checked_plan("shop", ARGS)
    assert not list(Path().iterdir())
