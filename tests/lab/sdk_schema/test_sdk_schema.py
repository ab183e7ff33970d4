"""What the installed SDKs say about inputs."""

from typing import Any

import pytest

from multimesh_lab.providers import sdk_schema
from multimesh_lab.providers.aws.provider import KINDS as AWS
from multimesh_lab.providers.azure_native.provider import KINDS as AZURE
from multimesh_lab.providers.gcp.provider import KINDS as GCP
from multimesh_lab.providers.tls.resources import RESOURCES as TLS
from multimesh_lab.providers.wire import UNKNOWN

CLUSTER = "gcp:container/cluster:Cluster"
GRANT = "gcp:projects/iAMMember:IAMMember"


def paths(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    return {f.path: f.reason for f in sdk_schema.faults(sdk_schema.resource_shape(token), inputs)}


@pytest.mark.parametrize("token", sorted({*GCP, *AWS, *AZURE, *TLS}))
def test_every_simulated_type_is_in_its_sdk(token: str) -> None:
    shape = sdk_schema.resource_shape(token)
    assert shape.inputs.properties
    assert set(shape.inputs.required) <= set(shape.inputs.properties)


@pytest.mark.parametrize("token", sorted({*GCP, *AWS}))
def test_kinds_speak_of_properties_that_exist(token: str) -> None:
    kind = {**GCP, **AWS}[token]
    shape = sdk_schema.resource_shape(token)
    for path in kind.replaces:
        assert path.split(".")[0] in shape.inputs.properties, path
    for path in kind.private | kind.computed_within:
        assert path.split(".")[0] in shape.outputs, path
    if kind.autoname is not None:
        assert kind.autoname.property in shape.inputs.properties


@pytest.mark.parametrize("token", sorted(AZURE))
def test_kinds_of_azure_speak_of_properties_that_exist(token: str) -> None:
    kind, shape = AZURE[token], sdk_schema.resource_shape(token)
    assert kind.named_by in kind.replaces
    for path in kind.replaces | kind.parts:
        assert path.split(".")[0] in shape.inputs.properties, path
    assert "azureApiVersion" in shape.outputs


def test_a_resource_is_not_an_object_of_the_same_name() -> None:
    gateway = sdk_schema.resource_shape("azure-native:network:NatGateway")
    assert gateway.inputs.required == {"resourceGroupName"}
    assert "natGatewayName" in gateway.inputs.properties


def test_unknown_names_the_nearest() -> None:
    assert "did you mean 'location'?" in paths(CLUSTER, {"loction": "x"})["loction"]


def test_missing() -> None:
    assert set(paths(GRANT, {"role": "r"})) == {"member", "project"}


def test_nested() -> None:
    blocks = [{"cidrBlock": 3, "dispName": "x"}, {}]
    found = paths(CLUSTER, {"masterAuthorizedNetworksConfig": {"cidrBlocks": blocks}})
    assert set(found) == {
        "masterAuthorizedNetworksConfig.cidrBlocks[0].cidrBlock",
        "masterAuthorizedNetworksConfig.cidrBlocks[0].dispName",
        "masterAuthorizedNetworksConfig.cidrBlocks[1].cidrBlock",
    }


@pytest.mark.parametrize(
    "inputs",
    [
        {"initialNodeCount": "1"},
        {"initialNodeCount": True},
        {"initialNodeCount": 1.5},
        {"location": 1},
        {"deletionProtection": "true"},
        {"nodeLocations": "a"},
        {"nodeLocations": [1]},
        {"resourceLabels": ["a"]},
        {"resourceLabels": {"a": 1}},
        {"ipAllocationPolicy": "x"},
    ],
)
def test_wrong_types(inputs: dict[str, Any]) -> None:
    assert len(paths(CLUSTER, inputs)) == 1


def test_unknown_values_fit_everywhere() -> None:
    inputs = {"initialNodeCount": UNKNOWN, "nodeLocations": [UNKNOWN], "resourceLabels": UNKNOWN}
    assert paths(CLUSTER, inputs) == {}


def test_a_reason_never_shows_the_value() -> None:
    reasons = paths("aws:iam/role:Role", {"assumeRolePolicy": ["hush"]})
    assert "hush" not in str(reasons)


def test_no_such_type() -> None:
    with pytest.raises(sdk_schema.UnknownTypeError, match="is not in the gcp SDK"):
        sdk_schema.resource_shape("gcp:compute/nothing:Nothing")
    with pytest.raises(sdk_schema.UnknownTypeError, match="no SDK"):
        sdk_schema.resource_shape("random:index/x:X")
