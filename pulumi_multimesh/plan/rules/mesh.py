"""Rules of the mesh itself: which one, its topology, ids, charts, gateways and certificate authorities.

Owns: values under `istio` and `pki`. Does not own: clusters.
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading, trust
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.sizes import size_faults
from pulumi_multimesh.plan.rules.text import is_semver

MULTI_PRIMARY = "multi-primary"
_LATER_TOPOLOGIES = ("primary-remote", "external", "external-control-plane", "ambient")
_CHARTS = ("base", "istiod", "gateway")
_LONGEST_LIFE_DAYS = 36500

MESHES = {
    "istio": "fits most: several networks, fine traffic rules, one trust domain",
    "linkerd": "fits where little resource use and few settings matter most",
    "consul": "fits where machines outside Kubernetes belong to the mesh",
}
"""Known meshes and what each fits."""

NOT_IN_THIS_VERSION = {
    "linkerd": "give istio instead",
    "consul": "give istio instead",
}
"""Keys that are no mistake, but for which this version has nothing, and what to do."""


def choice_faults(args: Record) -> Iterator[Fault]:
    """Whether exactly one mesh is chosen, and one that this version has."""
    chosen = [mesh for mesh in MESHES if mesh in args]
    fits = "; ".join(f"{mesh} {what}" for mesh, what in MESHES.items())
    if not chosen:
        yield Fault(
            "istio",
            None,
            "is missing, and no other mesh is given",
            f"exactly one mesh ({fits}); this version has istio",
            "add  istio: {topology: multi-primary}",
        )
    if len(chosen) > 1:
        yield Fault(
            ", ".join(chosen),
            None,
            "are given together, but a cluster has one mesh",
            f"exactly one mesh ({fits}); this version has istio",
            "keep one of them",
        )
    for key, remedy in NOT_IN_THIS_VERSION.items():
        if key in args and not (key in MESHES and len(chosen) > 1):
            yield Fault(key, None, "is not available in this version", "istio", remedy)


def istio_faults(args: Record) -> Iterator[Fault]:
    """Faults of the values under `istio`."""
    istio = reading.record(args, "istio")
    topology = reading.text(istio, "topology")
    if topology is not None and topology != MULTI_PRIMARY:
        problem = "is not in this version" if topology in _LATER_TOPOLOGIES else "is not a known topology"
        yield Fault("istio.topology", topology, problem, MULTI_PRIMARY, f"write  {MULTI_PRIMARY}")
    mesh_id = reading.text(istio, "mesh_id")
    # Kubernetes, "Labels and Selectors": Istio writes the mesh id as a label's value.
    if mesh_id is not None and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", mesh_id):
        allowed = "1 to 63 letters, digits, dots, underscores and dashes; a letter or digit first and last"
        yield Fault("istio.mesh_id", mesh_id, "is not an id", allowed, "leave it out for the mesh's name")
    domain = reading.text(istio, "trust_domain")
    # SPIFFE-ID §2.1: a trust domain is lower-case letters, digits, dots, dashes and underscores, at most 255.
    if domain is not None and not re.fullmatch(r"[a-z0-9._-]{1,255}", domain):
        allowed = "a SPIFFE trust domain: lower-case letters, digits, dots, dashes and underscores"
        remedy = f"leave it out for {trust.TRUST_DOMAIN}, or write it like  prod.example.com"
        yield Fault("istio.trust_domain", domain, "is not a trust domain", allowed, remedy)
    yield from size_faults("istio.gateway", reading.record(istio, "gateway"), ("min_replicas", 2), ("max_replicas", 5))
    yield from _chart_faults(istio)


def _chart_faults(istio: Record) -> Iterator[Fault]:
    charts = reading.record(istio, "charts")
    version = reading.text(charts, "version")
    if version is not None and not is_semver(version):
        bare = version.removeprefix("v")
        remedy = f"write  {bare}" if is_semver(bare) else "write it like  1.30.3, or leave it out"
        yield Fault("istio.charts.version", version, "is not a version", "a whole version, such as 1.30.3", remedy)
    repository = reading.text(charts, "repository")
    if repository is not None and not re.fullmatch(r"(https?|file)://\S+", repository):
        problem = "is not a Helm repository"
        if repository.startswith("oci://"):
            problem = "is an OCI registry, which this version cannot read charts from"
        allowed = "the URL of a Helm repository, starting with https://"
        yield Fault("istio.charts.repository", repository, problem, allowed, "leave it out for Istio's own")
    for chart in reading.record(istio, "values"):
        if chart not in _CHARTS:
            remedy = "move the values under the chart that they are for"
            yield Fault(f"istio.values.{chart}", None, "is not a chart of the mesh", ", ".join(_CHARTS), remedy)


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
