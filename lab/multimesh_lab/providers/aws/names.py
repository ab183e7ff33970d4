"""Ids, ARNs, tags and references of the simulated AWS.

Owns: their formats and how one resource finds another. Does not own: any resource.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, cast

from multimesh_lab.providers.kinds import Call, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

ACCOUNT = "123456789012"  # the account number that AWS's own documentation uses
ZONES = "abc"
CREATED = "2026-01-01T00:00:00Z"


def region(call: Call) -> str:
    return region_from(call.inputs, call.config)


def region_from(arguments: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """The region of the resource or of the provider; without one the real provider does not start either."""
    value = arguments.get("region") or config.get("region")
    if not value:
        raise RefusedError("missing region: set `region` on the resource or the configuration aws:region")
    return str(value)


def arn(call: Call, service: str, rest: str) -> str:
    return f"arn:aws:{service}:{region(call)}:{ACCOUNT}:{rest}"


def fresh(prefix: str) -> Callable[[Call], str]:
    """An identify function: the prefix and 17 hexadecimal digits, as EC2 ids are."""
    return lambda call: f"{prefix}-{secrets.token_hex(9)[:17]}"


def plan(call: Call) -> Properties:
    return {"region": region(call), **tags(call)}


def tags(call: Call) -> Properties:
    """`tagsAll`: the provider's default tags under the resource's own; only where the type has tags."""
    defaults: Any = call.config.get("defaultTags") or "{}"
    parsed = cast("Properties", json.loads(defaults) if isinstance(defaults, str) else defaults)
    return {"tagsAll": {**(parsed.get("tags") or {}), **(call.inputs.get("tags") or {})}}


def must_find(call: Call, token: str, resource_id: object, code: str) -> Record:
    """The resource with this id, or the EC2 error with this code."""
    record = call.store.get(token, str(resource_id))
    if record is None:
        raise RefusedError(f"{code}: The {token.rpartition(':')[2]} {str(resource_id)!r} does not exist")
    return record


def must_find_here(call: Call, token: str, resource_id: object, code: str) -> Record:
    """Like `must_find`, in the region of the call: EC2 knows nothing of other regions' resources."""
    record = must_find(call, token, resource_id, code)
    if record.outputs.get("region") != region(call):
        raise RefusedError(
            f"{code}: The {token.rpartition(':')[2]} {record.id!r} does not exist in {region(call)}; it is in "
            f"{record.outputs.get('region')}"
        )
    return record


def by_output(call: Call, token: str, name: str, value: object) -> Record | None:
    """The resource of the type with this output."""
    return next((r for r in call.store.all(token) if r.outputs.get(name) == value), None)


def must_have_role(call: Call, role_arn: object) -> None:
    if by_output(call, "aws:iam/role:Role", "arn", role_arn) is None:
        raise RefusedError(f"InvalidParameterException: the role {str(role_arn)!r} does not exist")


def refuse_while_used(call: Call, users: Mapping[str, str], code: str = "DependencyViolation") -> None:
    """Refuse while any resource names this one: type tokens with the input that would."""
    for token, path in users.items():
        for record in call.store.all(token):
            if call.id in _values(record.inputs, path):
                raise RefusedError(f"{code}: {call.id!r} has a dependent object: {token} {record.id!r}")


def _values(inputs: Mapping[str, Any], path: str) -> list[Any]:
    value: Any = inputs
    for part in path.split("."):
        value = cast("Mapping[str, Any]", value).get(part) if isinstance(value, Mapping) else None
    return cast("list[Any]", value) if isinstance(value, list) else [value]
