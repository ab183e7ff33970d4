"""One sign-on for the clusters: what is read of a declaration, what a group is then called, and what is refused."""

from typing import Any

import pytest
from configurations import changed
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.access import AccessPlan
from pulumi_multimesh.plan.alone import ranges_alone
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.reading import as_record
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.rules.login import login_faults
from pulumi_multimesh.plan.validate import validate

MAIL, OCID = "ops@example.com", "ocid1.group.oc1..aaaa"
LOGIN: dict[str, Any] = {"issuer": "https://login.example.com", "client_id": "kubernetes"}
OKE: dict[str, Any] = {"compartment_id": "ocid1.compartment.oc1..aaaa", "region": "eu-frankfurt-1"}
ROLE = "arn:aws:iam::123456789012:role/ops"


def configuration(access: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return changed({"oke": {"oci-eu": OKE}, "access": access, **changes})


def access(login: dict[str, Any], **more: Any) -> AccessPlan:
    return plan("shop", configuration({"login": {**LOGIN, **login}, **more})).access


def faults(**login: Any) -> dict[str, str]:
    found = login_faults(as_record(configuration({"login": {**LOGIN, **login}})))
    return {fault.path: str(fault) for fault in found}


def test_all_that_can_take_it_take_it_and_defaults_are_said() -> None:
    found = access({}).login
    assert found is not None
    assert found.clusters == ("aws-us", "oci-eu")
    assert (found.username_claim, found.groups_claim, found.prefix) == ("sub", "groups", "oidc:")


def test_a_group_is_bound_by_each_of_its_names() -> None:
    found = access({}, operators=["ops"], groups={"ops": {"gke": MAIL}})
    assert found.bound("ops", "gcp-eu", "gke") == (MAIL,)
    assert found.bound("ops", "aws-us", "eks") == ("oidc:ops", "ops"), "an entry for the plain name still counts"
    assert found.bound("ops", "oci-eu", "oke") == ("oidc:ops",), "no name of Oracle's is told"
    told = access({"prefix": "acme:"}, operators=["ops"], groups={"ops": {"gke": MAIL, "oke": OCID, "eks": "admins"}})
    assert told.bound("ops", "oci-eu", "oke") == ("acme:ops", OCID)
    assert told.bound("ops", "aws-us", "eks") == ("acme:ops", "admins")


def test_a_group_needs_a_name_of_oracle_only_where_nothing_else_logs_in() -> None:
    ops = {"operators": ["ops"], "groups": {"ops": {"gke": MAIL}}}
    assert validate("shop", configuration({"login": LOGIN, **ops})) == []
    for login in ({**LOGIN, "clusters": ["aws-us"]}, {**LOGIN, "clusters": []}):
        (fault,) = validate("shop", configuration({"login": login, **ops}))
        assert fault.path == "access.operators[0]"
        assert "not what oke clusters call a group" in str(fault)
    wrong = {"operators": ["ops"], "groups": {"ops": {"gke": MAIL, "oke": "ops"}}}
    assert [fault.path for fault in validate("shop", configuration({"login": LOGIN, **wrong}))] == [
        "access.groups.ops.oke"
    ]


def test_the_plan_says_who_logs_in_how() -> None:
    eks = {"eks/aws-us/groups": {"ops": {"roles": [ROLE]}}}
    access = {"operators": [MAIL], "login": {**LOGIN, "clusters": ["aws-us"]}, "groups": {MAIL: {"oke": OCID}}}
    text = render(plan("shop", configuration(access, **eks)))
    assert text.partition("Who logs in how\n")[2].splitlines()[:5] == [
        "  CLUSTER  LOGIN OF                   ITS GROUPS",
        "  aws-us   IAM of AWS                 by role: ops",
        "  aws-us   https://login.example.com  oidc:GROUP, of the claim groups",
        "  gcp-eu   Google                     none: no security_group",
        "  oci-eu   IAM of Oracle              OCIDs",
    ]
    assert "Who logs in how" not in render(plan("shop", changed({})))


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "plain http": ({"issuer": "http://login.example.com"}, "issuer", "is not an https address"),
    "no host": ({"issuer": "https://"}, "issuer", "is not an https address"),
    "no address": ({"issuer": "https://[::1"}, "issuer", "is not an address"),
    "a query": ({"issuer": "https://login.example.com?a=b"}, "issuer", "has a query"),
    "a fragment": ({"issuer": "https://login.example.com#a"}, "issuer", "has a fragment"),
    "a user": ({"issuer": "https://a:b@login.example.com"}, "issuer", "has a user"),
    "the description": (
        {"issuer": "https://login.example.com/realm/.well-known/openid-configuration"},
        "issuer",
        "write  https://login.example.com/realm",
    ),
    "this machine": ({"issuer": "https://localhost:8443"}, "issuer", "no API server of a cloud reaches"),
    "a private address": ({"issuer": "https://10.0.0.7"}, "issuer", "no API server of a cloud reaches"),
    "no client": ({"client_id": ""}, "client_id", "is empty"),
    "a claim with a space": ({"groups_claim": "my groups"}, "groups_claim", "has a space"),
    "Kubernetes' prefix": ({"prefix": "system:"}, "prefix", "a prefix of another login"),
    "no prefix": ({"prefix": ""}, "prefix", "does not keep"),
    "the flag for none": ({"prefix": "-"}, "prefix", "does not keep"),
    "half a prefix": ({"prefix": "sys"}, "prefix", "does not keep"),
    "IAM's users": ({"prefix": "arn:"}, "prefix", "a prefix of another login"),
    "a long claim": ({"required_claims": {"c" * 64: "x"}}, f"required_claims.{'c' * 64}", "EKS does not take"),
    "an empty value": ({"required_claims": {"hd": ""}}, "required_claims.hd", "EKS does not take"),
    "a GKE cluster": ({"clusters": ["gcp-eu"]}, "clusters[0]", "gke.gcp-eu.security_group"),
    "no cluster": ({"clusters": ["aws"]}, "clusters[0]", "is not a cluster of the mesh"),
    "twice": ({"clusters": ["aws-us", "aws-us"]}, "clusters[1]", "named twice"),
}


@pytest.mark.parametrize("case", WRONG)
def test_faults_name_the_path(case: str) -> None:
    login, key, said = WRONG[case]
    found = faults(**login)
    assert list(found) == [f"access.login.{key}"]
    assert said in found[f"access.login.{key}"]


def test_right_ones_are_not_refused() -> None:
    for issuer in (
        "https://login.example.com/realms/acme/",
        "https://login.example.com:8443",
        "https://198.18.0.1:5556",
    ):
        assert faults(issuer=issuer) == {}
    assert faults(prefix="acme-2:", required_claims={"hd": "example.com"}, clusters=[]) == {}


@given(st.text(max_size=12))
def test_no_prefix_that_is_taken_lets_a_token_name_kubernetes_own_groups(prefix: str) -> None:
    if not faults(prefix=prefix):
        assert not "system:masters".startswith(prefix)
        assert not prefix.startswith("system:")


def test_a_mesh_without_such_clusters_says_so() -> None:
    args = changed({"access": {"login": LOGIN}})
    del args["eks"]
    (fault,) = login_faults(as_record(args))
    assert fault.path == "access.login"
    assert "is taken by no cluster here" in str(fault)


def test_a_cluster_alone_names_its_own_key() -> None:
    around = {"region": "us-east-1", "api_access": {"office": "203.0.113.0/24"}}
    assert ranges_alone("eks", "shop", {**around, "oidc_login": LOGIN})
    assert ranges_alone("eks", "shop", {**around, "oidc_login": {**LOGIN, "clusters": []}})
    with pytest.raises(ConfigurationFaults) as found:
        ranges_alone("eks", "shop", {**around, "oidc_login": {**LOGIN, "prefix": ""}})
    assert [fault.path for fault in found.value.faults] == ["oidc_login.prefix"]
    with pytest.raises(ConfigurationFaults) as found:
        ranges_alone("gke", "shop", {**around, "project": "acme-dev", "region": "europe-west4", "oidc_login": LOGIN})
    assert [fault.path for fault in found.value.faults] == ["oidc_login"]


@pytest.mark.parametrize(
    ("keys", "path", "said"),
    [
        ({"admins": [ROLE, ROLE]}, "admins[1]", "is named twice"),
        ({"admins": ["platform"]}, "admins[0]", "is not the ARN of a role or user"),
        ({"groups": {"ops": {"roles": []}}}, "groups.ops.roles", "is empty"),
        ({"groups": {"ops": {"roles": [ROLE, ROLE]}}}, "groups.ops.roles[1]", "is named twice"),
        ({"groups": {"ops": {"roles": ["arn:aws:iam::123456789012:user/a"]}}}, "groups.ops.roles[0]", "a role of IAM"),
        (
            {"groups": {"ops": {"roles": ["arn:aws:sts::123456789012:assumed-role/ops/ada"]}}},
            "groups.ops.roles[0]",
            "not that of a session",
        ),
        ({"groups": {"system:masters": {"roles": [ROLE]}}}, "groups.system:masters", "EKS gives nobody"),
    ],
)
def test_who_of_iam_logs_in(keys: dict[str, Any], path: str, said: str) -> None:
    (fault,) = validate("shop", changed({f"eks/aws-us/{key}": value for key, value in keys.items()}))
    assert fault.path == f"eks.aws-us.{path}"
    assert said in str(fault)


def test_an_administrator_may_be_in_groups_too() -> None:
    groups = {"ops": {"roles": [ROLE]}, "dev": {"roles": [ROLE]}}
    assert validate("shop", changed({"eks/aws-us/admins": [ROLE], "eks/aws-us/groups": groups})) == []


@pytest.mark.parametrize(
    ("group", "is_right"),
    [("gke-security-groups@example.com", True), ("", True), ("ops@example.com", False), ("gke-security-groups", False)],
)
def test_the_group_that_gke_looks_into_has_one_name(group: str, is_right: bool) -> None:
    found = validate("shop", changed({"gke/gcp-eu/security_group": group}))
    assert [fault.path for fault in found] == ([] if is_right else ["gke.gcp-eu.security_group"])
