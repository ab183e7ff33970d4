"""Keeps the clouds' networks as the inventories say: `python -m multimesh_lab.fabric.wiring_daemon FOLDER`.

Owns: the process, and when it looks. Does not own: what it does then (wiring). It works again after anything that it
could not do, and starting it again changes nothing that is right already.
"""

import logging
import sys
import time
from pathlib import Path

from multimesh_lab import network
from multimesh_lab.fabric import wiring, wiring_state
from multimesh_lab.fabric.wiring_plan import Router, Wiring
from multimesh_lab.home import LabHome
from multimesh_lab.network import NetworkError
from multimesh_lab.processes import Daemon, ProcessEndedError

_EVERY_SECONDS = 1.0
_NUDGE_SECONDS = 5.0
"""How often ends that open a tunnel try again."""
_RESTART_SECONDS = 5.0
"""How soon what has ended is started again."""
_REPAIR_SECONDS = 120.0
"""How often everything is looked at although nothing changed."""


def daemon(home: LabHome) -> Daemon:
    return Daemon("fabric", home.root)


def ensure(home: LabHome) -> None:
    """Its process runs."""
    package_folder = Path(__file__).resolve().parents[2]
    daemon(home).start(
        [sys.executable, "-m", "multimesh_lab.fabric.wiring_daemon", home.root],
        {"PYTHONPATH": str(package_folder), "PYTHONUNBUFFERED": "1"},
    )


class Keeper:
    """Looks, and acts when something has changed, has ended, or could not be done before."""

    def __init__(self, home: LabHome) -> None:
        self._home = home
        self._marks: object = None
        self._there: object = None
        self._routers: tuple[Router, ...] = ()
        self._repaired = self._nudged = float("-inf")

    def run_once(self, now: float) -> None:
        marks = (wiring_state.marks(self._home), network.namespaces())
        since = now - self._repaired
        due = since >= _REPAIR_SECONDS or (since >= _RESTART_SECONDS and wiring.has_ended(self._home))
        if due or marks != self._marks:
            # Forgotten first, so that a fault below means another try.
            self._marks = None
            planned = wiring_state.plan(self._home, wiring_state.roads(self._home))
            there = (planned, network.namespaces())
            if due or there != self._there:
                self._there = None
                wiring.apply(self._home, planned)
                self._there, self._repaired = (planned, network.namespaces()), now
                logging.info("%d routers, %d ends of tunnels, %d flows", *_counts(planned))
            self._marks = marks
            self._routers = planned.routers
        if now - self._nudged >= _NUDGE_SECONDS:
            wiring.nudge(self._home, self._routers)
            self._nudged = now


def _counts(planned: Wiring) -> tuple[int, int, int]:
    return len(planned.routers), sum(len(router.ends) for router in planned.routers), len(planned.flows)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    home = LabHome(Path(sys.argv[1]))
    if not wiring_state.tunnels_are_real():
        logging.warning("no tunnels: this machine lacks strongSwan or BIRD; what was declared decides alone")
    keeper = Keeper(home)
    while home.root.exists() and network.owner() == str(home.root):
        try:
            keeper.run_once(time.monotonic())
        except (NetworkError, ProcessEndedError, OSError) as fault:
            # A cluster or a network may have gone since it was listed.
            logging.warning("again in a second: %s", fault)
        except Exception:
            # An inventory that is being written may say what nobody thought of; the next one will not.
            logging.exception("again in a second")
        time.sleep(_EVERY_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
