"""What the clusters' authorities were when the last `up` ended, from the stack's own state.

Owns: reading it, before anything is registered. Does not own: what may follow from it (plan/rotation.py). See
docs/decisions/0026-rotation-in-steps.md.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pulumi
from pulumi.runtime.settings import get_monitor

from pulumi_multimesh.plan import meshes, names
from pulumi_multimesh.plan.rotation import Trust, remembered

_READ = "pulumi:pulumi:readStackResourceOutputs"
"""A function of the engine's own provider; it answers with what the state has when it is asked."""
_HALF_WRITTEN = "failed to load checkpoint"
_TRIES, _PAUSE = 20, 0.25
"""Times, and seconds between them: longer than any state takes to be written."""
_HOLDERS = ("kubernetes:core/v1:Secret", "kubernetes:core/v1:ConfigMap")


def former_trust(mesh: str, clusters: Iterable[str], chosen: str) -> dict[str, Trust]:
    """By cluster: the trust that it was left with; a cluster without an authority yet is left out.

    `chosen`: the mesh that is wanted, such as `linkerd`; what another one left is told with that one's name. Raises
    whatever the engine says when it cannot read the state.
    """
    if get_monitor() is None:
        # Without the engine, as when a plan alone is made in Python, there is no stack.
        return {}
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    return trust_in(_read(stack).get("outputs") or {}, mesh, clusters, chosen)


def _read(stack: str) -> Mapping[str, Any]:
    """The state; read again where the engine is just writing it, since a backend of files shows it half-written."""
    for left in reversed(range(_TRIES)):
        try:
            return cast("Mapping[str, Any]", pulumi.runtime.invoke(_READ, {"stackName": stack}).value or {})
        except Exception as problem:
            if not left or _HALF_WRITTEN not in str(problem):
                raise
            time.sleep(_PAUSE)
    return {}


def trust_in(
    state: Mapping[str, Mapping[str, Any]], mesh: str, clusters: Iterable[str], chosen: str
) -> dict[str, Trust]:
    """The same from the resources of a state, by URN."""
    said = {
        urn.rpartition("::")[2]: _annotations(resource)
        for urn, resource in state.items()
        if resource.get("type") in _HOLDERS
    }
    found: dict[str, Trust] = {}
    for cluster in clusters:
        for left_by, holders in _holders(names.cluster(mesh, cluster)).items():
            there = [said[holder] for holder in holders if holder in said]
            if there:
                told = {key: value for each in there for key, value in each.items()}
                of = cluster if left_by == chosen else f"{cluster} ({left_by})"
                # An istiod that stays takes what comes next while it runs; all else is started with it.
                stays = left_by == chosen == meshes.ISTIO
                found[of] = remembered(told, starts_anew=not stays)
    return found


def _holders(cluster: str) -> dict[str, tuple[str, ...]]:
    """By mesh: the logical names of what says in a cluster which roots it has, and which of them signed for it."""
    linkerd, consul = (names.trust(names.child(cluster, mesh)) for mesh in (meshes.LINKERD, meshes.CONSUL))
    return {
        meshes.ISTIO: (names.cacerts(names.child(cluster, meshes.ISTIO)),),
        meshes.LINKERD: (names.roots(linkerd), names.issuer(linkerd)),
        meshes.CONSUL: (names.roots(consul), names.servers(consul)),
    }


def _annotations(resource: Mapping[str, Any]) -> Mapping[str, str]:
    metadata = cast("Mapping[str, Any]", resource.get("outputs", {}).get("metadata") or {})
    return cast("Mapping[str, str]", metadata.get("annotations") or {})
