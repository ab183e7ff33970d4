"""Which roads the clusters have: the word, and whether they are private.

Owns: reading them from the arguments. Does not own: the road of a pair (links.py), the rules (rules/connectivity.py).
"""

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.network_plan import GATEWAYS, PEERING, VPN
from pulumi_multimesh.plan.reading import Record

CONNECTIVITIES = (GATEWAYS, PEERING, VPN)


def connectivity(args: Record) -> str:
    """`gateways`, `peering` or `vpn`."""
    return reading.text(args, "connectivity") or GATEWAYS


def is_private(args: Record) -> bool:
    """Whether roads are private ones."""
    return connectivity(args) in (PEERING, VPN)
