"""The certificate of a server within a cluster, such as a webhook, in the mesh's own tree.

Owns: its key, its request and its certificate, signed by the cluster's authority. Does not own: which servers there
are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_tls as tls

from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan.trust import SERVER_VALIDITY_DAYS


@dataclass(frozen=True)
class ServerCertificate:
    """As PEM."""

    certificate: pulumi.Output[str]
    """The certificate, those between it and its root, and that root."""
    key: pulumi.Output[str]
    """PKCS #8, which servers written in Rust take alone; a secret."""
    ends: pulumi.Output[str]
    """When the certificate ends, by RFC 3339."""


def server_certificate(
    name: str, authority: Authority, hosts: Sequence[str], parent: pulumi.Resource, addresses: Sequence[str] = ()
) -> ServerCertificate:
    """A certificate for these DNS names and addresses; ECDSA on P-256."""
    child = pulumi.ResourceOptions(parent=parent)
    key = tls.PrivateKey(name, algorithm="ECDSA", ecdsa_curve="P256", opts=child)
    request = tls.CertRequest(
        name,
        private_key_pem=key.private_key_pem,
        subject={"common_name": hosts[0]},
        dns_names=list(hosts),
        ip_addresses=list(addresses) or None,
        opts=child,
    )
    signed = tls.LocallySignedCert(
        name,
        ca_private_key_pem=authority.key,
        ca_cert_pem=authority.certificate,
        cert_request_pem=request.cert_request_pem,
        # Consul's servers are each other's clients.
        allowed_uses=["digital_signature", "key_encipherment", "server_auth", "client_auth"],
        validity_period_hours=SERVER_VALIDITY_DAYS * 24,
        early_renewal_hours=SERVER_VALIDITY_DAYS * 24 // 3,
        opts=child,
    )
    return ServerCertificate(
        certificate=pulumi.Output.concat(signed.cert_pem, authority.chain),
        key=pulumi.Output.secret(key.private_key_pem_pkcs8),
        ends=signed.validity_end_time,
    )
