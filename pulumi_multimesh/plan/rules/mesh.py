"""Rules of the mesh itself: which one, and its certificate authorities.

Owns: the choice of a mesh and values under `pki`. Does not own: what is under the chosen mesh's key (istio.py and so
on), and clusters.
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import reading, trust
from pulumi_multimesh.plan.advice import FITS
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.meshes import MESHES
from pulumi_multimesh.plan.reading import Record

_LONGEST_LIFE_DAYS = 36500


def choice_faults(args: Record) -> Iterator[Fault]:
    """Whether exactly one mesh is chosen."""
    chosen = [mesh for mesh in MESHES if mesh in args]
    fits = "; ".join(f"{mesh} {what}" for mesh, what in FITS.items())
    if not chosen:
        yield Fault(
            "istio",
            None,
            "is missing, and no other mesh is given",
            f"exactly one mesh ({fits})",
            "add  istio: {topology: multi-primary} , linkerd: {} or consul: {}",
        )
    if len(chosen) > 1:
        yield Fault(
            ", ".join(chosen),
            None,
            "are given together, but a cluster has one mesh",
            f"exactly one mesh ({fits})",
            "keep one of them",
        )


def pki_faults(args: Record) -> Iterator[Fault]:
    """Faults of the values under `pki`."""
    pki = reading.record(args, "pki")
    algorithm, bits = reading.text(pki, "algorithm"), reading.integer(pki, "rsa_bits")
    if algorithm not in (None, trust.ECDSA, trust.RSA):
        yield Fault("pki.algorithm", algorithm, "is not a known algorithm", "ECDSA or RSA", "write  ECDSA")
    if bits is not None and bits not in trust.RSA_BITS:
        allowed = ", ".join(str(size) for size in trust.RSA_BITS)
        yield Fault("pki.rsa_bits", bits, "is not a size of an RSA key", allowed, "leave it out for 4096")
    elif bits is not None and algorithm in (None, trust.ECDSA):
        problem = "has no effect, as the algorithm is ECDSA"
        yield Fault("pki.rsa_bits", bits, problem, "only beside algorithm: RSA", "add  algorithm: RSA  or remove it")
    organization = reading.text(pki, "organization")
    # RFC 5280, appendix A.1: ub-organization-name is 64.
    if organization is not None and not 1 <= len(organization.strip()) <= 64:
        problem = "is too long" if organization.strip() else "is empty"
        yield Fault("pki.organization", organization, problem, "1 to 64 characters", "leave it out for Istio")
    yield from _life_faults(pki)


def _life_faults(pki: Record) -> Iterator[Fault]:
    defaults = {
        "root_validity_days": trust.ROOT_VALIDITY_DAYS,
        "intermediate_validity_days": trust.INTERMEDIATE_VALIDITY_DAYS,
    }
    given = {key: reading.integer(pki, key) for key in defaults}
    lives = {key: defaults[key] if days is None else days for key, days in given.items()}
    wrong = [key for key, days in lives.items() if not 1 <= days <= _LONGEST_LIFE_DAYS]
    for key in wrong:
        allowed = f"1 to {_LONGEST_LIFE_DAYS} days"
        yield Fault(f"pki.{key}", lives[key], "is out of bounds", allowed, f"leave it out for {defaults[key]}")
    root, intermediate = lives["root_validity_days"], lives["intermediate_validity_days"]
    if not wrong and intermediate > root:
        said = " unless given" if given["intermediate_validity_days"] is None else ""
        yield Fault(
            "pki.intermediate_validity_days",
            None,
            f"is {intermediate}{said}, more than root_validity_days, which is {root}",
            "an intermediate cannot outlive its root",
            f"set  intermediate_validity_days: {max(1, root // 2)}  or less, or a longer life of the root",
        )
