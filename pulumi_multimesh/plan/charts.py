"""Where a mesh's charts come from.

Owns: the keys, and what follows from them. Does not own: whether values are right (rules/charts.py).
"""

from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.versions import ChartSource

CHARTS: Fields = {"repository": Field(Kind.TEXT)}


@dataclass(frozen=True)
class ChartsPlan:
    """The charts of one mesh."""

    repository: str
    version: str


def charts(mesh: Record, unless_given: ChartSource) -> ChartsPlan:
    """What a mesh's valid arguments say of its charts."""
    return ChartsPlan(
        reading.text(reading.record(mesh, "charts"), "repository") or unless_given.repository,
        reading.text(mesh, "version") or unless_given.version,
    )
