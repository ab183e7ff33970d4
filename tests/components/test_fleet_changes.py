"""What a cluster that joins or leaves changes in the others: whom they admit, and nothing else."""

import copy
from typing import Any

import pytest
from mocked_engine import Run

import pulumi_multimesh as multimesh

TWO: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
THIRD: dict[str, dict[str, Any]] = {
    "azure-eu": {"aks": {"azure-eu": {"region": "westeurope"}}},
    "oci-eu": {"oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..a", "region": "eu-frankfurt-1"}}},
}
TOPOLOGIES: dict[str, dict[str, Any]] = {
    "multi-primary": {},
    "primary-remote": {"topology": "primary-remote", "primary": "gcp-eu"},
}
CLUSTERS = {"gcp:container/cluster:Cluster shop-gcp-eu", "aws:eks/cluster:Cluster shop-aws-us"}
GATEWAYS = {f"kubernetes:helm.sh/v3:Release shop-{name}-eastwest-gateway" for name in ("gcp-eu", "aws-us")}
CHANGED: dict[str, set[str]] = {
    "multi-primary": CLUSTERS | GATEWAYS,
    # A remote reads nobody, so that a primary's API server has nobody more to admit.
    "primary-remote": GATEWAYS,
}


def resources(run: Run, fleet: dict[str, Any], istio: dict[str, Any]) -> dict[str, Any]:
    """The inputs of what a provider makes, by type and name."""

    def program() -> None:
        args: Any = copy.deepcopy({**fleet, "istio": istio})
        mesh = multimesh.MultiCloudMesh("shop", args)
        mesh.enrol("web")

    made = run(program).resources
    return {f"{each.token} {each.name}": each.inputs for each in made if not each.token.startswith("multimesh:")}


@pytest.mark.parametrize("joining", THIRD)
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_only_whom_the_others_admit_changes(run: Run, topology: str, joining: str) -> None:
    before = resources(run, TWO, TOPOLOGIES[topology])
    after = resources(run, {**TWO, **THIRD[joining]}, TOPOLOGIES[topology])
    assert before.keys() <= after.keys(), "nothing of the others goes or has another name"
    assert {name for name, inputs in before.items() if after[name] != inputs} == CHANGED[topology]
    # What is new is the cluster's own, or named after it.
    assert [name for name in after.keys() - before.keys() if joining not in name] == []
