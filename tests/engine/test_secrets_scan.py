"""The scanner for secrets finds what is planted, in every form; and a PKI's stack has nothing to find."""

import base64
import json
from pathlib import Path

import pytest
from lab_engine import Lab, passed
from secret_scanner import readable, secrets_in, secrets_of, shown_by

PROGRAM = """
import pulumi
import pulumi_multimesh as multimesh

pki = multimesh.MeshPki("pki", {"clusters": ["one"], "trust_domain": "cluster.local"})
pulumi.export("root", pki.root_certificate)
pulumi.export("key", pki.authorities["one"].key)
"""
PLANTED = """
key = pulumi.Output.unsecret(pki.authorities["one"].key)
pulumi.export("open", key)
pulumi.ComponentResource("scan:index:Open", "open", {"key": key})
"""


def up(lab: Lab, folder: Path) -> str:
    return passed(lab.pulumi("up", "--yes", "--skip-preview", "--stack", "scan", folder=folder))


def test_a_key_in_the_open_is_found_and_named(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: scan\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    up(lab, tmp_path)
    secrets = secrets_in(lab, tmp_path, "scan")
    assert {name for name in secrets if "(key)" in name}, secrets.keys()
    assert readable(shown_by(lab, tmp_path, "scan"), secrets) == []

    (tmp_path / "__main__.py").write_text(PROGRAM + PLANTED)
    log = lab.home.logs / "planted.log"
    log.write_text(f"a provider said {next(secrets[name] for name in secrets if '(key)' in name)}")
    assert places(shown_by(lab, tmp_path, "scan"), secrets) == {
        "a preview",
        "a preview for machines",
        "an update plan",
        str(log),
    }
    log.unlink()
    said = up(lab, tmp_path)
    found = places({"an up": said, **shown_by(lab, tmp_path, "scan")}, secrets)
    (state,) = [place for place in found if place.endswith("scan.json")]
    assert {"an up", "the exported state", "the outputs", state} <= found


def places(shown: dict[str, str], secrets: dict[str, str]) -> set[str]:
    """Where a key that the state knows is named."""
    found = readable(shown, secrets)
    return {place for place in shown if any(each.startswith(f"{place}: ") and "(key)" in each for each in found)}


_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIB0123456789abcdefABCDEF0123456789abcdef\n-----END EC PRIVATE KEY-----\n"
TOKEN = "eyJhbGciOiJSUzI1NiIsI.eyJpc3MiOiJrdWJlcm5l.c2lnbmF0dXJlLW9mLWl0"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        json.dumps({"key": KEY}),
        base64.b64encode(KEY.encode()).decode(),
        json.dumps({"data": {"ca-key.pem": base64.b64encode(KEY.encode()).decode()}}),
        f"Authorization: Bearer {TOKEN}",
        base64.b64encode(TOKEN.encode()).decode(),
    ],
)
def test_keys_and_tokens_are_known_by_their_form(text: str) -> None:
    assert readable({"here": text}, {}) != []


@pytest.mark.parametrize(
    "kubeconfig",
    [
        json.dumps({"users": [{"name": "a", "user": {"token": TOKEN}}], "current-context": "a"}),
        f"users:\n- name: a\n  user:\n    token: {TOKEN}\ncurrent-context: a\n",
    ],
)
def test_of_a_kubeconfig_the_token_is_the_secret(kubeconfig: str) -> None:
    hidden = {_SIGNATURE: _SECRET, "plaintext": json.dumps(kubeconfig)}
    export = {"deployment": {"resources": [{"urn": "urn:pulumi:a::b::c::reader", "outputs": {"kubeconfig": hidden}}]}}
    assert secrets_of(export) == {"reader: outputs.kubeconfig (token)": TOKEN}


def test_a_shared_key_is_known_by_the_state_alone() -> None:
    assert readable({"here": "psk=Zk3mP9xWq2LrTnVb"}, {"tunnel": "Zk3mP9xWq2LrTnVb"}) == ["here: tunnel"]
    wrapped = base64.b64encode(b'{"psk": "Zk3mP9xWq2LrTnVb", "and": "more of it"}').decode()
    assert readable({"here": wrapped}, {"tunnel": "Zk3mP9xWq2LrTnVb"}) == ["here: tunnel in base64"]


@pytest.mark.parametrize(
    "text", ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "a PRIVATE KEY is a secret", "eyJ.eyJ.x"]
)
def test_what_is_public_is_left_alone(text: str) -> None:
    assert readable({"here": text}, {}) == []


def test_words_beside_a_secret_are_none() -> None:
    tunnel = "k" + "0123456789abcdef" * 3
    values = {
        "key": "topology.kubernetes.io/zone",
        "name": "shop-gcp-eu-istio",
        "psk": "Zk3mP9xWq2LrTnVb",
        "hex": tunnel,
    }
    hidden = {_SIGNATURE: _SECRET, "plaintext": json.dumps(values)}
    export = {"deployment": {"resources": [{"urn": "urn:pulumi:a::b::c::all", "outputs": {"values": hidden}}]}}
    assert set(secrets_of(export).values()) == {"Zk3mP9xWq2LrTnVb", tunnel}


def test_a_secret_that_is_empty_hides_nothing() -> None:
    hidden = {_SIGNATURE: _SECRET, "plaintext": json.dumps({"a": "", "b": base64.b64encode(b"").decode()})}
    export = {"deployment": {"resources": [{"urn": "urn:pulumi:a::b::c::none", "inputs": hidden}]}}
    assert secrets_of(export) == {}
