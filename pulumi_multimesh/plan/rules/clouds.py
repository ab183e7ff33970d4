"""Rules of each cloud's own values: projects, regions, zones, versions, channels, labels.

Owns: what one cloud asks for. Does not own: rules that all clusters share (clusters.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.fields import AWS_REGION_ALLOWED, GCP_REGION_ALLOWED, PROJECT_ALLOWED
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.text import is_aws_region, is_gcp_region, is_project

_CHANNELS = ("RAPID", "REGULAR", "STABLE", "EXTENDED")
_FEWEST_ZONES, _MOST_ZONES = 2, 3
_ZONES_ALLOWED = "two or three different availability zones of the cluster's region"


def cloud_faults(args: Record) -> Iterator[Fault]:
    """Faults of each cloud's own values."""
    for _, name, wish in reading.clusters(args, "gke"):
        yield from _gke_faults(f"gke.{name}", wish)
    for _, name, wish in reading.clusters(args, "eks"):
        yield from _eks_faults(f"eks.{name}", wish)
    for key, value in reading.text_table(args, "tags").items():
        if reading.record(args, "gke"):
            yield from _gcp_label_faults(key, value)
        if reading.record(args, "eks"):
            yield from _aws_tag_faults(key, value)


def _gke_faults(path: str, wish: Record) -> Iterator[Fault]:
    project = reading.text(wish, "project")
    if project is not None and not is_project(project):
        remedy = "write the project's id, not its name or number: gcloud projects list"
        yield Fault(f"{path}.project", project, "is not a project id", PROJECT_ALLOWED, remedy)
    region = reading.text(wish, "region")
    if region is not None and not is_gcp_region(region):
        problem, remedy = "is not a region", "write a region like  europe-west4"
        zone = re.fullmatch(r"([a-z]+-[a-z]+[0-9]+)-[a-z]", region)
        if zone:
            problem, remedy = "is a zone, and the cluster is regional", f"write  {zone[1]}"
        elif is_aws_region(region):
            problem, remedy = (
                "is a region of AWS",
                "write a region of Google Cloud, or move the cluster to eks",
            )
        yield Fault(f"{path}.region", region, problem, GCP_REGION_ALLOWED, remedy)
    channel = reading.text(wish, "release_channel")
    if channel is not None and channel not in _CHANNELS:
        upper = channel.upper()
        remedy = f"write  {upper}" if upper in _CHANNELS else "leave it out for REGULAR"
        yield Fault(f"{path}.release_channel", channel, "is not a release channel", ", ".join(_CHANNELS), remedy)


def _eks_faults(path: str, wish: Record) -> Iterator[Fault]:
    region = reading.text(wish, "region")
    if region is not None and not is_aws_region(region):
        problem, remedy = "is not a region", "write a region like  us-east-1"
        if is_aws_region(region[:-1]) and region[-1:].isalpha():
            problem, remedy = "is an availability zone", f"write  {region[:-1]}"
        elif is_gcp_region(region):
            problem, remedy = (
                "is a region of Google Cloud",
                "write a region of AWS, or move the cluster to gke",
            )
        yield Fault(f"{path}.region", region, problem, AWS_REGION_ALLOWED, remedy)
    version = reading.text(wish, "kubernetes_version")
    if version is not None and not re.fullmatch(r"1\.[1-9][0-9]", version):
        minor = re.match(r"v?(1\.[1-9][0-9])(?![0-9])", version)
        remedy = f'write  "{minor[1]}"' if minor else 'write it like  "1.34"'
        allowed = "a minor version of Kubernetes, such as 1.34; EKS chooses the patch"
        yield Fault(f"{path}.kubernetes_version", version, "is not a minor version", allowed, remedy)
    yield from _zone_faults(path, region, wish)


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


def _gcp_label_faults(key: str, value: str) -> Iterator[Fault]:
    # Google Cloud, "Requirements for labels".
    allowed = (
        "as gke clusters are present: at most 63 lower-case letters, digits, underscores and dashes "
        "in key and value; a key starts with a letter"
    )
    if not (_is_label_text(key) and key[:1].isalpha()):
        remedy = f"write  {_as_label(key) or 'a key of such characters'}"
        yield Fault(f"tags.{key}", None, "has a key that Google Cloud refuses", allowed, remedy)
    if not _is_label_text(value):
        yield Fault(f"tags.{key}", value, "is refused by Google Cloud", allowed, f"write  {_as_label(value)}")


def _is_label_text(text: str) -> bool:
    return len(text) <= 63 and all(c in "_-" or (c.isalnum() and c == c.lower()) for c in text)


def _as_label(text: str) -> str:
    return re.sub(r"[^\w-]", "-", text.lower())[:63]


def _aws_tag_faults(key: str, value: str) -> Iterator[Fault]:
    # AWS, "Tag naming limits and requirements".
    allowed = "a key of 1 to 128 characters that does not start with aws:, and a value of at most 256"
    if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
        yield Fault(f"tags.{key}", None, "has a key that AWS refuses", allowed, "choose another key")
    if len(value) > 256:
        yield Fault(f"tags.{key}", value, "is too long for AWS", allowed, "shorten it")
