"""Configurations for the tests of this room."""

import copy
from collections.abc import Mapping
from typing import Any

TWO_CLOUDS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {"topology": "multi-primary"},
    "api_access": {"office": "203.0.113.0/24"},
}

ABSENT = object()
"""Given to `changed`, it removes a key."""


def changed(changes: Mapping[str, object], base: Mapping[str, Any] = TWO_CLOUDS) -> dict[str, Any]:
    """The base with values put at dotted paths."""
    result = copy.deepcopy(dict(base))
    for path, value in changes.items():
        *way, last = path.split("/")
        place = result
        for key in way:
            place = place.setdefault(key, {})
        if value is ABSENT:
            del place[last]
        else:
            place[last] = value
    return result


def existing(**more: object) -> dict[str, object]:
    """A cluster that is already there."""
    return {"egress_ips": ["203.0.113.7"], **more}
