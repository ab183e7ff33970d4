"""The releases of Istio that the lab makes from pinned modules: their versions, charts' placeholders and images.

Owns: what istio/release-builder does to the sources. Does not own: packaging and serving (chart_repository), images.
The module's charts say "This version is never actually shipped. istio/release-builder will replace it at build-time":
version 1.0.0, hub registry.istio.io/testing, tag latest. The lab replaces the same three.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from multimesh_lab import tools

HUB = "registry.istio.io/release"
_PLACEHOLDERS = (
    (re.compile(r"^(version|appVersion): 1\.0\.0$", re.MULTILINE), r"\1: {version}"),
    (re.compile(r"^(\s*)hub: registry\.istio\.io/testing$", re.MULTILINE), r"\1hub: {hub}"),
    (re.compile(r"^(\s*)tag: latest$", re.MULTILINE), r"\1tag: {version}"),
)


def module_version(folder: str, module: str) -> str:
    """The version of a Go module that tools/FOLDER pins."""
    text = (tools.SOURCES / folder / "go.mod").read_text()
    found = re.search(rf"^(?:require )?\s*{re.escape(module)} (v\S+)", text, re.MULTILINE)
    if found is None:
        raise tools.ToolMissing(f"tools/{folder}/go.mod does not require {module}")
    return found[1]


@dataclass(frozen=True)
class Build:
    """A build of Istio."""

    folder: str
    """Its module's, under tools/."""
    line: str
    """The release that the pinned commit leads to (the module's file VERSION)."""

    @property
    def version(self) -> str:
        """Such as 1.31.0-alpha.eed52ebb66ad: the line, and the commit of a development build."""
        pinned = module_version(self.folder, "istio.io/istio")
        pseudo = re.fullmatch(r"v0\.0\.0-\d{14}-([0-9a-f]{12})", pinned)
        return f"{self.line}-alpha.{pseudo[1]}" if pseudo else pinned.removeprefix("v")

    def image(self, name: str) -> str:
        """The full name that the charts ask for."""
        return f"{HUB}/{name}:{self.version}"

    def is_built(self) -> bool:
        """Whether its programs are there."""
        try:
            tools.binary("pilot-discovery", self.folder)
        except tools.ToolMissing:
            return False
        return True

    def fill_placeholders(self, chart: Path) -> None:
        """Make a chart of the sources one of the release."""
        for name in ("Chart.yaml", "values.yaml"):
            path = chart / name
            text = path.read_text()
            for pattern, replacement in _PLACEHOLDERS:
                text = pattern.sub(replacement.format(version=self.version, hub=HUB), text)
            path.write_text(text)


NEWEST = Build("istio", "1.31.0")
"""What the lab installs, whichever version a program asks for."""
BEFORE = Build("istio-before", "1.31.0")
"""Some months older, and installed where its version is asked for: tests upgrade from it to the newest."""


def builds() -> list[Build]:
    """Those that are there; the older one is built for tests alone."""
    return [NEWEST, *([BEFORE] if BEFORE.is_built() else [])]
