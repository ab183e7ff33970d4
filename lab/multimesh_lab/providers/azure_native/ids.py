"""ARM ids, errors and references of the simulated Azure.

Owns: their forms and how one resource finds another. Does not own: any resource.
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from multimesh_lab.providers.azure_native.tokens import ARM_TYPES
from multimesh_lab.providers.kinds import Call, RefusedError
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TENANT = "00000000-0000-0000-0000-00000000000f"


def refused(status: int, code: str, message: str) -> RefusedError:
    """An error as ARM answers and azure-native shows it (provider/pkg/azure/errors.go)."""
    return RefusedError(f'Status={status} Code="{code}" Message="{message}"')


def invalid(code: str, message: str) -> RefusedError:
    """An error of status 400; `InvalidParameter` and `BadRequest` are ARM's general codes for it."""
    return refused(400, code, message)


def not_found(resource_id: str) -> RefusedError:
    group, _, rest = resource_id.partition("/resourceGroups/")[2].partition("/providers/")
    message = f"The Resource '{rest}' under resource group '{group}' was not found."
    return refused(404, "ResourceNotFound", message)


def guid(*parts: str) -> str:
    """A UUID made from the parts."""
    return str(uuid.UUID(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]))


def fresh_guid(call: Call, what: str) -> str:
    """A UUID that a resource of the same name never had: the log of calls grows with every creation."""
    log = call.store.folder / "calls.jsonl"
    return guid(what, call.id, str(log.stat().st_size if log.exists() else 0))


def subscription(config: Mapping[str, Any]) -> str:
    return str(config.get("subscriptionId") or SUBSCRIPTION)


def in_group(path: str) -> Callable[[Call], str]:
    """An identify function: the URL of a resource in a resource group, with inputs in braces."""
    return in_subscription(f"/resourceGroups/{{resourceGroupName}}/providers/{path}")


def in_subscription(path: str) -> Callable[[Call], str]:
    return lambda call: f"/subscriptions/{subscription(call.config)}" + path.format_map(call.inputs)


def on_scope(scope: str, path: str) -> Callable[[Call], str]:
    """An identify function: the URL of a resource that extends another one, whose id is the input `scope`."""
    return lambda call: str(call.inputs[scope]).rstrip("/") + "/providers/" + path.format_map(call.inputs)


def same(one: object, other: object) -> bool:
    """Whether both are the same id: ARM does not tell letters' cases apart."""
    return str(one).lower() == str(other).lower()


def lies_in(resource_id: object, scope: object) -> bool:
    """Whether the scope is the resource or something that it lies in."""
    outer = str(scope).lower().rstrip("/")
    return f"{str(resource_id).lower()}/".startswith(f"{outer}/")


def find(store: Store, token: str, resource_id: object) -> Record | None:
    return next((each for each in store.all(token) if same(each.id, resource_id)), None)


def find_named(store: Store, token: str, group: object, name: object) -> Record | None:
    """The resource with this name in the resource group."""
    for each in store.all(token):
        if same(each.inputs.get("resourceGroupName"), group) and same(each.outputs.get("name"), name):
            return each
    return None


def must_find(store: Store, token: str, resource_id: object, what: str) -> Record:
    """The resource with this id, or the error that ARM gives for a reference to one that is not there."""
    record = find(store, token, resource_id)
    if record is None:
        kind = ARM_TYPES[token]
        message = f"{what}: resource {str(resource_id)!r} referenced here was not found; it must be the id of a {kind}."
        raise invalid("InvalidResourceReference", message)
    return record


def parent_of(call: Call, token: str) -> Record:
    """The resource within which this one lies, or ARM's error for a parent that is not there."""
    path = call.id.rpartition("/")[0].rpartition("/")[0]
    record = find(call.store, token, path)
    if record is None:
        name = path.rpartition("/")[2]
        message = f"Can not perform requested operation on nested resource. Parent resource '{name}' not found."
        raise refused(404, "ParentResourceNotFound", message)
    return record


def within(properties: Mapping[str, Any], *path: str) -> Properties:
    """The object at the path, or an empty one when there is none."""
    found: Any = properties
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return cast("Properties", found) if isinstance(found, dict) else {}


def listed(properties: Mapping[str, Any], name: str) -> list[Any]:
    """The list, or an empty one when there is none."""
    value = properties.get(name)
    return cast("list[Any]", value) if isinstance(value, list) else []


def named(token: str, key: str) -> Callable[[Call], Properties]:
    """The outputs that every type has, for the type whose URL ends with this input."""
    return lambda call: {"name": call.inputs[key], "type": ARM_TYPES[token]}
