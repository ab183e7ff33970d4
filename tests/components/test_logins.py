"""What clouds are told of logins: an OIDC provider, roles in groups, Google's groups; and what is bound for them."""

import copy
import json
from typing import Any, cast

import pulumi
import pytest
from mocked_engine import Engine, Run

import pulumi_multimesh as multimesh

PROVIDER = "aws:eks/identityProviderConfig:IdentityProviderConfig"
ENTRY = "aws:eks/accessEntry:AccessEntry"
POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
CLUSTER = {"oke": "oci:ContainerEngine/cluster:Cluster", "gke": "gcp:container/cluster:Cluster"}
OPTION = "openIdConnectTokenAuthenticationConfig"
LOGIN: dict[str, Any] = {
    "issuer": "https://login.example.com",
    "client_id": "kubernetes",
    "required_claims": {"hd": "example.com"},
}
ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..aaaa", "region": "eu-frankfurt-1"}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
}
OPS, ADA = "arn:aws:iam::123456789012:role/ops", "arn:aws:iam::123456789012:user/ada"


def mesh(login: dict[str, Any] | None, **access: Any) -> multimesh.MultiCloudMesh:
    asked = {**access, **({} if login is None else {"login": login})}
    return multimesh.MultiCloudMesh("shop", {**copy.deepcopy(ARGS), "access": asked})  # type: ignore[typeddict-item]


def option(engine: Engine) -> Any:
    (cluster,) = engine.of(CLUSTER["oke"])
    return cluster.inputs["options"].get(OPTION)


def test_nothing_declared_nothing_said(run: Run) -> None:
    engine = run(lambda: mesh(None))
    assert engine.of(PROVIDER) == []
    assert option(engine) is None
    assert "authenticatorGroupsConfig" not in engine.of(CLUSTER["gke"])[0].inputs


def test_eks_and_oke_are_told_the_same_provider(run: Run) -> None:
    engine = run(lambda: mesh(LOGIN))
    (provider,) = engine.of(PROVIDER)
    assert provider.inputs["oidc"] == {
        "identityProviderConfigName": "shop-aws-us",
        "issuerUrl": "https://login.example.com",
        "clientId": "kubernetes",
        "usernameClaim": "sub",
        "usernamePrefix": "oidc:",
        "groupsClaim": "groups",
        "groupsPrefix": "oidc:",
        "requiredClaims": {"hd": "example.com"},
    }
    assert option(engine) == {
        "isOpenIdConnectAuthEnabled": True,
        "issuerUrl": "https://login.example.com",
        "clientId": "kubernetes",
        "usernameClaim": "sub",
        "usernamePrefix": "oidc:",
        "groupsClaim": "groups",
        "groupsPrefix": "oidc:",
        "requiredClaims": [{"key": "hd", "value": "example.com"}],
    }


def test_a_cluster_that_is_not_named_is_turned_off_by_word(run: Run) -> None:
    engine = run(lambda: mesh({**LOGIN, "clusters": ["aws-us"]}))
    assert len(engine.of(PROVIDER)) == 1
    assert option(engine) == {"isOpenIdConnectAuthEnabled": False}


def test_groups_are_bound_by_the_names_of_each_login(run: Run) -> None:
    groups = {"ops": {"gke": "ops@example.com"}}
    engine = run(lambda: mesh(LOGIN, operators=["ops"], groups=groups))
    bound = {
        binding.name: [each["name"] for each in binding.inputs["subjects"]]
        for binding in engine.of("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding")
        if binding.name.endswith("access-operator")
    }
    assert bound == {
        "shop-aws-us-access-operator": ["oidc:ops", "ops"],
        "shop-gcp-eu-access-operator": ["ops@example.com"],
        "shop-oci-eu-access-operator": ["oidc:ops"],
    }


def test_people_get_a_kubeconfig_without_a_credential(run: Run) -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        mesh(LOGIN).login_kubeconfigs.apply(lambda found: seen.update(found))

    run(program)
    assert sorted(seen) == ["aws-us", "oci-eu"]
    (user,) = json.loads(cast("str", seen["aws-us"]))["users"]
    assert user["user"]["exec"]["command"] == "kubectl"
    assert user["user"]["exec"]["args"] == [
        *("oidc-login", "get-token"),
        "--oidc-issuer-url=https://login.example.com",
        "--oidc-client-id=kubernetes",
    ]
    assert list(user["user"]) == ["exec"]


def eks(**keys: Any) -> None:
    args: Any = {"region": "us-east-1", "api_access": {"office": "203.0.113.0/24"}, **keys}
    multimesh.EksCluster("shop", args)


def test_a_principal_has_one_entry_whatever_it_is_for(run: Run) -> None:
    groups = {"ops": {"roles": [OPS]}, "dev": {"roles": [OPS, "arn:aws:iam::123456789012:role/dev"]}}
    engine = run(lambda: eks(admins=[OPS, ADA], groups=groups))
    assert {each.name: each.inputs.get("kubernetesGroups") for each in engine.of(ENTRY)} == {
        "shop-admin-role-ops": ["dev", "ops"],
        "shop-admin-user-ada": None,
        "shop-group-role-dev": ["dev"],
    }
    assert sorted(each.name for each in engine.of(POLICY)) == ["shop-admin-role-ops", "shop-admin-user-ada"]


def test_one_name_in_two_accounts_is_two_principals(run: Run) -> None:
    other = OPS.replace("123456789012", "210987654321")
    engine = run(lambda: eks(admins=[OPS, other]))
    assert {each.name: each.inputs["principalArn"] for each in engine.of(ENTRY)} == {
        "shop-admin-123456789012-role-ops": OPS,
        "shop-admin-210987654321-role-ops": other,
    }


def test_a_role_of_the_program_is_known_by_its_place(run: Run) -> None:
    engine = run(lambda: eks(groups={"ops": {"roles": [pulumi.Output.from_input(OPS)]}}))
    assert [(each.name, each.inputs["principalArn"]) for each in engine.of(ENTRY)] == [("shop-group-ops-0", OPS)]


@pytest.mark.parametrize("group", ["gke-security-groups@example.com", ""])
def test_gke_looks_into_the_group_or_is_told_not_to(run: Run, group: str) -> None:
    where = {"project": "acme-dev", "region": "europe-west4", "api_access": {"office": "203.0.113.0/24"}}
    args: Any = {**where, "security_group": group}
    engine = run(lambda: multimesh.GkeCluster("shop", args))
    (cluster,) = engine.of(CLUSTER["gke"])
    assert cluster.inputs["authenticatorGroupsConfig"] == {"securityGroup": group}
