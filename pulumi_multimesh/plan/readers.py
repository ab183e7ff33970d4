"""The tokens by which control planes read other clusters, and which clusters they do not read any more.

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


def leaving(args: Record) -> tuple[str, ...]:
    """The clusters that are about to be taken out."""
    return tuple(sorted(reading.texts(reading.record(args, "istio"), "leaving")))
