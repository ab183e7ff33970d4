"""Rules of the tokens by which clusters are read, and of those that are not read any more.

Owns: values under `istio.readers` and `istio.leaving`. Does not own: who reads whom (links.py).
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
    """Every fault of the tokens, and of the clusters that leave."""
    known = sorted(clouds_of(args))
    yield from _leaving_faults(args, known)
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


def _leaving_faults(args: Record, known: list[str]) -> Iterator[Fault]:
    istio = reading.record(args, "istio")
    serving = {reading.text(istio, key) for key in ("primary", "management", "config_cluster")} - {None}
    for position, name in enumerate(reading.texts(istio, "leaving")):
        path, allowed = f"istio.leaving[{position}]", ", ".join(each for each in known if each not in serving)
        if name not in known:
            problem, remedy = "is not a cluster of the mesh", "remove it: a cluster that was taken out is not named"
            yield Fault(path, name, problem, allowed or "there is none", remedy)
        elif name in serving:
            problem, remedy = (
                "serves other clusters, which would have no control plane",
                "name another in its place first",
            )
            yield Fault(path, name, problem, allowed or "there is none", remedy)
