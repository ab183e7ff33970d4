"""The tls provider: real keys and certificates, checked by another's verifier."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from pulumi.runtime.proto import provider_pb2
from simulated_cloud import FakeContext, RefusedByProviderError

from multimesh_lab.providers.tls.provider import TlsProvider
from multimesh_lab.providers.wire import UNKNOWN, Properties, Secret, decode, encode, plain

KEY = "tls:index/privateKey:PrivateKey"
REQUEST = "tls:index/certRequest:CertRequest"
SELF = "tls:index/selfSignedCert:SelfSignedCert"
SIGNED = "tls:index/locallySignedCert:LocallySignedCert"
CA_USES = ["cert_signing", "crl_signing", "digital_signature"]
provider = TlsProvider()
context: Any = FakeContext()


def check(token: str, inputs: Properties) -> list[str]:
    answer = provider.Check(provider_pb2.CheckRequest(type=token, news=encode(inputs)), context)
    return [failure.property for failure in answer.failures]


def create(token: str, inputs: Properties, *, preview: bool = False) -> Properties:
    request = provider_pb2.CreateRequest(type=token, properties=encode(inputs), preview=preview)
    return decode(provider.Create(request, context).properties)


def diff(token: str, state: Properties, old: Properties, new: Properties) -> tuple[list[str], list[str]]:
    request = provider_pb2.DiffRequest(type=token, olds=encode(state), old_inputs=encode(old), news=encode(new))
    answer = provider.Diff(request, context)
    return list(answer.diffs), list(answer.replaces)


def key(**inputs: Any) -> str:
    return plain(create(KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P256", **inputs}))["privateKeyPem"]


def ca_inputs(private: str, **more: Any) -> Properties:
    return {
        "privateKeyPem": private,
        "subject": {"commonName": "root", "organization": "acme"},
        "validityPeriodHours": 24,
        "allowedUses": CA_USES,
        "isCaCertificate": True,
        **more,
    }


def request_for(private: str, name: str, **more: Any) -> str:
    inputs = {"privateKeyPem": private, "subject": {"commonName": name}, **more}
    return create(REQUEST, inputs)["certRequestPem"]


class TestPrivateKey:
    @pytest.mark.parametrize(
        ("inputs", "header"),
        [
            ({"algorithm": "RSA", "rsaBits": 2048}, "RSA PRIVATE KEY"),
            ({"algorithm": "ECDSA", "ecdsaCurve": "P384"}, "EC PRIVATE KEY"),
            ({"algorithm": "ED25519"}, "PRIVATE KEY"),
        ],
    )
    def test_forms(self, inputs: Properties, header: str) -> None:
        made = create(KEY, inputs)
        for name in ("privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"):
            assert isinstance(made[name], Secret)
            assert plain(made[name]).endswith("\n")
        assert plain(made["privateKeyPem"]).startswith(f"-----BEGIN {header}-----")
        assert plain(made["privateKeyPemPkcs8"]).startswith("-----BEGIN PRIVATE KEY-----")
        assert made["publicKeyFingerprintSha256"].startswith("SHA256:")
        assert len(made["publicKeyFingerprintMd5"].split(":")) == 16
        assert len(made["id"]) == 40
        private = serialization.load_pem_private_key(plain(made["privateKeyPem"]).encode(), None)
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        assert public.decode() == made["publicKeyPem"]

    def test_defaults_show_in_outputs(self) -> None:
        made = create(KEY, {"algorithm": "ECDSA"})
        assert (made["rsaBits"], made["ecdsaCurve"]) == (2048, "P224")
        assert made["publicKeyOpenssh"] == "" == plain(made["privateKeyOpenssh"]), "OpenSSH has no P224"

    def test_preview(self) -> None:
        made = create(KEY, {"algorithm": "RSA"}, preview=True)
        assert made["privateKeyPem"] is UNKNOWN
        assert made["rsaBits"] == 2048

    def test_short_rsa_fails_on_create_only(self) -> None:
        assert check(KEY, {"algorithm": "RSA", "rsaBits": 512}) == []
        with pytest.raises(RefusedByProviderError, match="512"):
            create(KEY, {"algorithm": "RSA", "rsaBits": 512})

    def test_everything_replaces(self) -> None:
        old = {"algorithm": "ECDSA"}
        assert diff(KEY, {}, old, {**old, "rsaBits": 4096}) == (["rsaBits"], ["rsaBits"])


class TestCheck:
    @pytest.mark.parametrize(
        ("token", "inputs", "path"),
        [
            (KEY, {"algorithm": "rsa"}, "algorithm"),
            (KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P1"}, "ecdsaCurve"),
            (SELF, ca_inputs("x", validityPeriodHours=-1), "validityPeriodHours"),
            (SELF, ca_inputs("x", earlyRenewalHours=-1), "earlyRenewalHours"),
            (SELF, ca_inputs("x", maxPathLength=-2), "maxPathLength"),
            (SELF, ca_inputs("x", allowedUses=["flying"]), "allowedUses[0]"),
            (SELF, ca_inputs("x", ipAddresses=[""]), "ipAddresses[0]"),
            (SELF, ca_inputs("x", subject={"comonName": "x"}), "subject.comonName"),
            (REQUEST, {"subject": {}}, "privateKeyPem"),
        ],
    )
    def test_faults(self, token: str, inputs: Properties, path: str) -> None:
        assert check(token, inputs) == [path]

    def test_private_inputs_come_back_secret(self) -> None:
        request = provider_pb2.CheckRequest(type=SELF, news=encode(ca_inputs("x")))
        assert isinstance(decode(provider.Check(request, context).inputs)["privateKeyPem"], Secret)


class TestCertificates:
    def test_a_chain_of_three_verifies(self, tmp_path: Path) -> None:
        """openssl, not our own library, says whether root, intermediate and leaf are a chain."""
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("openssl is not installed")
        root_key, middle_key, leaf_key = key(), key(ecdsaCurve="P384"), key(algorithm="RSA")
        root = create(SELF, ca_inputs(root_key, maxPathLength=1))["certPem"]
        middle = sign(root, root_key, request_for(middle_key, "cluster"), isCaCertificate=True)["certPem"]
        leaf = sign(
            middle,
            middle_key,
            request_for(leaf_key, "leaf", dnsNames=["a.example"], uris=["spiffe://mesh/ns/x"]),
            allowedUses=["server_auth", "digital_signature"],
        )["certPem"]
        for name, text in (("root", root), ("middle", middle), ("leaf", leaf)):
            (tmp_path / name).write_text(text)
        command = [openssl, "verify", "-x509_strict", "-CAfile", "root", "-untrusted", "middle", "leaf"]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr

    def test_form_of_a_ca(self) -> None:
        made = create(SELF, ca_inputs(key(), maxPathLength=2))
        certificate = x509.load_pem_x509_certificate(made["certPem"].encode())
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 2)
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
        assert usage.critical
        assert usage.value.key_cert_sign
        assert certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        assert str(certificate.serial_number) == made["id"]
        assert isinstance(made["privateKeyPem"], Secret)
        assert made["keyAlgorithm"] == "ECDSA"

    def test_a_path_length_of_zero_is_no_limit(self) -> None:
        made = create(SELF, ca_inputs(key(), maxPathLength=0))
        certificate = x509.load_pem_x509_certificate(made["certPem"].encode())
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length is None
        assert made["maxPathLength"] == 0

    def test_names(self) -> None:
        alternatives = {"dnsNames": ["a"], "ipAddresses": ["198.18.0.1"], "uris": ["spiffe://x"]}
        inputs = {**ca_inputs(key(), isCaCertificate=False), "subject": {}, **alternatives}
        made = create(SELF, inputs)
        certificate = x509.load_pem_x509_certificate(made["certPem"].encode())
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        assert extension.critical, "the subject is empty"
        assert extension.value.get_values_for_type(x509.DNSName) == ["a"]

    def test_ed25519_and_p521(self) -> None:
        signed = x509.load_pem_x509_certificate(create(SELF, ca_inputs(key(algorithm="ED25519")))["certPem"].encode())
        assert isinstance(signed.public_key(), ed25519.Ed25519PublicKey)
        assert signed.signature_hash_algorithm is None
        p521 = x509.load_pem_x509_certificate(create(SELF, ca_inputs(key(ecdsaCurve="P521")))["certPem"].encode())
        assert isinstance(p521.public_key(), ec.EllipticCurvePublicKey)
        assert p521.signature_hash_algorithm is not None
        assert p521.signature_hash_algorithm.name == "sha512"

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"subject": {}}, "needs a subject"),
            ({"isCaCertificate": False, "maxPathLength": 1}, "only a CA certificate"),
            ({"isCaCertificate": False, "setAuthorityKeyId": True}, "setAuthorityKeyId needs"),
            ({"privateKeyPem": "nonsense"}, "no PEM block"),
            ({"ipAddresses": ["10.0.0.0/8"]}, "not an IP address"),
            ({"dnsNames": ["ä"]}, "not ASCII"),
            ({"uris": ["a%zz"]}, "bad escape"),
        ],
    )
    def test_errors_on_create_only(self, more: Properties, message: str) -> None:
        inputs = {**ca_inputs(key()), **more}
        assert check(SELF, inputs) == []
        create(SELF, inputs, preview=True)
        with pytest.raises(RefusedByProviderError, match=message):
            create(SELF, inputs)

    def test_openssh_keys_are_not_read(self) -> None:
        openssh = plain(create(KEY, {"algorithm": "ED25519"}))["privateKeyOpenssh"]
        with pytest.raises(RefusedByProviderError, match="OPENSSH PRIVATE KEY"):
            create(SELF, ca_inputs(openssh))

    def test_the_wrong_ca_key(self) -> None:
        root = create(SELF, ca_inputs(key()))["certPem"]
        with pytest.raises(RefusedByProviderError, match="is not the private key of caCertPem"):
            sign(root, key(), request_for(key(), "x"))


class TestRenewal:
    def test_early_renewal_changes_in_place(self) -> None:
        old = ca_inputs(key())
        new = {**old, "earlyRenewalHours": 1}
        state = plain(create(SELF, old))
        assert diff(SELF, state, old, new) == (["earlyRenewalHours"], [])
        request = provider_pb2.UpdateRequest(type=SELF, olds=encode(state), old_inputs=encode(old), news=encode(new))
        after = decode(provider.Update(request, context).properties)
        assert after["certPem"] == state["certPem"]
        assert after["earlyRenewalHours"] == 1

    def test_within_the_window_every_diff_replaces(self) -> None:
        inputs = ca_inputs(key(), earlyRenewalHours=24)
        state = plain(create(SELF, inputs))
        assert state["readyForRenewal"] is True
        assert diff(SELF, state, inputs, inputs) == (["readyForRenewal"], ["readyForRenewal"])

    def test_outside_the_window_nothing_happens(self) -> None:
        inputs = ca_inputs(key(), earlyRenewalHours=23)
        state = plain(create(SELF, inputs))
        assert state["readyForRenewal"] is False
        assert diff(SELF, state, inputs, inputs) == ([], [])
        end = datetime.fromisoformat(state["validityEndTime"].replace("Z", "+00:00"))
        assert 23 < (end - datetime.now(UTC)).total_seconds() / 3600 <= 24

    def test_dropping_the_path_length_is_no_change(self) -> None:
        new = ca_inputs(key())
        state = plain(create(SELF, new))
        assert diff(SELF, state, {**new, "maxPathLength": 1}, new) == ([], [])
        assert diff(SELF, state, new, {**new, "maxPathLength": 1})[1] == ["maxPathLength"]

    def test_an_unknown_key_shows_replacement(self) -> None:
        old = ca_inputs(key())
        assert diff(SELF, {}, old, {**old, "privateKeyPem": UNKNOWN})[1] == ["privateKeyPem"]


def sign(ca: str, ca_key: str, request: str, **more: Any) -> Properties:
    inputs = {
        "caCertPem": ca,
        "caPrivateKeyPem": ca_key,
        "certRequestPem": request,
        "validityPeriodHours": 12,
        "allowedUses": CA_USES,
        **more,
    }
    return create(SIGNED, inputs)
