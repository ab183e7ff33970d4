"""Brings the kernel to what the plan says, and says what of it is really up.

Owns: the order, and that what is right already is left alone. Does not own: any one part, and where the plan comes
from (wiring_intent).
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from multimesh_lab import files, firewall, network, processes
from multimesh_lab.fabric import wiring_links, wiring_probe, wiring_rules
from multimesh_lab.fabric.wiring_bgp import Bird, Session
from multimesh_lab.fabric.wiring_ipsec import Association, Charon, daemon_of
from multimesh_lab.fabric.wiring_plan import Router, Wiring
from multimesh_lab.home import LabHome
from multimesh_lab.network import NetworkError, Plan
from multimesh_lab.processes import ProcessEndedError


@dataclass(frozen=True)
class Actual:
    """What is really up of one end."""

    association: Association
    session: Session | None
    """None when there is no session on this end."""


def apply(home: LabHome, wiring: Wiring) -> None:
    """The kernel has what the plan says when this returns; tunnels and sessions come up a moment later.

    Safe to repeat. Raises NetworkError or ProcessEndedError when a part does not come.
    """
    _remove_stale(home, wiring)
    _ensure_probes(home, wiring.probes)
    for router in wiring.routers:
        wiring_links.ensure_router(router)
    for router in wiring.routers:
        wiring_links.set_routes(router, wiring.routers, wiring.faces)
        wiring_rules.ensure(router, wiring.flows, wiring.faces)
        for slot in router.slots:
            if Plan(slot).namespace in network.namespaces():
                hidden = next((hidden.kept for hidden in wiring.hidden if hidden.slot == slot), None)
                firewall.set_private(Plan(slot), hidden)
    for router in wiring.routers:
        if router.ends:
            Bird(home.fabric, router).ensure()
    _ensure_ends(home, wiring.routers)


def _ensure_probes(home: LabHome, slots: Sequence[int]) -> None:
    """A namespace for each cluster on paper; those that were made here and are in no plan any more go."""
    memory = home.fabric / "probes.json"
    made: list[int] = files.read_json(memory, [])
    for slot in set(made) - set(slots):
        network.remove_namespace(Plan(slot))
    if made != list(slots):
        files.write_json(memory, list(slots))
    for slot in slots:
        wiring_probe.ensure(Plan(slot))


def _ensure_ends(home: LabHome, routers: Sequence[Router]) -> None:
    """All that must start are started before the first is waited for; tunnels are opened when all are ready.

    One that does not come keeps none of the others; its fault is raised at the end.
    """
    started = [(router, charon) for router in routers for charon in _start_ends(home, router)]
    ready: list[Charon] = []
    faults: list[ProcessEndedError | NetworkError] = []
    for router, charon in started:
        try:
            wiring_links.adopt_tunnel(router, charon.end, charon.device())
            charon.load()
            ready.append(charon)
        except (ProcessEndedError, NetworkError) as fault:
            faults.append(fault)
    for router in routers:
        wiring_links.set_inside_addresses(router)
    for charon in ready:
        charon.open()
    if faults:
        raise faults[0]


def _start_ends(home: LabHome, router: Router) -> Iterator[Charon]:
    """Those that do not run as declared, started afresh."""
    for end in router.ends:
        charon = Charon(home.fabric, end)
        if not (charon.is_current() and wiring_links.has_tunnel(router, end)):
            charon.stop()
            wiring_links.make_end(router, end)
            charon.start()
            yield charon


def _remove_stale(home: LabHome, wiring: Wiring) -> None:
    known = {Bird(home.fabric, router).daemon.pid_file for router in wiring.routers if router.ends}
    known |= {Charon(home.fabric, end).daemon.pid_file for router in wiring.routers for end in router.ends}
    processes.stop([path for path in home.fabric.glob("pids/*.pid") if path not in known], patience=2)
    ends = {end.namespace for router in wiring.routers for end in router.ends}
    routers = {router.namespace for router in wiring.routers}
    there = network.namespaces()
    for name in there:
        if name.startswith("mmt") and name not in ends:
            _remove_end(home, name, [router for router in there if router.startswith("mmr")])
    for name in there:
        if name.startswith("mmr") and name not in routers:
            shutil.rmtree(Bird(home.fabric, Router(int(name[3:]), "", ())).folder, ignore_errors=True)
            wiring_links.remove_router(name)


def _remove_end(home: LabHome, namespace: str, routers: Sequence[str]) -> None:
    shutil.rmtree(home.fabric / "ends" / namespace.removeprefix("mmt"), ignore_errors=True)
    for router in routers:
        wiring_links.remove_end(router, namespace)


def stop_end(home: LabHome, number: int) -> None:
    """End the charon of an end; its device goes with it, and so does the session through it."""
    daemon_of(home.fabric, number).stop(patience=2)


def has_ended(home: LabHome) -> bool:
    """Whether a process of the fabric is not there any more, although nobody stopped it."""
    return any(not processes.alive(path) for path in home.fabric.glob("pids/*.pid"))


def actual(home: LabHome, routers: Iterable[Router]) -> dict[int, Actual]:
    """What is up of every end, by its number."""
    found: dict[int, Actual] = {}
    for router in routers:
        sessions = Bird(home.fabric, router).sessions() if router.ends else {}
        for end in router.ends:
            found[end.number] = Actual(Charon(home.fabric, end).association(), sessions.get(end.number))
    return found


def nudge(home: LabHome, routers: Iterable[Router]) -> None:
    """Have the ends that open a tunnel try again where none is up; a charon gives up when it is refused."""
    for router in routers:
        sessions = Bird(home.fabric, router).sessions() if router.ends else {}
        for end in router.ends:
            session = sessions.get(end.number)
            if end.at.starts and not (session and session.established):
                charon = Charon(home.fabric, end)
                if charon.daemon.alive() and not charon.association().installed:
                    charon.open()
