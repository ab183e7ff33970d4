"""OCIDs, tags, times and references of the simulated Oracle Cloud.

Owns: their formats and how one resource finds another. Does not own: any resource.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from multimesh_lab.providers.kinds import Call, RefusedError
from multimesh_lab.providers.oci import regions
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import UNKNOWN, Properties

CREATED = "2026-01-01 00:00:00 +0000 UTC"  # the provider writes times as Go prints them
TENANCY = "ocid1.tenancy.oc1..aaaaaaaasimulated"
# docs.oracle.com/en-us/iaas/Content/Tagging/Concepts/understandingautomaticdefaulttags.htm
AUTOMATIC_TAGS = {
    "Oracle-Tags.CreatedBy": "default/simulated@example.com",
    "Oracle-Tags.CreatedOn": "2026-01-01T00:00:00.000Z",
}
_COMPARTMENT = re.compile(r"^ocid1\.(compartment|tenancy)\.[a-z0-9-]+\.[a-z0-9-]*\.[A-Za-z0-9._-]+$")


def region(call: Call) -> str:
    return regions.region_of(call.config)


def unique_part(text: str) -> str:
    """The last part of an OCID, made from the text."""
    digest = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"aaaaaaaa{digest.rstrip('=').lower()}"


def fresh(call: Call) -> str:
    """A unique part that a resource of the same name never had: the log of calls grows with every creation."""
    log = call.store.folder / "calls.jsonl"
    length = log.stat().st_size if log.exists() else 0
    return unique_part(f"{call.type}\0{call.urn}\0{length}")


def ocid(kind: str) -> Callable[[Call], str]:
    """An identify function: a regional OCID (docs.oracle.com/en-us/iaas/Content/General/Concepts/identifiers.htm)."""
    return lambda call: f"ocid1.{kind}.oc1.{region(call)}.{fresh(call)}"


def global_ocid(kind: str) -> Callable[[Call], str]:
    """An identify function for what belongs to no region."""
    return lambda call: f"ocid1.{kind}.oc1..{fresh(call)}"


def tags(call: Call) -> Properties:
    """The tags as the cloud has them: its own automatic ones beside those of the program."""
    own = within(call.inputs, "definedTags")
    return {"definedTags": {**AUTOMATIC_TAGS, **own}, "freeformTags": within(call.inputs, "freeformTags")}


def plan(call: Call) -> Properties:
    """What nearly every type plans: its tags, and a display name if the cloud makes one."""
    return tags(call)


def tags_never_settle(inputs: Properties) -> Iterable[str]:
    # The automatic tags come back as a difference whenever the program lists tags without them
    # (oracle/terraform-provider-oci, DefinedTagsDiffSuppressFunction, which ignores only the letters' case).
    given = inputs.get("definedTags")
    if isinstance(given, dict) and not set(AUTOMATIC_TAGS) <= set(cast("dict[str, Any]", given)):
        yield "definedTags"


def chosen(call: Call, **by_cloud: object) -> Properties:
    """What the cloud chooses where the program does not: unknown while a creation is previewed, and kept later."""
    known: Properties = {}
    for name, value in by_cloud.items():
        if call.inputs.get(name) is None:
            is_open = call.preview and not call.old
            known[name] = UNKNOWN if is_open else call.old.get(name, value)
    return known


def in_compartment(call: Call) -> None:
    # The API answers NotAuthorizedOrNotFound for an id that is no compartment (identifiers.htm has the format).
    compartment = str(call.inputs.get("compartmentId"))
    if not _COMPARTMENT.match(compartment):
        raise not_found("compartmentId", compartment, "the OCID of a compartment or of the tenancy")


def not_found(what: str, value: object, expected: str) -> RefusedError:
    return RefusedError(
        f"404-NotAuthorizedOrNotFound, Authorization failed or requested resource not found: "
        f"{what} is {str(value)!r}; it must be {expected}"
    )


def invalid(message: str) -> RefusedError:
    return RefusedError(f"400-InvalidParameter, {message}")


def must_find(call: Call, token: str, resource_id: object, what: str) -> Record:
    """The resource with this OCID, or the answer that the API gives for one that is not there."""
    record = call.store.get(token, str(resource_id))
    if record is None:
        raise not_found(what, resource_id, f"the OCID of an existing {token.rpartition(':')[2]}")
    return record


def must_find_in_vcn(call: Call, token: str, resource_id: object, vcn: object, what: str) -> Record:
    """The resource, which must lie in the VCN."""
    record = must_find(call, token, resource_id, what)
    if record.outputs.get("vcnId") != vcn:
        raise invalid(f"{what}: {record.id!r} is in the VCN {record.outputs.get('vcnId')!r}, not in {str(vcn)!r}")
    return record


def must_find_here(call: Call, token: str, resource_id: object, what: str) -> Record:
    """The resource, which must lie in the provider's region: another region's endpoint does not know it."""
    record = must_find(call, token, resource_id, what)
    if region_of_id(record.id) != region(call):
        raise not_found(what, resource_id, f"in the region {region(call)!r} that is asked")
    return record


def region_of_id(resource_id: str) -> str:
    """The region in a regional OCID."""
    return resource_id.split(".")[3]


def stored(call: Call, *properties: str) -> Properties:
    """What the cloud has of these by now, whatever the engine last heard of them."""
    record = call.store.get(call.type, call.id)
    return {name: record.outputs[name] for name in properties if record and name in record.outputs}


def refuse_while_used(call: Call, users: Mapping[str, str]) -> None:
    """Refuse while any resource names this one: type tokens with the path of the property that would."""
    # The message has the form of oracle/terraform-provider-oci#2185.
    for token, path in users.items():
        for record in call.others(token):
            if call.id in values(record.outputs, path):
                kind = call.type.rpartition(":")[2]
                raise RefusedError(
                    f"409-Conflict, The {kind} {call.id!r} is referenced by {token} {record.id!r}. "
                    "You must remove the reference to proceed with this operation."
                )


def values(properties: Mapping[str, Any], path: str) -> list[Any]:
    """Everything at the path, through lists on the way."""
    found: list[Any] = [properties]
    for part in path.split("."):
        found = [value for each in found if isinstance(each, Mapping) for value in _items(each, part)]
    return found


def _items(properties: Any, part: str) -> list[Any]:
    value: Any = properties.get(part)
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def within(properties: Mapping[str, Any], name: str) -> Properties:
    """The object, or an empty one when there is none or it is not known yet."""
    value = properties.get(name)
    return cast("Properties", value) if isinstance(value, dict) else {}


def listed(properties: Mapping[str, Any], name: str) -> list[Any]:
    """The list, or an empty one when there is none or it is not known yet."""
    value = properties.get(name)
    return cast("list[Any]", value) if isinstance(value, list) else []


def lab_id(cluster_id: str) -> str:
    """The cluster's id in the lab."""
    return f"oci/{cluster_id}"


def remember_update(call: Call) -> None:
    """Have the store show the new inputs already, so that effects are computed from what will be."""
    record = call.store.get(call.type, call.id)
    if record is not None:
        kept = {key: value for key, value in record.outputs.items() if key not in call.old_inputs}
        given = {key: value for key, value in call.inputs.items() if value is not None}
        call.store.put(replace(record, inputs=call.inputs, outputs={**kept, **given}))


def forget(call: Call) -> None:
    """Have the store show that the resource is gone, so that effects are computed from what will be."""
    call.store.remove(call.type, call.id)
