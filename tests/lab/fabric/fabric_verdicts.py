"""Both directions' verdicts at once.

Owns: asking. Does not own: what is asked about (landscape.py).
"""

from landscape_records import Landscape, Place

from multimesh_lab.fabric.model import GATEWAY_FLOW, Verdict
from multimesh_lab.fabric.reachability import Fabric


def both_ways(land: Landscape, one: Place, other: Place) -> tuple[Verdict, Verdict]:
    """From one to the other's load balancers, and back."""
    fabric = Fabric(land.records)
    return (
        fabric.verdict(one.cluster, other.cluster, GATEWAY_FLOW),
        fabric.verdict(other.cluster, one.cluster, GATEWAY_FLOW),
    )
