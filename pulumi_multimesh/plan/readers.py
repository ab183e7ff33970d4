"""The tokens by which control planes read other clusters.

Owns: which there are, and which is used. Does not own: making them (account_token.py).
"""

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

DEFAULT = "default"
"""The token that a cluster has from the beginning."""


def readers(args: Record) -> dict[str, tuple[str, ...]]:
    """By cluster, those that name any: the tokens, of which the last is used."""
    named = reading.records(reading.record(args, "istio"), "readers")
    return {cluster: reading.texts(wish, "tokens") for cluster, wish in sorted(named.items())}
