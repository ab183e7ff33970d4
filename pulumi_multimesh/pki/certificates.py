"""What makes the certificates of an authority sound, and what can be read from them.

Owns: reading PEM and every judgement of it. Does not own: where it comes from (made.py, brought.py). Istiod stops at
an incomplete authority and hands out what nobody believes under a wrong one, so it is looked at before. What is passed
on is written anew from what was read, so that nothing that stood beside a certificate becomes public with it.
"""

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pulumi
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

_PRIVATE_KEY = "PRIVATE KEY-----"
"""In the first line of a private key as PEM, of whatever kind (RFC 7468 §10, §11; PKCS #1, SEC 1, OpenSSH's)."""


class UnsoundAuthority(Exception):
    """An authority that istiod would not take, or that nobody would believe; says why, and nothing of the key."""


def tidy(pem: str) -> str:
    """The text as the chain needs it: what follows begins on a line of its own."""
    text = pem.strip()
    return f"{text}\n" if text else ""


def split(pem: str) -> tuple[str, str]:
    """The first certificate, and those after it that did not sign themselves: authorities tell chains with the root.

    Raises `ValueError` when there is none.
    """
    first, *rest = _read(pem)
    return _written([first]), _written(each for each in rest if each.issuer != each.subject)


def end_of(pem: str) -> str:
    """When the first certificate ends, by RFC 3339."""
    return _read(pem)[0].not_valid_after_utc.isoformat().replace("+00:00", "Z")


def sound(
    cluster: str, given: pulumi.Input[str], key: pulumi.Output[str], root: pulumi.Output[str]
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """The certificate and those between it and its root, once everything is known and sound.

    `given`: the certificate and what follows it. Fails with `UnsoundAuthority` otherwise.
    """

    def looked_at(found: Sequence[str]) -> tuple[str, str]:
        said = problems(found[0], found[1], found[2])
        if said:
            raise UnsoundAuthority(f"the authority of {cluster}: {'; '.join(said)}")
        return split(found[0])

    # Certificates are public, though the key that they are held against is a secret; nothing else is in them any more.
    parts = pulumi.Output.unsecret(pulumi.Output.all(given, key, root).apply(looked_at))
    return parts.apply(lambda found: found[0]), parts.apply(lambda found: found[1])


def sound_root(name: str, given: pulumi.Input[str]) -> pulumi.Output[str]:
    """The root's certificate, once it is known and sound; fails with `UnsoundAuthority` otherwise."""

    def looked_at(pem: str) -> str:
        said = root_problem(pem)
        if said:
            raise UnsoundAuthority(f"the root {name} {said}")
        return _written(_read(pem))

    return pulumi.Output.from_input(given).apply(looked_at)


def key_problem(pem: str) -> str | None:
    """Why what should be certificates alone must not be passed on; none of what it says is of the key."""
    return "holds a private key, and would be public" if _PRIVATE_KEY in pem else None


def root_problem(pem: str) -> str | None:
    """What is wrong about a root's certificate."""
    if problem := key_problem(pem):
        return problem
    try:
        found = _read(pem)
    except ValueError:
        return "is not a certificate as PEM"
    if len(found) != 1:
        return f"holds {len(found)} certificates, not one"
    root = found[0]
    if not _is_authority(root):
        return "is not a certificate of an authority (CA true)"
    if not _signed_by(root, root):
        return "did not sign itself, so it is not a root"
    return _over(root)


def problems(given: str, key: str | None, root: str) -> list[str]:
    """All that is wrong about an intermediate; a key of None is not known yet and not looked at.

    `given`: the certificate and those between it and the root, which may be among them.
    """
    if problem := key_problem(given):
        return [f"what is given as certificates {problem}"]
    try:
        own, *between = _read(given)
        chain = [own, *(each for each in between if each.issuer != each.subject), *_read(root)]
    except ValueError:
        return ["what is given is not certificates as PEM"]
    found = [] if key is None else _key_problems(own, key)
    if not _is_authority(own):
        found.append("the certificate is not one of an authority (CA true, and keyCertSign among its uses)")
    found += [f"{_called(each)} {said}" for each in chain if (said := _over(each))]
    found += _extended_problems(own)
    for issued, issuer in itertools.pairwise(chain):
        if not _signed_by(issued, issuer):
            found.append(f"{_called(issued)} is not signed by {_called(issuer)}")
    for below, each in enumerate(chain[1:]):
        limit = _path_length(each)
        if limit is not None and limit <= below:
            found.append(f"{_called(each)} allows {limit} authorities below it, and there are {below + 1}")
    return found


def p256_problem(pem: str) -> str | None:
    """Why Linkerd could not sign by the first certificate; its identity controller takes keys on P-256 alone."""
    key = _read(pem)[0].public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return None
    return "has a key that is not ECDSA on P-256, and Linkerd signs with no other"


def _read(pem: str) -> list[x509.Certificate]:
    """Raises `ValueError` when there is none."""
    return x509.load_pem_x509_certificates(pem.encode())


def _written(certificates: Iterable[x509.Certificate]) -> str:
    return "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)


def _key_problems(certificate: x509.Certificate, key: str) -> list[str]:
    try:
        private: PrivateKeyTypes = serialization.load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError):
        return ["the key is not a private key as PEM without a password"]
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        return ["the key is not the certificate's"]
    return []


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    try:
        return authority and certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return authority


def _extended_problems(certificate: x509.Certificate) -> list[str]:
    """Go's verifier, and so istiod, holds an authority's extended uses against what it signs for."""
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return []
    wanted = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
    if ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in uses or all(use in uses for use in wanted):
        return []
    return ["its extended key usage leaves out server or client authentication; best it has none"]


def _path_length(certificate: x509.Certificate) -> int | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
    except x509.ExtensionNotFound:
        return None


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _over(certificate: x509.Certificate) -> str | None:
    now = datetime.now(UTC)
    if now > certificate.not_valid_after_utc:
        return f"ended on {certificate.not_valid_after_utc:%Y-%m-%d}"
    if now < certificate.not_valid_before_utc:
        return f"begins on {certificate.not_valid_before_utc:%Y-%m-%d}"
    return None


def _called(certificate: x509.Certificate) -> str:
    return f'"{certificate.subject.rfc4514_string()}"'
