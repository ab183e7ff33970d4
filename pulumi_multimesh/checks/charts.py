"""Checks of Helm releases: that what is installed is what was reviewed.

Owns: charts' versions, sources and values. Does not own: what charts install.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import UNREAD, Item, all_texts, at, text
from pulumi_multimesh.checks.secret_texts import holds_secret

_TYPES = ("kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v?:Chart")
_WHOLE = re.compile(r"v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?")
_SCHEME = re.compile(r"(?i)http:")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _unpinned(item: Item) -> Iterable[str]:
    version = at(item.properties, "version")
    if version is UNREAD or text(item.properties, "chart").startswith((".", "/")):
        return
    if not version:
        yield f"{text(item.properties, 'chart')} has no version: each update may bring another"
    elif isinstance(version, str) and not _WHOLE.fullmatch(version):
        yield f"{text(item.properties, 'chart')} has the range {version}: each update may bring another"


def _in_the_clear(item: Item) -> Iterable[str]:
    for address in (
        text(item.properties, "repositoryOpts", "repo"),
        text(item.properties, "fetchOpts", "repo"),
        text(item.properties, "chart"),
    ):
        # What never leaves the machine cannot be changed on its way.
        if _SCHEME.match(address) and _host(address) not in _LOOPBACK:
            yield f"comes from {address}, and whoever is on the way can change it"


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _carries(item: Item) -> Iterable[str]:
    for path, value in all_texts(at(item.properties, "values"), "values"):
        if holds_secret(value):
            yield f"{path} has a private key or a token in it"


CHECKS = (
    Check(
        id="chart-unpinned",
        level=Level.MANDATORY,
        title="A chart has one version.",
        why="Without one an `up` that should change nothing brings whatever was released since, unreviewed.",
        remedy="Write a whole version, such as `1.30.3`.",
        source="https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/#version_python",
        types=_TYPES,
        look=_unpinned,
    ),
    Check(
        id="chart-by-http",
        level=Level.MANDATORY,
        title="Charts come by https.",
        why="A chart says what runs with which rights; who changes it on its way has the cluster.",
        remedy="Give a repository with https, or an OCI registry.",
        source="https://helm.sh/docs/topics/chart_repository/",
        types=_TYPES,
        look=_in_the_clear,
    ),
    Check(
        id="chart-secret-in-values",
        level=Level.MANDATORY,
        title="No key or token is among a chart's values.",
        why="Helm keeps all values of each revision in a Secret that lies in the cluster for as long as its history.",
        remedy="Make a `Secret` beside the release, and give the chart its name.",
        source="https://helm.sh/docs/topics/advanced/#storage-backends",
        types=_TYPES,
        look=_carries,
    ),
)
