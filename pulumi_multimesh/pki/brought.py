"""Roots and intermediates that the user brings.

Owns: reading them from the arguments, and their faults as far as they are known before the engine runs. Does not own:
what makes a certificate sound (certificates.py).
"""

from collections.abc import Iterator, Mapping

import pulumi

from pulumi_multimesh.config import PkiArgs
from pulumi_multimesh.pki.authority import Intermediate, Root
from pulumi_multimesh.pki.certificates import (
    below_root,
    end_of,
    p256_problem,
    problems,
    root_problem,
    sound,
    split,
    tidy,
)
from pulumi_multimesh.plan import meshes, reading, trust
from pulumi_multimesh.plan.fault import Fault


class Brought:
    """What is brought, as a source of a mesh's authorities."""

    def __init__(self, args: PkiArgs) -> None:
        self._roots, self._below = args.get("root_certificates", {}), args.get("intermediates", {})

    def root(self, name: str) -> Root:
        certificate = pulumi.Output.from_input(tidy(self._roots[name]))
        return Root(certificate, certificate.apply(end_of))

    def intermediate(self, cluster: str, root: str) -> Intermediate:
        given = self._below[cluster]
        parts = pulumi.Output.from_input(given.get("certificate", "")).apply(split)
        key = pulumi.Output.secret(pulumi.Output.from_input(given.get("key", "")).apply(tidy))
        between = parts.apply(lambda found: below_root(found[1]))
        certificate = sound(
            cluster, parts.apply(lambda found: found[0]), between, key, pulumi.Output.from_input(self._roots[root])
        )
        return Intermediate(certificate, between, key, certificate.apply(end_of))


def brought_faults(args: Mapping[str, object]) -> Iterator[Fault]:
    """Faults of what is brought as plain text; what is an output is looked at when the engine knows it."""
    pki = reading.record(reading.as_record(args), "pki")
    roots = reading.text_table(pki, "root_certificates")
    for name, pem in roots.items():
        problem = root_problem(pem)
        if problem:
            yield Fault(
                f"pki.root_certificates.{name}",
                None,
                problem,
                "the certificate of one authority as PEM, which signed itself and is not over",
                "give the root's certificate, without its key",
            )
    root = roots.get(trust.issuing_root(pki))
    for cluster, given in reading.records(pki, "intermediates").items():
        certificate, key = given.get("certificate"), given.get("key")
        if root is None or root_problem(root) or not isinstance(certificate, str):
            continue
        nearest, between = split(certificate)
        found = problems(nearest, between, key if isinstance(key, str) else None, root)
        if not found and meshes.chosen(reading.as_record(args)) == meshes.LINKERD:
            found = [problem] if (problem := p256_problem(nearest)) else []
        for problem in found:
            yield Fault(
                f"pki.intermediates.{cluster}",
                None,
                problem,
                "an authority whose key is the one given and whose chain ends at the root that issues",
                "docs/pki.md says how to make one, and how to look at it with openssl",
            )
