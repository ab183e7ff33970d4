"""What a simulated cloud knows about one type of resource.

Owns: the form in which a cloud's rules and effects are written down. Does not own: any rule.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from multimesh_lab.providers.runtime import ClusterRuntime
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties


class RefusedError(Exception):
    """The simulated cloud does not do it, and why."""


class UnhealthyError(Exception):
    """The resource exists but did not become healthy: the engine keeps it and tries an update next time."""


@dataclass
class Call:
    """One call on one resource, with everything plain: no secrets wrapped, no unknowns unless previewing."""

    store: Store
    runtime: ClusterRuntime
    config: Mapping[str, Any]
    type: str
    urn: str
    inputs: Properties
    id: str = ""
    old: Properties = field(default_factory=dict[str, Any])
    old_inputs: Properties = field(default_factory=dict[str, Any])
    preview: bool = False

    @property
    def urn_name(self) -> str:
        return self.urn.rpartition("::")[2]

    def others(self, type_token: str) -> list[Record]:
        """Every resource of the type that is not the one called upon."""
        return [r for r in self.store.all(type_token) if (r.type, r.id) != (self.type, self.id)]


@dataclass(frozen=True)
class Autoname:
    """How a type gets a name when the program gives none."""

    property: str = "name"
    limit: int = 0
    lower: bool = False
    prefix: str = ""


def nothing(call: Call) -> Properties:
    """No outputs beyond the inputs."""
    del call
    return {}


def _no_faults(inputs: Properties) -> Iterable[InputFault]:
    del inputs
    return ()


def _no_paths(inputs: Properties) -> Iterable[str]:
    del inputs
    return ()


def _nothing_anew(call: Call) -> Iterable[str]:
    del call
    return ()


def _no_effect(call: Call) -> None:
    del call


@dataclass(frozen=True)
class Kind:
    """One type.

    `planned` is known at preview, `check` fails it, `rules` and `in_use` are what the cloud's API refuses, `create`,
    `update` and `delete` have effects. `perpetual` names paths that differ on every diff, as some do in the real
    provider. `private` paths are secret outputs. `replaces_when_gone` names properties that force another
    resource only when they are taken away. `made_anew` names outputs that an update draws again, so that they are
    unknown while it is previewed.
    """

    token: str
    identify: Callable[[Call], str]
    replaces: frozenset[str] = frozenset()
    autoname: Autoname | None = None
    planned: Callable[[Call], Properties] = nothing
    computed_within: frozenset[str] = frozenset()
    check: Callable[[Properties], Iterable[InputFault]] = _no_faults
    rules: tuple[Callable[[Call], None], ...] = ()
    in_use: tuple[Callable[[Call], None], ...] = ()
    create: Callable[[Call], Properties] = nothing
    update: Callable[[Call], Properties] = nothing
    replaces_when_gone: frozenset[str] = frozenset()
    made_anew: Callable[[Call], Iterable[str]] = _nothing_anew
    delete: Callable[[Call], None] = _no_effect
    private: frozenset[str] = frozenset()
    perpetual: Callable[[Properties], Iterable[str]] = _no_paths
    survives_delete: bool = False
    create_minutes: float = 0.05
    delete_minutes: float = 0.05


def by_token(*groups: Iterable[Kind]) -> dict[str, Kind]:
    """The kinds of a cloud, by type token; a token given twice is a mistake in the lab."""
    kinds: dict[str, Kind] = {}
    for kind in (kind for group in groups for kind in group):
        if kind.token in kinds:
            raise ValueError(f"{kind.token} is described twice")
        kinds[kind.token] = kind
    return kinds
