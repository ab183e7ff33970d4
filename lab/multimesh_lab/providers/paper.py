"""Clusters on paper: answers to everything that a simulated cloud asks of a cluster, and no process behind them.

For tests of diffs, order and rules through the engine, which need no API server; nothing can be installed in such a
cluster. Owns: the made-up facts and the addresses. Does not own: when they are used (`clusters` in settings.json).
"""

import fcntl
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

from multimesh_lab.cluster import ClusterRequest, Login, registry
from multimesh_lab.home import LabHome
from multimesh_lab.providers.runtime import Facts

_VERSION = "v1.34.1"


class PaperRuntime:
    """Clusters that only remember which addresses they have, in the clouds' public range and in the lab's slots."""

    has_nodes = False

    def __init__(self, home: LabHome) -> None:
        self._home = home
        self._file = home.clouds / "paper-addresses.json"

    def create(self, request: ClusterRequest) -> Facts:
        # Its slot is where roads to it end; a ninth cluster has none, and everything else all the same.
        registry.claim_on_paper(self._home, request.id)
        host = self.allocate_address(f"cluster:{request.id}")
        issuer = f"https://{host}:6443/oidc"
        return Facts(f"https://{host}:6443", "no certificate: a cluster on paper", _VERSION, issuer)

    def join_node(self, cluster_id: str, labels: Mapping[str, str]) -> None: ...

    def remove_node(self, cluster_id: str) -> None: ...

    def install_dns(self, cluster_id: str) -> None: ...

    def admit_api(self, cluster_id: str, cidrs: Sequence[str]) -> None: ...

    def set_egress(self, cluster_id: str, address: str | None) -> None: ...

    def set_login(self, cluster_id: str, login: Login | None) -> None: ...

    def delete(self, cluster_id: str) -> None:
        self.release_address(f"cluster:{cluster_id}")
        registry.forget_on_paper(self._home, cluster_id)

    def allocate_address(self, owner: str) -> str:
        with self._addresses() as taken:
            if owner not in taken:
                free = (f"198.18.{third}.{last}" for third in range(200, 256) for last in range(1, 255))
                taken[owner] = next(address for address in free if address not in taken.values())
            return taken[owner]

    def release_address(self, owner: str) -> None:
        with self._addresses() as taken:
            taken.pop(owner, None)

    @contextmanager
    def _addresses(self) -> Generator[dict[str, str]]:
        """The addresses by owner, shared by the provider processes and written back at the end."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            handle.seek(0)
            taken = cast("dict[str, str]", json.loads(handle.read() or "{}"))
            before = dict(taken)
            yield taken
            if taken != before:
                handle.seek(0)
                handle.truncate()
                handle.write(json.dumps(taken))
