"""The certificate tree as rows of a table: authorities, and the servers that they sign for.

Owns: which rows there are, and what they are headed by. Does not own: the tree (trust.py), and how a table looks
(render.py).
"""

from collections.abc import Sequence

from pulumi_multimesh.plan import meshes
from pulumi_multimesh.plan.mesh_plan import CertificatePlan, MeshPlan
from pulumi_multimesh.plan.trust import BROUGHT, SERVER_VALIDITY_DAYS

HEADER = ("CERTIFICATE", "SUBJECT", "KEY", "LIFE")


def title(plan: MeshPlan) -> str:
    """What the tree is for; workloads of Consul are signed by each datacenter's own authority, under its own domain."""
    if plan.control_plane.mesh == meshes.CONSUL:
        return "Trust (of Consul's servers; workloads' certificates are Consul's own)"
    return f"Trust (domain {plan.trust.trust_domain})"


def rows(plan: MeshPlan) -> list[Sequence[str]]:
    """Roots that issue no more or not yet, then the one that issues with what is below it."""
    trust = plan.trust
    found = [_row(plan, root, "") for name, root in trust.roots.items() if name != trust.issuing]
    found.append(_row(plan, trust.root, ""))
    for cluster, intermediate in trust.intermediates.items():
        found.append(_row(plan, intermediate, "└ "))
        servers = meshes.servers(plan.control_plane.mesh, cluster)
        found += [(f"  └ {name}", f"CN={host}", "ECDSA P256", _life(SERVER_VALIDITY_DAYS)) for name, host in servers]
    return found


def _row(plan: MeshPlan, certificate: CertificatePlan, indent: str) -> Sequence[str]:
    if plan.trust.source == BROUGHT:
        return (indent + certificate.name, "", "", "brought")
    key = f"RSA {certificate.rsa_bits}" if certificate.rsa_bits else f"ECDSA {certificate.ecdsa_curve}"
    subject = f"O={certificate.organization}, CN={certificate.common_name}"
    place = f", L={certificate.locality}" if certificate.locality else ""
    return (indent + certificate.name, subject + place, key, _life(certificate.validity_hours // 24))


def _life(days: int) -> str:
    return f"{days} days"
