"""A root and an intermediate for each cluster, made by pulumi-tls.

Owns: keys, requests and certificates. Does not own: the tree itself (plan.trust) and how a mesh is given its
authority (istio). A private key is a secret from the provider on; certificates are public.
"""

from dataclasses import dataclass

import pulumi
import pulumi_tls as tls

from pulumi_multimesh.config import PkiArgs
from pulumi_multimesh.plan import trust
from pulumi_multimesh.plan.mesh_plan import CertificatePlan

_USES = ["cert_signing", "crl_signing"]
"""What RFC 5280 §4.2.1.3 asks of an authority that signs certificates and revocation lists and nothing else."""

_RENEWAL_HOURS = 30 * 24
"""An intermediate is renewed by the first `up` in its last 30 days; istiod takes the new one without a restart."""


class MeshPkiArgs(PkiArgs):
    """The authorities of one mesh."""

    clusters: list[str]
    """Cluster names; each gets an intermediate."""
    trust_domain: str
    """The mesh's SPIFFE trust domain; only recorded."""


@dataclass(frozen=True)
class Authority:
    """A cluster's authority, as PEM."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]
    """A secret."""
    root: pulumi.Output[str]
    chain: pulumi.Output[str]
    """The certificate and then the root."""


class MeshPki(pulumi.ComponentResource):
    """One root whose key signs intermediates only; one intermediate for each cluster, which signs workloads only."""

    root_certificate: pulumi.Output[str]
    """The root, as PEM; public."""

    def __init__(self, name: str, args: MeshPkiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("multimesh:index:MeshPki", name, {**args}, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        tree = trust.tree(args["clusters"], args["trust_domain"], args)
        self._root_key = self._key(f"{name}-root", tree.root)
        self._root = self._root_certificate(tree.root)
        self.root_certificate = self._root.cert_pem
        self.authorities: dict[str, Authority] = {
            cluster: self._intermediate(cluster, plan) for cluster, plan in tree.intermediates.items()
        }
        """By cluster."""
        self.register_outputs({"rootCertificate": self.root_certificate})

    def _key(self, name: str, plan: CertificatePlan) -> tls.PrivateKey:
        return tls.PrivateKey(
            name,
            algorithm=plan.algorithm,
            ecdsa_curve=plan.ecdsa_curve,
            rsa_bits=plan.rsa_bits,
            opts=self._child,
        )

    def _root_certificate(self, plan: CertificatePlan) -> tls.SelfSignedCert:
        return tls.SelfSignedCert(
            f"{self._name}-root",
            private_key_pem=self._root_key.private_key_pem,
            subject={"common_name": plan.common_name, "organization": plan.organization},
            is_ca_certificate=True,
            allowed_uses=_USES,
            validity_period_hours=plan.validity_hours,
            max_path_length=plan.max_path_length,
            set_subject_key_id=True,
            set_authority_key_id=True,
            opts=self._child,
        )

    def _intermediate(self, cluster: str, plan: CertificatePlan) -> Authority:
        name = f"{self._name}-{cluster}"
        key = self._key(name, plan)
        request = tls.CertRequest(
            name,
            private_key_pem=key.private_key_pem,
            subject={
                "common_name": plan.common_name,
                "organization": plan.organization,
                "locality": plan.locality,
            },
            dns_names=list(plan.dns_names),
            opts=self._child,
        )
        certificate = tls.LocallySignedCert(
            name,
            ca_private_key_pem=self._root_key.private_key_pem,
            ca_cert_pem=self._root.cert_pem,
            cert_request_pem=request.cert_request_pem,
            is_ca_certificate=True,
            allowed_uses=_USES,
            validity_period_hours=plan.validity_hours,
            early_renewal_hours=min(_RENEWAL_HOURS, plan.validity_hours // 3),
            # The tls provider writes 0 as "no limit"; what keeps an intermediate from authorities of its own is the
            # root's limit of 1.
            max_path_length=plan.max_path_length,
            set_subject_key_id=True,
            opts=self._child,
        )
        return Authority(
            certificate=certificate.cert_pem,
            key=pulumi.Output.secret(key.private_key_pem),
            root=self._root.cert_pem,
            chain=pulumi.Output.concat(certificate.cert_pem, self._root.cert_pem),
        )
