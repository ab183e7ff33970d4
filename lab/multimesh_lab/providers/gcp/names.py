"""Names, ids and references of the simulated Google Cloud.

Owns: their formats and how one resource finds another. Does not own: any resource.
"""

import re

from multimesh_lab.providers.kinds import Autoname, Call, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

COMPUTE_API = "https://www.googleapis.com/compute/v1/"
CONTAINER_API = "https://container.googleapis.com/v1/"
AUTONAME = Autoname(limit=63, lower=True)
_RFC1035 = re.compile(r"^[a-z]([-a-z0-9]*[a-z0-9])?$")


def project(call: Call) -> str:
    """The project of the resource or of the provider; the message is that of tpgresource.GetProject."""
    return _setting(call, "project")


def region(call: Call) -> str:
    return _setting(call, "region").rpartition("/")[2]


def location(call: Call) -> str:
    """A cluster's location: its own, or the provider's zone or region (tpgresource.GetLocation)."""
    named = call.inputs.get("location") or call.config.get("zone") or call.config.get("region")
    if not named:
        raise RefusedError("location: required field is not set; set `location`, or gcp:zone or gcp:region")
    return str(named)


def _setting(call: Call, key: str) -> str:
    value = call.inputs.get(key) or call.config.get(key)
    if not value:
        raise RefusedError(f"{key}: required field is not set; set `{key}` or the configuration gcp:{key}")
    return str(value)


def rfc1035(call: Call) -> None:
    """Compute's rule: 1-63 characters of RFC 1035 (cloud.google.com/compute/docs/naming-resources)."""
    checked(str(call.inputs.get("name")), 63)


def checked(name: str, limit: int) -> None:
    if len(name) > limit or not _RFC1035.match(name):
        raise RefusedError(
            f"name {name!r}: must be at most {limit} characters, lower-case letters, digits and hyphens, "
            "beginning with a letter and not ending with a hyphen"
        )


def global_id(collection: str, call: Call) -> str:
    return f"projects/{project(call)}/global/{collection}/{call.inputs['name']}"


def regional_id(collection: str, call: Call) -> str:
    return f"projects/{project(call)}/regions/{region(call)}/{collection}/{call.inputs['name']}"


def find(call: Call, token: str, reference: object, region: object = None) -> Record | None:
    """The resource that a self link, an id or a bare name points at; a bare name in the given region or the call's."""
    text = _relative(str(reference))
    where = region or _region_or_none(call)
    for record in call.store.all(token):
        if record.id == text:
            return record
        same_region = record.outputs.get("region") in (None, where)
        if text == record.outputs.get("name") and same_region and record.outputs.get("project") == project(call):
            return record
    return None


def must_find(call: Call, token: str, reference: object, what: str) -> Record:
    """The resource, or Compute's notFound error."""
    record = find(call, token, reference)
    if record is None:
        raise RefusedError(f"Error 404: The resource {str(reference)!r} given as {what} was not found, notFound")
    return record


def labels(call: Call, key: str = "labels") -> Properties:
    """The label outputs that pulumi-gcp adds; its attribution label is on unless configured away."""
    own = dict(call.inputs.get(key) or {})
    defaults = dict(call.config.get("defaultLabels") or {})
    attributed = str(call.config.get("addPulumiAttributionLabel", "true")).lower() != "false"
    attribution = {"goog-pulumi-provisioned": "true"} if attributed else {}
    effective = {**attribution, **defaults, **own}
    return {"effectiveLabels": effective, "pulumiLabels": effective}


LABEL_SECRETS = frozenset({"effectiveLabels", "pulumiLabels"})


def _relative(reference: str) -> str:
    for api in (COMPUTE_API, CONTAINER_API):
        reference = reference.removeprefix(api)
    return reference


def _region_or_none(call: Call) -> str | None:
    value = call.inputs.get("region") or call.config.get("region")
    return str(value) if value else None
