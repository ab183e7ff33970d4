"""Functions of the simulated AWS: what a program may ask without creating anything.

Owns: their answers. Does not own: any resource.
"""

from collections.abc import Mapping
from typing import Any

from multimesh_lab.providers.aws import names
from multimesh_lab.providers.aws.vpc import zone_id
from multimesh_lab.providers.wire import Properties

_Arguments = Mapping[str, Any]


def _zones(arguments: _Arguments, config: _Arguments) -> Properties:
    region = names.region_from(arguments, config)
    excluded = set(arguments.get("excludeNames") or [])
    found = [region + letter for letter in names.ZONES if region + letter not in excluded]
    return {
        "id": region,
        "region": region,
        "names": found,
        "zoneIds": [zone_id(zone) for zone in found],
        "groupNames": [region],
        "state": arguments.get("state") or "available",
    }


def _identity(arguments: _Arguments, config: _Arguments) -> Properties:
    del arguments, config
    user = "AIDASIMULATED"
    arn = f"arn:aws:iam::{names.ACCOUNT}:user/simulated"
    return {"id": names.ACCOUNT, "accountId": names.ACCOUNT, "arn": arn, "userId": user}


def _partition(arguments: _Arguments, config: _Arguments) -> Properties:
    del arguments, config
    return {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def _region(arguments: _Arguments, config: _Arguments) -> Properties:
    name = arguments.get("name") or names.region_from(arguments, config)
    endpoint = f"ec2.{name}.amazonaws.com"
    return {
        "id": name,
        "name": name,
        "region": name,
        "endpoint": endpoint,
        "description": f"{name} (simulated)",
    }


INVOKES = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
}
