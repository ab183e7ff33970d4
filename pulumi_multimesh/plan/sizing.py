"""How large a control plane has to be for a mesh of a declared size.

Owns: the rule. Does not own: what it is written into (istio/tuning_values.py). docs/performance.md explains it.

Sources: istio.io, "Performance and Scalability": one istiod serves 1000 services and 2000 sidecars, with namespaces
isolated from each other, with 1 vCPU and 1.5 GB; istio.io, "Ambient multi-cluster performance": some 180 MB for each
further cluster that is read; AKS, "Istio service mesh performance": without isolation, 20000 sidecars of 1000
services take 40 GB and 15 vCPU, 2 MB and 0.75 thousandths of a vCPU each.
"""

from dataclasses import dataclass
from math import ceil

_FLOOR_CPU, _FLOOR_MEMORY = 250, 512
_CPU_STEP, _MEMORY_STEP = 50, 64
_PER_SERVICE = 0.4
_PER_CLUSTER = 180
_SCOPED_PROXY = (0.4, 0.3)
_UNSCOPED_PROXY = (0.75, 2.0)
"""CPU in thousandths, memory in MiB."""


@dataclass(frozen=True)
class Size:
    """What one replica of istiod asks for, and how many there are."""

    cpu: int
    """Thousandths of a vCPU."""
    memory: int
    """MiB."""
    min_replicas: int
    max_replicas: int


def size(services: int, proxies: int, clusters: int, replicas: tuple[int, int], *, scoped: bool) -> Size:
    """The size for so many services in the whole mesh, proxies that this control plane serves, and clusters it reads.

    Each replica can carry the proxies of one that is gone, and holds all of the mesh's services whatever it serves.
    `replicas` are fewest and most.
    """
    per_cpu, per_memory = _SCOPED_PROXY if scoped else _UNSCOPED_PROXY
    carried = ceil(proxies / max(1, replicas[0] - 1))
    cpu = 200 + carried * per_cpu
    memory = _FLOOR_MEMORY + services * _PER_SERVICE + carried * per_memory + max(0, clusters - 1) * _PER_CLUSTER
    return Size(
        _stepped(max(cpu, _FLOOR_CPU), _CPU_STEP),
        _stepped(max(memory, _FLOOR_MEMORY), _MEMORY_STEP),
        *replicas,
    )


def _stepped(amount: float, step: int) -> int:
    """Whole steps, so that a service more or less is no change of a running control plane."""
    return ceil(amount / step) * step
