"""Where a control plane of Istio is, as a release in a stack or as a Deployment in a cluster.

Owns: finding it. Does not own: any check.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pulumi_multimesh.checks.item import Item, at, items, text
from pulumi_multimesh.checks.pods import containers

_ELSEWHERE = "LOCAL_CLUSTER_SECRET_WATCHER"
"""By it an external control plane reads another cluster's configuration, and only Secrets in its own."""


class Istiod(NamedTuple):
    """A control plane that reads the configuration of the cluster that it is in."""

    item: Item
    namespace: str


def istiods(found: Sequence[Item]) -> Iterator[Istiod]:
    """Of items of one cluster; one that serves other clusters only, or stands for one elsewhere, is none of these."""
    for item in found:
        if item.kind == "Deployment":
            if item.labels.get("app") == "istiod" and not _serves_elsewhere(item):
                yield Istiod(item, item.namespace)
        elif text(item.properties, "chart").endswith("istiod") and not _is_remote(item):
            yield Istiod(item, text(item.properties, "namespace"))


def _is_remote(release: Item) -> bool:
    values = at(release.properties, "values")
    remote = text(values, "profile") == "remote" or at(values, "istiodRemote", "enabled") is True
    return remote or text(values, "env", _ELSEWHERE) == "true"


def _serves_elsewhere(deployment: Item) -> bool:
    """Whether it has the variable that `_is_remote` looks for in a release."""
    return any(
        text(variable, "name") == _ELSEWHERE and text(variable, "value") == "true"
        for _, container in containers(deployment)
        for variable in items(container, "env")
    )
