"""What Check makes of a program's inputs.

Owns: names, default namespace, folding, secrets. Does not own: the form of values (normal_form), any call.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from multimesh_lab.providers.kubernetes.normal_form import normal
from multimesh_lab.providers.wire import UNKNOWN, Secret, has_secret, has_unknown, plain

AUTONAMED = "pulumi.com/autonamed"
_READ_ONLY = (
    "uid",
    "resourceVersion",
    "generation",
    "managedFields",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "selfLink",
)

Properties = dict[str, Any]


@dataclass(frozen=True)
class Naming:
    """What a name is made of when the program gives none."""

    urn: str
    seed: bytes
    proposed: str = ""
    """The engine's own proposal, taken as it is."""

    def draw(self) -> str:
        if self.proposed:
            return self.proposed
        return f"{self.urn.rpartition('::')[2]}-{hashlib.sha256(self.seed or self.urn.encode()).hexdigest()[:8]}"


def failures(news: Properties, *, patch: bool, may_draw: bool) -> list[tuple[str, str]]:
    """What Check refuses: property and reason."""
    kind, metadata = str(news.get("kind", "")), plain(news.get("metadata") or {})
    metadata = cast("Properties", metadata) if isinstance(metadata, dict) else {"name": UNKNOWN}
    found: list[tuple[str, str]] = []
    if not kind or not news.get("apiVersion"):
        found.append(("kind", "an object needs both apiVersion and kind"))
    if kind.endswith("List") and "items" in news:
        found.append(("kind", f"{kind} is a list; declare each of its items as a resource of its own"))
    if metadata.get("generateName"):
        reason = "server-side apply cannot use generateName; leave out metadata.name too and a name is drawn"
        found.append(("metadata.generateName", reason))
    elif not metadata.get("name") and patch:
        found.append(("metadata.name", "a Patch resource needs the name of the object that it patches"))
    elif not metadata.get("name") and not may_draw:
        found.append(("metadata.name", "automatic naming is disabled for this resource, so a name is required"))
    return found


def checked(
    news: Properties, olds: Properties, naming: Naming, *, default_namespace: str | None, namespaced: bool
) -> Properties:
    """The inputs as the engine is to keep them. Metadata that is unknown as a whole stays so."""
    result = _open_keys(news)
    metadata = result.get("metadata", {})
    if isinstance(metadata, Mapping):
        metadata = dict(cast("Mapping[str, Any]", metadata))
        for key in _READ_ONLY:
            metadata.pop(key, None)
        _name(metadata, olds, naming)
        if namespaced and default_namespace and not metadata.get("namespace"):
            metadata["namespace"] = default_namespace
        result["metadata"] = metadata
    if result.get("kind") == "Secret" and result.get("apiVersion") == "v1":
        _fold_string_data(result)
    return with_secrets(normal(result), {})


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


def _name(metadata: Properties, olds: Properties, naming: Naming) -> None:
    if metadata.get("name"):
        return
    old = plain(olds.get("metadata") or {})
    if olds:
        # Only a name that was drawn is kept for an object that has none now.
        if (old.get("annotations") or {}).get(AUTONAMED) != "true":
            return
        metadata["name"] = old["name"]
    else:
        metadata["name"] = naming.draw()
    annotations = metadata.get("annotations", {})
    if isinstance(annotations, Mapping):
        metadata["annotations"] = {**cast("Mapping[str, Any]", annotations), AUTONAMED: "true"}


def _fold_string_data(result: Properties) -> None:
    """The API server folds `stringData` into `data`; folding it here keeps the two from differing ever after."""
    text = result.get("stringData")
    if text is None or has_unknown(text) or has_unknown(result.get("data")):
        return
    data, texts = plain(result.get("data") or {}), plain(text)
    if not (isinstance(data, Mapping) and isinstance(texts, Mapping)):
        return  # no Secret at all, which the API server will say
    written = cast("Mapping[str, Any]", texts).items()
    encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in written}
    del result["stringData"]
    result["data"] = {**cast("Mapping[str, Any]", data), **encoded}


def object_id(live: Properties) -> str:
    """`namespace/name`, or the name alone; by the object as made, since only the server knows a new kind's scope."""
    metadata = live["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else metadata["name"]


def split_id(resource_id: str) -> tuple[str, str]:
    """Namespace (empty for cluster scope) and name."""
    namespace, _, name = resource_id.rpartition("/")
    return namespace, name


def with_secrets(outputs: Properties, inputs: Properties) -> Properties:
    """The outputs with what was secret in the inputs secret again; a Secret's data always is."""
    if outputs.get("kind") == "Secret":
        return {
            key: Secret(plain(value)) if key in ("data", "stringData") and value is not UNKNOWN else value
            for key, value in outputs.items()
        }
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
