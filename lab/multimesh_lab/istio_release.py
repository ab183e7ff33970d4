"""The release of Istio that the lab makes from the pinned module: its version, its charts' placeholders, its images.

Owns: what istio/release-builder does to the sources. Does not own: packaging and serving (chart_repository), images.
The module's charts say "This version is never actually shipped. istio/release-builder will replace it at build-time":
version 1.0.0, hub registry.istio.io/testing, tag latest. The lab replaces the same three.
"""

import re
from pathlib import Path

from multimesh_lab import tools

LINE = "1.31.0"
"""The release that the pinned commit leads to (the module's file VERSION)."""
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


def version() -> str:
    """Such as 1.31.0-alpha.eed52ebb66ad: the line, and the commit of a development build."""
    pinned = module_version("istio", "istio.io/istio")
    pseudo = re.fullmatch(r"v0\.0\.0-\d{14}-([0-9a-f]{12})", pinned)
    return f"{LINE}-alpha.{pseudo[1]}" if pseudo else pinned.removeprefix("v")


def image(name: str) -> str:
    """The full name that the charts ask for."""
    return f"{HUB}/{name}:{version()}"


def fill_placeholders(chart: Path) -> None:
    """Make a chart of the sources one of the release."""
    for name in ("Chart.yaml", "values.yaml"):
        path = chart / name
        text = path.read_text()
        for pattern, replacement in _PLACEHOLDERS:
            text = pattern.sub(replacement.format(version=version(), hub=HUB), text)
        path.write_text(text)
