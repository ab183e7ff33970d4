"""Rules of revisions: names, versions that can run side by side, and a default for every cluster.

Owns: `istio.revisions` and `istio.default`. Does not own: what follows from them (plan/revisions.py).
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

from pulumi_multimesh import versions
from pulumi_multimesh.plan import reading, roles
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.revisions import declared, default_of, minor, runs_in
from pulumi_multimesh.plan.rules.text import is_label, is_semver

_LONGEST = 40
"""Of a revision's name, which is part of names with 63 characters at most."""
_APART = 2
"""Minor versions; istio.io, "Canary Upgrades": with revisions an upgrade may skip one."""


def revision_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the revisions."""
    istio, wanted = reading.record(args, "istio"), declared(args)
    default = reading.text(istio, "default")
    if not wanted:
        if "default" in istio:
            problem = "has no effect without revisions"
            yield Fault("istio.default", default, problem, "only beside revisions", "remove it, or add  revisions")
        return
    topology = roles.topology(args)
    if topology != roles.MULTI_PRIMARY:
        problem = f"are for control planes of a cluster's own; with topology: {topology} others are led to one address"
        remedy = "remove them and change  istio.version , or write  topology: multi-primary"
        yield Fault("istio.revisions", None, problem, f"only beside topology: {roles.MULTI_PRIMARY}", remedy)
        return
    if default is not None and default not in wanted:
        allowed = f"a revision: {', '.join(wanted)}"
        yield Fault("istio.default", default, "is not a revision of the mesh", allowed, "correct it")
    for name, wish in wanted.items():
        yield from _own_faults(args, name, wish)
    yield from _version_faults(istio, wanted)
    yield from _default_faults(args, wanted)


def _own_faults(args: Record, name: str, wish: Record) -> Iterator[Fault]:
    path, clusters = f"istio.revisions.{name}", sorted(clouds_of(args))
    # A revision is often called after its version, so it may start with a digit.
    if not is_label(f"r{name}") or len(name) > _LONGEST:
        allowed = f"1 to {_LONGEST} lower-case letters, digits and dashes"
        yield Fault(path, None, "is not a revision's name", allowed, "write it like  1-30-3")
    version = reading.text(wish, "version")
    if version is not None and not is_semver(version):
        allowed = "a whole version, such as 1.30.3"
        yield Fault(f"{path}.version", version, "is not a version", allowed, "write it like  1.30.3")
    for key in ("clusters", "default_in"):
        for position, cluster in enumerate(reading.texts(wish, key)):
            at = f"{path}.{key}[{position}]"
            if cluster not in clusters:
                yield Fault(at, cluster, "is not a cluster of the mesh", ", ".join(clusters), "correct the name")
            elif key == "default_in" and not runs_in(wish, cluster):
                problem = "does not have the revision, so its pods would get no sidecar"
                yield Fault(at, cluster, problem, "a cluster of its  clusters", f"add {cluster} to {path}.clusters")


def _version_faults(istio: Record, wanted: Mapping[str, Record]) -> Iterator[Fault]:
    usual = reading.text(istio, "version") or versions.ISTIO.version
    found = {name: reading.text(wish, "version") or usual for name, wish in wanted.items()}
    whole = {name: version for name, version in found.items() if is_semver(version)}
    for (one, first), (other, second) in combinations(whole.items(), 2):
        (major, lower), (other_major, higher) = sorted((minor(first), minor(second)))
        if major != other_major or higher - lower > _APART:
            problem = f"is {second}, too far from {one} with {first}: each reads what the other's clusters say"
            allowed = f"versions {_APART} minors apart at most"
            yield Fault(f"istio.revisions.{other}.version", second, problem, allowed, "go by a version between the two")


def _default_faults(args: Record, wanted: Mapping[str, Record]) -> Iterator[Fault]:
    """Every cluster has one default, which runs in it."""
    undecided, stranded = list[str](), list[str]()
    for cluster in sorted(clouds_of(args)):
        claims = [name for name, wish in wanted.items() if cluster in reading.texts(wish, "default_in")]
        for name in claims[1:]:
            path, problem = (
                f"istio.revisions.{name}.default_in",
                f"names {cluster}, whose default is {claims[0]} already",
            )
            yield Fault(path, None, problem, "each cluster once", "remove one of the two")
        default = default_of(args, wanted, cluster)
        if default is None:
            undecided.append(cluster)
        elif not claims and default in wanted and not runs_in(wanted[default], cluster):
            stranded.append(cluster)
    if undecided:
        problem = f"is missing: {', '.join(undecided)} would have several revisions, of which new pods get one"
        yield Fault("istio.default", None, problem, f"a revision: {', '.join(wanted)}", f"add  default: {min(wanted)}")
    if stranded:
        default = reading.text(reading.record(args, "istio"), "default") or min(wanted)
        problem = f"does not run in {', '.join(stranded)}, whose new pods would get no sidecar"
        remedy = f"add them to istio.revisions.{default}.clusters, or to another revision's  default_in"
        yield Fault("istio.default", default, problem, "a revision that runs in the cluster", remedy)
