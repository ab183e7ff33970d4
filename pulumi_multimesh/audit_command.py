"""`multimesh audit`: what is wrong with a stack and its running clusters, for people, machines and pipelines.

Owns: fetching both, the report, the exit code. Does not own: any check (checks/).
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_multimesh import kubectl
from pulumi_multimesh.certificates_command import state_file
from pulumi_multimesh.checks.audit import audit
from pulumi_multimesh.checks.check import Check, Finding, Level
from pulumi_multimesh.checks.from_cluster import from_cluster
from pulumi_multimesh.checks.from_state import from_state
from pulumi_multimesh.checks.item import Item
from pulumi_multimesh.checks.settings import Settings, settings
from pulumi_multimesh.mesh_source import SourceError
from pulumi_multimesh.plan.fault import ConfigurationFaults

_UNSEEN = 2
"""As when nothing could be read at all: whoever asks for 0 is not told that all is well."""


def audit_command(stack: str | None, state: str | None, config: str | None, output: str, *, clusters: bool) -> int:
    """Print the report; 1 when something mandatory is found, 2 when a cluster could not be looked at.

    Raises `SourceError` or `ToolError` when the state, the kubeconfigs or the settings cannot be read, and
    `ConfigurationFaults` for settings that are wrong.
    """
    wished = _settings(config)
    exported: Mapping[str, Any] = state_file(state) if state is not None else kubectl.state(stack or "")
    asked = _running(stack) if clusters and stack is not None else None
    running = None if asked is None else asked.items
    declared = from_state(exported)
    found = audit(declared, running, wished)
    if output == "json":
        sys.stdout.write(json.dumps([_told(each, wished) for each in found], indent=2) + "\n")
    else:
        sys.stdout.write(report(found, wished, len(declared), None if running is None else len(running)))
    unseen = {} if asked is None else asked.unseen
    for cluster, reason in unseen.items():
        sys.stderr.write(f"{cluster} was not looked at, and nothing is known of what runs there: {reason}\n")
    return _UNSEEN if unseen else int(any(wished.level(each.check) == Level.MANDATORY for each in found))


@dataclass(frozen=True)
class _Running:
    items: list[Item]
    unseen: dict[str, str]
    """By cluster that did not answer: why."""


def _running(stack: str) -> _Running:
    found = _Running([], {})
    for name, kubeconfig in kubectl.kubeconfigs(stack).items():
        try:
            with kubectl.cluster(name, kubeconfig) as cluster:
                found.items.extend(from_cluster(cluster))
        except kubectl.ToolError as problem:
            found.unseen[name] = str(problem)
    return found


def _settings(file: str | None) -> Settings:
    if file is None:
        return Settings()
    try:
        document: object = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as problem:
        raise SourceError(f"cannot read {file}: {problem.strerror}") from None
    except ValueError:
        raise SourceError(f"{file} is not JSON; it is what  pulumi preview --policy-pack-config  takes") from None
    found, faults = settings(document)
    if faults:
        raise ConfigurationFaults(file, faults, "checks")
    return found


def report(found: Sequence[Finding], wished: Settings, resources: int, objects: int | None) -> str:
    """The findings by check, each check with what to do, and a line that sums up."""
    lines: list[str] = []
    for check in dict.fromkeys(each.check for each in found):
        lines.append(f"{wished.level(check)}  {check.id}: {check.title}")
        lines += [f"  {where(each.item)}: {each.message}" for each in found if each.check is check]
        lines += [f"  remedy: {check.remedy}", ""]
    counts = {level: sum(wished.level(each.check) == level for each in found) for level in Level}
    looked = f"{resources} resources" + ("" if objects is None else f" and {objects} objects of running clusters")
    told = ", ".join(f"{count} {level}" for level, count in counts.items())
    lines.append(f"{len(wished.checks())} checks over {looked}: {told}")
    return "\n".join(lines) + "\n"


def where(item: Item) -> str:
    """A resource by its name, an object by its cluster, its kind and its name."""
    return item.name if item.urn else f"{item.cluster} {item.kind} {item.name}"


def _told(finding: Finding, wished: Settings) -> dict[str, str]:
    check: Check = finding.check
    item = finding.item
    return {
        "check": check.id,
        "level": wished.level(check),
        "title": check.title,
        **({"urn": item.urn} if item.urn else {"cluster": item.cluster, "kind": item.kind}),
        "name": item.name,
        "message": finding.message,
        "remedy": check.remedy,
    }
