"""The simulated Azure as the engine meets it: a process that prints a port and answers over gRPC."""

import os
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

import grpc
import pytest
from azure_cloud import ADDRESS, CLUSTER, GROUP, IDENTITY, NAT, POOL, SUBNET, VNET, Inputs
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from simulated_cloud import home_in

from multimesh_lab import home as homes
from multimesh_lab.providers.wire import decode, encode

LAB = Path(homes.__file__).parents[1]


def urn(token: str) -> str:
    return f"urn:pulumi:dev::project::{token}::shop"


@pytest.fixture
def provider(tmp_path: Path) -> Generator[Any]:
    home = home_in(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(LAB), homes.ENVIRONMENT_VARIABLE: str(home.root)}
    command = [sys.executable, "-m", "multimesh_lab.providers.azure_native"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.terminate()


def check(provider: Any, token: str, inputs: Inputs) -> Any:
    request = provider_pb2.CheckRequest(urn=urn(token), type=token, news=encode(inputs), randomSeed=b"seed")
    return provider.Check(request)


def test_a_group_over_grpc(provider: Any) -> None:
    assert provider.GetPluginInfo(empty_pb2.Empty()).version == metadata.version("pulumi-azure-native")
    assert not provider.Configure(provider_pb2.ConfigureRequest(args=encode({}))).acceptSecrets
    checked = check(provider, GROUP, {"location": "westeurope"})
    own = urn(GROUP)
    made = provider.Create(provider_pb2.CreateRequest(urn=own, type=GROUP, properties=checked.inputs))
    name = decode(made.properties)["name"]
    assert made.id == f"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/{name}"
    read = provider.Read(provider_pb2.ReadRequest(id=made.id, urn=own, type=GROUP, properties=made.properties))
    assert decode(read.properties)["location"] == "westeurope"
    provider.Delete(provider_pb2.DeleteRequest(id=made.id, urn=own, type=GROUP, properties=made.properties))
    assert provider.Read(provider_pb2.ReadRequest(id=made.id, urn=own, type=GROUP)).id == ""


def test_an_error_over_grpc(provider: Any) -> None:
    provider.Configure(provider_pb2.ConfigureRequest(args=encode({})))
    inputs = encode({"resourceGroupName": "gone", "resourceName": "own", "location": "westeurope"})
    with pytest.raises(grpc.RpcError) as caught:
        provider.Create(provider_pb2.CreateRequest(urn=urn(IDENTITY), type=IDENTITY, properties=inputs))
    fault: Any = caught.value
    assert 'azure-native (simulated): Status=404 Code="ResourceGroupNotFound"' in fault.details()


def test_many_at_once_while_the_sdk_is_loading(provider: Any) -> None:
    """The SDK loads its modules when they are first used; the engine asks about several types at once."""
    provider.Configure(provider_pb2.ConfigureRequest(args=encode({})))
    missing = {VNET: [], SUBNET: ["virtualNetworkName"], ADDRESS: [], NAT: [], CLUSTER: [], POOL: ["resourceName"]}
    tokens = [*missing] * 2
    with ThreadPoolExecutor(len(tokens)) as pool:
        answers = list(pool.map(lambda token: check(provider, token, {"resourceGroupName": "x"}), tokens))
    found = [[failure.property for failure in answer.failures] for answer in answers]
    assert found == [*missing.values()] * 2
