"""Where a lab keeps what it has: one folder, private to the user, gone with `multimesh-lab down`.

Owns: the layout of that folder. Does not own: what any file in it means.
"""

import os
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT_VARIABLE = "MULTIMESH_LAB_DIR"


class LabError(Exception):
    """The lab cannot do what was asked; the message says why and what helps."""


class NotALabError(LabError):
    """The folder holds something else; a lab in it would be removed with it."""


@dataclass(frozen=True)
class LabHome:
    """The folder of one lab.

    Only one lab can be up on a machine, because its network namespaces and its addresses (198.18.0.0/15) are the
    machine's; the folder says which lab that is.
    """

    root: Path

    @classmethod
    def from_environment(cls) -> "LabHome":
        """MULTIMESH_LAB_DIR, or the user's state folder."""
        named = os.environ.get(ENVIRONMENT_VARIABLE)
        if named:
            return cls(Path(named).expanduser().absolute())
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return cls(Path(state) / "pulumi-multimesh" / "lab")

    def create(self) -> None:
        """Make the folder and what every lab has in it; keys and tokens live here, so nobody else may look."""
        self.refuse_foreign()
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in self._folders:
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def _folders(self) -> tuple[Path, ...]:
        return (self.bin, self.clouds, self.clusters, self.logs, self.pids, self.pulumi_home, self.backend)

    def refuse_foreign(self) -> None:
        """Raises `NotALabError` when something of somebody else's is in the folder, which `down` removes whole."""
        if not self.root.exists() or all(folder.is_dir() for folder in (self.clusters, self.clouds, self.pids)):
            return
        if not self.root.is_dir():
            raise NotALabError(f"{self.root} is no folder; remedy: {ENVIRONMENT_VARIABLE}=a folder of its own")
        # A lab whose making was interrupted has a few of these.
        others = sorted({path.name for path in self.root.iterdir()} - {folder.name for folder in self._folders})
        if others:
            shown = ", ".join(others[:5]) + (", …" if len(others) > 5 else "")
            raise NotALabError(
                f"{self.root} is not a lab's folder: it holds {shown}, which `multimesh-lab down` would remove; "
                f"remedy: {ENVIRONMENT_VARIABLE}=an empty or new folder"
            )

    @property
    def bin(self) -> Path:
        """Commands that `multimesh-lab exec` puts first on PATH."""
        return self.root / "bin"

    @property
    def clouds(self) -> Path:
        """The simulated clouds' memory: a folder per cloud."""
        return self.root / "clouds"

    @property
    def clusters(self) -> Path:
        """A folder per real cluster."""
        return self.root / "clusters"

    @property
    def images(self) -> Path:
        """Archives of the images made for this lab's nodes."""
        return self.root / "images"

    @property
    def charts(self) -> Path:
        """What the chart repository on loopback serves."""
        return self.root / "charts"

    @property
    def fabric(self) -> Path:
        """The clouds' networks: a folder per router and per end of a tunnel, keys of tunnels among them."""
        return self.root / "fabric"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def pids(self) -> Path:
        """A pid file per process that the lab itself (not a cluster) runs."""
        return self.root / "pids"

    @property
    def pulumi_home(self) -> Path:
        return self.root / "pulumi"

    @property
    def backend(self) -> Path:
        """The state backend, `file://`."""
        return self.root / "state"

    @property
    def passphrase(self) -> Path:
        """The passphrase that encrypts the secrets of the lab's stacks; made once for each lab."""
        return self.root / "passphrase"
