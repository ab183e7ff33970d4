"""What is known of a cluster, and where its things lie.

Owns: the request, the facts and the layout of a cluster's folder. Does not own: who has which slot (registry).
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from multimesh_lab import files
from multimesh_lab.home import LabHome
from multimesh_lab.network import Plan
from multimesh_lab.processes import Daemon


class ClusterError(Exception):
    """A cluster could not be made what it should be."""


@dataclass(frozen=True)
class ClusterRequest:
    """What a simulated cloud asks for."""

    id: str
    """Unique in the lab."""
    name: str
    """The cloud's name of the cluster."""
    cloud: str
    """gcp, aws, azure, oci or none."""
    region: str
    kubernetes_version: str = ""
    """What was asked for; the lab runs the version that it built."""


@dataclass(frozen=True)
class ClusterFacts:
    """A cluster of the lab."""

    id: str
    name: str
    cloud: str
    region: str
    slot: int
    namespace: str
    """The network namespace that is its node and its VPC."""
    endpoint: str
    ca_pem: str
    version: str
    oidc_issuer: str
    folder: Path

    @classmethod
    def load(cls, folder: Path) -> "ClusterFacts | None":
        """What a cluster's folder says; None when it says nothing yet."""
        known: dict[str, Any] | None = files.read_json(folder / "facts.json", None)
        return None if known is None else cls(**known, folder=folder)

    def save(self) -> None:
        values = asdict(self)
        del values["folder"]
        files.write_json(self.folder / "facts.json", values)

    @property
    def plan(self) -> Plan:
        return Plan(self.slot)

    @property
    def home(self) -> LabHome:
        return LabHome(self.folder.parents[1])

    @property
    def node_name(self) -> str:
        return f"{self.namespace}-node"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.kubeconfig_of("admin")

    @property
    def token_file(self) -> Path:
        """The tokens of all users, as kube-apiserver reads them."""
        return self.folder / "tokens.csv"

    @property
    def authentication_file(self) -> Path:
        """Which OIDC providers kube-apiserver takes tokens of; it reads the file anew when that changes."""
        return self.folder / "authentication.json"

    @property
    def certificates(self) -> Path:
        return self.folder / "pki"

    @property
    def lock(self) -> Path:
        """Held while the cluster is being changed; it outlives the folder."""
        return self.folder.with_suffix(".lock")

    def kubeconfig_of(self, user: str) -> Path:
        return self.folder / "kubeconfigs" / user

    def daemon(self, name: str, *, inside: bool = True) -> Daemon:
        """One of its processes; inside its network namespace unless said otherwise."""
        return Daemon(name, self.folder, self.namespace if inside else None)
