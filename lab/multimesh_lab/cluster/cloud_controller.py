"""The process of a cluster's load-balancer controller, and what remains of it when the cluster goes.

Owns: starting it and cleaning up after it. Does not own: what it does (load_balancers).
"""

import sys
from pathlib import Path
from typing import Any

from multimesh_lab import dns, files, firewall
from multimesh_lab.cluster.facts import ClusterFacts

NAME = "load-balancers"


def memory(facts: ClusterFacts) -> Path:
    """Which Service has which address and hostname, whether it is internal, its ports and whom it admits."""
    return facts.folder / "load-balancers.json"


def release_all(facts: ClusterFacts) -> None:
    """The cluster goes: its names and forwardings go with it."""
    held: dict[str, dict[str, Any]] = files.read_json(memory(facts), {})
    for entry in held.values():
        if entry["hostname"]:
            dns.remove_name(facts.home, entry["hostname"])
    firewall.remove_forwardings(facts.plan)


def ensure(facts: ClusterFacts) -> None:
    """Its process runs; it is the cloud's, so it lives outside the cluster's network."""
    package_folder = Path(__file__).resolve().parents[2]
    facts.daemon(NAME, inside=False).start(
        [sys.executable, "-m", "multimesh_lab.cluster.load_balancers", facts.home.root, str(facts.slot)],
        {"PYTHONPATH": str(package_folder), "PYTHONUNBUFFERED": "1"},
    )
