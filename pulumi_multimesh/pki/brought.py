"""Roots and intermediates that the user brings.

Owns: reading them from the arguments, and their faults as far as they are known before the engine runs. Does not own:
what makes a certificate sound (certificates.py).
"""

from collections.abc import Iterator, Mapping

import pulumi

from pulumi_multimesh.config import PkiArgs
from pulumi_multimesh.pki.authority import Intermediate, Root
from pulumi_multimesh.pki.certificates import (
    end_of,
    key_problem,
    p256_problem,
    problems,
    root_problem,
    sound,
    sound_root,
    tidy,
)
from pulumi_multimesh.plan import meshes, reading, trust
from pulumi_multimesh.plan.fault import Fault


class Brought:
    """What is brought, as a source of a mesh's authorities."""

    def __init__(self, args: PkiArgs) -> None:
        self._roots, self._below = args.get("root_certificates", {}), args.get("intermediates", {})

    def root(self, name: str) -> Root:
        certificate = self._sound_root(name)
        return Root(certificate, certificate.apply(end_of))

    def intermediate(self, cluster: str, root: str) -> Intermediate:
        given = self._below[cluster]
        key = pulumi.Output.secret(pulumi.Output.from_input(given.get("key", "")).apply(tidy))
        certificate, between = sound(cluster, given.get("certificate", ""), key, self._sound_root(root))
        return Intermediate(certificate, between, key, certificate.apply(end_of))

    def _sound_root(self, name: str) -> pulumi.Output[str]:
        return sound_root(name, self._roots[name])


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
                "the certificate of one authority as PEM, which signed itself and is not over, and nothing beside it",
                "give the root's certificate, without its key",
            )
    root = roots.get(trust.issuing_root(pki))
    for cluster, given in reading.records(pki, "intermediates").items():
        certificate, key = given.get("certificate"), given.get("key")
        if not isinstance(certificate, str):
            continue
        if problem := key_problem(certificate):
            yield Fault(
                f"pki.intermediates.{cluster}.certificate",
                None,
                problem,
                "certificates as PEM, and nothing beside them",
                "give the key as `key`, as a secret",
            )
            continue
        if root is None or root_problem(root):
            continue
        found = problems(certificate, key if isinstance(key, str) else None, root)
        if not found and meshes.chosen(reading.as_record(args)) == meshes.LINKERD:
            found = [problem] if (problem := p256_problem(certificate)) else []
        for problem in found:
            yield Fault(
                f"pki.intermediates.{cluster}",
                None,
                problem,
                "an authority whose key is the one given and whose chain ends at the root that issues",
                "docs/pki.md says how to make one, and how to look at it with openssl",
            )
