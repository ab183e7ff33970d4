"""What the simulated Oracle Cloud keeps of a cluster that is no output of it: the endpoint and its authority.

Owns: one private file for each cluster in the cloud's folder. Does not own: the Kubernetes cluster (runtime).
"""

import hashlib
from dataclasses import asdict
from pathlib import Path

from multimesh_lab import files
from multimesh_lab.providers.runtime import Facts
from multimesh_lab.providers.store import Store


def remember(store: Store, cluster_id: str, facts: Facts) -> None:
    files.write_json(_path(store, cluster_id), asdict(facts))


def known(store: Store, cluster_id: str) -> Facts | None:
    """The facts, or None while the cluster is being made and when there is none."""
    written = files.read_json(_path(store, cluster_id), None)
    return None if written is None else Facts(**written)


def forget(store: Store, cluster_id: str) -> None:
    _path(store, cluster_id).unlink(missing_ok=True)


def _path(store: Store, cluster_id: str) -> Path:
    return store.folder / "clusters" / f"{hashlib.sha256(cluster_id.encode()).hexdigest()[:24]}.json"
