"""Rules of single texts: names, regions, versions, addresses.

Owns: formats. Does not own: where such texts may stand.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from pulumi_multimesh.plan.fault import Fault

_LABEL = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
# Google Cloud, "Creating and managing projects"; older projects carry a domain before a colon.
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_GCP_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]+")
_AWS_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-[0-9]+")
# semver.org's own expression, shortened.
_SEMVER = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_PORT = re.compile(r"[1-9]\d{0,4}")
_LAST_PORT = 65535
_PATH = re.compile(r"\*|\*?/[^*\s]*|/[^*\s]*\*")


def is_label(text: str) -> bool:
    """A lower-case DNS label that starts with a letter."""
    return _LABEL.fullmatch(text) is not None


def is_project(text: str) -> bool:
    """A Google Cloud project id."""
    return _PROJECT.fullmatch(text) is not None


def is_gcp_region(text: str) -> bool:
    """A name formed as Google Cloud's regions are; whether it is one of them only the cloud knows."""
    return _GCP_REGION.fullmatch(text) is not None


def is_aws_region(text: str) -> bool:
    """A name formed as AWS's regions are; whether it is one of them only the cloud knows."""
    return _AWS_REGION.fullmatch(text) is not None


def is_semver(text: str) -> bool:
    """A semantic version, without a `v`."""
    return _SEMVER.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """An HTTP path as Istio's rules have it: whole, or with a `*` at its beginning or its end."""
    return _PATH.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """An IPv4 address."""
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def network_of(text: str) -> IPv4Network | None:
    """The range that a text writes correctly; None when it does not."""
    if "/" not in text or not text.rpartition("/")[2].isdecimal():
        return None
    try:
        return IPv4Network(text)
    except ValueError:
        return None


def cidr_fault(path: str, text: str, example: str) -> Fault | None:
    """What is wrong with a range's notation."""
    if network_of(text) is not None:
        return None
    allowed = f"an IPv4 range in CIDR notation, such as {example}"
    if is_address(text):
        return Fault(path, text, "is an address without a prefix length", allowed, f"write  {text}/32")
    try:
        meant = IPv4Network(text, strict=False)
    except ValueError:
        problem = "is an IPv6 range" if ":" in text else "is not a range of addresses"
        return Fault(path, text, problem, allowed, f"write it like  {example}")
    if "/" in text and meant.network_address != IPv4Address(text.partition("/")[0]):
        return Fault(path, text, "has bits set behind its prefix", allowed, f"write  {meant}")
    return Fault(path, text, "is not in CIDR notation", allowed, f"write  {meant}")


def port_faults(path: str, ports: Iterable[str]) -> Iterator[Fault]:
    """What is wrong with a rule's `ports`, those of pods."""
    for position, port in enumerate(ports):
        if not _PORT.fullmatch(port) or int(port) > _LAST_PORT:
            yield Fault(f"{path}.ports[{position}]", port, "is not a port", "1 to 65535", "write the pods' port")
