"""The certificates of one cluster, all of a CA of its own.

Owns: making them. Does not own: the mesh's PKI, which the user's program makes.
"""

import datetime
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from multimesh_lab import files
from multimesh_lab.cluster.facts import ClusterFacts

_LIFETIME = datetime.timedelta(days=365)
_SERVER, _CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


def ensure(facts: ClusterFacts) -> str:
    """Make what is missing, and return the CA's certificate."""
    folder, plan = facts.certificates, facts.plan
    ca = folder / "ca.crt"
    if not (folder / "complete").exists():
        authority = _Authority.make(f"{facts.name}-ca")
        authority.save(folder / "ca")
        api_names = [
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
            "localhost",
        ]
        api_addresses = [plan.node, plan.api_service, "127.0.0.1"]
        authority.issue(folder / "apiserver", "kube-apiserver", _SERVER, [*api_names, *api_addresses])
        authority.issue(folder / "apiserver-kubelet-client", "kube-apiserver", _CLIENT, [])
        authority.issue(folder / "kubelet", facts.node_name, _SERVER, [facts.node_name, plan.node])
        _save_key(folder / "service-accounts.key", ec.generate_private_key(ec.SECP256R1()))
        files.write(folder / "complete", "")
    return ca.read_text()


class _Authority:
    """A certificate authority, for as long as it takes to issue what a cluster needs."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @classmethod
    def make(cls, name: str) -> "_Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(name, key.public_key(), _name(name))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        return cls(key, builder.sign(key, hashes.SHA256()))

    def save(self, path: Path) -> None:
        _save_key(path.with_suffix(".key"), self._key)
        _save_certificate(path.with_suffix(".crt"), self._certificate)

    def issue(self, path: Path, name: str, purpose: x509.ObjectIdentifier, holders: Sequence[str]) -> None:
        """A certificate and key at PATH.crt and PATH.key, for these names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(name, key.public_key(), self._certificate.subject)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if holders:
            names = x509.SubjectAlternativeName([_general_name(holder) for holder in holders])
            builder = builder.add_extension(names, critical=False)
        _save_key(path.with_suffix(".key"), key)
        _save_certificate(path.with_suffix(".crt"), builder.sign(self._key, hashes.SHA256()))


def _builder(subject: str, key: ec.EllipticCurvePublicKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _general_name(holder: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(holder))
    except ValueError:
        return x509.DNSName(holder)


def _save_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    files.write(path, encoded.decode())


def _save_certificate(path: Path, certificate: x509.Certificate) -> None:
    files.write(path, certificate.public_bytes(serialization.Encoding.PEM).decode(), 0o644)
