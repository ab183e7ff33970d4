"""Rules of EKS for an OIDC provider and for groups of access entries."""

from pathlib import Path
from typing import Any

import pytest
from eks_cluster import cluster_inputs, role_of_eks
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, home_in

from multimesh_lab.providers.aws.provider import provider

PROVIDER = "aws:eks/identityProviderConfig:IdentityProviderConfig"
ENTRY = "aws:eks/accessEntry:AccessEntry"
OIDC: dict[str, Any] = {
    "identityProviderConfigName": "shop",
    "issuerUrl": "https://login.example.com",
    "clientId": "kubernetes",
    "usernamePrefix": "oidc:",
    "groupsClaim": "groups",
    "groupsPrefix": "oidc:",
}


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def cloud(tmp_path: Path, runtime: FakeRuntime) -> Engine:
    cloud = Engine(provider(home_in(tmp_path), runtime), {"region": "us-east-1"})
    cloud.create("aws:eks/cluster:Cluster", "shop", cluster_inputs(cloud, role_of_eks(cloud)))
    return cloud


def oidc(**changes: Any) -> dict[str, Any]:
    return {"clusterName": "shop", "oidc": {**OIDC, **changes}}


def test_the_api_server_is_told_and_told_off(cloud: Engine, runtime: FakeRuntime) -> None:
    made = cloud.create(PROVIDER, "login", oidc(requiredClaims={"hd": "example.com"}))
    (login,) = runtime.logins.values()
    assert login is not None
    assert (login.issuer, login.groups_prefix, login.required_claims) == (
        "https://login.example.com",
        "oidc:",
        {"hd": "example.com"},
    )
    assert made.id == "shop:shop"
    cloud.delete(made)
    assert list(runtime.logins.values()) == [None]


def test_one_for_each_cluster(cloud: Engine) -> None:
    cloud.create(PROVIDER, "login", oidc())
    with pytest.raises(RefusedByProviderError, match="can have one"):
        cloud.create(PROVIDER, "second", oidc(identityProviderConfigName="second"))


def test_everything_but_tags_is_another_one(cloud: Engine) -> None:
    made = cloud.create(PROVIDER, "login", oidc())
    assert not cloud.diff(made, {**oidc(), "tags": {"team": "platform"}}).replaces
    assert cloud.diff(made, oidc(clientId="other")).replaces


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"groupsPrefix": "system:"}, "cannot contain system:"),
        ({"issuerUrl": "https://login.example.com?a=b"}, "must not have a query"),
    ],
)
def test_what_eks_refuses(cloud: Engine, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedByProviderError, match=said):
        cloud.create(PROVIDER, "login", oidc(**wrong))


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"clientId": ""}, "oidc.clientId"),
        ({"issuerUrl": "http://login.example.com"}, "oidc.issuerUrl"),
        ({"requiredClaims": {"hd": ""}}, "oidc.requiredClaims.hd"),
    ],
)
def test_what_the_provider_refuses(cloud: Engine, wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(CheckFailedError) as failed:
        cloud.check(PROVIDER, "login", oidc(**wrong))
    assert failed.value.paths == [path]


def test_a_group_of_kubernetes_own_is_given_to_nobody(cloud: Engine) -> None:
    entry = {"clusterName": "shop", "principalArn": "arn:aws:iam::123456789012:user/ada"}
    with pytest.raises(RefusedByProviderError, match="cannot start with system:"):
        cloud.create(ENTRY, "ada", {**entry, "kubernetesGroups": ["system:masters"]})
    assert cloud.create(ENTRY, "ada", {**entry, "kubernetesGroups": ["ops"]}).outputs["kubernetesGroups"] == ["ops"]
