"""Regions of the simulated Oracle Cloud: their keys, availability domains and services.

Owns: what Oracle says of a region. Does not own: what lies in one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from multimesh_lab.providers.kinds import RefusedError

# docs.oracle.com/en-us/iaas/Content/General/Concepts/regions.htm: region identifiers and region keys.
_KEYS = {
    "us-ashburn-1": "iad",
    "us-phoenix-1": "phx",
    "us-sanjose-1": "sjc",
    "us-chicago-1": "ord",
    "ca-toronto-1": "yyz",
    "ca-montreal-1": "yul",
    "sa-saopaulo-1": "gru",
    "eu-frankfurt-1": "fra",
    "eu-amsterdam-1": "ams",
    "eu-zurich-1": "zrh",
    "eu-paris-1": "cdg",
    "eu-madrid-1": "mad",
    "eu-milan-1": "lin",
    "eu-marseille-1": "mrs",
    "eu-stockholm-1": "arn",
    "uk-london-1": "lhr",
    "uk-cardiff-1": "cwl",
    "ap-tokyo-1": "nrt",
    "ap-osaka-1": "kix",
    "ap-seoul-1": "icn",
    "ap-singapore-1": "sin",
    "ap-sydney-1": "syd",
    "ap-melbourne-1": "mel",
    "ap-mumbai-1": "bom",
    "ap-hyderabad-1": "hyd",
    "me-dubai-1": "dxb",
    "me-jeddah-1": "jed",
}
# The same page: these have three availability domains, all others one.
_THREE = frozenset({"us-ashburn-1", "us-phoenix-1", "eu-frankfurt-1", "uk-london-1"})
# Resources of the two oldest regions name them by their keys (Compute API, Instance.region).
_SHORT = {"us-ashburn-1": "iad", "us-phoenix-1": "phx"}
_TENANCY_PREFIX = "LaBx"


@dataclass(frozen=True)
class Service:
    """A service, or a group of them, that a service gateway reaches."""

    id: str
    name: str
    label: str
    """The service CIDR label, which route and security rules name."""


def region_of(config: Mapping[str, Any]) -> str:
    """The provider's region; without one the real provider does not start either."""
    region = str(config.get("region") or "")
    if not region:
        raise RefusedError("can not create client: region is not set; set the configuration oci:region")
    if region not in _KEYS:
        raise RefusedError(f"region {region!r} is not one of the simulated regions: {', '.join(sorted(_KEYS))}")
    return region


def short_name(region: str) -> str:
    """The region as instances and nodes name it."""
    return _SHORT.get(region, region)


def availability_domains(region: str) -> list[str]:
    """The names of the region's availability domains; the prefix is the tenancy's own."""
    count = 3 if region in _THREE else 1
    return [f"{_TENANCY_PREFIX}:{region.upper()}-AD-{number}" for number in range(1, count + 1)]


def zone_of(availability_domain: str) -> str:
    """The domain as a node's zone label has it: without the tenancy's prefix (OCI cloud controller manager)."""
    return availability_domain.partition(":")[2]


def services(region: str) -> list[Service]:
    """The two that every region has (docs.oracle.com/en-us/iaas/Content/Network/Tasks/servicegateway.htm)."""
    key = _KEYS[region]
    start = f"ocid1.service.oc1.{region}.aaaaaaaa"
    return [
        Service(f"{start}objectstorage", f"OCI {key.upper()} Object Storage", f"oci-{key}-objectstorage"),
        Service(
            f"{start}allservices",
            f"All {key.upper()} Services In Oracle Services Network",
            f"all-{key}-services-in-oracle-services-network",
        ),
    ]
