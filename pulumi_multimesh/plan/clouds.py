"""Which cloud a cluster is of.

Owns: the table by kind. Does not own: what a cloud can do.
"""

from collections.abc import Mapping

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

CLOUDS: Mapping[str, str] = {"gke": "gcp", "eks": "aws", "aks": "azure", "oke": "oci"}
"""By kind of cluster; an existing cluster says it itself."""


def cloud_of(kind: str, wish: Record) -> str:
    """`gcp`, `aws`, `azure`, `oci` or `none`."""
    return CLOUDS.get(kind) or reading.text(wish, "cloud") or "none"


def clouds_of(args: Record) -> dict[str, str]:
    """By cluster: its cloud."""
    return {name: cloud_of(kind, wish) for kind, name, wish in reading.clusters(args)}
