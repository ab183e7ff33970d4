"""What Linkerd and Consul are given by the PKI, made by the real engine and looked at as the meshes look at it.

By cryptography's verifier and by openssl: the chain up to the roots, the names, the kinds of keys.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lab_engine import Lab, passed
from shown_certificates import STRANGER, believed, openssl, workload
from stack_life import Life

from pulumi_multimesh.plan import consul_names, linkerd_names

PROGRAM = """
import pulumi
import pulumi_multimesh as multimesh
from pulumi_multimesh.pki.server_certificate import server_certificate
from pulumi_multimesh.plan import consul_names, linkerd_names

pki = multimesh.MeshPki("pki", {
    "clusters": ["one"], "trust_domain": "cluster.local", "issuer_names": [linkerd_names.identity("cluster.local")],
})
one = pki.authorities["one"]
servers = {
    "webhook": server_certificate("webhook", one, [linkerd_names.webhook_host("policy-validator")], pki),
    "consul": server_certificate(
        "consul", one, consul_names.server_hosts("one"), pki, addresses=["127.0.0.1", "::1"]
    ),
}
for name, server in servers.items():
    pulumi.export(f"{name}-certificate", server.certificate)
    pulumi.export(f"{name}-key", server.key)
for name, value in {"roots": one.root, "issuer": one.certificate, "issuer-key": one.key, "chain": one.chain}.items():
    pulumi.export(name, value)
"""
HOSTS = {
    "webhook": ["linkerd-policy-validator.linkerd.svc"],
    "consul": [
        "server.one.consul",
        "localhost",
        "consul-server.consul.svc",
        "consul-server-0.consul-server.consul.svc",
    ],
}


@pytest.fixture(scope="module")
def made(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The stack's outputs."""
    life = Life.begin(lab, tmp_path_factory.mktemp("certificates"))
    life.program(PROGRAM)
    life.up()
    life.unchanged()
    words = ("exec", "--", "pulumi", "stack", "output", "--json", "--show-secrets", "--stack", "test")
    outputs: dict[str, str] = json.loads(passed(lab.command(*words, folder=life.folder)))
    life.destroy()
    return outputs


@pytest.mark.parametrize("server", HOSTS)
def test_servers_are_believed_under_their_names_and_no_others(
    server: str, made: dict[str, str], tmp_path: Path
) -> None:
    shown, roots = made[f"{server}-certificate"], made["roots"]
    for host in HOSTS[server]:
        assert believed(shown, roots, host), host
        assert openssl(tmp_path, shown, roots, "-purpose", "sslserver", "-verify_hostname", host), host
    assert not believed(shown, roots, STRANGER)
    assert not openssl(tmp_path, shown, roots, "-purpose", "sslserver", "-verify_hostname", STRANGER)


@pytest.mark.parametrize("server", HOSTS)
def test_keys_have_the_form_that_servers_in_rust_take(server: str, made: dict[str, str]) -> None:
    text = made[f"{server}-key"]
    assert text.startswith("-----BEGIN PRIVATE KEY-----"), "PKCS #8"
    key = serialization.load_pem_private_key(text.encode(), None)
    certificate = x509.load_pem_x509_certificates(made[f"{server}-certificate"].encode())[0]
    assert key.public_key() == certificate.public_key()


def test_consuls_servers_are_each_others_clients(made: dict[str, str], tmp_path: Path) -> None:
    assert openssl(tmp_path, made["consul-certificate"], made["roots"], "-purpose", "sslclient")
    assert openssl(tmp_path, made["consul-certificate"], made["roots"], "-verify_ip", "127.0.0.1")
    assert consul_names.server_hosts("one")[0] == "server.one.consul"


class TestTheIssuerOfLinkerd:
    """As the identity controller looks at it: linkerd2, pkg/issuercerts and pkg/identity."""

    def test_it_is_an_authority_on_p256_under_its_own_name(self, made: dict[str, str], tmp_path: Path) -> None:
        issuer = x509.load_pem_x509_certificate(made["issuer"].encode())
        key: Any = issuer.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert isinstance(key.curve, ec.SECP256R1)
        assert isinstance(issuer.signature_hash_algorithm, hashes.SHA256)
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        assert basic.ca
        names = issuer.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == [linkerd_names.identity("cluster.local")]
        assert openssl(tmp_path, made["chain"], made["roots"])

    def test_a_workload_that_it_signs_is_believed(self, made: dict[str, str], tmp_path: Path) -> None:
        identity = linkerd_names.workload_identity("front", "web", "cluster.local")
        shown = workload(made["issuer-key"], made["issuer"], identity)
        assert believed(shown, made["roots"], identity)
        assert not believed(shown, made["roots"], linkerd_names.workload_identity("back", "web", "cluster.local"))
        assert openssl(tmp_path, shown, made["roots"], "-verify_hostname", identity)
