"""The simulated Oracle Cloud with clusters that only remember, and a network for one in it."""

from pathlib import Path

import oracle_cloud
import pytest
from oracle_cloud import CLUSTER, Inputs, Network
from simulated_cloud import Engine, FakeRuntime, Resource, home_in

from multimesh_lab.providers.oci.provider import provider


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def cloud(tmp_path: Path, runtime: FakeRuntime) -> Engine:
    return Engine(provider(home_in(tmp_path), runtime), {"region": oracle_cloud.REGION})


@pytest.fixture
def network(cloud: Engine) -> Network:
    return oracle_cloud.network(cloud)


@pytest.fixture
def cluster_inputs(network: Network) -> Inputs:
    return oracle_cloud.cluster_inputs(network)


@pytest.fixture
def cluster(cloud: Engine, cluster_inputs: Inputs) -> Resource:
    return cloud.create(CLUSTER, "OKE", cluster_inputs)


@pytest.fixture
def pool_inputs(cloud: Engine, cluster: Resource, network: Network) -> Inputs:
    return oracle_cloud.pool_inputs(cloud, cluster, network)
