"""How a node pool of the simulated Oracle Cloud replaces its nodes: cycling and eviction.

Owns: what a program may ask for. Does not own: the pool (node_pool); the lab replaces no node.
"""

import re

from multimesh_lab.providers.oci import cluster, names
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_DURATION = re.compile(r"^PT(?:(\d+)H)?(?:(\d+)M)?$")
_NUMBER = re.compile(r"^(\d+)(%?)$")
_MOST_MINUTES = 60


def check(pool: Properties, parent: Record, size: int) -> None:
    """Refuse what the API refuses."""
    cycling = names.within(pool, "nodePoolCyclingDetails")
    kind = parent.outputs.get("type")
    # docs.oracle.com/iaas/Content/ContEng/Tasks/contengworkingwithenhancedclusters.htm: for enhanced clusters only.
    if cycling.get("isNodeCyclingEnabled") and kind != cluster.ENHANCED:
        raise names.invalid(f"nodePoolCyclingDetails: node cycling needs an {cluster.ENHANCED}; the cluster is {kind}")
    for name in ("maximumSurge", "maximumUnavailable"):
        if cycling.get(name) is not None:
            _check_share(str(cycling[name]), f"nodePoolCyclingDetails.{name}", size)
    grace = names.within(pool, "nodeEvictionNodePoolSettings").get("evictionGraceDuration")
    if grace is not None:
        _check_grace(str(grace))


def _check_share(text: str, what: str, size: int) -> None:
    # SDK documentation of both: 0 to the pool's size, or 0% to 100%.
    match = _NUMBER.match(text)
    most = 100 if text.endswith("%") else size
    if match is None or (most and int(match[1]) > most):
        raise names.invalid(f"{what} {text!r} must be a number from 0 to the pool's size ({size}), or 0% to 100%")


def _check_grace(text: str) -> None:
    # SDK documentation of evictionGraceDuration: PT0M to PT60M.
    match = _DURATION.match(text)
    minutes = int(match[1] or 0) * 60 + int(match[2] or 0) if match and text != "PT" else None
    if minutes is None or minutes > _MOST_MINUTES:
        what = "nodeEvictionNodePoolSettings.evictionGraceDuration"
        raise names.invalid(f"{what} {text!r} must be an ISO 8601 duration from PT0M to PT60M")
