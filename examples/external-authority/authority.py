"""An authority outside the mesh: here a root of this example's own, which stands for a company's.

It is what to replace: by `aws.acmpca.Certificate`, `gcp.certificateauthority.Certificate` or Vault's
`pki_secret.SecretBackendRootSignIntermediate` (docs/pki.md has each). The mesh gives a request for each cluster, whose
key it keeps, and takes a certificate.
"""

import pulumi
import pulumi_tls as tls

from pulumi_multimesh.pki.authority import CertificateRequest, SignedCertificate

_USES = ["cert_signing", "crl_signing"]


class ExampleAuthority:
    """A root and an authority below it that signs: intermediates of a mesh are then the third link of a chain."""

    def __init__(self) -> None:
        self._root_key, self._key = (
            tls.PrivateKey(f"example-{name}", algorithm="ECDSA", ecdsa_curve="P256") for name in ("root", "issuer")
        )
        self._root = tls.SelfSignedCert(
            "example-root",
            private_key_pem=self._root_key.private_key_pem,
            subject={"common_name": "Example Root", "organization": "Example"},
            is_ca_certificate=True,
            allowed_uses=_USES,
            validity_period_hours=20 * 365 * 24,
            set_subject_key_id=True,
        )
        request = tls.CertRequest(
            "example-issuer",
            private_key_pem=self._key.private_key_pem,
            subject={"common_name": "Example Issuer", "organization": "Example"},
        )
        self._issuer = self._signed(
            "example-issuer", request.cert_request_pem, 10 * 365 * 24, self._root_key, self._root.cert_pem, None
        )

    def root(self, name: str) -> pulumi.Input[str]:
        """There is one, which a mesh calls `default`."""
        if name != "default":
            raise ValueError(f"pki.roots: the example's authority has no root {name!r}")
        return self._root.cert_pem

    def sign(self, request: CertificateRequest) -> SignedCertificate:
        """An intermediate under the one that signs."""
        signed = self._signed(
            request.name, request.pem, request.validity_hours, self._key, self._issuer.cert_pem, request.parent
        )
        return SignedCertificate(certificate=signed.cert_pem, between=self._issuer.cert_pem)

    def _signed(
        self,
        name: str,
        request: pulumi.Input[str],
        hours: int,
        key: tls.PrivateKey,
        certificate: pulumi.Output[str],
        parent: pulumi.Resource | None,
    ) -> tls.LocallySignedCert:
        return tls.LocallySignedCert(
            name,
            ca_private_key_pem=key.private_key_pem,
            ca_cert_pem=certificate,
            cert_request_pem=request,
            is_ca_certificate=True,
            allowed_uses=_USES,
            validity_period_hours=hours,
            early_renewal_hours=30 * 24,
            set_subject_key_id=True,
            opts=pulumi.ResourceOptions(parent=parent),
        )
