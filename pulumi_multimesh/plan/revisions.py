"""Which versions of the control plane run side by side in which cluster, and which of them new pods get.

Owns: from the declaration of revisions to what each cluster has. Does not own: whether the declaration is right
(rules/istio_revisions.py), and what it is written into (istio/revisions.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

UNNAMED = "default"
"""The revision of a control plane that was installed without one; Istio calls it so too."""


@dataclass(frozen=True)
class ClusterRevisions:
    """The control planes of one cluster."""

    versions: dict[str, str]
    """By revision: the version of its charts."""
    default: str
    """The revision that gateways have, and every new pod that names none."""

    @property
    def newest(self) -> str:
        """The version of what revisions share, which newer ones extend and older ones can read."""
        found = set(self.versions.values())
        return found.pop() if len(found) == 1 else max(found, key=ordered)


def declared(args: Record) -> dict[str, Record]:
    """The declaration, by revision."""
    return reading.records(reading.record(args, "istio"), "revisions")


def revisions(args: Record, clusters: Iterable[str], version: str) -> dict[str, ClusterRevisions]:
    """By cluster: its control planes; none where no revision is declared. `version`: of those that name none."""
    wanted = declared(args)
    if not wanted:
        return {}
    versions = {name: reading.text(wish, "version") or version for name, wish in wanted.items()}
    return {
        cluster: ClusterRevisions(
            {name: versions[name] for name, wish in wanted.items() if runs_in(wish, cluster)},
            default_of(args, wanted, cluster) or min(wanted),
        )
        for cluster in clusters
    }


def runs_in(wish: Record, cluster: str) -> bool:
    """Whether the revision runs in the cluster: in each, unless it names some."""
    return "clusters" not in wish or cluster in reading.texts(wish, "clusters")


def default_of(args: Record, wanted: Mapping[str, Record], cluster: str) -> str | None:
    """The revision that is the default of a cluster: its own or, without one, the mesh's; the only one there is."""
    own = next((name for name, wish in wanted.items() if cluster in reading.texts(wish, "default_in")), None)
    return own or reading.text(reading.record(args, "istio"), "default") or (min(wanted) if len(wanted) == 1 else None)


def ordered(version: str) -> tuple[tuple[int, ...], bool, str]:
    """A key by which semantic versions sort; one that leads to a release comes before it."""
    core, _, before = version.partition("+")[0].partition("-")
    return tuple(int(part) for part in core.split(".")), not before, before


def minor(version: str) -> tuple[int, int]:
    """Major and minor."""
    major, minor, *_ = ordered(version)[0]
    return major, minor
