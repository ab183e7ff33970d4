"""Rules of each cloud's own values, cluster by cluster.

Owns: which module rules which kind. Does not own: the rules.
"""

from collections.abc import Callable, Iterator, Mapping

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.aks import aks_faults
from pulumi_multimesh.plan.rules.eks import eks_faults
from pulumi_multimesh.plan.rules.gke import gke_faults
from pulumi_multimesh.plan.rules.oke import oke_faults
from pulumi_multimesh.plan.rules.pools import pool_faults
from pulumi_multimesh.plan.rules.tags import tag_faults

_RULES: Mapping[str, Callable[[str, Record], Iterator[Fault]]] = {
    "gke": gke_faults,
    "eks": eks_faults,
    "aks": aks_faults,
    "oke": oke_faults,
}


def cloud_faults(args: Record) -> Iterator[Fault]:
    """Faults of each cloud's own values."""
    for kind, rule in _RULES.items():
        for _, name, wish in reading.clusters(args, kind):
            yield from rule(f"{kind}.{name}", wish)
            yield from pool_faults(f"{kind}.{name}", kind, wish)
    yield from tag_faults(args)
