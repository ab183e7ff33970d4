"""Requests and certificates, signed.

Owns: what stands in a certificate. Does not own: when one is due for renewal (provider).
Read from terraform-provider-tls 4 (common_cert.go) and Go's crypto/x509.CreateCertificate.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from multimesh_lab.providers.tls import keys, subject, uses

_NO_LIMIT = -1


class CertificateError(ValueError):
    """The certificate cannot be made."""


@dataclass(frozen=True)
class Issued:
    """A new certificate and what the provider says about it."""

    pem: str
    serial: int
    start: datetime
    end: datetime


def request(inputs: Mapping[str, Any]) -> tuple[str, str, str]:
    """PEM, key algorithm and id of a certificate request."""
    key = keys.parse(str(inputs["privateKeyPem"]), "privateKeyPem")
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject.name(inputs.get("subject")))
    alternatives = subject.alternatives(inputs)
    if alternatives is not None:
        builder = builder.add_extension(alternatives, critical=False)
    signed = builder.sign(key, keys.signature_hash(key))
    der = signed.public_bytes(serialization.Encoding.DER)
    pem = signed.public_bytes(serialization.Encoding.PEM).decode()
    return pem, keys.algorithm_of(key), hashlib.sha1(der, usedforsecurity=False).hexdigest()


def self_signed(inputs: Mapping[str, Any]) -> tuple[Issued, str]:
    """A certificate signed by its own key, and the key's algorithm."""
    key = keys.parse(str(inputs["privateKeyPem"]), "privateKeyPem")
    own_name = subject.name(inputs.get("subject"))
    _check_form(inputs, own_name)
    public = key.public_key()
    builder = _base(inputs, own_name, public).issuer_name(own_name)
    authority: bytes | None = None
    if inputs.get("setAuthorityKeyId"):
        if not (inputs.get("isCaCertificate") or inputs.get("setSubjectKeyId")):
            raise CertificateError("setAuthorityKeyId needs isCaCertificate or setSubjectKeyId")
        authority = keys.subject_key_id(public)
    builder = _with_names(builder, subject.alternatives(inputs), own_name)
    return _sign(builder, inputs, key, authority), keys.algorithm_of(key)


def locally_signed(inputs: Mapping[str, Any]) -> tuple[Issued, str]:
    """A certificate for a request, signed by another's key, and that key's algorithm."""
    key = keys.parse(str(inputs["caPrivateKeyPem"]), "caPrivateKeyPem")
    authority = _load(str(inputs["caCertPem"]), "caCertPem", "CERTIFICATE")
    asked = _load_request(str(inputs["certRequestPem"]))
    if keys.public_id(key.public_key()) != keys.public_id(authority.public_key()):  # pyright: ignore[reportArgumentType]
        raise CertificateError("caPrivateKeyPem is not the private key of caCertPem")
    _check_form(inputs, asked.subject)
    public = asked.public_key()
    builder = _base(inputs, asked.subject, public).issuer_name(authority.subject)
    builder = _with_names(builder, _extension(asked, x509.SubjectAlternativeName), asked.subject)
    issuer_key_id = _extension(authority, x509.SubjectKeyIdentifier)
    differs = authority.subject != asked.subject
    key_id = issuer_key_id.digest if issuer_key_id is not None and differs else None
    return _sign(builder, inputs, key, key_id), keys.algorithm_of(key)


def _check_form(inputs: Mapping[str, Any], name: x509.Name) -> None:
    limit = inputs.get("maxPathLength")
    if limit is not None and limit > 0 and not inputs.get("isCaCertificate"):
        raise CertificateError(f"maxPathLength is {limit}, which only a CA certificate can have")
    if inputs.get("isCaCertificate") and not name.rdns:
        raise CertificateError("a CA certificate needs a subject")


def _base(inputs: Mapping[str, Any], name: x509.Name, public: Any) -> x509.CertificateBuilder:
    is_ca = bool(inputs.get("isCaCertificate"))
    limit = inputs.get("maxPathLength")
    # 0 is kept in state but means "no limit" to Go unless MaxPathLenZero is set, which the provider does
    # not do.
    length = limit if is_ca and limit is not None and limit > 0 else None
    builder = x509.CertificateBuilder().subject_name(name).public_key(public)
    for extension, critical in uses.extensions(inputs["allowedUses"]):
        builder = builder.add_extension(extension, critical=critical)
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=length), critical=True)
    if is_ca or inputs.get("setSubjectKeyId"):
        builder = builder.add_extension(x509.SubjectKeyIdentifier(keys.subject_key_id(public)), critical=False)
    return builder


def _with_names(
    builder: x509.CertificateBuilder, alternatives: x509.SubjectAlternativeName | None, name: x509.Name
) -> x509.CertificateBuilder:
    if alternatives is None:
        return builder
    return builder.add_extension(alternatives, critical=not name.rdns)


def _sign(
    builder: x509.CertificateBuilder, inputs: Mapping[str, Any], key: keys.PrivateKey, authority: bytes | None
) -> Issued:
    if authority is not None:
        identifier = x509.AuthorityKeyIdentifier(authority, None, None)
        builder = builder.add_extension(identifier, critical=False)
    serial = secrets.randbelow(2**128 - 1) + 1
    start = datetime.now(UTC)
    end = start + timedelta(hours=inputs["validityPeriodHours"])
    signed = (
        builder.serial_number(serial)
        .not_valid_before(start.replace(microsecond=0))
        .not_valid_after(end.replace(microsecond=0))
        .sign(key, keys.signature_hash(key))
    )
    return Issued(signed.public_bytes(serialization.Encoding.PEM).decode(), serial, start, end)


def _load(text: str, what: str, expected: str) -> x509.Certificate:
    kind, block = keys.first_block(text, what)
    if kind != expected:
        raise CertificateError(f"{what}: PEM block {kind!r} where {expected!r} is expected")
    try:
        return x509.load_pem_x509_certificate(block.encode())
    except ValueError as error:
        raise CertificateError(f"{what}: the certificate cannot be read: {error}") from error


def _load_request(text: str) -> x509.CertificateSigningRequest:
    kind, block = keys.first_block(text, "certRequestPem")
    if kind != "CERTIFICATE REQUEST":
        raise CertificateError(f"certRequestPem: PEM block {kind!r} where 'CERTIFICATE REQUEST' is expected")
    try:
        return x509.load_pem_x509_csr(block.encode())
    except ValueError as error:
        raise CertificateError(f"certRequestPem: the request cannot be read: {error}") from error


def _extension(holder: x509.Certificate | x509.CertificateSigningRequest, kind: Any) -> Any:
    try:
        return holder.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
