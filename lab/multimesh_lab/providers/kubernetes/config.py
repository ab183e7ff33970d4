"""The provider's own configuration: what it means, and which change makes it another cluster.

Owns: Configure's options and DiffConfig's rules. Does not own: talking to the cluster.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from multimesh_lab.providers.wire import has_unknown, plain

Properties = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """The options that this stand-in knows."""

    kubeconfig: str
    context: str | None
    namespace: str | None
    secret_mutable: bool
    config_map_mutable: bool
    upsert: bool
    force: bool
    delete_unreachable: bool
    skip_update_unreachable: bool


def options(inputs: Properties) -> Options:
    """Read from the configured inputs; a kubeconfig may be its text or a file's path."""
    given = plain(inputs)

    def switched(key: str) -> bool:
        return str(given.get(key, "")).lower() == "true"

    return Options(
        kubeconfig=_text(given.get("kubeconfig") or ""),
        context=given.get("context") or None,
        namespace=given.get("namespace") or None,
        secret_mutable=switched("enableSecretMutable"),
        config_map_mutable=switched("enableConfigMapMutable"),
        upsert=switched("upsertExistingObjects"),
        force=switched("enablePatchForce"),
        delete_unreachable=switched("deleteUnreachable"),
        skip_update_unreachable=switched("skipUpdateUnreachable"),
    )


def _text(kubeconfig: str) -> str:
    if kubeconfig and "\n" not in kubeconfig and not kubeconfig.lstrip().startswith("{"):
        path = Path(kubeconfig).expanduser()
        if path.is_file():
            return path.read_text()
    return kubeconfig


def changed_keys(olds: Properties, news: Properties) -> list[str]:
    """Every key that differs."""
    old, new = plain(olds), plain(news)
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))


def replacing_keys(olds: Properties, news: Properties) -> list[str]:
    """The keys whose change means another cluster, so that all in it is replaced."""
    old, new, changed = plain(olds), plain(news), changed_keys(olds, news)
    before, after = old.get("clusterIdentifier"), new.get("clusterIdentifier")
    if before and after:
        return ["clusterIdentifier"] if before != after else []
    replacing: list[str] = []
    active_differs = _active_cluster(old) != _active_cluster(new)
    for key in ("kubeconfig", "context", "cluster"):
        if key in changed and (has_unknown(new.get(key)) or active_differs):
            replacing.append(key)
    return replacing


def _active_cluster(inputs: Properties) -> Any:
    """The cluster entry that is talked to; users and tokens are no part of it."""
    if has_unknown(inputs):
        return None
    try:
        document = yaml.safe_load(_text(inputs.get("kubeconfig") or "")) or {}
        current = inputs.get("context") or document.get("current-context")
        contexts = {entry["name"]: entry["context"] for entry in document.get("contexts", [])}
        name = inputs.get("cluster") or contexts[current]["cluster"]
        return next(entry["cluster"] for entry in document.get("clusters", []) if entry["name"] == name)
    except (KeyError, StopIteration, TypeError, AttributeError, yaml.YAMLError):
        return None
