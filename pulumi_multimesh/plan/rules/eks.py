"""Rules of EKS clusters.

Owns: what AWS asks of zones, versions, retention, and of who logs in. Does not own: pools and ranges.
"""

import re
from collections.abc import Iterator, Sequence

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.common import minor_version_faults, region_faults, retention_faults
from pulumi_multimesh.plan.rules.text import is_aws_region

_RESERVED = "system:"
_ROLE = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+"
_PRINCIPAL = r"arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/\S+"
_ARN_EXAMPLE = "arn:aws:iam::123456789012:role/mesh-operators"
_FEWEST_ZONES, _MOST_ZONES = 2, 3
_ZONES_ALLOWED = "two or three different availability zones of the cluster's region"
# Amazon CloudWatch Logs, "PutRetentionPolicy".
_RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


def eks_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Every fault of an EKS cluster's own keys."""
    yield from region_faults(path, "eks", wish)
    yield from minor_version_faults(path, wish, "EKS")
    yield from retention_faults(path, wish, _RETENTIONS, ", ".join(map(str, _RETENTIONS)) + " days")
    yield from _principal_faults(path, wish)
    yield from _zone_faults(path, reading.text(wish, "region"), wish)
    for name, pool in reading.records(wish, "node_pools").items():
        yield from _pool_faults(f"{path}.node_pools.{name}", path, wish, pool)


def _principal_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Amazon EKS, "Create access entries": a principal has one entry, which may be for several groups."""
    yield from _arn_faults(f"{path}.admins", reading.texts(wish, "admins"), _PRINCIPAL, "a role or user of IAM")
    for group, each in reading.records(wish, "groups").items():
        where = f"{path}.groups.{group}"
        if not group.strip() or group.startswith(_RESERVED):
            problem = "is empty or one of Kubernetes' own groups, which EKS gives nobody"
            yield Fault(where, None, problem, "a group of yours", "name a group that a role is bound to")
        if reading.is_list(each.get("roles")) and not each["roles"]:
            yield Fault(f"{where}.roles", None, "is empty", "ARNs of IAM roles, at least one", "name one")
        yield from _arn_faults(f"{where}.roles", reading.texts(each, "roles"), _ROLE, "a role of IAM")


def _arn_faults(path: str, arns: Sequence[str], form: str, what: str) -> Iterator[Fault]:
    allowed = f"the ARN of {what}, such as {_ARN_EXAMPLE}"
    for position, arn in enumerate(arns):
        if not re.fullmatch(form, arn):
            remedy = "write the role's own ARN, and not that of a session" if ":sts:" in arn else "correct it"
            yield Fault(f"{path}[{position}]", arn, f"is not the ARN of {what}", allowed, remedy)
        elif arn in arns[:position]:
            yield Fault(f"{path}[{position}]", arn, "is named twice", allowed, "name it once")


def _pool_faults(path: str, cluster: str, wish: Record, pool: Record) -> Iterator[Fault]:
    known, wanted = reading.texts(wish, "zones"), reading.texts(pool, "zones")
    allowed = "zones that the cluster's own  zones  names: each has a subnet of the VPC made here"
    if "zones" in pool and (not known or "network" in wish):
        problem = "are given, but which subnet lies in which zone is not known here"
        yield Fault(f"{path}.zones", None, problem, allowed, f"add  zones  to {cluster}, or remove them from the pool")
        return
    for position, zone in enumerate(wanted):
        if zone not in known:
            yield Fault(f"{path}.zones[{position}]", zone, f"is no zone of {cluster}", allowed, f"write  {known[0]}")
    if reading.integer(pool, "max_unavailable") == 0:
        # Amazon EKS API, "NodegroupUpdateConfig": 1 to 100.
        yield Fault(f"{path}.max_unavailable", 0, "is too small", "1 to 100", "leave it out for 1")


def _zone_faults(path: str, region: str | None, wish: Record) -> Iterator[Fault]:
    zones = reading.texts(wish, "zones")
    if not reading.is_list(wish.get("zones")) or len(zones) < len(reading.as_list(wish["zones"])):
        return
    distinct = sorted(set(zones))
    if len(distinct) < len(zones):
        yield Fault(
            f"{path}.zones",
            list(zones),
            "names a zone twice",
            _ZONES_ALLOWED,
            f"write  [{', '.join(distinct)}]",
        )
    elif not _FEWEST_ZONES <= len(zones) <= _MOST_ZONES:
        remedy = f"give {_FEWEST_ZONES} or {_MOST_ZONES}, or leave them out for the region's first three"
        yield Fault(f"{path}.zones", list(zones), "has the wrong number of zones", _ZONES_ALLOWED, remedy)
    if region is None or not is_aws_region(region):
        return
    for position, zone in enumerate(zones):
        if not re.fullmatch(re.escape(region) + "[a-z]", zone):
            problem, remedy = f"is not a zone of {region}", f"write it like  {region}a"
            yield Fault(f"{path}.zones[{position}]", zone, problem, _ZONES_ALLOWED, remedy)
