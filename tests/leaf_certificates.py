"""Certificates of workloads as istiod makes them, and whether whoever trusts a bundle believes them."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

IDENTITY = "spiffe://cluster.local/ns/web/sa/default"


def leaf(
    key_pem: str, chain_pem: str, identity: str = IDENTITY, own: ec.EllipticCurvePrivateKey | None = None
) -> list[x509.Certificate]:
    """A workload's certificate by the authority of that key and chain, and what it shows with it.

    `own`: the workload's key; one that nobody has afterwards unless given.
    """
    authority = x509.load_pem_x509_certificates(chain_pem.encode())
    key = serialization.load_pem_private_key(key_pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    own, now = own or ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    identities = [x509.UniformResourceIdentifier(identity)]
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority[0].subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=2))
        .not_valid_after(now + timedelta(hours=24))
        .add_extension(x509.SubjectAlternativeName(identities), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return [made, *authority[:-1]]


def double(authority: x509.Certificate) -> tuple[str, str]:
    """Key and certificate of an authority with the names and uses of another, signed by itself with its own key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(authority.subject)
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=2))
        .not_valid_after(now + timedelta(hours=24))
    )
    for use in (x509.BasicConstraints, x509.KeyUsage):
        found = authority.extensions.get_extension_for_class(use)
        made = made.add_extension(found.value, found.critical)
    return key_pem(key), made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A key as it is read from a file."""
    form, encryption = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def believed(shown: list[x509.Certificate], bundle_pem: str) -> bool:
    """Whether who trusts the bundle believes what is shown, by the rules of a TLS server for its clients."""
    store = verification.Store(x509.load_pem_x509_certificates(bundle_pem.encode()))
    verifier = verification.PolicyBuilder().store(store).build_client_verifier()
    try:
        verifier.verify(shown[0], shown[1:])
    except verification.VerificationError:
        return False
    return True
