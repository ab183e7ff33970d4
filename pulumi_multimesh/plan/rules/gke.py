"""Rules of GKE clusters.

Owns: what Google Cloud asks of projects, channels, versions, zones, windows. Does not own: pools and ranges.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.cluster_fields import PROJECT_ALLOWED
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.common import choice_faults, maintenance_faults, minor_version_faults, region_faults
from pulumi_multimesh.plan.rules.text import is_project

_CHANNELS = ("RAPID", "REGULAR", "STABLE", "EXTENDED")
_ENDPOINTS = ("ip", "dns")
_ZONES = 3
"""In which a regional cluster has nodes unless told (GKE, "Regional clusters")."""
_SECURITY_GROUP = r"gke-security-groups@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
"""Google Cloud, "Configure Google Groups for RBAC": the name before the @ is required."""
_SECURITY_GROUP_ALLOWED = 'gke-security-groups@DOMAIN, or "" to turn it off'
_WINDOW_HOURS = 48
"""Google Cloud, "Maintenance windows and exclusions": at least 48 hours within any 32 days."""


def gke_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Every fault of a GKE cluster's own keys."""
    yield from region_faults(path, "gke", wish)
    yield from choice_faults(path, wish, "release_channel", _CHANNELS, "REGULAR")
    yield from choice_faults(path, wish, "endpoint", _ENDPOINTS, "ip")
    yield from minor_version_faults(path, wish, "GKE")
    projects = [("project", reading.text(wish, "project"))]
    projects += [(f"registries[{position}]", name) for position, name in enumerate(reading.texts(wish, "registries"))]
    for key, project in projects:
        if project is not None and not is_project(project):
            remedy = "write the project's id, not its name or number: gcloud projects list"
            yield Fault(f"{path}.{key}", project, "is not a project id", PROJECT_ALLOWED, remedy)
    group = reading.text(wish, "security_group")
    if group and not re.fullmatch(_SECURITY_GROUP, group):
        problem = "is not the group that GKE looks into"
        remedy = "make groups of people members of  gke-security-groups@DOMAIN  of your domain, and name that"
        yield Fault(f"{path}.security_group", group, problem, _SECURITY_GROUP_ALLOWED, remedy)
    yield from _zone_faults(path, wish)
    yield from maintenance_faults(path, wish)
    yield from _window_faults(path, wish)
    for name, pool in reading.records(wish, "node_pools").items():
        yield from _size_faults(f"{path}.node_pools.{name}", wish, pool)


def zones_of_pool(wish: Mapping[str, Any], pool: Mapping[str, Any]) -> int:
    """How many zones a pool's nodes lie in; GKE takes three of a region's unless told."""
    return len(pool.get("zones") or wish.get("zones") or range(_ZONES))


def _size_faults(path: str, wish: Record, pool: Record) -> Iterator[Fault]:
    size = reading.integer(pool, "size")
    zones = len(reading.texts(pool, "zones") or reading.texts(wish, "zones") or range(_ZONES))
    if size is None or size < 1 or size % zones == 0:
        return
    allowed = f"a multiple of {zones}: GKE has as many nodes in each of the pool's zones"
    near = zones * max(1, round(size / zones))
    remedy = f"write  {near}, give the pool other  zones, or a range by  min_size  and  max_size"
    yield Fault(f"{path}.size", size, f"cannot be spread over {zones} zones", allowed, remedy)


def _zone_faults(path: str, wish: Record) -> Iterator[Fault]:
    region = reading.text(wish, "region")
    holders = [(path, wish)]
    holders += [(f"{path}.node_pools.{name}", pool) for name, pool in reading.records(wish, "node_pools").items()]
    for where, holder in holders:
        for position, zone in enumerate(reading.texts(holder, "zones")):
            if region is not None and not re.fullmatch(re.escape(region) + "-[a-z]", zone):
                allowed = "zones of the cluster's region"
                yield Fault(
                    f"{where}.zones[{position}]", zone, f"is not a zone of {region}", allowed, f"write  {region}-a"
                )


def _window_faults(path: str, wish: Record) -> Iterator[Fault]:
    window = reading.record(wish, "maintenance")
    hours, days = reading.integer(window, "hours"), reading.texts(window, "days")
    # 32 days hold each day of the week at least four times.
    if hours is None or not days or hours * len(days) * 4 >= _WINDOW_HOURS or not 4 <= hours <= 24:
        return
    needed = -(-_WINDOW_HOURS // (4 * len(days)))
    yield Fault(
        f"{path}.maintenance.hours",
        hours,
        f"gives GKE {hours * len(days) * 4} hours in four weeks",
        f"at least {_WINDOW_HOURS} hours within 32 days",
        f"set  hours: {needed}  or name more days",
    )
