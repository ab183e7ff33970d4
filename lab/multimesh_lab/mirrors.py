"""Chart repositories as the lab has them: a user's unmodified program names the public one and is given the lab's.

Owns: which repository and version stand in for which, and the values that the lab lays over. Does not own: serving
charts (chart_repository) and installing them (the kubernetes stand-in). What is replaced is said in the release's
status and in `multimesh-lab status`.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from multimesh_lab.home import LabHome

ISTIO = "https://istio-release.storage.googleapis.com/charts"

STOCK_ENVOY_VALUES: dict[str, Any] = {
    "env": {"PILOT_ENABLE_METADATA_EXCHANGE": "false", "PILOT_ENABLE_ALPN_FILTER": "false"},
    "meshConfig": {"defaultProviders": {"metrics": []}},
}
"""The lab's proxy is stock Envoy, which lacks Istio's own filters for metadata exchange, ALPN and metrics."""


@dataclass(frozen=True)
class Mirror:
    """A repository of the lab in the place of a public one."""

    repository: str
    versions: list[str]
    """What it has; the first is installed in the place of any that it has not."""
    values: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """By chart, laid over the program's own."""

    def version(self, asked: str) -> str:
        """The version that is installed where this one is asked for."""
        return asked if asked in self.versions else self.versions[0]


def remember(home: LabHome, mirrors: dict[str, Mirror]) -> None:
    """Say which public repositories (by URL) the lab's stand-ins serve instead."""
    text = json.dumps({url: asdict(mirror) for url, mirror in mirrors.items()}, indent=2)
    _table(home).write_text(text)


def find(home: LabHome, repository: str) -> Mirror | None:
    """The mirror of a repository, or None when the lab has none and the repository itself is used."""
    table = _table(home)
    if not table.exists():
        return None
    entry = json.loads(table.read_text()).get(repository.rstrip("/"))
    return Mirror(**entry) if entry else None


def _table(home: LabHome) -> Path:
    return home.root / "mirrors.json"
