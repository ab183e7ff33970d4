"""The stand-ins of the clouds' login commands: what they print, and what they refuse."""

import csv
import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from multimesh_lab import credentials, engine
from multimesh_lab.cluster import ClusterFacts, ClusterRequest, entra_token, registry, token_of, users
from multimesh_lab.credentials import AKS_SERVER_ID
from multimesh_lab.home import ENVIRONMENT_VARIABLE, LabHome

OCID = "ocid1.cluster.oc1.eu-frankfurt-1.aaaaexample"
AKS = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/shop"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabHome:
    made = LabHome(tmp_path / "lab")
    made.create()
    monkeypatch.setattr(registry, "run", _says_its_version)
    monkeypatch.setattr(registry.tools, "binary", Path("/tools").joinpath)
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(made.root))
    for name in ("KUBERNETES_EXEC_INFO", "AAD_LOGIN_METHOD"):
        monkeypatch.delenv(name, raising=False)
    return made


def _says_its_version(*_: str) -> str:
    return "Kubernetes v1.36.3\n"


def _cluster(home: LabHome, cloud: str, rest: str, region: str, name: str = "shop") -> ClusterFacts:
    facts = registry.claim(home, ClusterRequest(f"{cloud}/{rest}", name, cloud, region))
    users.ensure(facts)
    return facts


@pytest.fixture
def clusters(home: LabHome) -> dict[str, ClusterFacts]:
    """One in each cloud, all of the same name."""
    return {
        "gcp": _cluster(home, "gcp", "projects/p/locations/europe-west4/clusters/shop", "europe-west4"),
        "azure": _cluster(home, "azure", AKS, "westeurope"),
        "aws": _cluster(home, "aws", "us-east-1/shop", "us-east-1"),
        "oci": _cluster(home, "oci", OCID, "eu-frankfurt-1"),
    }


class Command:
    """A stand-in, called as client-go calls the real one."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def prints(self, *words: str) -> dict[str, Any]:
        assert credentials.main(words) == 0
        document = json.loads(self._capsys.readouterr().out)
        assert document["kind"] == "ExecCredential"
        return document

    def token(self, *words: str) -> str:
        return self.prints(*words)["status"]["token"]

    def refuses(self, *words: str) -> str:
        assert credentials.main(words) == 1
        captured = self._capsys.readouterr()
        assert captured.out == ""
        return captured.err


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def _cluster_info(monkeypatch: pytest.MonkeyPatch, version: str, server: str | None = None) -> None:
    spec: dict[str, Any] = {"interactive": False, **({"cluster": {"server": server}} if server else {})}
    info = {"kind": "ExecCredential", "apiVersion": f"client.authentication.k8s.io/{version}", "spec": spec}
    monkeypatch.setenv("KUBERNETES_EXEC_INFO", json.dumps(info))


class TestGke:
    def test_the_server_says_which_cluster(
        self, clusters: dict[str, ClusterFacts], command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _cluster_info(monkeypatch, "v1beta1", clusters["gcp"].endpoint)
        assert command.token("gke-gcloud-auth-plugin") == token_of(clusters["gcp"])

    @pytest.mark.usefixtures("clusters")
    def test_without_cluster_info_it_names_what_the_kubeconfig_lacks(self, command: Command) -> None:
        assert "remedy: provideClusterInfo: true" in command.refuses("gke-gcloud-auth-plugin")


class TestEks:
    WORDS = ("aws", "--region", "us-east-1", "eks", "get-token", "--cluster-name", "shop", "--output", "json")

    def test_the_name_means_a_cluster_of_this_cloud(self, clusters: dict[str, ClusterFacts], command: Command) -> None:
        """Other clouds' clusters may have the name too."""
        assert command.token(*self.WORDS) == token_of(clusters["aws"])

    @pytest.mark.usefixtures("clusters")
    def test_not_of_another_region(self, command: Command) -> None:
        said = command.refuses("aws", "--region", "eu-west-1", *self.WORDS[3:])
        assert "no cluster of this lab is the EKS cluster shop in eu-west-1" in said
        assert "aws/us-east-1/shop (us-east-1)" in said


class TestAks:
    LOGIN = ("kubelogin", "get-token", "--login", "azurecli", "--server-id")

    def test_one_token_for_all_clusters_and_it_needs_no_cluster_info(
        self, home: LabHome, clusters: dict[str, ClusterFacts], command: Command
    ) -> None:
        token = command.token(*self.LOGIN, AKS_SERVER_ID)
        second = _cluster(home, "azure", AKS + "-two", "eastus", "shop-two")
        for facts in (clusters["azure"], second):
            assert [token, "lab:entra", "entra", "system:masters"] in _users(facts)
        for cloud in ("gcp", "aws", "oci"):
            assert token not in clusters[cloud].token_file.read_text()

    def test_it_is_not_the_administrators(self, home: LabHome, clusters: dict[str, ClusterFacts]) -> None:
        """Which a program gets only where local accounts are on."""
        assert entra_token(home) != token_of(clusters["azure"])

    def test_all_arguments_that_a_kubeconfig_of_aks_has(self, home: LabHome, command: Command) -> None:
        words = ("--environment", "AzurePublicCloud", "--client-id", "80faf920", "--tenant-id", "common")
        document = command.prints(*self.LOGIN, AKS_SERVER_ID, *words)
        assert document["status"]["token"] == entra_token(home)
        assert document["apiVersion"] == "client.authentication.k8s.io/v1beta1"
        expires = datetime.strptime(document["status"]["expirationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")
        assert expires.replace(tzinfo=UTC) > datetime.now(UTC)

    @pytest.mark.usefixtures("home")
    def test_it_answers_in_the_version_it_was_asked_in(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """client-go refuses an answer in another one."""
        _cluster_info(monkeypatch, "v1")
        assert command.prints(*self.LOGIN, AKS_SERVER_ID)["apiVersion"] == "client.authentication.k8s.io/v1"

    @pytest.mark.usefixtures("home")
    @pytest.mark.parametrize("login", [("--login", "devicecode"), ("--login", "interactive"), ()])
    def test_a_login_in_a_browser_is_refused(self, command: Command, login: tuple[str, ...]) -> None:
        """It is what AKS's own kubeconfig names, and what kubelogin does unless told otherwise."""
        said = command.refuses("kubelogin", "get-token", *login, "--server-id", AKS_SERVER_ID)
        assert "would wait for a browser" in said
        assert "remedy: --login azurecli" in said

    @pytest.mark.usefixtures("home")
    def test_the_environment_overrides_the_login(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AAD_LOGIN_METHOD", "devicecode")
        assert "would wait for a browser" in command.refuses(*self.LOGIN, AKS_SERVER_ID)

    @pytest.mark.usefixtures("home")
    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (("--login", "azurecli"), f"--server-id is required; for AKS it is {AKS_SERVER_ID}"),
            (("--login", "azurecli", "--server-id", "1-2-3"), f"not AKS's.*allowed is {AKS_SERVER_ID}"),
            (("--login", "magic", "--server-id", AKS_SERVER_ID), "'magic' is no login method; allowed are .*azurecli"),
        ],
    )
    def test_what_the_real_one_or_the_api_server_would_refuse(
        self, command: Command, words: tuple[str, ...], reason: str
    ) -> None:
        said = command.refuses("kubelogin", "get-token", *words)
        assert re.search(reason, said), said


class TestOke:
    WORDS = ("oci", "ce", "cluster", "generate-token", "--cluster-id", OCID, "--region", "eu-frankfurt-1")

    @pytest.mark.parametrize("more", [(), ("--profile", "DEFAULT"), ("--auth", "api_key")])
    def test_the_ocid_says_which_cluster(
        self, clusters: dict[str, ClusterFacts], command: Command, more: tuple[str, ...]
    ) -> None:
        document = command.prints(*self.WORDS, *more)
        assert document["status"]["token"] == token_of(clusters["oci"])
        assert document["status"]["expirationTimestamp"]

    def test_the_clis_own_options_may_come_first(self, clusters: dict[str, ClusterFacts], command: Command) -> None:
        words = ("oci", *self.WORDS[-2:], "--profile", "DEFAULT", *self.WORDS[1:-2])
        assert command.token(*words) == token_of(clusters["oci"])

    @pytest.mark.usefixtures("clusters")
    def test_not_of_another_region(self, command: Command) -> None:
        assert f"no cluster of this lab is oci/{OCID} in us-ashburn-1" in command.refuses(
            *self.WORDS[:-1], "us-ashburn-1"
        )

    def test_its_version_is_one_that_is_allowed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert credentials.main(["oci", "--version"]) == 0
        assert tuple(int(part) for part in capsys.readouterr().out.split(".")) >= (3, 8, 0)


def _users(facts: ClusterFacts) -> list[list[str]]:
    with facts.token_file.open(newline="") as file:
        return list(csv.reader(file))


def test_every_stand_in_is_on_the_labs_path(home: LabHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the script that a kubeconfig's `command` finds there."""
    monkeypatch.setattr(engine.tools, "system_pulumi", lambda: Path("/usr/bin/true"))
    engine.prepare(home)
    answer = subprocess.run([home.bin / "oci", "--version"], capture_output=True, text=True, check=True)
    assert answer.stdout == f"{credentials.OCI_VERSION}\n"
    for name in credentials.COMMANDS:
        assert engine.whole_path(name, home) == str(home.bin / name)
