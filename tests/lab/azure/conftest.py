"""The simulated Azure with clusters that only remember, and a network for one in it."""

from pathlib import Path

import azure_cloud
import pytest
from azure_cloud import CLUSTER, Inputs, Network
from simulated_cloud import Engine, FakeRuntime, Resource, home_in

from multimesh_lab.providers.azure_native.provider import provider


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def cloud(tmp_path: Path, runtime: FakeRuntime) -> Engine:
    return Engine(provider(home_in(tmp_path), runtime), {})


@pytest.fixture
def network(cloud: Engine) -> Network:
    return azure_cloud.network(cloud)


@pytest.fixture
def cluster_inputs(network: Network) -> Inputs:
    return azure_cloud.cluster_inputs(network)


@pytest.fixture
def cluster(cloud: Engine, cluster_inputs: Inputs) -> Resource:
    return cloud.create(CLUSTER, "shop", cluster_inputs)
