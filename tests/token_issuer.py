"""An OIDC provider of a test's own: its description and keys over TLS, and tokens that it signs or that are wrong.

Owns: what an API server asks of a provider. Does not own: logging anybody in.
"""

import base64
import contextlib
import http.server
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from lab_certificates import self_signed

_KEY_ID = "first"


@dataclass(frozen=True)
class Issuer:
    """A provider that answers at its address."""

    url: str
    authority: Path
    """The authority of its certificate, as PEM."""
    key: rsa.RSAPrivateKey

    def token(self, key: rsa.RSAPrivateKey | None = None, **claims: Any) -> str:
        """One for `ada` of the group `developers` and the client `kubernetes`, but for the claims; by its own key.

        A claim that is None is left out.
        """
        now = int(time.time())
        known = {"iss": self.url, "aud": "kubernetes", "sub": "ada", "groups": ["developers"]}
        said = {**known, "iat": now - 60, "exp": now + 600, **claims}
        return _signed(key or self.key, {claim: value for claim, value in said.items() if value is not None})


@contextlib.contextmanager
def issuer(host: str, port: int, folder: Path) -> Generator[Issuer]:
    """Answers while the block runs; its files lie in the folder."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    authority = self_signed("issuers of tests", authority_key)
    (folder / "authority.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(host, authority, authority_key, folder))
    server = http.server.ThreadingHTTPServer((host, port), _Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made = Issuer(f"https://{host}:{port}", folder / "authority.pem", key)
    _Answers.documents = _documents(made)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Answers(http.server.BaseHTTPRequestHandler):
    documents: dict[str, Any]

    def do_GET(self) -> None:
        found = self.documents.get(self.path)
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test's output is not for this."""


def _documents(made: Issuer) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0, §3, and RFC 7517."""
    numbers = made.key.public_key().public_numbers()
    key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _KEY_ID, "n": _number(numbers.n), "e": _number(numbers.e)}
    described = {
        "issuer": made.url,
        "jwks_uri": f"{made.url}/keys",
        "authorization_endpoint": f"{made.url}/login",
        "token_endpoint": f"{made.url}/token",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    return {"/.well-known/openid-configuration": described, "/keys": {"keys": [key]}}


def _certificate(host: str, authority: x509.Certificate, signer: ec.EllipticCurvePrivateKey, folder: Path) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def _signed(key: rsa.RSAPrivateKey, claims: dict[str, Any]) -> str:
    """RFC 7515 §7.1, with RS256."""
    head = {"alg": "RS256", "typ": "JWT", "kid": _KEY_ID}
    body = ".".join(_base64(json.dumps(part).encode()) for part in (head, claims))
    return f"{body}.{_base64(key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
