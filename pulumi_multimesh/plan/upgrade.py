"""The guided order of an upgrade of Istio: what to write, one `pulumi up` after the other, and where a mesh stands.

Owns: the steps and their order. Does not own: what follows from a configuration (revisions.py), its rules
(rules/istio_revisions.py), how it is shown (upgrade_text.py).

The order is Istio's own for several clusters: a second control plane everywhere, then gateways and workloads cluster by
cluster, then the first one goes. Where control planes cannot be side by side, the one there is changes in place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_multimesh import versions
from pulumi_multimesh.plan import meshes, reading, roles
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.data_plane import AMBIENT, data_plane
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.revisions import UNNAMED, ClusterRevisions, declared, minor, ordered, revisions

_APART = {True: 2, False: 1}
"""Minor versions that an upgrade may take at once, side by side and in place; istio.io, "Canary" and "In-place"."""
_KEYS = ("version", "revisions", "default")
"""What a step writes under `istio`."""


class UpgradeRefused(Exception):
    """The upgrade that was asked for cannot be had; the message says why and what can."""


@dataclass(frozen=True)
class Step:
    """One `pulumi up` of an upgrade."""

    title: str
    istio: dict[str, Any]
    """The keys `version`, `revisions` and `default` under `istio` as they are to be; one that lacks is to go."""
    changes: str
    """What `pulumi up` does."""
    then: tuple[str, ...]
    """What to run or to look at before the next step; lines that start with `$ ` are commands."""
    back: str
    """How to undo it."""


@dataclass(frozen=True)
class Upgrade:
    """The way from the version that a mesh has to another."""

    present: str
    wanted: str
    side_by_side: bool
    steps: tuple[Step, ...]
    done: int
    """How many steps the configuration has behind it."""

    def applied(self, args: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The arguments with a step written into them; steps count from 0."""
        istio = {key: value for key, value in reading.record(args, "istio").items() if key not in _KEYS}
        return {**args, "istio": {**istio, **self.steps[number].istio}}


def upgrade(args: Record, wanted: str, first: str | None = None) -> Upgrade:
    """The way of a valid configuration to the version `wanted`; `first`: the cluster that moves before the others.

    Raises `UpgradeRefused` for a version behind the present one or too far ahead, for an unknown cluster, and while
    another upgrade is under way.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", wanted):
        raise UpgradeRefused(f"{wanted} is not a whole version; write it like  1.31.0")
    mesh = meshes.chosen(args)
    if mesh != meshes.ISTIO:
        raise UpgradeRefused(
            f'the mesh is {mesh}, which has no control planes side by side: write  version: "{wanted}"  under {mesh}, '
            "pulumi up, and then  multimesh restart --stack STACK  for what keeps its old sidecar"
        )
    clusters = sorted(clouds_of(args))
    if first is not None and first not in clusters:
        raise UpgradeRefused(f"--first {first} is not a cluster of the mesh; its clusters: {', '.join(clusters)}")
    if roles.topology(args) != roles.MULTI_PRIMARY or data_plane(args) == AMBIENT:
        return _in_place(args, wanted)
    return _side_by_side(args, wanted, first, clusters)


def _side_by_side(args: Record, wanted: str, first: str | None, clusters: list[str]) -> Upgrade:
    new, there = re.sub(r"[^0-9a-z]+", "-", wanted.lower()), declared(args)
    usual = _usual(args)
    others = {name: wish for name, wish in there.items() if name != new}
    if len(others) > 1:
        said = " and ".join(sorted(others))
        raise UpgradeRefused(f"{said} run side by side: another upgrade is under way; end it, or go back, first")
    if not others and there:
        return Upgrade(wanted, wanted, side_by_side=True, steps=(), done=0)
    old, wish = next(iter(others.items()), (UNNAMED, dict[str, object]()))
    present = reading.text(wish, "version") or usual
    _check_distance(present, wanted, side_by_side=True)
    found = revisions(args, clusters, usual) if there else {}
    moved = [cluster for cluster, has in found.items() if has.default == new]
    steps = _steps(args, (old, present), (new, wanted), _goes_first(first, moved, clusters))
    return Upgrade(present, wanted, side_by_side=True, steps=steps, done=_done(found, new, len(steps)))


def _goes_first(first: str | None, moved: list[str], clusters: list[str]) -> list[str]:
    """The clusters that move before the others: the wished one, or those that have."""
    return moved if 0 < len(moved) < len(clusters) else [first] if first is not None and len(clusters) > 1 else []


def _done(found: Mapping[str, ClusterRevisions], new: str, steps: int) -> int:
    if not any(new in has.versions for has in found.values()):
        return 0
    moved = sum(has.default == new for has in found.values())
    if moved == len(found):
        return steps - 1
    return 2 if moved else 1


def _steps(args: Record, old: tuple[str, str], new: tuple[str, str], first: list[str]) -> tuple[Step, ...]:
    kept = {key: value for key, value in reading.record(args, "istio").items() if key == "version"}
    # Both by number, so that no other default of a newer library changes one of them midway.
    beside = {old[0]: {"version": old[1]}, new[0]: {"version": new[1]}}
    restart = ("$ multimesh restart --stack STACK", "$ istioctl proxy-status")
    steps = [
        Step(
            "the new control plane beside the old one",
            {**kept, "revisions": beside, "default": old[0]},
            f"a second istiod ({new[1]}) in every cluster; no proxy changes",
            (
                "$ kubectl get pods -n istio-system -l app=istiod",
                f'try it with one namespace: mesh.enrol("NAME", revision="{new[0]}"), up, restart its deployments',
            ),
            "write what was there before, up",
        )
    ]
    if first:
        led = {**beside, new[0]: {"version": new[1], "default_in": first}}
        steps.append(
            Step(
                f"{', '.join(first)} first",
                {**kept, "revisions": led, "default": old[0]},
                "its gateways roll to the new version, and its new pods get it",
                (*restart, f"watch {', '.join(first)} for as long as you need to trust it"),
                "take  default_in  out, up, restart",
            )
        )
    steps += [
        Step(
            "all clusters",
            {**kept, "revisions": beside, "default": new[0]},
            "the gateways of all clusters roll to the new version, and new pods get it",
            (*restart, f"go on when proxy-status names no proxy of {old[0]}"),
            f"write  default: {old[0]} , up, restart",
        ),
        Step(
            "the old control plane goes",
            {"revisions": {new[0]: {"version": new[1]}}},
            "its istiod is removed from every cluster",
            (f"$ istioctl analyze --all-namespaces --revision {new[0]}",),
            "an upgrade to the old version is a downgrade: go back before this step",
        ),
    ]
    return tuple(steps)


def _in_place(args: Record, wanted: str) -> Upgrade:
    present = _usual(args)
    if present == wanted:
        return Upgrade(present, wanted, side_by_side=False, steps=(), done=0)
    _check_distance(present, wanted, side_by_side=False)
    step = Step(
        "the control plane changes in place",
        {"version": wanted},
        "base, istiod and gateways of all clusters change; running proxies keep the version that they have",
        (
            "$ istioctl proxy-status",
            "$ kubectl rollout restart deployment,statefulset,daemonset -n NAMESPACE",
        ),
        f"write  version: {present} , up, restart; Istio supports it as long as no newer kind of resource is used",
    )
    return Upgrade(present, wanted, side_by_side=False, steps=(step,), done=0)


def _usual(args: Record) -> str:
    return reading.text(reading.record(args, "istio"), "version") or versions.ISTIO.version


def _check_distance(present: str, wanted: str, *, side_by_side: bool) -> None:
    if ordered(wanted) <= ordered(present):
        raise UpgradeRefused(f"{wanted} is not newer than {present}, which the mesh has")
    major, here = minor(present)
    most = _APART[side_by_side]
    if minor(wanted)[0] != major or minor(wanted)[1] - here > most:
        way = f"{major}.{here + most}"
        raise UpgradeRefused(
            f"from {present} to {wanted} is more than {most} minor version{'s' if most > 1 else ''} at once; "
            f"upgrade to the newest {way} first, then on from there"
        )
