"""The real clusters and addresses behind the simulated clouds, as the simulated clouds see them.

Owns: the narrow contract between a simulated cloud and the lab's clusters. Does not own: any cluster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from multimesh_lab import cluster
from multimesh_lab.cluster import ClusterRequest, Login
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import read_settings


@dataclass(frozen=True)
class Facts:
    """What a simulated cloud tells its user about a cluster."""

    endpoint: str
    ca_pem: str
    version: str
    oidc_issuer: str


class ClusterRuntime(Protocol):
    """Real clusters on this machine; a test passes one that only remembers."""

    @property
    def has_nodes(self) -> bool: ...
    def create(self, request: ClusterRequest) -> Facts: ...
    def join_node(self, cluster_id: str, labels: Mapping[str, str]) -> None: ...
    def remove_node(self, cluster_id: str) -> None: ...
    def install_dns(self, cluster_id: str) -> None: ...
    def admit_api(self, cluster_id: str, cidrs: Sequence[str]) -> None: ...
    def set_egress(self, cluster_id: str, address: str | None) -> None: ...
    def set_login(self, cluster_id: str, login: Login | None) -> None: ...
    def delete(self, cluster_id: str) -> None: ...
    def allocate_address(self, owner: str) -> str: ...
    def release_address(self, owner: str) -> None: ...


class LabRuntime:
    """The lab's own clusters."""

    def __init__(self, home: LabHome, *, nodes: bool) -> None:
        self._home = home
        self._nodes = nodes

    @property
    def has_nodes(self) -> bool:
        return self._nodes

    def create(self, request: ClusterRequest) -> Facts:
        facts = cluster.create(self._home, request)
        return Facts(facts.endpoint, facts.ca_pem, facts.version, facts.oidc_issuer)

    def join_node(self, cluster_id: str, labels: Mapping[str, str]) -> None:
        if self._nodes:
            cluster.join_node(self._home, cluster_id, labels)

    def remove_node(self, cluster_id: str) -> None:
        if self._nodes:
            cluster.remove_node(self._home, cluster_id)

    def install_dns(self, cluster_id: str) -> None:
        if self._nodes:
            cluster.install_dns(self._home, cluster_id)

    def admit_api(self, cluster_id: str, cidrs: Sequence[str]) -> None:
        cluster.admit_api(self._home, cluster_id, cidrs)

    def set_egress(self, cluster_id: str, address: str | None) -> None:
        cluster.set_egress(self._home, cluster_id, address)

    def set_login(self, cluster_id: str, login: Login | None) -> None:
        # Clouds believe public authorities alone; a provider on this machine has none of these.
        cluster.set_login(self._home, cluster_id, login, read_settings(self._home).login_authority)

    def delete(self, cluster_id: str) -> None:
        cluster.delete(self._home, cluster_id)

    def allocate_address(self, owner: str) -> str:
        return cluster.allocate_address(self._home, owner)

    def release_address(self, owner: str) -> None:
        cluster.release_address(self._home, owner)
