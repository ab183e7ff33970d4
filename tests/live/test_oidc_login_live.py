"""One sign-on for the clusters' own logins: a token of one provider at real API servers of an EKS and an OKE cluster.

The provider is the test's own, with a certificate of an authority that the lab is told of; logging in at a provider,
and a cloud's own API servers, are not shown here.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lab_engine import Lab, passed
from token_issuer import Issuer, issuer

from multimesh_lab import cluster as clusters_of_the_lab
from multimesh_lab import firewall, network
from multimesh_lab.cluster import ClusterFacts
from multimesh_lab.home import LabHome

pytestmark = pytest.mark.live

STACK = ("--yes", "--skip-preview", "--stack", "live")
PROGRAM = """
import json
import pathlib

import pulumi
import pulumi_multimesh as multimesh
from pulumi_multimesh.access.cluster_access import ClusterAccess

login = json.loads(pathlib.Path("login.json").read_text())
alone = {"api_access": {"office": "203.0.113.0/24"}, "control_plane_logs": False, "encryption_key": "provider"}
kinds = {
    "aws": (multimesh.EksCluster, {"region": "us-east-1"}),
    "oci": (
        multimesh.OkeCluster,
        {"compartment_id": "ocid1.compartment.oc1..aaaaaaaaacme", "region": "eu-frankfurt-1"},
    ),
}
for name, (kind, args) in kinds.items():
    cluster = kind(name, {**args, **alone, "oidc_login": login})
    groups = {"readers": ["oidc:developers"], "operators": ["oidc:ops"], "mesh_namespace": "default"}
    ClusterAccess(f"{name}-access", cluster, groups)
"""


@dataclass(frozen=True)
class Clusters:
    """A stack of two clusters that take the tokens of one provider."""

    lab: Lab
    folder: Path
    provider: Issuer

    def declare(self, **login: Any) -> None:
        """Have the program declare the provider with these keys changed."""
        usual = {"issuer": self.provider.url, "client_id": "kubernetes"}
        (self.folder / "login.json").write_text(json.dumps({**usual, **login}))

    def up(self, *words: str) -> str:
        return passed(self.lab.pulumi("up", *STACK, *words, folder=self.folder, seconds=580))

    def facts(self) -> list[ClusterFacts]:
        found = [each for each in clusters_of_the_lab.all_clusters(self.lab.home) if each.cloud in ("aws", "oci")]
        assert sorted(each.cloud for each in found) == ["aws", "oci"]
        return found

    def asked(self, facts: ClusterFacts, token: str, *words: str) -> tuple[int, str]:
        """kubectl with that token and no other credential."""
        path = self.folder / "person.json"
        path.write_text(json.dumps(_kubeconfig(facts, token)))
        kubectl = ("exec", "--", "kubectl", "--kubeconfig", str(path), *words)
        answer = self.lab.command(*kubectl, folder=self.folder, seconds=60)
        return answer.returncode, answer.stdout


def _kubeconfig(facts: ClusterFacts, token: str) -> dict[str, Any]:
    (self_folder := facts.folder / "person-ca.pem").write_text(facts.ca_pem)
    server = {"server": facts.endpoint, "certificate-authority": str(self_folder)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": server}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "users": [{"name": "it", "user": {"token": token}}],
    }


@pytest.fixture(scope="module")
def clusters(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clusters]:
    folder = tmp_path_factory.mktemp("oidc-login")
    (folder / "Pulumi.yaml").write_text("name: oidc-login\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    with issuer(network.HOST, firewall.ISSUER_PORT, folder) as provider:
        made = Clusters(Lab(lab), folder, provider)
        passed(made.lab.command("settings", "nodes=none", f"login_authority={provider.authority}", folder=folder))
        made.declare()
        made.up()
        yield made


def test_a_token_logs_in_with_its_groups_and_a_prefix(clusters: Clusters) -> None:
    for facts in clusters.facts():
        code, said = clusters.asked(facts, clusters.provider.token(), "auth", "whoami", "-o", "json")
        assert code == 0, said
        who = json.loads(said)["status"]["userInfo"]
        assert who["username"] == "oidc:ada"
        assert set(who["groups"]) == {"oidc:developers", "system:authenticated"}


def test_a_group_may_what_its_role_says_and_nothing_else(clusters: Clusters) -> None:
    may = {("list", "pods"): True, ("list", "secrets"): False, ("delete", "pods"): False, ("create", "roles"): False}
    for facts in clusters.facts():
        for (verb, what), allowed in may.items():
            question = ("auth", "can-i", verb, what, "-n", "default")
            code, said = clusters.asked(facts, clusters.provider.token(), *question)
            assert (said.split()[-1], code == 0) == (("yes", True) if allowed else ("no", False)), (
                facts.cloud,
                verb,
                what,
            )
        code, said = clusters.asked(facts, clusters.provider.token(), "get", "pods", "-n", "default")
        assert code == 0, said
        code, said = clusters.asked(facts, clusters.provider.token(), "get", "secrets", "-n", "default")
        assert "Forbidden" in said
        assert code != 0


def test_a_token_names_no_group_of_kubernetes_or_of_another_login(clusters: Clusters) -> None:
    token = clusters.provider.token(groups=["system:masters", "lab:admin"])
    for facts in clusters.facts():
        _, said = clusters.asked(facts, token, "get", "pods", "-n", "default")
        assert "Forbidden" in said


def test_tokens_that_are_wrong_are_refused(clusters: Clusters) -> None:
    good = clusters.provider
    wrong = {
        "another issuer": good.token(iss="https://login.example.com"),
        "another audience": good.token(aud="shop"),
        "expired": good.token(exp=int(time.time()) - 60),
        "another key": good.token(key=rsa.generate_private_key(65537, 2048)),
    }
    for facts in clusters.facts():
        for case, token in wrong.items():
            code, said = clusters.asked(facts, token, "get", "pods", "-n", "default")
            assert code != 0, (facts.cloud, case)
            assert "Unauthorized" in said or "must be logged in" in said, (facts.cloud, case, said)


def test_nothing_changes_and_a_required_claim_is_asked_from_then_on(clusters: Clusters) -> None:
    clusters.up("--expect-no-changes")
    clusters.declare(required_claims={"organization": "acme"})
    clusters.up()
    for facts in clusters.facts():
        with_claim = clusters.provider.token(organization="acme")
        code, said = clusters.asked(facts, with_claim, "get", "pods", "-n", "default")
        assert code == 0, said
        code, said = clusters.asked(facts, clusters.provider.token(), "get", "pods", "-n", "default")
        assert code != 0, said


def test_turned_off_no_token_logs_in(clusters: Clusters) -> None:
    clusters.declare(clusters=[])
    clusters.up()
    for facts in clusters.facts():
        code, said = clusters.asked(facts, clusters.provider.token(), "get", "pods", "-n", "default")
        assert code != 0, said
        assert "Unauthorized" in said or "must be logged in" in said
