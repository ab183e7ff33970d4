"""Who is joined to whom, and which credentials that takes.

Owns: pairs and their road. Does not own: what a road is made of (components).
"""

from collections.abc import Iterable
from itertools import combinations

from pulumi_multimesh.plan.mesh_plan import LinkPlan, RemoteSecretPlan

GATEWAYS = "gateways"


def full_mesh(clusters: Iterable[str]) -> tuple[LinkPlan, ...]:
    """A link between any two clusters, in the order of their names."""
    return tuple(LinkPlan(first, second, GATEWAYS) for first, second in combinations(sorted(clusters), 2))


def remote_secrets(links: Iterable[LinkPlan]) -> tuple[RemoteSecretPlan, ...]:
    """Both ends of each link read each other."""
    pairs = [(link.first, link.second) for link in links]
    both = sorted([*pairs, *((second, first) for first, second in pairs)])
    return tuple(RemoteSecretPlan(of, into) for of, into in both)
