"""A cluster that cannot be reached: its provider looks at nothing, and nothing of it stands in its removal's way."""

import copy
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run
from options_seen import watch

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
}
SWITCHES = ("skipUpdateUnreachable", "deleteUnreachable")


def made(run: Run, **changes: Any) -> Engine:
    def program() -> None:
        args: Any = {**copy.deepcopy(ARGS), **changes}
        multimesh.MultiCloudMesh("shop", args)

    return run(program)


def switches(engine: Engine) -> dict[str, list[Any]]:
    providers = engine.of("pulumi:providers:kubernetes")
    return {each.name: [each.inputs.get(switch) for switch in SWITCHES] for each in providers}


def test_all_are_reached_unless_named(run: Run) -> None:
    assert switches(made(run)) == {"shop-aws-us": [None, None], "shop-gcp-eu": [None, None]}


def test_only_the_named_ones_provider_looks_away(run: Run) -> None:
    found = switches(made(run, unreachable=["gcp-eu"]))
    assert found["shop-aws-us"] == [None, None]
    assert [str(value).lower() for value in found["shop-gcp-eu"]] == ["true", "none"]


def test_what_is_lost_may_be_forgotten_too(run: Run) -> None:
    found = switches(made(run, lost=["gcp-eu"]))
    assert found["shop-aws-us"] == [None, None]
    assert [str(value).lower() for value in found["shop-gcp-eu"]] == ["true", "true"]


@pytest.mark.parametrize("key", ["unreachable", "lost"])
def test_what_is_registered_is_the_same(run: Run, key: str) -> None:
    assert made(run).names() == made(run, **{key: ["gcp-eu"]}).names()


def test_no_change_of_the_mesh_reaches_what_cannot_be_reached(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    made(run, unreachable=["gcp-eu"])
    releases = {name: options.ignore_changes for name, options in seen.items() if name.startswith("Release ")}
    assert len(releases) == 6
    assert all(ignored == (["*"] if "gcp-eu" in name else []) for name, ignored in releases.items())


REMOTE: dict[str, Any] = {"istio": {"topology": "primary-remote", "primary": "gcp-eu"}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unreachable": ["gone"]}, r"unreachable\[0\].*taken out"),
        ({"lost": ["gone"]}, r"lost\[0\].*taken out"),
        ({"unreachable": ["gcp-eu"], "lost": ["gcp-eu"]}, r"unreachable\[0\].*under lost too"),
        ({**REMOTE, "unreachable": ["gcp-eu"]}, r"unreachable\[0\].*is the primary.*wait until it answers"),
    ],
)
def test_what_cannot_be_named(run: Run, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"(?s){said}"):
        made(run, **changes)


def test_a_primary_at_fixed_addresses_may_be_away(run: Run) -> None:
    made(run, istio={"topology": "primary-remote", "primary": "aws-us"}, unreachable=["aws-us"])
