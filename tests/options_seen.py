"""The options with which resources are registered, which the mocked engine does not hand to its mocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from pulumi.runtime import mocks as pulumi_mocks


@dataclass(frozen=True)
class Options:
    """Of one resource: what the engine is told about it beside its inputs."""

    protect: bool
    ignore_changes: Sequence[str]
    replace_on_changes: Sequence[str]
    before: frozenset[str]
    """Types and names of all that it depends on, such as `NodePool shop-apps`."""


Seen = dict[str, Options]
"""By type and name."""


def watch(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """The options of every resource that is registered from now on; of a name registered anew, the last ones."""
    seen: Seen = {}
    register = pulumi_mocks.MockMonitor.RegisterResource

    def registering(monitor: pulumi_mocks.MockMonitor, request: Any) -> Any:
        seen[f"{request.type.rpartition(':')[2]} {request.name}"] = Options(
            protect=request.protect,
            ignore_changes=list(request.ignoreChanges),
            replace_on_changes=list(request.replaceOnChanges),
            before=frozenset(_short(urn) for urn in request.dependencies),
        )
        return register(monitor, request)

    monkeypatch.setattr(pulumi_mocks.MockMonitor, "RegisterResource", registering)
    return seen


def _short(urn: str) -> str:
    *_, types, name = urn.split("::")
    return f"{types.rpartition('$')[2].rpartition(':')[2]} {name}"
