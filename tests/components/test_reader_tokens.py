"""Tokens of readers: the one from the beginning, a second beside it, and the first taken away."""

import copy
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
SECRET = "kubernetes:core/v1:Secret"
FIRST = "istio-reader-service-account-istio-remote-secret-token"


def made(run: Run, **istio: Any) -> Engine:
    def program() -> None:
        args: Any = {**copy.deepcopy(ARGS), "istio": istio}
        multimesh.MultiCloudMesh("shop", args)

    return run(program)


def tokens(engine: Engine, cluster: str) -> dict[str, str]:
    """Logical name → name in the cluster."""
    found = [r for r in engine.of(SECRET) if r.inputs.get("type") == "kubernetes.io/service-account-token"]
    return {r.name: r.inputs["metadata"]["name"] for r in found if r.name.startswith(f"shop-{cluster}-")}


def test_one_from_the_beginning(run: Run) -> None:
    assert tokens(made(run), "gcp-eu") == {"shop-gcp-eu-istio-reader": FIRST}


def test_to_name_the_first_alone_changes_nothing(run: Run) -> None:
    assert tokens(made(run, readers={"gcp-eu": {"tokens": ["default"]}}), "gcp-eu") == tokens(made(run), "gcp-eu")


def test_a_second_beside_the_first_which_stays_as_it_is(run: Run) -> None:
    engine = made(run, readers={"gcp-eu": {"tokens": ["default", "k2"]}})
    assert tokens(engine, "gcp-eu") == {
        "shop-gcp-eu-istio-reader": FIRST,
        "shop-gcp-eu-istio-reader-k2": f"{FIRST}-k2",
    }
    assert tokens(engine, "aws-us") == {"shop-aws-us-istio-reader": FIRST}


def test_the_first_taken_away(run: Run) -> None:
    engine = made(run, readers={"gcp-eu": {"tokens": ["k2"]}})
    assert tokens(engine, "gcp-eu") == {"shop-gcp-eu-istio-reader-k2": f"{FIRST}-k2"}


@pytest.mark.parametrize(
    ("readers", "said"),
    [
        ({"moon": {"tokens": ["a"]}}, r"istio\.readers\.moon"),
        ({"gcp-eu": {"tokens": []}}, r"istio\.readers\.gcp-eu\.tokens"),
        ({"gcp-eu": {"tokens": ["a", "a"]}}, r"tokens\[1\]"),
        ({"gcp-eu": {"tokens": ["A"]}}, r"tokens\[0\]"),
        ({"gcp-eu": {"tokens": ["a" * 21]}}, r"tokens\[0\]"),
    ],
)
def test_faults(run: Run, readers: dict[str, Any], said: str) -> None:
    with pytest.raises(pulumi.RunError, match=said):
        made(run, readers=readers)
