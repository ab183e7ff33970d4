"""Logins that are added to clusters of three clouds on paper, by the real engine: nothing else changes, nothing is made
anew, and what is taken away is turned off.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from lab_engine import Lab
from stack_life import Life, Step, paths_of, work

PROGRAM = """
import json
import pulumi_aws as aws
import pulumi_multimesh as multimesh

given = json.loads({given!r})
aws.iam.Role("ops", name="ops", assume_role_policy="{{}}")
alone = {{"api_access": {{"office": "203.0.113.0/24"}}, "encryption_key": "provider", "control_plane_logs": False}}
multimesh.GkeCluster("one", {{"project": "acme-dev", "region": "europe-west4", **alone, **given["gke"]}})
multimesh.EksCluster("two", {{"region": "us-east-1", "admins": [{admin!r}], **alone, **given["eks"]}})
tenancy = {{"compartment_id": "ocid1.compartment.oc1..aaaaaaaaacme", "region": "eu-frankfurt-1"}}
multimesh.OkeCluster("three", {{**tenancy, **alone, **given["oke"]}})
"""
ROLE, ADMIN = "arn:aws:iam::123456789012:role/ops", "arn:aws:iam::123456789012:user/ada"
PROVIDER = "aws:eks/identityProviderConfig:IdentityProviderConfig"
ENTRY = "aws:eks/accessEntry:AccessEntry"
POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
GKE, OKE = "gcp:container/cluster:Cluster", "oci:ContainerEngine/cluster:Cluster"
LOGIN = {"issuer": "https://login.example.com", "client_id": "kubernetes"}
GROUPS = {"ops": {"roles": [ROLE]}}
OPTION = "options.openIdConnectTokenAuthenticationConfig"


def program(life: Life, **given: dict[str, Any]) -> None:
    wishes = {kind: given.get(kind, {}) for kind in ("gke", "eks", "oke")}
    life.program(PROGRAM.format(given=json.dumps(wishes), admin=ADMIN))


def in_place(steps: list[Step]) -> set[tuple[str, str, str]]:
    """What is done; nothing of it may be a replacement."""
    assert [step for step in steps if step.replaces] == []
    return work(steps)


@pytest.mark.timeout(900)
def test_logins_come_and_go_beside_all_else(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    program(life)
    life.up()

    every = {"oidc_login": LOGIN}
    google = {"security_group": "gke-security-groups@example.com"}
    program(life, gke=google, eks={**every, "groups": GROUPS}, oke=every)
    steps = life.preview()
    assert in_place(steps) == {
        (GKE, "one", "update"),
        (PROVIDER, "two", "create"),
        (ENTRY, "two-group-role-ops", "create"),
        (OKE, "three", "update"),
    }
    assert paths_of(steps, GKE) == {"authenticatorGroupsConfig"}
    assert paths_of(steps, OKE) == {OPTION}
    life.up()
    life.unchanged()

    # EKS has one provider, so another takes its place; who becomes an administrator keeps the entry.
    other = {"oidc_login": {**LOGIN, "client_id": "other"}}
    program(life, gke=google, eks={**other, "groups": GROUPS, "admins": [ADMIN, ROLE]}, oke=other)
    steps = life.preview()
    assert {(kind, name) for kind, name, _ in work(steps)} == {
        (PROVIDER, "two"),
        (POLICY, "two-admin-role-ops"),
        (OKE, "three"),
    }
    assert {step.type for step in steps if step.replaces} == {PROVIDER}
    life.up()
    life.unchanged()

    # To leave it out asks Oracle and Google for nothing; to turn it off is a word of its own.
    program(life, gke={"security_group": ""}, oke={"oidc_login": {**LOGIN, "clusters": []}})
    steps = life.preview()
    assert in_place(steps) == {
        (GKE, "one", "update"),
        (PROVIDER, "two", "delete"),
        (ENTRY, "two-admin-role-ops", "delete"),
        (POLICY, "two-admin-role-ops", "delete"),
        (OKE, "three", "update"),
    }
    life.up()
    life.unchanged()
    (cluster,) = [record for record in life.inventory() if record.type == OKE]
    assert cluster.outputs["options"]["openIdConnectTokenAuthenticationConfig"]["isOpenIdConnectAuthEnabled"] is False
    life.destroy()
    assert life.inventory() == []
