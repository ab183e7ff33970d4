"""Proxies that show another identity than their pod's, each named; and what is no identity at all."""

import base64
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from multimesh_lab.verification.finding import Check, Finding
from multimesh_lab.verification.identities import check_identities
from multimesh_lab.verification.kubectl import Cluster

DEFAULT = "spiffe://shop.example.com/ns/web/sa/default"
KEY = ec.generate_private_key(ec.SECP256R1())


def leaf(*uris: str) -> str:
    """A certificate as PEM; its signature is not looked at here."""
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri) for uri in uris])
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(names, critical=True)
        .sign(KEY, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def secret(chain: str, name: str = "default") -> dict[str, Any]:
    held = {"tls_certificate": {"certificate_chain": {"inline_bytes": base64.b64encode(chain.encode()).decode()}}}
    return {"name": name, "secret": held}


def pod(name: str, account: str = "default", domain: str | None = "shop.example.com", **more: Any) -> dict[str, Any]:
    env = [] if domain is None else [{"name": "TRUST_DOMAIN", "value": domain}]
    proxy = {"name": more.pop("proxy", "istio-proxy"), "env": env}
    return {
        "metadata": {"name": name, "namespace": "web", **more.pop("metadata", {})},
        "spec": {"serviceAccountName": account, "containers": [{"name": "app"}], "initContainers": [proxy]},
        "status": {"phase": "Running", **more},
    }


class Told(Cluster):
    """A cluster whose pods' proxies answer from a table."""

    def __init__(self, *told: tuple[dict[str, Any], list[dict[str, Any]] | None]) -> None:
        super().__init__("gcp-eu", "", Path("kubectl"), {})
        self._pods = [each for each, _ in told]
        self._answers = {each["metadata"]["name"]: answer for each, answer in told}

    def run(self, *words: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
        if words[:2] == ("get", "pods"):
            return subprocess.CompletedProcess(words, 0, json.dumps({"items": self._pods}), "")
        assert words[0] == "exec", words
        answer = self._answers[words[3]]
        if answer is None:
            return subprocess.CompletedProcess(words, 1, "", "container not found")
        return subprocess.CompletedProcess(words, 0, "info said before\n" + json.dumps({"configs": answer}), "")


def found(*told: tuple[dict[str, Any], list[dict[str, Any]] | None]) -> Finding:
    cluster = Told(*told)
    (finding,) = check_identities([cluster])
    cluster.close()
    assert finding.check is Check.IDENTITY
    return finding


RIGHT = (pod("right"), [secret(leaf("spiffe://x/y"), "another"), secret(leaf(DEFAULT))])


def test_each_that_shows_its_own_is_counted() -> None:
    other = (pod("other", "api", None), [secret(leaf("spiffe://cluster.local/ns/web/sa/api"))])
    finding = found(RIGHT, other)
    assert finding.ok, finding
    assert finding.message == "2 proxies show their pods' identities of cluster.local, shop.example.com"


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ([secret(leaf("spiffe://shop.example.com/ns/web/sa/api"))], "shows spiffe://shop.example.com/ns/web/sa/api"),
        ([secret(leaf("spiffe://shop.example.com/ns/other/sa/default"))], "/ns/other/sa/default in place of"),
        ([secret(leaf("spiffe://cluster.local/ns/web/sa/default"))], "shows spiffe://cluster.local/"),
        ([secret(leaf(DEFAULT, "spiffe://shop.example.com/ns/web/sa/api"))], f"shows {DEFAULT}, spiffe://"),
        ([secret(leaf(), "default")], "shows no URI"),
        ([secret(leaf(DEFAULT), "another")], "has no certificate"),
        ([], "has no certificate"),
        (None, "does not say what it shows: container not found"),
    ],
)
def test_any_other_is_named(shown: list[dict[str, Any]] | None, said: str) -> None:
    finding = found(RIGHT, (pod("wrong"), shown))
    assert not finding.ok
    assert finding.message.startswith("web/wrong ")
    assert said in finding.message


@pytest.mark.parametrize(
    "passed_over",
    [
        pod("bare", proxy="something"),
        pod("ended", phase="Succeeded"),
        pod("going", metadata={"deletionTimestamp": "2026-11-30T00:00:00Z"}),
    ],
    ids=lambda each: each["metadata"]["name"],
)
def test_what_shows_nothing_is_passed_over_but_proves_nothing(passed_over: dict[str, Any]) -> None:
    assert found(RIGHT, (passed_over, None)).ok
    assert not found((passed_over, None)).ok
