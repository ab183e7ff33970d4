"""A mesh's charts as Helm releases.

Owns: how a chart is installed. Does not own: its values, which belong to what is installed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi_kubernetes as k8s


@dataclass(frozen=True)
class Charts:
    """Where the charts come from, and what the user wants on top of the library's values."""

    repository: str
    version: str
    values: Mapping[str, Mapping[str, Any]]
    """By chart."""
    namespace: str
    """Where they are installed: the mesh's own."""

    def release(
        self,
        logical_name: str,
        chart: str,
        name: str,
        values: Mapping[str, Any],
        opts: pulumi.ResourceOptions,
        namespace: str | None = None,
    ) -> k8s.helm.v3.Release:
        """The chart as a release of that name; the user's values win over the library's.

        `namespace`: the mesh's own unless given.
        """
        return k8s.helm.v3.Release(
            logical_name,
            name=name,
            namespace=namespace or self.namespace,
            chart=chart,
            version=self.version,
            repository_opts={"repo": self.repository},
            values=merged(values, self.values.get(chart, {})),
            # Ten revisions are enough to roll back; without a limit each upgrade leaves a Secret behind for good.
            max_history=10,
            timeout=600,
            opts=opts,
        )


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Helm's own rule: maps merge by key, everything else is replaced."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            result[key] = merged(cast("Mapping[str, Any]", below), cast("Mapping[str, Any]", value))
        else:
            result[key] = value
    return result
