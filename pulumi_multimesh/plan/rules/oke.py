"""Rules of OKE clusters.

Owns: what Oracle Cloud asks of compartments, versions, modes, retention, zones, keys, and of a pool's shape and pods.
Does not own: what all clouds ask of pools and ranges.
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.cluster_fields import COMPARTMENT_ALLOWED, OCI_REGION_ALLOWED
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.needs import has_pod_subnet
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.common import choice_faults, region_faults, retention_faults

_MODES = ("vcn-native", "flannel")
# OCI Logging, "CreateLog": retention in steps of 30 days.
_RETENTIONS = (30, 60, 90, 120, 150, 180)
_REGION = r"[a-z]{2}(-[a-z]+){1,2}-[0-9]"
_KEY = r"ocid1\.key\.[a-z0-9-]*\.[a-z0-9-]*\.[a-z0-9.]+"
_PODS_OF_INTERFACE = 31
_MOST_PODS = 110
_PROGRAM_ALLOWED = "the https address of a copy of Oracle's image credential provider that you trust"
_PROGRAM_REMEDY = "put a release of oracle-devrel/oke-credential-provider-for-ocir into a bucket, and name its address"
_DIGEST_ALLOWED = "the program's SHA-256, 64 digits of 0-9a-f, so that nodes run nothing else"
_COMPARTMENT = re.compile(r"ocid1\.(compartment|tenancy)\.[a-z0-9-]*\.[a-z0-9-]*\.[a-z0-9.]+")


def oke_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Every fault of an OKE cluster's own keys."""
    yield from region_faults(path, "oke", wish)
    yield from choice_faults(path, wish, "network_mode", _MODES, "vcn-native")
    yield from retention_faults(path, wish, _RETENTIONS, "30, 60, 90, 120, 150 or 180 days")
    yield from _version_faults(path, wish)
    compartments = [("compartment_id", reading.text(wish, "compartment_id"))]
    compartments += [(f"registries[{n}]", ocid) for n, ocid in enumerate(reading.texts(wish, "registries"))]
    for key, ocid in compartments:
        if ocid is not None and not _COMPARTMENT.fullmatch(ocid):
            remedy = "copy the OCID: oci iam compartment list"
            yield Fault(f"{path}.{key}", ocid, "is not a compartment's OCID", COMPARTMENT_ALLOWED, remedy)
    yield from _home_region_faults(path, wish)
    yield from _key_faults(path, wish)
    yield from _credential_faults(path, wish)
    yield from _zone_faults(path, wish)
    for name, pool in reading.records(wish, "node_pools").items():
        where = f"{path}.node_pools.{name}"
        yield from _zone_faults(where, pool)
        yield from _shape_faults(where, pool)
        yield from _image_faults(where, pool)
        yield from _pods_faults(where, pool, routable=has_pod_subnet("oke", wish))


def _version_faults(path: str, wish: Record) -> Iterator[Fault]:
    version = reading.text(wish, "kubernetes_version")
    if version is None or re.fullmatch(r"v1\.[1-9][0-9]\.[0-9]+", version):
        return
    whole = re.fullmatch(r"1\.[1-9][0-9]\.[0-9]+", version)
    remedy = f"write  v{version}" if whole else "write it like  v1.34.1: oci ce cluster-options get"
    allowed = "a version that OKE offers, with v and patch, such as v1.34.1"
    yield Fault(f"{path}.kubernetes_version", version, "is not one of OKE's versions", allowed, remedy)


def _home_region_faults(path: str, wish: Record) -> Iterator[Fault]:
    region = reading.text(wish, "home_region")
    if region is not None and not re.fullmatch(_REGION, region):
        remedy = "look it up: oci iam region-subscription list"
        yield Fault(f"{path}.home_region", region, "is not a region", OCI_REGION_ALLOWED, remedy)


def _key_faults(path: str, wish: Record) -> Iterator[Fault]:
    key = reading.text(wish, "encryption_key")
    if key is None or key == "provider" or re.fullmatch(_KEY, key):
        return
    allowed = "a key's OCID (ocid1.key.…), or provider for Oracle's own key"
    remedy = "copy the OCID: oci kms management key list; or leave it out for a key made here"
    yield Fault(f"{path}.encryption_key", key, "is not a key's OCID", allowed, remedy)


def _credential_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Oracle's nodes cannot log in to its registry by themselves; a program that does it for them is run as root."""
    url, digest = (reading.text(wish, f"credential_provider_{part}") for part in ("url", "sha256"))
    if reading.as_list(wish.get("registries")) and url is None:
        problem = "is missing, and without it OKE's nodes cannot log in to registries"
        yield Fault(f"{path}.credential_provider_url", None, problem, _PROGRAM_ALLOWED, _PROGRAM_REMEDY)
    if url is not None and not re.fullmatch(r"https://[^\s/]+/\S+", url):
        yield Fault(
            f"{path}.credential_provider_url", url, "is not an https address", _PROGRAM_ALLOWED, _PROGRAM_REMEDY
        )
    if url is not None and digest is None:
        remedy = "add what  sha256sum credential-provider-oke  prints"
        where = f"{path}.credential_provider_sha256"
        yield Fault(where, None, "is missing beside credential_provider_url", _DIGEST_ALLOWED, remedy)
    if digest is not None and not re.fullmatch(r"[0-9a-f]{64}", digest):
        remedy = "write what  sha256sum  prints"
        yield Fault(f"{path}.credential_provider_sha256", digest, "is not a digest", _DIGEST_ALLOWED, remedy)


def _zone_faults(path: str, holder: Record) -> Iterator[Fault]:
    for position, zone in enumerate(reading.texts(holder, "zones")):
        if not re.fullmatch(r"[A-Za-z0-9]+:[A-Z0-9-]+-AD-[1-3]", zone):
            allowed = "an availability domain's full name, which begins with the tenancy's own prefix"
            remedy = "look it up: oci iam availability-domain list"
            yield Fault(f"{path}.zones[{position}]", zone, "is not an availability domain", allowed, remedy)


def _shape_faults(path: str, pool: Record) -> Iterator[Fault]:
    """Oracle, "Compute shapes": a flexible one has 1 to 64 GiB for each core; the others are what they are."""
    machine = reading.text(pool, "machine_type") or "VM.Standard.E5.Flex"
    sizes = {key: reading.integer(pool, key) for key in ("ocpus", "memory_gb")}
    if not machine.endswith(".Flex"):
        for key, size in sizes.items():
            if size is not None:
                allowed = "a size only for flexible shapes, whose names end in .Flex"
                yield Fault(f"{path}.{key}", size, f"is given, but {machine} has its own", allowed, f"remove {key}")
        return
    ocpus, memory = sizes["ocpus"] or 2, sizes["memory_gb"] or 16
    if sizes["ocpus"] is not None and sizes["ocpus"] < 1:
        yield Fault(f"{path}.ocpus", sizes["ocpus"], "is too small", "a whole number, at least 1", "write at least 1")
    elif not ocpus <= memory <= 64 * ocpus:
        allowed = f"{ocpus} to {64 * ocpus} GiB for {ocpus} cores: 1 to 64 for each"
        nearest = min(max(memory, ocpus), 64 * ocpus)
        yield Fault(f"{path}.memory_gb", memory, "does not fit the cores", allowed, f"write  memory_gb: {nearest}")


def _image_faults(path: str, pool: Record) -> Iterator[Fault]:
    image = reading.text(pool, "image")
    if image is not None and not re.fullmatch(r"ocid1\.image\.[a-z0-9-]*\.[a-z0-9-]*\.[a-z0-9.]+", image):
        allowed = "an image's OCID (ocid1.image.…)"
        yield Fault(f"{path}.image", image, "is not an image's OCID", allowed, "leave it out for the newest of OKE's")


def _pods_faults(path: str, pool: Record, *, routable: bool) -> Iterator[Fault]:
    """Oracle, "Using the OCI VCN-Native Pod Networking CNI plugin": 31 pods for each interface but the node's own."""
    most = reading.integer(pool, "max_pods")
    if most is None:
        return
    if not routable:
        allowed = "a limit only with network_mode: vcn-native"
        yield Fault(f"{path}.max_pods", most, "is given, but flannel has no such limit", allowed, "remove it")
        return
    machine, ocpus = reading.text(pool, "machine_type"), reading.integer(pool, "ocpus")
    limit = _MOST_PODS
    if machine is None or machine.endswith(".Flex"):
        limit = min(_MOST_PODS, _PODS_OF_INTERFACE * (max(2, ocpus or 2) - 1))
    if not 1 <= most <= limit:
        allowed = (
            f"1 to {limit}: {_PODS_OF_INTERFACE} for each interface but one, an interface for each core, two at least"
        )
        yield Fault(
            f"{path}.max_pods", most, "is out of bounds", allowed, f"write  {limit}  or give the pool more ocpus"
        )
