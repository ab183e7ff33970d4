"""Authorities as PEM that tests make, sound or not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Pem:
    """A certificate and its key."""

    certificate: str
    key: str


def key_pem(key: ec.EllipticCurvePrivateKey | None = None, password: bytes | None = None) -> str:
    """A key, a new one unless given."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock).decode()


def authority(
    name: str,
    issuer: Pem | None = None,
    *,
    ca: bool = True,
    path_length: int | None = None,
    begins: datetime | None = None,
    ends: datetime | None = None,
    server_only: bool = False,
    curve: ec.EllipticCurve | None = None,
) -> Pem:
    """An authority under the issuer, or one that signs itself; on P-256 unless given."""
    own, now = ec.generate_private_key(curve or ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer, issued_by = own, subject
    if issuer is not None:
        loaded = serialization.load_pem_private_key(issuer.key.encode(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        signer, issued_by = loaded, x509.load_pem_x509_certificate(issuer.certificate.encode()).subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issued_by)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now - timedelta(days=20))
        .not_valid_after(ends or now + timedelta(days=20))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    )
    if server_only:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    return Pem(certificate.public_bytes(serialization.Encoding.PEM).decode(), key_pem(own))
