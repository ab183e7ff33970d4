"""Rules of AKS clusters' pools beyond those of all clouds.

Owns: spot, upgrades, labels, and room for all nodes' pods. Does not own: sizes, machines, taints, names (pools.py).
"""

from collections.abc import Iterator, Mapping

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.text import network_of

_RESERVED = "kubernetes.azure.com/"
_NODES_PODS = 24
"""Each node of an overlay cluster takes a /24 of the pods' range (AKS, "Azure CNI Overlay")."""


def aks_pool_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Every fault of an AKS cluster's pools that other clouds' pools would not have."""
    system = reading.record(wish, "system_pool")
    if system.get("spot") is True:
        # AKS, "Add an Azure Spot node pool": it cannot be the default node pool.
        yield Fault(f"{path}.system_pool.spot", True, "is for other pools", "false", "add a pool under node_pools")
    away = reading.integer(system, "max_unavailable")
    if away:
        # The API's own answer: maxUnavailable is not for pools of the mode System (Azure/ARO-HCP#6038).
        remedy = "leave it out: a surge keeps AKS's own pods running"
        yield Fault(f"{path}.system_pool.max_unavailable", away, "is for other pools", "nothing, says AKS", remedy)
    pools = {f"node_pools.{name}": pool for name, pool in reading.records(wish, "node_pools").items()}
    for key, pool in {"system_pool": system, **pools}.items():
        yield from _upgrade_faults(f"{path}.{key}", pool)
        yield from _label_faults(f"{path}.{key}", pool)
    yield from _room_faults(path, wish, {"system_pool": system, **pools})


def _upgrade_faults(path: str, pool: Record) -> Iterator[Fault]:
    given = [key for key in ("max_surge", "max_unavailable") if reading.integer(pool, key) is not None]
    if pool.get("spot") is True:
        for key in given:
            # The API's own answer: "Spot pools can't set max surge", and the same of maxUnavailable.
            yield Fault(f"{path}.{key}", pool[key], "is given for spot nodes", "nothing, says AKS", "leave it out")
    elif len(given) == 2 and all(reading.integer(pool, key) for key in given):
        # AKS, "Configure rolling upgrades": nodes are taken away in place of a surge.
        allowed = "either more nodes during an upgrade or fewer"
        yield Fault(
            f"{path}.max_unavailable", pool["max_unavailable"], "is given beside max_surge", allowed, "keep one of them"
        )


def _label_faults(path: str, pool: Record) -> Iterator[Fault]:
    for label in reading.text_table(pool, "labels"):
        # AKS, "Use labels in an AKS cluster": reserved prefixes.
        if label.startswith(_RESERVED):
            allowed = f"a label that does not start with {_RESERVED}"
            yield Fault(f"{path}.labels.{label}", None, "is a label of AKS's own", allowed, "choose another label")


def _room_faults(path: str, wish: Record, pools: Mapping[str, Record]) -> Iterator[Fault]:
    """A pinned range that has not a /24 for each node there may be, with one more of each pool while it is upgraded."""
    pinned = reading.text(reading.record(wish, "ranges"), "pods")
    pods = network_of(pinned) if pinned is not None else None
    if pods is None or (reading.text(wish, "network_mode") or "overlay") != "overlay":
        return
    nodes = sum(_most_nodes(pool) for pool in pools.values())
    room = 2 ** max(0, _NODES_PODS - pods.prefixlen)
    if nodes > room:
        problem = f"has room for the pods of {room} nodes, and there may be {nodes}"
        longest = _NODES_PODS - (nodes - 1).bit_length()
        allowed = f"/{longest} or larger: each node takes a /{_NODES_PODS}, and upgrades add nodes"
        yield Fault(f"{path}.ranges.pods", str(pods), problem, allowed, f"write  {pods.supernet(new_prefix=longest)}")


def _most_nodes(pool: Record) -> int:
    least = reading.integer(pool, "min_size")
    most = reading.integer(pool, "size") or reading.integer(pool, "max_size") or max(4, least or 0)
    surge = reading.integer(pool, "max_surge")
    if reading.integer(pool, "max_unavailable"):
        return most
    return most + (1 if surge is None else max(surge, 0))
