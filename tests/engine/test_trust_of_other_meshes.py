"""Trust of Linkerd and Consul by the real engine and a real API server: no stage is skipped, what is due is renewed.

Helm installs stand-ins of the charts, which record what they were given (stand_in_charts.py). Time passes by an edited
state: the engine and the provider are told by it when a certificate ends.
"""

import base64
import json
import sys
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stand_in_charts
from api_server import running
from cryptography import x509
from lab_engine import Lab, missing_tools, passed
from stack_life import Life, work
from stand_in_controllers import Server

from pulumi_multimesh.pki.fingerprint import CERTIFICATES
from pulumi_multimesh.plan.rotation import ISSUING, ROOTS

PROGRAM = """
import json
import pulumi
import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh("shop", json.load(open("mesh.json")))
pulumi.export("trust", mesh.trust)
"""
KEY, SIGNED = "tls:index/privateKey:PrivateKey", "tls:index/locallySignedCert:LocallySignedCert"
SECRET, RELEASE = "kubernetes:core/v1:Secret", "kubernetes:helm.sh/v3:Release"
BOTH: dict[str, Any] = {"roots": ["default", "r2028"], "issuing": "default"}
SWITCHED: dict[str, Any] = {"roots": ["default", "r2028"], "issuing": "r2028"}
RETIRED: dict[str, Any] = {"roots": ["r2028"]}
WEBHOOKS = ("policy-validator", "proxy-injector", "sp-validator")


@dataclass(frozen=True)
class Stack:
    """A mesh in one cluster."""

    life: Life
    kubeconfig: str
    charts: str

    def declare(self, mesh: str, pki: dict[str, Any]) -> None:
        existing = {"one": {"kubeconfig": self.kubeconfig, "egress_ips": ["203.0.113.1"]}}
        of = {"charts": {"repository": self.charts}, "version": stand_in_charts.VERSION}
        args = {"existing": existing, mesh: of, "pki": pki}
        (self.life.folder / "mesh.json").write_text(json.dumps(args))

    def told(self, *words: str) -> str:
        """What a command of Pulumi says that must succeed."""
        return passed(self.life.lab.pulumi(*words, "--stack", "test", folder=self.life.folder))

    def age(self, certificate: str, days: int) -> None:
        """The certificate of that logical name ends in so many days, as the state has it."""
        file = self.life.folder / "state.json"
        self.told("stack", "export", "--file", str(file))
        state = json.loads(file.read_text())
        (found,) = [
            each
            for each in state["deployment"]["resources"]
            if each["type"] == SIGNED and each["urn"].endswith(f"::{certificate}")
        ]
        ends = datetime.now(UTC) + timedelta(days=days, hours=1)
        found["outputs"]["validityEndTime"] = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
        file.write_text(json.dumps(state))
        self.told("stack", "import", "--file", str(file))

    def certificates(self, days: int) -> tuple[int, list[dict[str, Any]]]:
        """The exit code and the answer of `multimesh certificates`, with a real export piped into it."""
        report = f"{sys.executable} -m pulumi_multimesh.cli certificates --days {days} -o json"
        line = f"pulumi stack export --stack test | {report}"
        answer = self.life.lab.command("exec", "--", "sh", "-c", line, folder=self.life.folder)
        return answer.returncode, json.loads(answer.stdout)

    def annotations(self, kind: str, namespace: str, name: str) -> dict[str, str]:
        found = Server(self.kubeconfig).call("GET", f"/api/v1/namespaces/{namespace}/{kind}/{name}")
        return found["metadata"].get("annotations", {})

    def secret(self, namespace: str, name: str) -> dict[str, str]:
        found = Server(self.kubeconfig).call("GET", f"/api/v1/namespaces/{namespace}/secrets/{name}")
        return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}

    def values(self, namespace: str, chart: str) -> dict[str, Any]:
        """What a stand-in of a chart was given."""
        found = Server(self.kubeconfig).call("GET", f"/api/v1/namespaces/{namespace}/configmaps/stand-in-{chart}")
        return json.loads(found["data"]["values"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[str, str]]:
    """An API server's kubeconfig, and where the charts are."""
    reason = missing_tools("pulumi", "helm", "etcd", "kube-apiserver", "kube-controller-manager")
    if reason:
        pytest.skip(f"needs a real API server: {reason}")
    folder = tmp_path_factory.mktemp("world")
    for part in ("charts", "server"):
        (folder / part).mkdir()
    with stand_in_charts.served(folder / "charts") as url, running(folder / "server") as kubeconfig:
        yield kubeconfig, url


@pytest.fixture
def stack(lab: Lab, world: tuple[str, str], tmp_path: Path) -> Generator[Stack]:
    life = Life.begin(lab, tmp_path)
    life.program(PROGRAM)
    yield Stack(life, *world)
    life.destroy()


def _stages_are_held(stack: Stack, mesh: str) -> None:
    """From a mesh that names no roots to one that distributes a second, of which neither end can be left out."""
    stack.declare(mesh, {})
    stack.life.up()
    stack.declare(mesh, SWITCHED)
    said = stack.life.refused("preview")
    assert "is a root that one does not trust yet: a stage is skipped" in said
    assert "roots: [default, r2028], issuing: default" in said
    assert "nothing was registered" in said
    stack.declare(mesh, BOTH)
    stack.life.up()
    stack.declare(mesh, RETIRED)
    assert "leaves out default, under which one issues: a stage is skipped" in stack.life.refused("preview")
    stack.declare(mesh, BOTH)


def _is_renewed(before: dict[str, str], after: dict[str, str]) -> None:
    """Another certificate, which ends later or at the same second, for the same key."""
    old, new = (x509.load_pem_x509_certificate(each["tls.crt"].encode()) for each in (before, after))
    assert new.serial_number != old.serial_number
    assert new.not_valid_after_utc >= old.not_valid_after_utc
    assert after["tls.key"] == before["tls.key"]
    assert new.public_key() == old.public_key()


def test_linkerd(stack: Stack) -> None:
    _stages_are_held(stack, "linkerd")
    assert stack.annotations("configmaps", "linkerd", "linkerd-identity-trust-roots")[ROOTS] == "default r2028"
    assert stack.annotations("secrets", "linkerd", "linkerd-identity-issuer")[ISSUING] == "default"

    stack.age("shop-pki-one", 45)
    said = stack.told("preview")
    assert "the intermediate of one ends on" in said
    assert "in 45 days; an `up` in its last 30 days renews it" in said

    stack.age("shop-pki-one", 20)
    steps = work(stack.life.preview())
    below = {(SIGNED, f"shop-one-linkerd-trust-{webhook}", "replace") for webhook in WEBHOOKS}
    chains = {(SECRET, f"shop-one-linkerd-trust-{webhook}", "update") for webhook in WEBHOOKS}
    own = {(SIGNED, "shop-pki-one", "replace"), (SECRET, "shop-one-linkerd-trust-issuer", "update")}
    assert steps == {*own, *below, *chains}, "no key, and no pod: issuers and webhooks are read anew by themselves"
    before = stack.secret("linkerd", "linkerd-identity-issuer")
    stack.life.up()
    _is_renewed(before, stack.secret("linkerd", "linkerd-identity-issuer"))
    stack.told("up", "--yes", "--skip-preview", "--expect-no-changes")

    code, told = stack.certificates(45)
    assert code == 0
    assert {each["certificate"] for each in told} == {"root", "root-r2028", "one", *WEBHOOKS}
    code, told = stack.certificates(366)
    assert code == 1
    assert {each["certificate"] for each in told if each["state"] == "soon"} == {*WEBHOOKS}


def test_consul(stack: Stack) -> None:
    _stages_are_held(stack, "consul")
    assert stack.annotations("secrets", "consul", "consul-roots")[ROOTS] == "default r2028"
    assert stack.annotations("secrets", "consul", "consul-servers")[ISSUING] == "default"

    certificate = "shop-one-consul-trust-servers"
    stack.age(certificate, 50)
    assert work(stack.life.preview()) == {
        (SIGNED, certificate, "replace"),
        (SECRET, certificate, "update"),
        (RELEASE, "shop-one-consul-release", "update"),
    }
    before, told = stack.secret("consul", "consul-servers"), stack.values("consul", "consul")
    stack.life.up()
    _is_renewed(before, stack.secret("consul", "consul-servers"))
    now = stack.values("consul", "consul")
    assert CERTIFICATES in now["server"]["annotations"]
    assert now["server"]["annotations"] != told["server"]["annotations"], "servers start anew"
    assert now["connectInject"]["annotations"] == told["connectInject"]["annotations"], "nobody else does"
    stack.told("up", "--yes", "--skip-preview", "--expect-no-changes")
    trust = json.loads(stack.told("stack", "output", "--json"))["trust"]
    assert set(trust) == {"root", "root-r2028", "one", "one/servers"}
    code, told = stack.certificates(45)
    assert (code, {each["certificate"] for each in told}) == (0, {"root", "root-r2028", "one", "servers"})
