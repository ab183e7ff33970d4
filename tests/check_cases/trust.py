"""Cases of keys, certificates and secrets."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from check_cases.networks import AWS_TUNNEL, AZURE_TUNNEL, GCP_TUNNEL, OCI_TUNNEL
from check_cases.things import KEY, TOKEN, Cases, each, thing
from pulumi_multimesh.checks.item import UNREAD, Item

TLS_KEY = "tls:index/privateKey:PrivateKey"
GCP_KEY, AWS_KEY, AZURE_KEY = "gcp:kms/cryptoKey:CryptoKey", "aws:kms/key:Key", "azure-native:keyvault:Key"


def root(**more: Any) -> Item:
    return thing("tls:index/selfSignedCert:SelfSignedCert", {"isCaCertificate": True, **more})


def leaf(**more: Any) -> Item:
    return thing("tls:index/locallySignedCert:LocallySignedCert", {"isCaCertificate": False, **more})


def ends_in(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def authorities(ends: object) -> Item:
    """A mesh's, as a state has them."""
    return thing("multimesh:index:MeshPki", {"clusters": ["gcp-eu"], "ends": ends})


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CASES: dict[str, Cases] = {
    "key-weak": Cases(
        each(
            thing(TLS_KEY, {"algorithm": "RSA", "rsaBits": 1024.0}),
            thing(TLS_KEY, {"algorithm": "ECDSA"}),
            thing(TLS_KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P224"}),
        ),
        each(
            thing(TLS_KEY, {"algorithm": "RSA"}),
            thing(TLS_KEY, {"algorithm": "RSA", "rsaBits": 2048}),
            thing(TLS_KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P256"}),
            thing(TLS_KEY, {"algorithm": "ED25519"}),
        ),
    ),
    "authority-key-in-state": Cases(each(root()), each(root(isCaCertificate=False))),
    "certificate-ending": Cases(
        each(
            root(validityEndTime=ends_in(59)),
            leaf(validityEndTime=ends_in(-1)),
            authorities({"root": ends_in(1000), "gcp-eu": ends_in(20)}),
        ),
        each(
            root(validityEndTime=ends_in(62)),
            leaf(validityEndTime=UNREAD),
            leaf(),
            authorities({"root": ends_in(1000), "gcp-eu": ends_in(100)}),
            authorities({"root": UNREAD}),
            authorities(UNREAD),
        ),
    ),
    "certificate-too-long": Cases(
        each(
            root(validityPeriodHours=24 * 365 * 30),
            leaf(validityPeriodHours=24 * 800),
            leaf(isCaCertificate=True, validityPeriodHours=24 * 365 * 5),
        ),
        each(
            root(validityPeriodHours=24 * 365 * 10),
            leaf(validityPeriodHours=24 * 365),
            leaf(isCaCertificate=True, validityPeriodHours=24 * 730),
        ),
    ),
    "certificate-signs": Cases(
        each(leaf(allowedUses=["cert_signing", "server_auth"])),
        each(leaf(allowedUses=["server_auth"]), leaf(isCaCertificate=True, allowedUses=["cert_signing"])),
    ),
    "vault-key-rests": Cases(
        each(thing(GCP_KEY, {"keyRing": "r"}), thing(AWS_KEY, {"description": "d"})),
        each(
            thing(GCP_KEY, {"rotationPeriod": "7776000s"}),
            thing(GCP_KEY, {"purpose": "ASYMMETRIC_SIGN"}),
            thing(AWS_KEY, {"enableKeyRotation": True}),
            thing(AWS_KEY, {"keyUsage": "SIGN_VERIFY"}),
        ),
    ),
    "vault-key-leaves": Cases(
        each(
            thing(AZURE_KEY, {"properties": {"attributes": {"exportable": True}}}),
            thing(AWS_KEY, {"multiRegion": True}),
            thing(GCP_KEY, {"importOnly": True}),
        ),
        each(
            thing(AZURE_KEY, {"properties": {"attributes": {"enabled": True}}}),
            thing(AWS_KEY, {"enableKeyRotation": True}),
            thing(GCP_KEY, {"importOnly": False}),
        ),
    ),
    "state-secret-readable": Cases(
        each(
            thing("any:index:Thing", {"a": {"b": [KEY]}}),
            thing("any:index:Thing", {"token": f"Bearer {TOKEN}"}),
            thing("any:index:Thing", {"key": encoded(KEY)}),
            thing("any:index:Thing", {"key": base64.encodebytes(KEY.encode()).decode()}),
            thing("any:index:Thing", {"file": encoded(f"users: [{{user: {{client-key-data: {encoded(KEY)}}}}}]")}),
            replace(thing("any:index:Thing", {"key": UNREAD}), outputs={"key": KEY}),
            thing(GCP_TUNNEL, {"sharedSecret": "a-word"}),
            thing(OCI_TUNNEL, {"sharedSecret": "a-word"}),
            thing(AZURE_TUNNEL, {"sharedKey": "a-word"}),
            thing(AWS_TUNNEL, {"tunnel1PresharedKey": UNREAD, "tunnel2PresharedKey": "a-word"}),
            replace(thing(GCP_TUNNEL, {"sharedSecret": UNREAD}), outputs={"sharedSecret": "a-word"}),
            replace(
                thing(AWS_TUNNEL, {"type": "ipsec.1"}),
                outputs={"customerGatewayConfiguration": "<ike><pre_shared_key>a-word</pre_shared_key></ike>"},
            ),
        ),
        each(
            thing("any:index:Thing", {"a": UNREAD, "b": "a PRIVATE KEY is a secret"}),
            thing("any:index:Thing", {"certificate": encoded(KEY.replace("EC PRIVATE KEY", "CERTIFICATE"))}),
            replace(thing("any:index:Thing", {"key": UNREAD}), outputs={"key": UNREAD}),
            thing(GCP_TUNNEL, {"sharedSecret": UNREAD, "sharedSecretHash": "0123"}),
            thing(AWS_TUNNEL, {"tunnel1PresharedKey": UNREAD, "tunnel2PresharedKey": ""}),
        ),
    ),
}
