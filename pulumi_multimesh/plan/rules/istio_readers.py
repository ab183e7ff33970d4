"""Rules of the tokens by which clusters are read.

Owns: values under `istio.readers`. Does not own: who reads whom (links.py).
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.text import is_label

_LONGEST = 20
_ALLOWED = f"names of 1 to {_LONGEST} lower-case letters, digits and dashes, a letter first"


def reader_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the tokens."""
    known = sorted(clouds_of(args))
    for cluster, wish in reading.records(reading.record(args, "istio"), "readers").items():
        path = f"istio.readers.{cluster}"
        if cluster not in known:
            allowed = ", ".join(known) or "there is none"
            yield Fault(path, None, "is not a cluster of the mesh", allowed, "correct the name, or remove it")
        tokens = reading.texts(wish, "tokens")
        if not tokens:
            problem = "is missing or empty, so nobody could read the cluster"
            yield Fault(f"{path}.tokens", None, problem, "at least one name", "write  tokens: [default]")
        for position, token in enumerate(tokens):
            at = f"{path}.tokens[{position}]"
            if not is_label(token) or len(token) > _LONGEST:
                yield Fault(at, token, "is not a token's name", _ALLOWED, "write it like  k2026-11")
            elif token in tokens[:position]:
                yield Fault(at, token, "is there twice", "each name once", "remove one")
