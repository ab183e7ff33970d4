"""Rules of a mesh's charts, whichever mesh: their version, their repository, and values for charts that there are.

Owns: `version`, `charts` and `values` under a mesh's key. Does not own: which charts a mesh has.
"""

import re
from collections.abc import Iterator, Sequence

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.text import is_semver


def chart_faults(mesh: str, wish: Record, its_charts: Sequence[str], example: str) -> Iterator[Fault]:
    """Faults of a mesh's charts; `example` is a version as it has to be written."""
    version = reading.text(wish, "version")
    if version is not None and not is_semver(version):
        bare = version.removeprefix("v")
        remedy = f"write  {bare}" if is_semver(bare) else f"write it like  {example}, or leave it out"
        yield Fault(f"{mesh}.version", version, "is not a version", f"a whole version, such as {example}", remedy)
    repository = reading.text(reading.record(wish, "charts"), "repository")
    if repository is not None and not re.fullmatch(r"(https?|file)://\S+", repository):
        problem = "is not a Helm repository"
        if repository.startswith("oci://"):
            problem = "is an OCI registry, which this version cannot read charts from"
        allowed = "the URL of a Helm repository, starting with https://"
        yield Fault(f"{mesh}.charts.repository", repository, problem, allowed, "leave it out for the project's own")
    for chart in reading.record(wish, "values"):
        if chart not in its_charts:
            remedy = "move the values under the chart that they are for"
            yield Fault(f"{mesh}.values.{chart}", None, "is not a chart of the mesh", ", ".join(its_charts), remedy)
