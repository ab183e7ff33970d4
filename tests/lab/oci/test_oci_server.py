"""The simulated Oracle Cloud as the engine meets it: a process that prints a port and answers over gRPC."""

import os
import subprocess
import sys
from collections.abc import Generator
from importlib import metadata
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from oracle_cloud import COMPARTMENT, VCN
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from simulated_cloud import home_in

from multimesh_lab import home as homes
from multimesh_lab.providers.wire import decode, encode

LAB = Path(homes.__file__).parents[1]
URN = f"urn:pulumi:dev::project::{VCN}::vcn"


@pytest.fixture
def provider(tmp_path: Path) -> Generator[Any]:
    home = home_in(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(LAB), homes.ENVIRONMENT_VARIABLE: str(home.root)}
    command = [sys.executable, "-m", "multimesh_lab.providers.oci"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.terminate()


def test_a_vcn_over_grpc(provider: Any) -> None:
    assert provider.GetPluginInfo(empty_pb2.Empty()).version == metadata.version("pulumi-oci")
    provider.Configure(provider_pb2.ConfigureRequest(args=encode({"region": "eu-frankfurt-1"})))
    news = encode({"compartmentId": COMPARTMENT, "cidrBlocks": ["10.0.0.0/16"]})
    checked = provider.Check(provider_pb2.CheckRequest(urn=URN, type=VCN, news=news, randomSeed=b"seed"))
    assert not checked.failures
    made = provider.Create(provider_pb2.CreateRequest(urn=URN, type=VCN, properties=checked.inputs))
    assert made.id.startswith("ocid1.vcn.oc1.eu-frankfurt-1.")
    read = provider.Read(provider_pb2.ReadRequest(id=made.id, urn=URN, type=VCN, properties=made.properties))
    assert decode(read.properties)["cidrBlocks"] == ["10.0.0.0/16"]
    provider.Delete(provider_pb2.DeleteRequest(id=made.id, urn=URN, type=VCN, properties=made.properties))
    assert provider.Read(provider_pb2.ReadRequest(id=made.id, urn=URN, type=VCN)).id == ""


def test_an_error_over_grpc(provider: Any) -> None:
    provider.Configure(provider_pb2.ConfigureRequest(args=encode({"region": "eu-frankfurt-1"})))
    inputs = encode({"compartmentId": COMPARTMENT, "cidrBlocks": ["10.0.0.0/8"]})
    with pytest.raises(grpc.RpcError) as caught:
        provider.Create(provider_pb2.CreateRequest(urn=URN, type=VCN, properties=inputs))
    fault: Any = caught.value
    assert "oci (simulated): 400-InvalidParameter, cidrBlocks[0]: '10.0.0.0/8' is a /8" in fault.details()
