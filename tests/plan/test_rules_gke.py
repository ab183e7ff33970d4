"""Rules of GKE clusters: sizes over zones, choices, projects."""

from typing import Any

import pytest
from plan.configurations import changed

from pulumi_multimesh.plan.validate import validate

GKE = "gke/gcp-eu/"
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "size over three zones": (
        {GKE + "node_pools": {"apps": {"size": 4}}}, "gke.gcp-eu.node_pools.apps.size", "write  3",
    ),
    "size over the cluster's zones": (
        {GKE + "node_pools": {"apps": {"size": 3}}, GKE + "zones": ["europe-west4-a", "europe-west4-b"]},
        "gke.gcp-eu.node_pools.apps.size", "write  4",
    ),
    "zone of another region": (
        {GKE + "zones": ["us-east1-b"]}, "gke.gcp-eu.zones[0]", "write  europe-west4-a",
    ),
    "pool's zone of another region": (
        {GKE + "node_pools": {"apps": {"zones": ["us-east1-b"]}}},
        "gke.gcp-eu.node_pools.apps.zones[0]", "write  europe-west4-a",
    ),
    "endpoint": ({GKE + "endpoint": "DNS"}, "gke.gcp-eu.endpoint", "write  dns"),
    "registry": ({GKE + "registries": ["Acme"]}, "gke.gcp-eu.registries[0]", "gcloud projects list"),
    "version": ({GKE + "kubernetes_version": "1.34.1-gke.1"}, "gke.gcp-eu.kubernetes_version", 'write  "1.34"'),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_fault(case: str) -> None:
    changes, path, remedy = CASES[case]
    (fault,) = validate("shop", changed(changes))
    assert fault.path == path
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    "pool", [{"size": 3}, {"size": 6}, {"size": 1, "zones": ["europe-west4-a"]}, {"min_size": 1, "max_size": 5}]
)
def test_sizes_that_fit(pool: dict[str, Any]) -> None:
    assert validate("shop", changed({GKE + "node_pools": {"apps": pool}})) == []
