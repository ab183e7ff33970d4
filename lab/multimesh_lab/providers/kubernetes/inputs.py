"""What Check makes of a program's inputs.

Owns: names, default namespace, normal form. Does not own: any call to the API server.
The real provider also sends built-in kinds through their Go types, by which misspelt fields and zero values vanish;
that is not done here: what the server drops shows as a difference, and a field that it does not know as its own error.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, cast

from multimesh_lab.providers.wire import Secret, has_secret, has_unknown, plain

AUTONAMED = "pulumi.com/autonamed"
_READ_ONLY = (
    "uid",
    "resourceVersion",
    "generation",
    "managedFields",
    "creationTimestamp",
    "deletionTimestamp",
    "selfLink",
)

Properties = dict[str, Any]


def checked(
    news: Properties,
    olds: Properties,
    *,
    urn: str,
    seed: bytes,
    default_namespace: str | None,
    namespaced: bool,
) -> Properties:
    """The inputs as the engine is to keep them. Metadata that is unknown as a whole stays so."""
    result = _open_keys(news)
    metadata = result.get("metadata", {})
    if isinstance(metadata, Mapping):
        metadata = dict(cast("Mapping[str, Any]", metadata))
        for key in _READ_ONLY:
            metadata.pop(key, None)
        _name(metadata, olds, urn, seed)
        if namespaced and default_namespace and not metadata.get("namespace"):
            metadata["namespace"] = default_namespace
        result["metadata"] = metadata
    if result.get("kind") == "Secret" and result.get("apiVersion") == "v1":
        _fold_string_data(result)
    return result


def _open_keys(news: Properties) -> Properties:
    """SDK names such as `x_kubernetes_…` are the API's `x-kubernetes-…`; nulls are no values."""
    return {key: _normal(value) for key, value in news.items() if value is not None}


def _normal(value: Any) -> Any:
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return {
            key.replace("_", "-") if key.startswith("x_kubernetes_") else key: _normal(item)
            for key, item in items
            if item is not None
        }
    if isinstance(value, list):
        return [_normal(item) for item in cast("list[Any]", value)]
    return value


def _name(metadata: Properties, olds: Properties, urn: str, seed: bytes) -> None:
    if metadata.get("name"):
        return
    old = plain(olds.get("metadata", {}))
    if olds:
        # Only a name that was drawn is kept for an object that has none now.
        if old.get("annotations", {}).get(AUTONAMED) != "true":
            return
        metadata["name"] = old["name"]
    else:
        suffix = hashlib.sha256(seed or urn.encode()).hexdigest()[:8]
        metadata["name"] = f"{urn.rpartition('::')[2]}-{suffix}"
    annotations = metadata.get("annotations", {})
    if isinstance(annotations, Mapping):
        metadata["annotations"] = {**cast("Mapping[str, Any]", annotations), AUTONAMED: "true"}


def _fold_string_data(result: Properties) -> None:
    """The API server folds `stringData` into `data`; folding it here keeps the two from differing ever after."""
    text = result.get("stringData")
    if text is None or has_unknown(text) or has_unknown(result.get("data")):
        return
    secret = has_secret(text) or has_secret(result.get("data"))
    data = dict(plain(result.get("data") or {}))
    for key, value in plain(text).items():
        data[key] = base64.b64encode(str(value).encode()).decode()
    del result["stringData"]
    result["data"] = Secret(data) if secret else data


def object_id(inputs: Properties, *, namespaced: bool) -> str:
    """`namespace/name`, or the name alone."""
    metadata = inputs["metadata"]
    return f"{metadata.get('namespace') or 'default'}/{metadata['name']}" if namespaced else metadata["name"]


def split_id(resource_id: str) -> tuple[str, str]:
    """Namespace (empty for cluster scope) and name."""
    namespace, _, name = resource_id.rpartition("/")
    return namespace, name


def with_secrets(outputs: Properties, inputs: Properties) -> Properties:
    """The outputs with what was secret in the inputs secret again; a Secret's data always is."""
    if outputs.get("kind") == "Secret":
        return {key: Secret(plain(value)) if key in ("data", "stringData") else value for key, value in outputs.items()}
    return cast("Properties", _marked(outputs, inputs))


def _marked(output: Any, given: Any) -> Any:
    if isinstance(given, Secret):
        return Secret(plain(output))
    if isinstance(output, Mapping) and isinstance(given, Mapping):
        known = cast("Mapping[str, Any]", given)
        return {key: _marked(value, known.get(key)) for key, value in cast("Mapping[str, Any]", output).items()}
    if isinstance(output, list) and has_secret(given):
        return Secret(plain(output))
    return output
