"""Rules of what is under `pki` beside lives and keys: roots by name, intermediates, renewal, and who brings them.

Owns: these values. Does not own: lives and keys (mesh.py), whether what is brought is sound (pki/brought.py), and
whether a stage may follow the one before (plan/rotation.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading, roles, trust
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record

_LONGEST_NAME = 20
_MINUTES = (5, 90 * 24 * 60)
"""The most is istiod's own limit, MAX_WORKLOAD_CERT_TTL; below the least, proxies would do little else."""
_MADE_ONLY = (
    "algorithm",
    "rsa_bits",
    "organization",
    "root_validity_days",
    "intermediate_validity_days",
    "renewal_days",
)


def authority_faults(args: Record) -> Iterator[Fault]:
    """Faults of the roots, the intermediates and the days."""
    pki = reading.record(args, "pki")
    yield from _root_faults(pki)
    yield from _day_faults(pki)
    yield from _intermediate_faults(args, pki)
    if "root_certificates" in pki:
        yield from _brought_faults(args, pki)
    yield from _alias_faults(reading.record(args, "istio"))


def _root_faults(pki: Record) -> Iterator[Fault]:
    roots = reading.texts(pki, "roots")
    if reading.is_list(pki.get("roots")) and not reading.as_list(pki.get("roots")):
        yield Fault("pki.roots", [], "is empty, so nothing would be trusted", "one name or more", "write  [default]")
    for position, name in enumerate(roots):
        path = f"pki.roots[{position}]"
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name) or len(name) > _LONGEST_NAME:
            allowed = f"1 to {_LONGEST_NAME} lower-case letters, digits and dashes; a letter or digit first and last"
            yield Fault(path, name, "is not a name", allowed, "name it after its year:  r2028")
        elif name in roots[:position]:
            yield Fault(path, name, "is there twice", "names that differ", "remove one")
    issuing = reading.text(pki, "issuing")
    known = ", ".join(trust.root_names(pki))
    if issuing is None and len(roots) > 1:
        remedy = f"add  issuing: {roots[0]}  and change it once all clusters trust {roots[-1]}"
        yield Fault("pki.issuing", None, "is missing, as there are several roots", f"one of {known}", remedy)
    if issuing is not None and issuing not in trust.root_names(pki):
        yield Fault("pki.issuing", issuing, "is not one of the roots", known, f"write  {trust.root_names(pki)[0]}")


def _day_faults(pki: Record) -> Iterator[Fault]:
    life = trust.intermediate_days(pki)
    renewal, warning = reading.integer(pki, "renewal_days"), reading.integer(pki, "warning_days")
    if renewal is not None and not 1 <= renewal < life:
        problem = f"is out of bounds, as an intermediate lives {life} days"
        yield Fault("pki.renewal_days", renewal, problem, f"1 to {life - 1} days", "leave it out for 30")
    if warning is not None and not 1 <= warning <= trust.ROOT_VALIDITY_DAYS:
        allowed = f"1 to {trust.ROOT_VALIDITY_DAYS} days"
        yield Fault("pki.warning_days", warning, "is out of bounds", allowed, f"leave it out for {trust.WARNING_DAYS}")
    minutes = reading.integer(pki, "workload_minutes")
    if minutes is not None and not _MINUTES[0] <= minutes <= _MINUTES[1]:
        allowed = f"{_MINUTES[0]} to {_MINUTES[1]} minutes"
        yield Fault("pki.workload_minutes", minutes, "is out of bounds", allowed, "leave it out for a day, 1440")


def signing_clusters(args: Record) -> set[str]:
    """The clusters with a control plane of their own."""
    names = [name for _, name, _ in reading.clusters(args)]
    served = roles.served_by(args, names)
    return {name for name in names if served.get(name) == name}


def _intermediate_faults(args: Record, pki: Record) -> Iterator[Fault]:
    signing = signing_clusters(args)
    for name, given in reading.records(pki, "intermediates").items():
        path = f"pki.intermediates.{name}"
        if name not in signing:
            allowed = ", ".join(sorted(signing)) or "there is none"
            yield Fault(path, None, "is not a cluster with a control plane", allowed, "remove it")
        generation = reading.integer(given, "generation")
        if generation is not None and generation < 1:
            path = f"{path}.generation"
            yield Fault(path, generation, "is not a generation", "1, 2, 3 and so on", "leave it out for 1")
        for key in ("certificate", "key"):
            if key in given and "root_certificates" not in pki:
                path = f"pki.intermediates.{name}.{key}"
                problem = "is given, but not the certificate of its root"
                allowed = "brought intermediates under brought roots"
                yield Fault(path, None, problem, allowed, "add  root_certificates: {default: …}  or remove it")


def _brought_faults(args: Record, pki: Record) -> Iterator[Fault]:
    certificates, roots = reading.record(pki, "root_certificates"), trust.root_names(pki)
    if set(certificates) != set(roots):
        yield Fault(
            "pki.root_certificates",
            sorted(certificates),
            f"does not name the same roots as pki.roots, which is {', '.join(roots)}",
            "one certificate for each root",
            "name them alike",
        )
    for key in _MADE_ONLY:
        if key in pki:
            problem = "has no effect, as the certificates are brought"
            yield Fault(f"pki.{key}", None, problem, "only where they are made here", "remove it")
    given = reading.records(pki, "intermediates")
    for name in sorted(signing_clusters(args)):
        for key in ("certificate", "key"):
            if key not in given.get(name, {}):
                path, problem = f"pki.intermediates.{name}.{key}", "is missing, as the roots are brought"
                yield Fault(path, None, problem, "PEM, the key best as a secret", f"give it to {name}'s intermediate")
        if "generation" in given.get(name, {}):
            path = f"pki.intermediates.{name}.generation"
            problem = "has no effect, as the certificates are brought"
            yield Fault(path, None, problem, "only where they are made here", "remove it; bring another certificate")


def _alias_faults(istio: Record) -> Iterator[Fault]:
    own = reading.text(istio, "trust_domain") or trust.TRUST_DOMAIN
    aliases = reading.texts(istio, "trust_domain_aliases")
    for position, alias in enumerate(aliases):
        path = f"istio.trust_domain_aliases[{position}]"
        if not re.fullmatch(r"[a-z0-9._-]{1,255}", alias):
            allowed = "a SPIFFE trust domain: lower-case letters, digits, dots, dashes and underscores"
            yield Fault(path, alias, "is not a trust domain", allowed, "write it like  old.example.com")
        elif alias == own or alias in aliases[:position]:
            problem = "is the mesh's own trust domain" if alias == own else "is there twice"
            yield Fault(path, alias, problem, "other trust domains, once each", "remove it")
