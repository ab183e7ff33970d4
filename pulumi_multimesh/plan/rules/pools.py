"""Rules of node pools: sizes, machines, disks, taints, and what each cloud calls a pool.

Owns: values under `node_pools` and `system_pool`. Does not own: rules of clusters (clusters.py and each cloud's).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.sizes import size_faults

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@dataclass(frozen=True)
class _Machines:
    """What a cloud's pools may be."""

    form: str
    cloud: str
    example: str
    name: str
    """The form of a pool's name."""
    name_allowed: str
    disk: tuple[int, int]
    """Least and most GiB of a boot disk."""


_LABEL = r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?"
_LABEL_ALLOWED = "1 to 20 lower-case letters, digits and dashes, a letter first, no dash last"
_MACHINES = {
    "gke": _Machines(
        r"[a-z][a-z0-9]*(-[a-z0-9]+)+", "Google Cloud", "e2-standard-4", _LABEL, _LABEL_ALLOWED, (20, 16384)
    ),
    "eks": _Machines(r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "AWS", "m6i.large", _LABEL, _LABEL_ALLOWED, (20, 16384)),
    # Azure, "Resource naming: Microsoft.ContainerService": a Linux pool has 1 to 12 such characters.
    "aks": _Machines(
        r"(Standard|Basic)_[A-Za-z0-9_-]+",
        "Azure",
        "Standard_D4s_v5",
        r"[a-z][a-z0-9]{0,11}",
        "1 to 12 lower-case letters and digits, a letter first, as Azure asks",
        (30, 2048),
    ),
    # OCI, "Boot volumes": 50 GB at least; 32 TB at most.
    "oke": _Machines(
        r"(VM|BM)\.[A-Za-z0-9.]+", "Oracle Cloud", "VM.Standard.E5.Flex", _LABEL, _LABEL_ALLOWED, (50, 32768)
    ),
}


def pool_faults(path: str, kind: str, wish: Record) -> Iterator[Fault]:
    """Every fault of a cluster's pools."""
    pools = reading.records(wish, "node_pools")
    if kind == "aks":
        yield from _one_pool(f"{path}.system_pool", kind, reading.record(wish, "system_pool"))
        if "system" in pools:
            yield Fault(
                f"{path}.node_pools.system", None, "is the name of the system pool", "any other name", "rename it"
            )
    elif "node_pools" in wish and isinstance(wish["node_pools"], dict) and not pools:
        remedy = "name one, such as  default: {}, or leave node_pools out for that one"
        yield Fault(f"{path}.node_pools", None, "has no pool", "at least one pool", remedy)
    machines = _MACHINES[kind]
    for name, pool in pools.items():
        where = f"{path}.node_pools.{name}"
        if not re.fullmatch(machines.name, name):
            yield Fault(where, name, "is not a pool's name", machines.name_allowed, "choose a name like  apps")
        yield from _one_pool(where, kind, pool)


def _one_pool(path: str, kind: str, pool: Record) -> Iterator[Fault]:
    machines = _MACHINES[kind]
    yield from _count_faults(path, pool)
    yield from _upgrade_faults(path, pool)
    disk, (least, most) = reading.integer(pool, "disk_size_gb"), machines.disk
    if disk is not None and not least <= disk <= most:
        allowed = f"{least} to {most} GiB: what {machines.cloud}'s node images need and its disks can have"
        yield Fault(f"{path}.disk_size_gb", disk, "is out of bounds", allowed, "leave it out for the default")
    yield from _machine_faults(path, kind, reading.text(pool, "machine_type"))
    yield from _taint_faults(path, pool)


def _count_faults(path: str, pool: Record) -> Iterator[Fault]:
    size = reading.integer(pool, "size")
    if size is None:
        yield from size_faults(path, pool, ("min_size", 2), ("max_size", 4))
        return
    if size < 1:
        yield Fault(f"{path}.size", size, "is too small", "a whole number, at least 1", "write at least 1")
    for key in ("min_size", "max_size"):
        if reading.integer(pool, key) is not None:
            allowed = "either size, or min_size and max_size"
            yield Fault(f"{path}.{key}", pool[key], "is given beside size", allowed, f"remove size or {key}")


def _upgrade_faults(path: str, pool: Record) -> Iterator[Fault]:
    surge, away = reading.integer(pool, "max_surge"), reading.integer(pool, "max_unavailable")
    for key, count in (("max_surge", surge), ("max_unavailable", away)):
        if count is not None and count < 0:
            yield Fault(f"{path}.{key}", count, "is negative", "a whole number, at least 0", f"leave {key} out")
    if surge == 0 and not away:
        yield Fault(
            f"{path}.max_surge",
            surge,
            "leaves an upgrade no way forward, as max_unavailable is 0 too",
            "max_surge or max_unavailable at least 1",
            "add  max_unavailable: 1  beside it",
        )


def _machine_faults(path: str, kind: str, machine: str | None) -> Iterator[Fault]:
    machines = _MACHINES[kind]
    if machine is None or re.fullmatch(machines.form, machine):
        return
    owner = next((other.cloud for other in _MACHINES.values() if re.fullmatch(other.form, machine)), None)
    problem = f"is a machine type of {owner}" if owner else "is not a machine type"
    allowed = f"a machine type of {machines.cloud}, such as {machines.example}"
    yield Fault(f"{path}.machine_type", machine, problem, allowed, f"write  {machines.example}")


def _taint_faults(path: str, pool: Record) -> Iterator[Fault]:
    for position, taint in enumerate(reading.as_list(pool.get("taints"))):
        effect = reading.text(reading.as_record(taint), "effect")
        if effect is not None and effect not in _EFFECTS:
            remedy = next(
                (f"write  {each}" for each in _EFFECTS if each.lower() == effect.lower()), "write one of them"
            )
            where = f"{path}.taints[{position}].effect"
            yield Fault(where, effect, "is not a taint's effect", ", ".join(_EFFECTS), remedy)
