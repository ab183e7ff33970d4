"""The certificate tree: the roots, and below the one that issues an intermediate for each cluster.

Owns: subjects, limits, lives. Does not own: keys and signatures (pki), and from which tree to which a mesh may go
(rotation.py). The profile is that of Istio's own `tools/certs`, with ECDSA keys unless RSA is asked for.
"""

from collections.abc import Iterable, Mapping

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.mesh_plan import CertificatePlan, TrustPlan
from pulumi_multimesh.plan.trust_settings import TrustSettings

ROOT = "root"
FIRST_ROOT = "default"
"""The name of the root that a mesh has when it names none."""
MADE, BROUGHT = "made", "brought"
ISTIOD = "istiod.istio-system.svc"
TRUST_DOMAIN = "cluster.local"
ECDSA = "ECDSA"
RSA = "RSA"
RSA_BITS = (2048, 3072, 4096)
ROOT_VALIDITY_DAYS = 3650
INTERMEDIATE_VALIDITY_DAYS = 730
RENEWAL_DAYS = 30
SERVER_VALIDITY_DAYS = 365
"""Of servers within a cluster; nothing outside the stack has to know when they change."""
SERVER_RENEWAL_DAYS = SERVER_VALIDITY_DAYS // 3
WARNING_DAYS = 60
"""Twice the days in which an `up` renews by itself: a month in which nobody has to hurry."""
_ORGANIZATION = "Istio"
_CURVE = "P256"


def tree(
    clusters: Iterable[str],
    trust_domain: str,
    pki: Mapping[str, object],
    mesh: Mapping[str, object] | None = None,
    issuer_names: tuple[str, ...] = (ISTIOD,),
) -> TrustPlan:
    """The whole tree, from `pki` arguments that are valid; `mesh` may name the domain's aliases.

    `issuer_names`: DNS names of the intermediates, by which a mesh knows its issuers; istiod's unless given.
    """
    days = intermediate_days(pki)
    roots, issuing = root_names(pki), issuing_root(pki)
    life = reading.integer(pki, "root_validity_days") or ROOT_VALIDITY_DAYS
    below = reading.records(pki, "intermediates")
    return TrustPlan(
        trust_domain=trust_domain,
        source=BROUGHT if "root_certificates" in pki else MADE,
        roots={name: _certificate(pki, root_name(name), None, _root_subject(name), life) for name in roots},
        issuing=issuing,
        intermediates={
            name: _certificate(pki, name, root_name(issuing), "Intermediate CA", days, issuer_names)
            for name in sorted(clusters)
        },
        generations={name: reading.integer(below.get(name, {}), "generation") or 1 for name in sorted(clusters)},
        renewal_hours=renewal_hours(pki),
        warning_days=reading.integer(pki, "warning_days") or WARNING_DAYS,
        settings=TrustSettings(
            aliases=reading.texts(mesh or {}, "trust_domain_aliases"),
            workload_minutes=reading.integer(pki, "workload_minutes"),
            many_roots="roots" in pki,
        ),
    )


def root_names(pki: Mapping[str, object]) -> tuple[str, ...]:
    """The trusted roots, the oldest first."""
    return reading.texts(pki, "roots") or (FIRST_ROOT,)


def issuing_root(pki: Mapping[str, object]) -> str:
    """The root that signs intermediates; where there is one only, that one."""
    return reading.text(pki, "issuing") or root_names(pki)[-1]


def intermediate_days(pki: Mapping[str, object]) -> int:
    """The life of an intermediate."""
    return reading.integer(pki, "intermediate_validity_days") or INTERMEDIATE_VALIDITY_DAYS


def renewal_hours(pki: Mapping[str, object]) -> int:
    """How long before its end an intermediate is renewed."""
    days = reading.integer(pki, "renewal_days")
    return days * 24 if days else min(RENEWAL_DAYS * 24, intermediate_days(pki) * 24 // 3)


def root_name(name: str) -> str:
    """The authority's name: `root` for the first, which had no name of its own; `root-r2028` for others."""
    return ROOT if name == FIRST_ROOT else f"{ROOT}-{name}"


def _root_subject(name: str) -> str:
    """Two roots that are trusted together are told apart by their subjects."""
    return "Root CA" if name == FIRST_ROOT else f"Root CA {name}"


def _certificate(
    pki: Mapping[str, object],
    name: str,
    issuer: str | None,
    common_name: str,
    days: int,
    dns_names: tuple[str, ...] = (),
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
        dns_names=dns_names,
    )
