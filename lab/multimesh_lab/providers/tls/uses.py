"""The words of `allowedUses` and what they are in a certificate.

Owns: the closed list. Does not own: anything else in a certificate.
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

_KEY_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "cert_signing",
    "crl_signing",
    "encipher_only",
    "decipher_only",
)
_EXTENDED = {
    "any_extended": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "code_signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email_protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "ipsec_end_system": ObjectIdentifier("1.3.6.1.5.5.7.3.5"),
    "ipsec_tunnel": ObjectIdentifier("1.3.6.1.5.5.7.3.6"),
    "ipsec_user": ObjectIdentifier("1.3.6.1.5.5.7.3.7"),
    "timestamping": ExtendedKeyUsageOID.TIME_STAMPING,
    "ocsp_signing": ExtendedKeyUsageOID.OCSP_SIGNING,
    "microsoft_server_gated_crypto": ObjectIdentifier("1.3.6.1.4.1.311.10.3.3"),
    "netscape_server_gated_crypto": ObjectIdentifier("2.16.840.1.113730.4.1"),
    "microsoft_commercial_code_signing": ObjectIdentifier("1.3.6.1.4.1.311.2.1.22"),
    "microsoft_kernel_code_signing": ObjectIdentifier("1.3.6.1.4.1.311.61.1.1"),
}
ALLOWED = (*_KEY_USES, *_EXTENDED)


def extensions(allowed: Sequence[str]) -> list[tuple[x509.ExtensionType, bool]]:
    """Key usage (critical) and extended key usage (not), each only if something is allowed."""
    result: list[tuple[x509.ExtensionType, bool]] = []
    if any(use in _KEY_USES for use in allowed):
        result.append((_key_usage(frozenset(allowed)), True))
    extended = [_EXTENDED[use] for use in allowed if use in _EXTENDED]
    if extended:
        result.append((x509.ExtendedKeyUsage(extended), False))
    return result


def _key_usage(allowed: frozenset[str]) -> x509.KeyUsage:
    agreement = "key_agreement" in allowed
    return x509.KeyUsage(
        digital_signature="digital_signature" in allowed,
        content_commitment="content_commitment" in allowed,
        key_encipherment="key_encipherment" in allowed,
        data_encipherment="data_encipherment" in allowed,
        key_agreement=agreement,
        key_cert_sign="cert_signing" in allowed,
        crl_sign="crl_signing" in allowed,
        # These two mean something only with key agreement, and the library refuses them without it.
        encipher_only=agreement and "encipher_only" in allowed,
        decipher_only=agreement and "decipher_only" in allowed,
    )
