"""`kubernetes:helm.sh/v3:Release`: a chart as one resource.

Owns: the release's properties and life. Does not own: Helm itself (helm.py).
"""

import secrets
from collections.abc import Mapping
from typing import Any, cast

import yaml

from multimesh_lab.providers.kubernetes.helm import Helm, HelmError, source_of
from multimesh_lab.providers.kubernetes.inputs import with_secrets
from multimesh_lab.providers.wire import Secret, has_unknown, plain

TOKEN = "kubernetes:helm.sh/v3:Release"

_SWITCHES = [
    "allowNullValues",
    "atomic",
    "cleanupOnFail",
    "createNamespace",
    "dependencyUpdate",
    "devel",
    "disableCRDHooks",
    "disableOpenapiValidation",
    "disableWebhooks",
    "forceUpdate",
    "lint",
    "recreatePods",
    "renderSubchartNotes",
    "replace",
    "resetValues",
    "reuseValues",
    "skipAwait",
    "skipCrds",
    "verify",
    "waitForJobs",
]
_TEXTS = ("description", "keyring", "postrender")
_REPOSITORY = ("caFile", "certFile", "keyFile", "password", "repo", "username")

Properties = dict[str, Any]


class Unhealthy(Exception):
    """The release is recorded but failed; carries its outputs."""

    def __init__(self, outputs: Properties, reason: str) -> None:
        super().__init__(reason)
        self.outputs = outputs


def checked(helm: Helm, news: Properties, olds: Properties, *, urn: str, namespace: str) -> Properties:
    """The whole structure with its defaults; with nothing unknown also the chart's resolved version."""
    result: Properties = {key: bool(plain(news.get(key)) or False) for key in _SWITCHES}
    result |= {key: news.get(key) or "" for key in _TEXTS}
    result |= {
        "chart": news["chart"],
        "version": news.get("version") or "",
        "values": news.get("values") or {},
    }
    result["namespace"] = news.get("namespace") or namespace
    result["name"] = news.get("name") or plain(olds.get("name")) or f"{urn.rpartition('::')[2]}-{secrets.token_hex(4)}"
    if not result["skipAwait"]:
        result["timeout"] = news.get("timeout") or 300
    elif news.get("timeout"):
        result["timeout"] = news["timeout"]
    if news.get("maxHistory"):
        result["maxHistory"] = news["maxHistory"]
    if news.get("repositoryOpts"):
        given = cast("Mapping[str, Any]", plain(news["repositoryOpts"]))
        result["repositoryOpts"] = {key: given.get(key) or "" for key in _REPOSITORY}
        if result["repositoryOpts"]["password"]:
            result["repositoryOpts"]["password"] = Secret(result["repositoryOpts"]["password"])
    if not has_unknown(result):
        source = source_of(plain(result))
        found = helm.chart(source)
        if not source.mirrored:
            result["version"] = found["version"]
    return result


def install(helm: Helm, inputs: Properties) -> Properties:
    """Install; a release of that name that is there is refused by Helm."""
    return _apply(helm, "install", inputs)


def upgrade(helm: Helm, inputs: Properties) -> Properties:
    return _apply(helm, "upgrade", inputs)


def _apply(helm: Helm, action: str, inputs: Properties) -> Properties:
    given = cast("Properties", plain(inputs))
    source = source_of(given)
    try:
        helm.apply(action, given["name"], source, given, _merged(given["values"], source.values))
    except HelmError as fault:
        recorded = helm.status(given["name"], given["namespace"])
        if recorded is None or given["atomic"] or "cannot re-use a name" in str(fault):
            raise
        raise Unhealthy(outputs(inputs, recorded), f"Helm release {given['name']}: {fault}") from fault
    recorded = helm.status(given["name"], given["namespace"])
    if recorded is None:
        raise HelmError(f"the release {given['name']} is not recorded after {action}")
    return outputs(inputs, recorded)


def read(helm: Helm, inputs: Properties) -> Properties | None:
    """The outputs as the cluster has them now, or None when the release is gone."""
    given = cast("Properties", plain(inputs))
    recorded = helm.status(given["name"], given["namespace"])
    if recorded is None:
        return None
    laid_over = source_of(given).values
    live = helm.values(given["name"], given["namespace"])
    drifted = live != _merged(given["values"], laid_over)
    return outputs({**inputs, "values": live} if drifted else inputs, recorded)


def outputs(inputs: Properties, recorded: Mapping[str, Any]) -> Properties:
    """Inputs, the status, and the names of what the chart made."""
    info, chart = recorded.get("info", {}), recorded.get("chart", {}).get("metadata", {})
    given = plain(inputs)
    result = {
        **given,
        "status": {
            "name": recorded["name"],
            "namespace": recorded["namespace"],
            "revision": recorded["version"],
            "chart": chart.get("name", given["chart"]),
            "version": chart.get("version", given["version"]),
            "appVersion": chart.get("appVersion", ""),
            "status": info.get("status", ""),
        },
        "resourceNames": resource_names(recorded.get("manifest", "")),
    }
    return {**with_secrets(result, inputs), "__inputs": Secret(given)}


def resource_names(manifest: str) -> dict[str, list[str]]:
    """`Kind.group/apiVersion` → names, with the namespace where the manifest states one."""
    names: dict[str, list[str]] = {}
    for document in yaml.safe_load_all(manifest):
        if not document or "kind" not in document:
            continue
        version = document["apiVersion"]
        group = version.rpartition("/")[0]
        key = f"{document['kind']}.{group}/{version}" if group else f"{document['kind']}/{version}"
        metadata = document["metadata"]
        name = f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else metadata["name"]
        names.setdefault(key, []).append(name)
    return {key: sorted(found) for key, found in sorted(names.items())}


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Properties:
    """Helm's rule: maps by key, all else replaced."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        nested = isinstance(below, Mapping) and isinstance(value, Mapping)
        result[key] = _merged(cast("Mapping[str, Any]", below), value) if nested else value
    return result
