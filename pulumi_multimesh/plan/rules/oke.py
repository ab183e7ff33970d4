"""Rules of OKE clusters.

Owns: what Oracle Cloud asks of compartments, versions, modes, retention. Does not own: pools and ranges.
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.cluster_fields import COMPARTMENT_ALLOWED
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.common import choice_faults, region_faults, retention_faults

_MODES = ("vcn-native", "flannel")
# OCI Logging, "CreateLog": retention in steps of 30 days.
_RETENTIONS = (30, 60, 90, 120, 150, 180)
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
    yield from _subnet_faults(path, wish)


def _version_faults(path: str, wish: Record) -> Iterator[Fault]:
    version = reading.text(wish, "kubernetes_version")
    if version is None or re.fullmatch(r"v1\.[1-9][0-9]\.[0-9]+", version):
        return
    whole = re.fullmatch(r"1\.[1-9][0-9]\.[0-9]+", version)
    remedy = f"write  v{version}" if whole else "write it like  v1.34.1: oci ce cluster-options get"
    allowed = "a version that OKE offers, with v and patch, such as v1.34.1"
    yield Fault(f"{path}.kubernetes_version", version, "is not one of OKE's versions", allowed, remedy)


def _subnet_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Pods have a subnet in the one mode and none in the other."""
    network, mode = reading.record(wish, "network"), reading.text(wish, "network_mode") or "vcn-native"
    given = "pods_subnet_id" in network
    if not network or given == (mode == "vcn-native"):
        return
    problem = "is given, but flannel's pods have no subnet" if given else "is missing"
    remedy = "remove it, or set  network_mode: vcn-native" if given else "give the pods' subnet"
    allowed = "a subnet's OCID with network_mode: vcn-native, and nothing otherwise"
    yield Fault(f"{path}.network.pods_subnet_id", None, problem, allowed, remedy)
