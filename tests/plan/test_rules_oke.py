"""One configuration for each fault that only an OKE cluster can have, and what is no fault."""

from typing import Any

import pulumi
import pytest
from plan.configurations import changed

from pulumi_multimesh.plan.validate import validate

COMPARTMENT = "ocid1.compartment.oc1..aaaa"
BASE: dict[str, Any] = {
    "oke": {"oci-eu": {"compartment_id": COMPARTMENT, "region": "eu-frankfurt-1"}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
}
OKE, PATH = "oke/oci-eu/", "oke.oci-eu."
SUBNET = "ocid1.subnet.oc1.eu-frankfurt-1.aaaa"
VCN = {
    "vcn_id": "ocid1.vcn.oc1.eu-frankfurt-1.aaaa",
    "endpoint_subnet_id": SUBNET,
    "nodes_subnet_id": SUBNET,
    "load_balancers_subnet_id": SUBNET,
    "egress_ips": ["203.0.113.7"],
}
PROGRAM = "https://objectstorage.eu-frankfurt-1.oraclecloud.com/n/acme/b/tools/o/credential-provider-oke"
DIGEST = "0123456789abcdef" * 4


def pool(**wish: object) -> dict[str, object]:
    return {"node_pools": {"apps": wish}}


# Each: changes below the cluster, the fault's path, words of its problem, words of what is allowed or of the remedy.
CASES: dict[str, tuple[dict[str, object], str, str, str]] = {
    "compartment by name": ({"compartment_id": "shop"}, "compartment_id", "not a compartment's", "oci iam compartment"),
    "registry by name": (
        {"registries": ["shop"], "credential_provider_url": PROGRAM, "credential_provider_sha256": DIGEST},
        "registries[0]",
        "not a compartment's",
        "oci iam compartment",
    ),
    "mode": ({"network_mode": "native"}, "network_mode", "not one of the choices", "vcn-native, flannel"),
    "minor version": ({"kubernetes_version": "1.34"}, "kubernetes_version", "not one of OKE's", "v1.34.1"),
    "version without v": ({"kubernetes_version": "1.34.1"}, "kubernetes_version", "not one of", "write  v1.34.1"),
    "retention": ({"log_retention_days": 45}, "log_retention_days", "is not a retention", "write  30"),
    "home region": ({"home_region": "iad"}, "home_region", "is not a region", "region-subscription list"),
    "key": ({"encryption_key": "mine"}, "encryption_key", "not a key's OCID", "oci kms management key list"),
    "zone": ({"zones": ["AD-1"]}, "zones[0]", "not an availability domain", "availability-domain list"),
    "zone of a pool": (
        pool(zones=["eu-frankfurt-1a"]), "node_pools.apps.zones[0]", "not an availability domain", "tenancy's own",
    ),
    "no program": (
        {"registries": [COMPARTMENT]}, "credential_provider_url", "cannot log in", "oke-credential-provider-for-ocir",
    ),
    "program without digest": (
        {"credential_provider_url": PROGRAM}, "credential_provider_sha256", "is missing beside", "sha256sum",
    ),
    "program over http": (
        {"credential_provider_url": PROGRAM.replace("https", "http"), "credential_provider_sha256": DIGEST},
        "credential_provider_url", "not an https address", "that you trust",
    ),
    "digest": (
        {"credential_provider_url": PROGRAM, "credential_provider_sha256": "sha256:" + DIGEST},
        "credential_provider_sha256", "is not a digest", "64 digits",
    ),
    "cores of a fixed shape": (
        pool(machine_type="VM.Standard2.4", ocpus=4), "node_pools.apps.ocpus", "has its own", "remove ocpus",
    ),
    "memory of a fixed shape": (
        pool(machine_type="VM.Standard2.4", memory_gb=4), "node_pools.apps.memory_gb", "has its own", ".Flex",
    ),
    "no core": (pool(ocpus=0), "node_pools.apps.ocpus", "is too small", "at least 1"),
    "too much memory": (pool(ocpus=1, memory_gb=65), "node_pools.apps.memory_gb", "does not fit", "memory_gb: 64"),
    "too little memory": (pool(ocpus=20), "node_pools.apps.memory_gb", "does not fit", "memory_gb: 20"),
    "image by name": (pool(image="Oracle-Linux-8.10"), "node_pools.apps.image", "not an image's OCID", "leave it out"),
    "too many pods": (pool(max_pods=32), "node_pools.apps.max_pods", "out of bounds", "1 to 31"),
    "too many pods for any shape": (
        pool(max_pods=111, ocpus=8, memory_gb=8), "node_pools.apps.max_pods", "out of bounds", "1 to 110",
    ),
    "no pods": (pool(max_pods=0), "node_pools.apps.max_pods", "out of bounds", "1 to 31"),
    "pods of flannel": (
        {"network_mode": "flannel", **pool(max_pods=31)}, "node_pools.apps.max_pods", "flannel has no", "remove it",
    ),
    "subnet of flannel's pods": (
        {
            "network_mode": "flannel",
            "network": {**VCN, "pods_subnet_id": SUBNET},
            "ranges": {"nodes": "10.1.0.0/20"},
        },
        "network.pods_subnet_id", "pods have no subnet in this network mode", "network_mode: vcn-native",
    ),
    "no subnet of pods": (
        {"network": VCN, "ranges": {"nodes": "10.1.0.0/20", "pods": "10.2.0.0/16"}},
        "network.pods_subnet_id", "is missing", "give the pods' subnet",
    ),
    "range of a named network": (
        {"network": {**VCN, "pods_subnet_id": SUBNET}, "ranges": {"nodes": "10.1.0.0/20"}},
        "ranges.pods", "is missing", "the named network has",
    ),
    "surge nor absence": (pool(max_surge=0), "node_pools.apps.max_surge", "no way forward", "max_unavailable: 1"),
    "disk": (pool(disk_size_gb=40), "node_pools.apps.disk_size_gb", "out of bounds", "50 to 32768"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_told_with_its_remedy(case: str) -> None:
    changes, where, problem, help_ = CASES[case]
    faults = validate("shop", changed({OKE + key: value for key, value in changes.items()}, BASE))
    assert [fault.path for fault in faults] == [PATH + where]
    assert problem in str(faults[0])
    assert help_ in str(faults[0])


FINE: dict[str, dict[str, object]] = {
    "nothing more": {},
    "Oracle's own key": {"encryption_key": "provider"},
    "a brought key": {"encryption_key": "ocid1.key.oc1.eu-frankfurt-1.abcd.aaaa"},
    "a key of the program": {"encryption_key": pulumi.Output.from_input("ocid1.key.oc1..x")},
    "the root compartment": {"compartment_id": "ocid1.tenancy.oc1..aaaa"},
    "home elsewhere": {"home_region": "us-ashburn-1"},
    "private images": {
        "registries": [COMPARTMENT],
        "credential_provider_url": PROGRAM,
        "credential_provider_sha256": DIGEST,
    },
    "zones": {"zones": ["Uocm:EU-FRANKFURT-1-AD-1", "Uocm:EU-FRANKFURT-1-AD-3"]},
    "a large node": pool(ocpus=8, memory_gb=64, max_pods=110),
    "a fixed shape": pool(machine_type="VM.Standard2.4", max_pods=60),
    "Arm": pool(machine_type="VM.Standard.A1.Flex", ocpus=4),
    "flannel": {"network_mode": "flannel"},
    "a named network": {
        "network": {**VCN, "pods_subnet_id": SUBNET},
        "ranges": {"nodes": "10.1.0.0/20", "pods": "10.2.0.0/16"},
    },
}


@pytest.mark.parametrize("case", FINE)
def test_what_is_right_is_no_fault(case: str) -> None:
    assert validate("shop", changed({OKE + key: value for key, value in FINE[case].items()}, BASE)) == []
