"""Subjects and alternative names of requests and certificates.

Owns: their form and order. Does not own: signing.
The order of the parts of a subject is Go's (crypto/x509/pkix, Name.ToRDNSequence).
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, cast

from cryptography import x509
from cryptography.x509.oid import NameOID

_ORDER = (
    ("country", NameOID.COUNTRY_NAME),
    ("organization", NameOID.ORGANIZATION_NAME),
    ("organizationalUnit", NameOID.ORGANIZATIONAL_UNIT_NAME),
    ("locality", NameOID.LOCALITY_NAME),
    ("province", NameOID.STATE_OR_PROVINCE_NAME),
    ("streetAddresses", NameOID.STREET_ADDRESS),
    ("postalCode", NameOID.POSTAL_CODE),
    ("commonName", NameOID.COMMON_NAME),
    ("serialNumber", NameOID.SERIAL_NUMBER),
    ("emailAddress", NameOID.EMAIL_ADDRESS),
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class SubjectError(ValueError):
    """A name that no certificate can hold."""


def name(subject: Mapping[str, Any] | None) -> x509.Name:
    """The subject; several streets share one multi-valued part, as Go writes them."""
    parts: list[x509.RelativeDistinguishedName] = []
    for key, oid in _ORDER:
        given = (subject or {}).get(key)
        if not given:
            continue
        values = cast("list[str]", given) if isinstance(given, list) else [str(given)]
        attributes = [x509.NameAttribute(oid, value, _validate=False) for value in values]
        parts.append(x509.RelativeDistinguishedName(attributes))
    return x509.Name(parts)


def alternatives(inputs: Mapping[str, Any]) -> x509.SubjectAlternativeName | None:
    """DNS names, addresses and URIs, in that order; None if there is none."""
    names: list[x509.GeneralName] = []
    for dns in cast("list[str]", inputs.get("dnsNames") or []):
        if not dns.isascii():
            raise SubjectError(f"dnsNames: {dns!r} is not ASCII; give it in its xn-- form")
        names.append(x509.DNSName(dns))
    for text in cast("list[str]", inputs.get("ipAddresses") or []):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(text)))
        except ValueError as error:
            raise SubjectError(f"ipAddresses: {text!r} is not an IP address") from error
    for uri in cast("list[str]", inputs.get("uris") or []):
        if _BAD_ESCAPE.search(uri):
            raise SubjectError(f"uris: {uri!r} holds a bad escape")
        names.append(x509.UniformResourceIdentifier(uri))
    return x509.SubjectAlternativeName(names) if names else None
