"""`kubernetes:helm.sh/v3:Release`: a chart as one resource.

Owns: the release's properties and life. Does not own: Helm itself (helm.py).
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import yaml
from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.kubernetes.diff import changes
from multimesh_lab.providers.kubernetes.helm import Helm, HelmError, source_of
from multimesh_lab.providers.kubernetes.inputs import split_id, with_secrets
from multimesh_lab.providers.kubernetes.objects import Unhealthy
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

_NAME_IN_USE = re.compile("cannot re-?use a name")

Properties = dict[str, Any]


class BadValues(Exception):
    """A values file that cannot be read."""


def failures(news: Properties) -> list[tuple[str, str]]:
    """What Check refuses without looking at the chart: property and reason."""
    found: list[tuple[str, str]] = []
    if not news.get("chart"):
        found.append(("chart", "a release needs a chart"))
    if news.get("postrender"):
        found.append(("postrender", "Helm 4 takes a plug-in here and no command: not in the lab; remove it"))
    repository = plain(news.get("repositoryOpts") or {})
    given = [key for key in ("username", "password") if isinstance(repository, dict) and repository.get(key)]
    if given:
        reason = "the lab's kubernetes stand-in does not log in to chart repositories; use one that needs no login"
        found.append((f"repositoryOpts.{given[0]}", reason))
    return found


def checked(helm: Helm, news: Properties, olds: Properties, *, urn: str, namespace: str) -> Properties:
    """The whole structure with its defaults; with nothing unknown also the chart's resolved version."""
    result: Properties = {key: _switch(news.get(key)) for key in _SWITCHES}
    result |= {key: news.get(key) or "" for key in _TEXTS}
    result |= {"chart": news["chart"], "version": news.get("version") or "", "values": news.get("values") or {}}
    _fold_files(result, news.get("valueYamlFiles"))
    result["namespace"] = news.get("namespace") or namespace
    result["name"] = news.get("name") or plain(olds.get("name")) or f"{urn.rpartition('::')[2]}-{secrets.token_hex(4)}"
    if news.get("timeout") or not result["skipAwait"]:
        result["timeout"] = news.get("timeout") or 300
    if news.get("maxHistory"):
        result["maxHistory"] = news["maxHistory"]
    if news.get("repositoryOpts"):
        result["repositoryOpts"] = _repository(plain(news["repositoryOpts"]))
    if not has_unknown(result):
        source = source_of(plain(result))
        found = helm.chart(source)
        if not source.mirrored:
            result["version"] = found["version"]
    return result


def _switch(value: Any) -> Any:
    return value if has_unknown(value) else bool(plain(value))


def _repository(given: Any) -> Any:
    return given if has_unknown(given) else {key: given.get(key) or "" for key in _REPOSITORY}


def _fold_files(result: Properties, files: Any) -> None:
    """Values files from left to right, the values themselves on top; the files are no input any more."""
    if not files:
        return
    if has_unknown(files) or has_unknown(result["values"]):
        result["valueYamlFiles"] = files
        return
    merged: Properties = {}
    for asset in plain(files):
        merged = _merged(merged, _values_of(asset))
    values = result["values"]
    over = _merged(merged, plain(values))
    # Which of the leaves were secret is lost in merging only if the values were secret as a whole.
    result["values"] = Secret(over) if isinstance(values, Secret) else with_secrets(over, values)


def _values_of(asset: Mapping[str, Any]) -> Properties:
    try:
        values = yaml.safe_load(asset.get("text") or Path(asset.get("path") or "").read_text()) or {}
    except (OSError, yaml.YAMLError) as fault:
        raise BadValues(f"a values file cannot be read: {fault}") from fault
    if not isinstance(values, dict):
        raise BadValues(f"a values file holds a {type(values).__name__}; a mapping is allowed")
    return cast("Properties", values)


def create(helm: Helm, inputs: Properties) -> tuple[str, Properties]:
    """ID and outputs; a release of that name that is there is refused by Helm."""
    return _id(inputs), _apply(helm, "install", inputs)


def update(helm: Helm, inputs: Properties) -> Properties:
    """The outputs after an upgrade."""
    return _apply(helm, "upgrade", inputs)


def _id(inputs: Properties) -> str:
    return f"{plain(inputs['namespace'])}/{plain(inputs['name'])}"


def _apply(helm: Helm, action: str, inputs: Properties) -> Properties:
    given = cast("Properties", plain(inputs))
    source = source_of(given)
    try:
        helm.apply(action, given["name"], source, given, _merged(given["values"], source.values))
    except HelmError as fault:
        recorded = helm.status(given["name"], given["namespace"])
        # A first installation that Helm has undone leaves nothing, and a name in use is another's release.
        undone = given["atomic"] and action == "install"
        if recorded is None or undone or _NAME_IN_USE.search(str(fault)):
            raise
        reason = f"Helm release {given['name']}: {fault}"
        raise Unhealthy(_id(inputs), outputs(inputs, recorded), inputs, [reason]) from fault
    recorded = helm.status(given["name"], given["namespace"])
    if recorded is None:
        raise HelmError(f"the release {given['name']} is not recorded after {action}")
    return outputs(inputs, recorded)


def read(helm: Helm, inputs: Properties) -> tuple[Properties, Properties] | None:
    """Outputs as the cluster has them now and the inputs unchanged, or None when the release is gone."""
    given = cast("Properties", plain(inputs))
    recorded = helm.status(given["name"], given["namespace"])
    if recorded is None:
        return None
    source = source_of(given)
    live = helm.values(given["name"], given["namespace"])
    seen = dict(inputs)
    if live != _merged(given["values"], source.values):
        seen["values"] = live
    installed = recorded.get("chart", {}).get("metadata", {}).get("version")
    if installed and not source.mirrored:
        seen["version"] = installed
    return {**outputs(seen, recorded), "__inputs": Secret(given)}, inputs


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


def diff(
    state: Properties, old_inputs: Properties, news: Properties, ignored: Sequence[str]
) -> provider_pb2.DiffResponse:
    """Old inputs, as refresh found them changed, against the inputs of now; only name and namespace replace."""
    before, after = plain(old_inputs), plain(news)
    before |= {key: plain(state[key]) for key in ("values", "version") if key in state}
    found = {str(path[0]) for path, _ in changes(before, after)} - {step for step in ignored if step == "version"}
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=sorted(found & {"name", "namespace"}),
        diffs=sorted(found),
    )


def imported(resource_id: str) -> Properties:
    """What is known of a release of which there is only the ID: the chart is guessed to be called like it."""
    namespace, name = split_id(resource_id)
    return {"name": name, "namespace": namespace, "chart": name, "version": "", "values": {}}


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
