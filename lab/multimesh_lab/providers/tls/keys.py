"""Private and public keys in the forms that the tls provider gives and takes.

Owns: generation, encodings, fingerprints and ids of keys. Does not own: certificates.
Read from terraform-provider-tls 4 (resource_private_key.go, provider/crypto.go).
"""

import base64
import hashlib
import re

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
CURVES: dict[str, type[ec.EllipticCurve]] = {
    "P224": ec.SECP224R1,
    "P256": ec.SECP256R1,
    "P384": ec.SECP384R1,
    "P521": ec.SECP521R1,
}
ALGORITHMS = ("RSA", "ECDSA", "ED25519")
_PEM_KINDS = ("RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY")
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----\n?", re.DOTALL)
_SMALLEST_RSA = 1024


class UnusableKeyError(ValueError):
    """The key cannot be made or read."""


def generate(algorithm: str, rsa_bits: int, curve: str) -> PrivateKey:
    """A new key."""
    if algorithm == "RSA":
        if rsa_bits < _SMALLEST_RSA:
            raise UnusableKeyError(f"rsaBits is {rsa_bits}; keys of fewer than {_SMALLEST_RSA} bits are insecure")
        return rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits)
    if algorithm == "ECDSA":
        return ec.generate_private_key(CURVES[curve]())
    return ed25519.Ed25519PrivateKey.generate()


def first_block(text: str, what: str) -> tuple[str, str]:
    """Kind and text of the first PEM block; the rest of a bundle is never read."""
    match = _BLOCK.search(text)
    if match is None:
        raise UnusableKeyError(f"{what}: no PEM block found")
    return match.group(1), match.group(0)


def parse(text: str, what: str) -> PrivateKey:
    """The private key in PKCS#1, SEC1 or PKCS#8 form."""
    kind, block = first_block(text, what)
    if kind not in _PEM_KINDS:
        raise UnusableKeyError(f"{what}: unsupported PEM block {kind!r}; supported are {', '.join(_PEM_KINDS)}")
    try:
        key = serialization.load_pem_private_key(block.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise UnusableKeyError(f"{what}: the private key cannot be read: {type(error).__name__}") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise UnusableKeyError(f"{what}: unsupported key type {type(key).__name__}")
    return key


def algorithm_of(key: PrivateKey) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return "RSA"
    return "ECDSA" if isinstance(key, ec.EllipticCurvePrivateKey) else "ED25519"


def signature_hash(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None:
    """The hash that Go chooses for a signature by this key."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey):
        by_curve = {"secp384r1": hashes.SHA384(), "secp521r1": hashes.SHA512()}
        return by_curve.get(key.curve.name, hashes.SHA256())
    return hashes.SHA256()


def private_forms(key: PrivateKey) -> dict[str, str]:
    """The three PEM texts of a private key, by output name; OpenSSH has no P224, so that one is empty."""
    traditional = serialization.PrivateFormat.TraditionalOpenSSL
    own = serialization.PrivateFormat.PKCS8 if isinstance(key, ed25519.Ed25519PrivateKey) else traditional
    openssh = "" if _is_p224(key.public_key()) else _private(key, serialization.PrivateFormat.OpenSSH)
    return {
        "privateKeyPem": _private(key, own),
        "privateKeyPemPkcs8": _private(key, serialization.PrivateFormat.PKCS8),
        "privateKeyOpenssh": openssh,
    }


def _private(key: PrivateKey, form: serialization.PrivateFormat) -> str:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public_forms(key: PublicKey) -> dict[str, str]:
    """PEM, OpenSSH and fingerprints of a public key, by output name; all but the PEM are empty for P224."""
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    line = md5 = sha256 = ""
    if not _is_p224(key):
        encoded = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        blob = base64.b64decode(encoded.split()[1])
        line = encoded.decode() + "\n"
        digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
        md5 = ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
        sha256 = "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return {
        "publicKeyPem": pem,
        "publicKeyOpenssh": line,
        "publicKeyFingerprintMd5": md5,
        "publicKeyFingerprintSha256": sha256,
    }


def _is_p224(key: PublicKey) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp224r1"


def public_id(key: PublicKey) -> str:
    """SHA-1 of the public key's DER, which the real provider trims of white space first."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha1(der.strip(), usedforsecurity=False).hexdigest()


def subject_key_id(key: PublicKey) -> bytes:
    """SHA-1 of PKCS#1 (RSA), the uncompressed point (ECDSA), or a DER octet string of the key (Ed25519)."""
    if isinstance(key, rsa.RSAPublicKey):
        body = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        form = serialization.PublicFormat.UncompressedPoint
        body = key.public_bytes(serialization.Encoding.X962, form)
    else:
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        body = bytes([0x04, len(raw)]) + raw
    return hashlib.sha1(body, usedforsecurity=False).digest()
