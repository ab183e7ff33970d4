"""Functions of the simulated Google Cloud: what a program may ask without creating anything.

Owns: their answers. Does not own: any resource.
"""

from collections.abc import Mapping
from typing import Any

from multimesh_lab.providers.kinds import RefusedError
from multimesh_lab.providers.wire import Properties

_Arguments = Mapping[str, Any]


def _client_config(arguments: _Arguments, config: _Arguments) -> Properties:
    del arguments
    project, region, zone = (str(config.get(key) or "") for key in ("project", "region", "zone"))
    return {
        "id": f"projects/{project}/regions/{region}/zones/{zone}",
        "project": project,
        "region": region,
        "zone": zone,
        "accessToken": "simulated",
        "defaultLabels": {},
    }


def project_number(project: str) -> str:
    """Project numbers are twelve digits; this one is made from the id so that it stays."""
    return str(10**11 + sum(byte * 257**i for i, byte in enumerate(project.encode())) % (9 * 10**11))


def _project(arguments: _Arguments, config: _Arguments) -> Properties:
    project = arguments.get("projectId") or config.get("project")
    if not project:
        raise RefusedError("projectId: required field is not set; set it or the configuration gcp:project")
    number = project_number(str(project))
    return {
        "id": f"projects/{project}",
        "projectId": project,
        "name": project,
        "number": number,
        "labels": {},
        "effectiveLabels": {},
        "pulumiLabels": {},
        "tags": {},
        "autoCreateNetwork": False,
        "billingAccount": "",
        "deletionPolicy": "PREVENT",
        "folderId": "",
        "orgId": "",
    }


def _zones(arguments: _Arguments, config: _Arguments) -> Properties:
    region = str(arguments.get("region") or config.get("region") or "")
    if not region:
        raise RefusedError("region: required field is not set; set it or the configuration gcp:region")
    project = str(arguments.get("project") or config.get("project") or "")
    names = [f"{region}-{zone}" for zone in "abc"]
    return {
        "id": f"projects/{project}/regions/{region}",
        "project": project,
        "region": region,
        "names": names,
    }


INVOKES = {
    "gcp:organizations/getClientConfig:getClientConfig": _client_config,
    "gcp:organizations/getProject:getProject": _project,
    "gcp:compute/getZones:getZones": _zones,
}
