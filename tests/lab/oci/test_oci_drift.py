"""Drift in the simulated Oracle Cloud, whose resources name their region in their OCIDs alone."""

import pytest
from oracle_cloud import POOL, Inputs
from simulated_cloud import Engine, FakeRuntime, Resource

from multimesh_lab import drift
from multimesh_lab.property_paths import parse


@pytest.fixture
def pool(cloud: Engine, pool_inputs: Inputs) -> Resource:
    return cloud.create(POOL, "default", pool_inputs)


def test_a_refresh_sees_a_changed_pool_and_the_program_sets_it_right(
    cloud: Engine, runtime: FakeRuntime, pool: Resource
) -> None:
    found = drift.find(cloud.store.home, "oci", "NodePool", "default")
    size = pool.inputs["nodeConfigDetails"]["size"]
    lines = drift.change(cloud.store.home, found, [parse(f"nodeConfigDetails.size={size + 1}")], runtime)
    assert lines[0] == f"nodeConfigDetails.size: {size} → {size + 1}"
    seen = cloud.read(pool)
    assert seen is not None
    assert seen.inputs["nodeConfigDetails"]["size"] == size + 1
    assert len(seen.outputs["nodes"]) == size + 1, "the cloud has made the node"
    assert set(cloud.diff(seen, pool.inputs).detailedDiff) == {"nodeConfigDetails.size"}


def test_a_deleted_cluster_is_gone_with_its_control_plane(
    cloud: Engine, runtime: FakeRuntime, cluster: Resource
) -> None:
    assert len(runtime.clusters) == 1
    drift.delete(cloud.store.home, drift.find(cloud.store.home, "oci", "Cluster", "OKE"), runtime=runtime)
    assert runtime.clusters == {}
    assert cloud.read(cluster) is None
