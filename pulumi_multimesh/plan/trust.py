"""The certificate tree: one root, and below it an intermediate for each cluster.

Owns: subjects, limits, lives. Does not own: keys and signatures (pki). The profile is that of Istio's own
`tools/certs`, with ECDSA keys unless RSA is asked for.
"""

from collections.abc import Iterable, Mapping

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.mesh_plan import CertificatePlan, TrustPlan

ROOT = "root"
ISTIOD = "istiod.istio-system.svc"
TRUST_DOMAIN = "cluster.local"
ECDSA = "ECDSA"
RSA = "RSA"
RSA_BITS = (2048, 3072, 4096)
ROOT_VALIDITY_DAYS = 3650
INTERMEDIATE_VALIDITY_DAYS = 730
_ORGANIZATION = "Istio"
_CURVE = "P256"


def tree(clusters: Iterable[str], trust_domain: str, pki: Mapping[str, object]) -> TrustPlan:
    """The whole tree, from `pki` arguments that are valid."""
    days = reading.integer(pki, "intermediate_validity_days") or INTERMEDIATE_VALIDITY_DAYS
    return TrustPlan(
        trust_domain=trust_domain,
        root=_certificate(pki, ROOT, None, "Root CA", reading.integer(pki, "root_validity_days") or ROOT_VALIDITY_DAYS),
        intermediates={name: _certificate(pki, name, ROOT, "Intermediate CA", days) for name in sorted(clusters)},
    )


def _certificate(
    pki: Mapping[str, object], name: str, issuer: str | None, common_name: str, days: int
) -> CertificatePlan:
    algorithm = reading.text(pki, "algorithm") or ECDSA
    rsa = algorithm == RSA
    return CertificatePlan(
        name=name,
        issuer=issuer,
        common_name=common_name,
        organization=reading.text(pki, "organization") or _ORGANIZATION,
        locality=None if issuer is None else name,
        algorithm=algorithm,
        ecdsa_curve=None if rsa else _CURVE,
        rsa_bits=(reading.integer(pki, "rsa_bits") or RSA_BITS[-1]) if rsa else None,
        validity_hours=days * 24,
        max_path_length=1 if issuer is None else 0,
        dns_names=() if issuer is None else (ISTIOD,),
    )
