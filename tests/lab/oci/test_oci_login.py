"""Rules of OKE for an OIDC provider, and what the API server is told."""

from pathlib import Path
from typing import Any

import pytest
from oracle_cloud import CLUSTER, cluster_inputs, create, network
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.oci.provider import provider

OPTION = "openIdConnectTokenAuthenticationConfig"
ON: dict[str, Any] = {
    "isOpenIdConnectAuthEnabled": True,
    "issuerUrl": "https://login.example.com",
    "clientId": "kubernetes",
    "usernamePrefix": "oidc:",
    "groupsClaim": "groups",
    "groupsPrefix": "oidc:",
    "requiredClaims": [{"key": "hd", "value": "example.com"}],
}


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def cloud(tmp_path: Path, runtime: FakeRuntime) -> Engine:
    return Engine(provider(home_in(tmp_path), runtime), {"region": "eu-frankfurt-1"})


@pytest.fixture
def inputs(cloud: Engine) -> dict[str, Any]:
    return {**cluster_inputs(network(cloud)), "type": "ENHANCED_CLUSTER"}


def with_login(inputs: dict[str, Any], **option: Any) -> dict[str, Any]:
    return {**inputs, "options": {**inputs["options"], OPTION: option}}


@pytest.fixture
def cluster(cloud: Engine, inputs: dict[str, Any]) -> Resource:
    return create(cloud, CLUSTER, "shop", inputs)


def test_it_comes_in_place_stays_when_left_out_and_goes_by_word(
    cloud: Engine, runtime: FakeRuntime, inputs: dict[str, Any], cluster: Resource
) -> None:
    assert runtime.logins == {}
    assert not cloud.diff(cluster, with_login(inputs, **ON)).replaces
    on = cloud.update(cluster, with_login(inputs, **ON))
    (login,) = runtime.logins.values()
    assert login is not None
    assert (login.issuer, login.client_id, login.username_prefix) == (ON["issuerUrl"], "kubernetes", "oidc:")
    assert login.required_claims == {"hd": "example.com"}
    left_out = cloud.update(on, inputs)
    assert left_out.outputs["options"][OPTION]["isOpenIdConnectAuthEnabled"] is True
    assert list(runtime.logins.values()) == [login]
    cloud.update(left_out, with_login(inputs, isOpenIdConnectAuthEnabled=False))
    assert list(runtime.logins.values()) == [None]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"issuerUrl": None}, "issuerUrl is required"),
        ({"clientId": None}, "clientId is required"),
        ({"issuerUrl": "http://login.example.com"}, "must use https"),
        ({"configurationFile": "e30="}, "conflicts with"),
    ],
)
def test_what_oracle_refuses(cloud: Engine, inputs: dict[str, Any], wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedByProviderError, match=said):
        create(cloud, CLUSTER, "shop", with_login(inputs, **{**ON, **wrong}))


def test_basic_clusters_have_none(cloud: Engine, inputs: dict[str, Any]) -> None:
    with pytest.raises(RefusedByProviderError, match="needs an ENHANCED_CLUSTER"):
        create(cloud, CLUSTER, "shop", {**with_login(inputs, **ON), "type": "BASIC_CLUSTER"})
