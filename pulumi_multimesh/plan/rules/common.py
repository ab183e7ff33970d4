"""Rules that several clouds share: choices, regions, versions, maintenance windows, retention.

Owns: the form of these rules. Does not own: what one cloud allows (its own module).
"""

import difflib
import re
from collections.abc import Iterator, Sequence

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.cluster_fields import (
    AWS_REGION_ALLOWED,
    AZURE_REGION_ALLOWED,
    GCP_REGION_ALLOWED,
    OCI_REGION_ALLOWED,
)
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COMPASS = r"(north|south|east|west|central)+"
_REGIONS = {
    "gke": (r"[a-z]+-[a-z]+[0-9]+", "Google Cloud", GCP_REGION_ALLOWED, "europe-west4"),
    "eks": (r"[a-z]{2,4}(-[a-z]+){1,2}-[0-9]+", "AWS", AWS_REGION_ALLOWED, "us-east-1"),
    "aks": (r"[a-z]+[0-9]?", "Azure", AZURE_REGION_ALLOWED, "westeurope"),
    "oke": (r"[a-z]{2}(-[a-z]+){1,2}-[0-9]", "Oracle Cloud", OCI_REGION_ALLOWED, "eu-frankfurt-1"),
}
"""By kind: form, cloud, what is allowed, example. Whether a text is a region only the cloud knows."""
_SURELY = {
    "gke": rf"[a-z]+-{_COMPASS}[0-9]+",
    "eks": rf"[a-z]{{2,4}}(-[a-z]+)?-{_COMPASS}-[0-9]+",
    "aks": rf"[a-z]*{_COMPASS}[a-z]*[0-9]?",
    "oke": r"[a-z]{2}(-[a-z]+){1,2}-[0-9]",
}
"""By kind, the most particular first: forms that tell the clouds apart, AWS's by points of the compass."""


def choice_faults(path: str, wish: Record, key: str, choices: Sequence[str], default: str) -> Iterator[Fault]:
    """A key that holds one of some words."""
    value = reading.text(wish, key)
    if value is None or value in choices:
        return
    alike = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(value.lower(), alike, n=1)
    remedy = f"write  {alike[near[0]]}" if near else f"leave it out for {default}"
    yield Fault(f"{path}.{key}", value, "is not one of the choices", ", ".join(choices), remedy)


def region_faults(path: str, kind: str, wish: Record) -> Iterator[Fault]:
    """A region that does not have the form of the cloud's regions."""
    region = reading.text(wish, "region")
    form, _, allowed, example = _REGIONS[kind]
    if region is None:
        return
    owner = next((other for other, its_form in _SURELY.items() if re.fullmatch(its_form, region)), None)
    if re.fullmatch(form, region) and owner in (kind, None):
        return
    problem, remedy = "is not a region", f"write a region like  {example}"
    zone = re.fullmatch(r"(.*[0-9])-?[a-f]", region)
    if zone and re.fullmatch(form, zone[1]):
        problem, remedy = "is a zone, and the cluster is regional", f"write  {zone[1]}"
    elif re.fullmatch(form, re.sub(r"\W", "", region.lower())):
        remedy = f"write  {re.sub(r'[^a-z0-9]', '', region.lower())}"
    if owner is not None and owner != kind:
        problem = f"is a region of {_REGIONS[owner][1]}"
        remedy = f"write a region like  {example}, or move the cluster to {owner}"
    yield Fault(f"{path}.region", region, problem, allowed, remedy)


def minor_version_faults(path: str, wish: Record, cloud: str) -> Iterator[Fault]:
    """A Kubernetes version that is not a minor one."""
    version = reading.text(wish, "kubernetes_version")
    if version is not None and not re.fullmatch(r"1\.[1-9][0-9]", version):
        minor = re.match(r"v?(1\.[1-9][0-9])(?![0-9])", version)
        remedy = f'write  "{minor[1]}"' if minor else 'write it like  "1.34"'
        allowed = f"a minor version of Kubernetes, such as 1.34; {cloud} chooses the patch"
        yield Fault(f"{path}.kubernetes_version", version, "is not a minor version", allowed, remedy)


def retention_faults(path: str, wish: Record, allowed: Sequence[int], said: str) -> Iterator[Fault]:
    """A number of days that the cloud does not keep logs for."""
    days = reading.integer(wish, "log_retention_days")
    if days is not None and days not in allowed:
        nearest = min(allowed, key=lambda each: abs(each - days))
        yield Fault(f"{path}.log_retention_days", days, "is not a retention", said, f"write  {nearest}")


def maintenance_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Faults that a maintenance window has in any cloud."""
    window = reading.record(wish, "maintenance")
    days = reading.as_list(window.get("days"))
    for position, day in enumerate(days):
        if isinstance(day, str) and day not in DAYS:
            near = difflib.get_close_matches(day.lower(), DAYS, n=1, cutoff=0.3)
            remedy = f"write  {near[0]}" if near else "write a day of the week, in English and lower case"
            where = f"{path}.maintenance.days[{position}]"
            yield Fault(where, day, "is not a day", ", ".join(DAYS), remedy)
    if reading.is_list(window.get("days")) and len(set(map(str, days))) < max(len(days), 1):
        allowed = "one day or more, each once"
        yield Fault(
            f"{path}.maintenance.days", list(days), "is empty or names a day twice", allowed, "name each day once"
        )
    start = reading.text(window, "start")
    if start is not None and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", start):
        allowed = "hour and minute in UTC, 00:00 to 23:59"
        yield Fault(f"{path}.maintenance.start", start, "is not a time", allowed, 'write it like  "03:00"')
    hours = reading.integer(window, "hours")
    if hours is not None and not 4 <= hours <= 24:
        yield Fault(f"{path}.maintenance.hours", hours, "is out of bounds", "4 to 24 hours", "write  4  or more")
