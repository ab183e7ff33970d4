"""A cluster that cannot be reached: its provider looks at nothing, and nothing of it stands in its removal's way."""

import copy
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run

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
    assert [str(value).lower() for value in found["shop-gcp-eu"]] == ["true", "true"]


def test_what_is_registered_is_the_same(run: Run) -> None:
    assert made(run).names() == made(run, unreachable=["gcp-eu"]).names()


def test_a_name_that_is_no_cluster(run: Run) -> None:
    with pytest.raises(pulumi.RunError, match=r"(?s)unreachable\[0\].*taken out"):
        made(run, unreachable=["gone"])
