"""The provider's own configuration: what it means, and which change makes it another cluster.

Owns: Configure's options, CheckConfig's and DiffConfig's rules. Does not own: talking to the cluster.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from multimesh_lab.providers.wire import has_unknown, plain

Properties = dict[str, Any]

_ENVIRONMENT = {
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
    "skipUpdateUnreachable": "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
    "enableServerSideApply": "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "upsertExistingObjects": "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
}


@dataclass(frozen=True)
class Options:
    """The options that this stand-in knows."""

    kubeconfig: str
    """As text, with the chosen context as its current one."""
    namespace: str | None
    secret_mutable: bool
    config_map_mutable: bool
    upsert: bool
    force: bool
    delete_unreachable: bool
    skip_update_unreachable: bool


def options(inputs: Properties) -> Options:
    """Read from the configured inputs, which win over the environment."""
    given = plain(inputs)
    return Options(
        kubeconfig=_chosen(given),
        namespace=given.get("namespace") or None,
        secret_mutable=_switched(given, "enableSecretMutable"),
        config_map_mutable=_switched(given, "enableConfigMapMutable"),
        upsert=_switched(given, "upsertExistingObjects"),
        force=_switched(given, "enablePatchForce"),
        delete_unreachable=_switched(given, "deleteUnreachable"),
        skip_update_unreachable=_switched(given, "skipUpdateUnreachable"),
    )


def _switched(given: Mapping[str, Any], key: str, default: str = "") -> bool:
    value = given.get(key)
    if value is None:
        value = os.environ.get(_ENVIRONMENT.get(key, ""), default)
    return str(value).lower() == "true"


def _chosen(given: Mapping[str, Any]) -> str:
    """The kubeconfig with `context` and `cluster` applied, so that Helm and the API client see one and the same."""
    text, context, cluster = _text(given.get("kubeconfig") or ""), given.get("context"), given.get("cluster")
    if not context and not cluster:
        return text
    try:
        document: Any = yaml.safe_load(text)
        document["current-context"] = context or document["current-context"]
        for entry in document["contexts"]:
            if cluster and entry["name"] == document["current-context"]:
                entry["context"]["cluster"] = cluster
    except (yaml.YAMLError, KeyError, TypeError):
        return text
    return yaml.safe_dump(document)


def _text(kubeconfig: str) -> str:
    if kubeconfig and "\n" not in kubeconfig and not kubeconfig.lstrip().startswith("{"):
        path = Path(kubeconfig).expanduser()
        if path.is_file():
            return path.read_text()
    return kubeconfig


def failures(inputs: Properties, provider_name: str) -> list[tuple[str, str]]:
    """What is wrong with the configuration: property and reason."""
    given, found = plain(inputs), list[tuple[str, str]]()
    if not _switched(given, "enableServerSideApply", "true") and not has_unknown(given.get("enableServerSideApply")):
        reason = "client-side apply is not in the lab's kubernetes stand-in; leave it unset or set it to true"
        found.append(("enableServerSideApply", reason))
    if given.get("renderYamlToDirectory"):
        reason = "rendering to files is not in the lab's kubernetes stand-in; remove it to apply to a cluster"
        found.append(("renderYamlToDirectory", reason))
    if _switched(given, "strictMode"):
        if provider_name.startswith("default"):
            found.append(("strictMode", "strict mode forbids the default provider; pass a provider to each resource"))
        found += [(key, f"strict mode requires {key!r}") for key in ("kubeconfig", "context") if not given.get(key)]
    return found


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
    was, now = _active_cluster(old), _active_cluster(new)
    # One that cannot be read says nothing about being another cluster.
    moved = was is not None and now is not None and was != now
    keys = ("kubeconfig", "context", "cluster")
    return [key for key in keys if key in changed and (moved or has_unknown(new.get(key)))]


def _active_cluster(inputs: Mapping[str, Any]) -> Any:
    """The cluster entry that is talked to; users and tokens are no part of it."""
    kubeconfig, context, cluster = (inputs.get(key) for key in ("kubeconfig", "context", "cluster"))
    if has_unknown([kubeconfig, context, cluster]):
        return None
    try:
        document = yaml.safe_load(_text(kubeconfig or ""))
        contexts = {entry["name"]: entry["context"] for entry in document["contexts"]}
        name = cluster or contexts[context or document["current-context"]]["cluster"]
        return next(entry["cluster"] for entry in document["clusters"] if entry["name"] == name)
    except (KeyError, StopIteration, TypeError, yaml.YAMLError):
        return None
