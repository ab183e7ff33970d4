"""What the wiring follows from, as it lies in the lab's folder: inventories, slots, internal load balancers.

Owns: reading it, and noticing that it has changed. Does not own: what follows (reachability, wiring_intent).
"""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from multimesh_lab import files, machine
from multimesh_lab.cluster import cloud_controller
from multimesh_lab.cluster.registry import all_clusters, on_paper
from multimesh_lab.fabric.aws import Aws
from multimesh_lab.fabric.azure import Azure
from multimesh_lab.fabric.cloud import Cloud
from multimesh_lab.fabric.gcp import Gcp
from multimesh_lab.fabric.inventory import Inventory
from multimesh_lab.fabric.model import FLOWS
from multimesh_lab.fabric.oci import Oci
from multimesh_lab.fabric.reachability import Fabric
from multimesh_lab.fabric.wiring_intent import Lab, Roads, ends, key, networks, wiring
from multimesh_lab.fabric.wiring_numbers import Numbers
from multimesh_lab.fabric.wiring_plan import Forwarding, Wiring
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import Record, inventory

CLOUDS = ("gcp", "aws", "azure-native", "oci")
"""As their stores are called."""


def marks(home: LabHome) -> tuple[tuple[str, int], ...]:
    """What changes whenever the wiring may have to: files are replaced, never written into, so folders show it."""
    return tuple(sorted(_marks(home)))


def _marks(home: LabHome) -> Iterator[tuple[str, int]]:
    paths = [home.clouds / cloud / "resources" for cloud in CLOUDS]
    paths += [home.clusters, *home.clusters.glob("*/facts.json"), *home.clusters.glob("*/load-balancers.json")]
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            yield str(path), path.stat().st_mtime_ns


def roads(home: LabHome) -> Roads:
    """What the clouds' inventories say now."""
    return roads_of(record for cloud in CLOUDS for record in inventory(home, cloud))


def roads_of(records: Iterable[Record]) -> Roads:
    """The same of an inventory that is given."""
    known = Inventory(records)
    fabric = Fabric(known)
    clouds: tuple[Cloud, ...] = (Gcp(known), Aws(known), Azure(known), Oci(known))
    return Roads(
        sites=fabric.sites,
        gateways=tuple(gateway for cloud in clouds for gateway in cloud.gateways()),
        tunnels=fabric.tunnels,
        peerings=tuple(peering for cloud in clouds for peering in cloud.peerings()),
        verdicts=tuple(verdict for flow in FLOWS for verdict in fabric.table(flow)),
    )


def lab(home: LabHome) -> Lab:
    """What the lab has on its side now."""
    real = {facts.id: facts.slot for facts in all_clusters(home)}
    paper = on_paper(home)
    probes = tuple(sorted(paper.values()))
    return Lab({**paper, **real}, probes, tuple(_forwardings(home)), tunnels_are_real())


def plan(home: LabHome, known: Roads, *, remember: bool = True) -> Wiring:
    """The kernel's plan; who is new gets a number, which is remembered unless this is but a look."""
    own = lab(home)
    held = Numbers.load(home)
    numbers = held.of(networks(known, own), map(key, ends(known)))
    if remember and numbers != held:
        numbers.save(home)
    return wiring(known, own, numbers)


def tunnels_are_real() -> bool:
    """Whether this machine has what tunnels need; without, the pure function alone decides."""
    return not machine.missing(machine.TUNNELS)


def how_tunnels_are() -> str:
    """For a reader: by what it is decided whether a tunnel is up."""
    absent = machine.missing(machine.TUNNELS)
    if not absent:
        return "real strongSwan and BIRD, as declared"
    packages = " ".join(need.package for need in absent if need.package)
    remedy = f"; remedy: apt-get install --no-install-recommends {packages}" if packages else ""
    return f"decided by what was declared alone, without {', '.join(need.what for need in absent)}{remedy}"


def _forwardings(home: LabHome) -> Iterator[Forwarding]:
    """The ports of Amazon's internal balancers, which have a name that no kube-proxy knows."""
    for facts in all_clusters(home):
        held: dict[str, dict[str, Any]] = files.read_json(cloud_controller.memory(facts), {})
        for _, entry in sorted(held.items()):
            if entry.get("internal") and entry["hostname"]:
                for protocol, port, node_port in entry["ports"]:
                    sources = tuple(entry["sources"])
                    yield Forwarding(entry["address"], protocol, port, node_port, facts.slot, sources)
