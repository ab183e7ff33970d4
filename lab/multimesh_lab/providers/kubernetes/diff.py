"""What differs between an object as it was last seen and the inputs of now; no call is made.

Owns: the comparison and its form on the wire. Does not own: which paths replace (replacement.py).
"""

from typing import Any

from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.kubernetes.inputs import AUTONAMED
from multimesh_lab.providers.kubernetes.replacement import forces, forcing_paths
from multimesh_lab.providers.property_diff import changes
from multimesh_lab.providers.wire import has_unknown, plain

Properties = dict[str, Any]
_Kind = provider_pb2.PropertyDiff


def pruned(live: Any, like: Any) -> Any:
    """The live value cut to the keys that were given; lists by position, cut to the shorter."""
    if isinstance(live, dict) and isinstance(like, dict):
        return {key: pruned(live[key], like[key]) for key in like if key in live}
    if isinstance(live, list) and isinstance(like, list):
        return [pruned(item, pattern) for item, pattern in zip(live, like, strict=False)]
    return live


def diff(
    state: Properties,
    old_inputs: Properties,
    news: Properties,
    *,
    secret_mutable: bool,
    config_map_mutable: bool,
    patch: bool,
) -> provider_pb2.DiffResponse:
    """The engine's answer: path by path, what replaces, and whether the old object must go first."""
    old, old_given, new = plain(state), plain(old_inputs), plain(news)
    before = pruned({key: value for key, value in old.items() if not key.startswith("__")}, old_given)
    forcing = forcing_paths(new, secret_mutable=secret_mutable, config_map_mutable=config_map_mutable, patch=patch)
    detailed: dict[str, provider_pb2.PropertyDiff] = {}
    for path, change in changes(before, new).items():
        replaces = forces(path, forcing)
        kind = {
            "add": _Kind.ADD_REPLACE if replaces else _Kind.ADD,
            "delete": _Kind.DELETE_REPLACE if replaces else _Kind.DELETE,
            "update": _Kind.UPDATE_REPLACE if replaces else _Kind.UPDATE,
        }[change]
        detailed[path] = provider_pb2.PropertyDiff(kind=kind)
    replaces = [path for path in detailed if forces(path, forcing)]
    some = provider_pb2.DiffResponse.DIFF_SOME if detailed else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        replaces=replaces,
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=bool(replaces) and _in_the_way(old, new),
    )


def _in_the_way(old: Properties, new: Properties) -> bool:
    """Two objects cannot carry one name; a drawn name is drawn anew."""
    metadata = new.get("metadata", {})
    if has_unknown(metadata) or not metadata.get("name"):
        return False
    if metadata.get("annotations", {}).get(AUTONAMED) == "true":
        return False
    was = old.get("metadata", {})
    return metadata["name"] == was.get("name") and metadata.get("namespace") == was.get("namespace")
