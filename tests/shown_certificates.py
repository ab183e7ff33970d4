"""Certificates as whoever is shown them looks at them: by cryptography's verifier and by openssl.

Owns: whether they are believed under a name, and a workload's certificate as Linkerd's identity controller makes it.
Does not own: which certificates there are.
"""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

STRANGER = "somebody.else.example.com"
"""A name that no certificate is for."""


def believed(certificates: str, roots: str, host: str) -> bool:
    """Whether a client that trusts the roots believes the server under that name."""
    shown = x509.load_pem_x509_certificates(certificates.encode())
    store = verification.Store(x509.load_pem_x509_certificates(roots.encode()))
    verifier = verification.PolicyBuilder().store(store).build_server_verifier(x509.DNSName(host))
    try:
        verifier.verify(shown[0], shown[1:])
    except verification.VerificationError:
        return False
    return True


def openssl(folder: Path, certificates: str, roots: str, *more: str) -> bool:
    """The same by openssl, which is given the certificate and those after it, if there are any, apart."""
    end = "-----END CERTIFICATE-----\n"
    first, *others = [each + end for each in certificates.split(end) if each]
    files = {"one.pem": first, "others.pem": "".join(others), "roots.pem": roots}
    for name, text in files.items():
        (folder / name).write_text(text)
    between = ["-untrusted", "others.pem"] if others else []
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "roots.pem", *between, *more, "one.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def workload(key_pem: str, issuer_pem: str, identity: str) -> str:
    """A workload's certificate as the identity controller makes it, and that of its issuer after it."""
    issuer = x509.load_pem_x509_certificate(issuer_pem.encode())
    key = serialization.load_pem_private_key(key_pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    own, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=24))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(identity)]), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode() + issuer_pem
