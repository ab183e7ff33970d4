"""Rules of AKS clusters.

Owns: what Azure asks of versions, tiers, modes, zones, windows. Does not own: pools and ranges.
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.common import (
    choice_faults,
    maintenance_faults,
    minor_version_faults,
    region_faults,
    retention_faults,
)

_CHOICES = {
    "tier": (("Free", "Standard", "Premium"), "Standard"),
    "upgrade_channel": (("none", "patch", "stable", "rapid", "node-image"), "patch"),
    "network_mode": (("overlay", "pod-subnet"), "overlay"),
    "login": (("azurecli", "spn", "workloadidentity", "msi"), "azurecli"),
}
"""By key: choices, default."""
# Azure Monitor Logs, "Configure data retention": interactive retention of a workspace.
_RETENTIONS = range(30, 731)
_ZONES = ("1", "2", "3")


def aks_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Every fault of an AKS cluster's own keys."""
    yield from region_faults(path, "aks", wish)
    yield from minor_version_faults(path, wish, "AKS")
    for key, (choices, default) in _CHOICES.items():
        yield from choice_faults(path, wish, key, choices, default)
    yield from retention_faults(path, wish, _RETENTIONS, "30 to 730 days")
    yield from maintenance_faults(path, wish)
    days = reading.texts(reading.record(wish, "maintenance"), "days")
    if len(days) > 1:
        yield Fault(
            f"{path}.maintenance.days", list(days), "names several days", "one day for AKS", f"write  [{days[0]}]"
        )
    yield from _zone_faults(path, wish)
    yield from _subnet_faults(path, wish)


def _zone_faults(path: str, wish: Record) -> Iterator[Fault]:
    pools = {f"node_pools.{name}": pool for name, pool in reading.records(wish, "node_pools").items()}
    holders = {"": wish, "system_pool": reading.record(wish, "system_pool"), **pools}
    for holder, having in holders.items():
        where = ".".join(part for part in (path, holder, "zones") if part)
        for position, zone in enumerate(reading.texts(having, "zones")):
            if zone not in _ZONES:
                allowed = "Azure's zones are numbered: 1, 2, 3, in quotes"
                yield Fault(f"{where}[{position}]", zone, "is not a zone", allowed, 'write  "1"')


def _subnet_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Pods have a subnet in the one mode and none in the other."""
    network, mode = reading.record(wish, "network"), reading.text(wish, "network_mode") or "overlay"
    given = "pods_subnet_id" in network
    if not network or given == (mode == "pod-subnet"):
        return
    problem = "is given, but overlay pods have no subnet" if given else "is missing"
    remedy = "remove it, or set  network_mode: pod-subnet" if given else "give the pods' subnet"
    allowed = "a subnet's id with network_mode: pod-subnet, and nothing otherwise"
    yield Fault(f"{path}.network.pods_subnet_id", None, problem, allowed, remedy)
