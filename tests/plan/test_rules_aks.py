"""One configuration for each fault that only an AKS cluster can have, and what is no fault."""

from typing import Any

import pulumi
import pytest
from plan.configurations import changed

from pulumi_multimesh.plan.validate import validate

BASE: dict[str, Any] = {
    "aks": {"azure-eu": {"region": "westeurope"}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
}
AKS, PATH = "aks/azure-eu/", "aks.azure-eu."
KEY = "https://acme.vault.azure.net/keys/k8s/0123456789abcdef0123456789abcdef"
REGISTRY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/acme"
SUBNET = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes"
HUB = {"nodes_subnet_id": SUBNET, "egress_ips": ["203.0.113.7"]}
GUID = "11111111-2222-3333-4444-555555555555"

# Each: changes below the cluster, the fault's path, words of its problem, words of what is allowed or of the remedy.
CASES: dict[str, tuple[dict[str, object], str, str, str]] = {
    "tier": ({"tier": "standard"}, "tier", "not one of the choices", "write  Standard"),
    "channel": ({"upgrade_channel": "Patch"}, "upgrade_channel", "not one of the choices", "write  patch"),
    "image channel": ({"node_os_channel": "nodeimage"}, "node_os_channel", "not one of", "write  NodeImage"),
    "contradicting channels": (
        {"upgrade_channel": "node-image", "node_os_channel": "None"},
        "node_os_channel",
        "contradicts upgrade_channel",
        "leave one of them out",
    ),
    "mode": ({"network_mode": "kubenet"}, "network_mode", "not one of the choices", "overlay, pod-subnet"),
    "login by browser": ({"login": "devicecode"}, "login", "not one of the choices", "azurecli"),
    "retention": ({"log_retention_days": 7}, "log_retention_days", "is not a retention", "write  30"),
    "patch version": ({"kubernetes_version": "1.34.2"}, "kubernetes_version", "not a minor version", 'write  "1.34"'),
    "two days": (
        {"maintenance": {"days": ["saturday", "sunday"], "start": "03:00", "hours": 4}},
        "maintenance.days",
        "several days",
        "write  [saturday]",
    ),
    "zone": ({"zones": ["westeurope-1"]}, "zones[0]", "is not a zone", "1, 2, 3"),
    "zone of a pool": ({"node_pools": {"apps": {"zones": ["4"]}}}, "node_pools.apps.zones[0]", "not a zone", "1, 2, 3"),
    "subnet of pods in overlay": (
        {"network": {**HUB, "pods_subnet_id": SUBNET}, "ranges": {"nodes": "10.1.0.0/20"}},
        "network.pods_subnet_id",
        "pods have no subnet in this network mode",
        "network_mode: pod-subnet",
    ),
    "no subnet of pods": (
        {"network": HUB, "network_mode": "pod-subnet", "ranges": {"nodes": "10.1.0.0/20", "pods": "10.2.0.0/16"}},
        "network.pods_subnet_id",
        "is missing",
        "give the pods' subnet",
    ),
    "system pool taken away": (
        {"system_pool": {"max_unavailable": 1}},
        "system_pool.max_unavailable",
        "is for other pools",
        "surge",
    ),
    "range of a named network": ({"network": HUB}, "ranges.nodes", "is missing", "the named network has"),
    "long group": ({"resource_group": "g" * 38}, "resource_group", "is too long", "at most 37"),
    "key": ({"encryption_key": "k8s"}, "encryption_key", "is not a key's URI", "az keyvault key show"),
    "key without version": (
        {"encryption_key": KEY.rpartition("/")[0]},
        "encryption_key",
        "names no version",
        "az keyvault key show",
    ),
    "registry by its name": ({"registries": ["acme"]}, "registries[0]", "not a registry's id", "az acr show"),
    "registry twice": ({"registries": [REGISTRY, REGISTRY.lower()]}, "registries[1]", "is there twice", "remove it"),
    "registries unknown in number": (
        {"registries": pulumi.Output.from_input([REGISTRY])},
        "registries",
        "is an output",
        "how many there are",
    ),
    "group by its name": ({"admin_groups": ["admins"]}, "admin_groups[0]", "is not an id", "az ad group show"),
    "tenant by its name": ({"tenant_id": "acme.example"}, "tenant_id", "is not an id", "az account show"),
    "spot system pool": ({"system_pool": {"spot": True}}, "system_pool.spot", "for other pools", "under node_pools"),
    "surge of spot nodes": (
        {"node_pools": {"batch": {"spot": True, "max_surge": 2}}},
        "node_pools.batch.max_surge",
        "for spot nodes",
        "leave it out",
    ),
    "spot nodes taken away": (
        {"node_pools": {"batch": {"spot": True, "max_unavailable": 1}}},
        "node_pools.batch.max_unavailable",
        "for spot nodes",
        "leave it out",
    ),
    "more nodes and fewer": (
        {"node_pools": {"apps": {"max_surge": 1, "max_unavailable": 1}}},
        "node_pools.apps.max_unavailable",
        "beside max_surge",
        "keep one",
    ),
    "label of AKS": (
        {"system_pool": {"labels": {"kubernetes.azure.com/mode": "system"}}},
        "system_pool.labels.kubernetes.azure.com/mode",
        "AKS's own",
        "another label",
    ),
    "too few ranges for nodes": (
        {"ranges": {"pods": "10.9.0.0/21"}, "node_pools": {"apps": {"max_size": 8}}},
        "ranges.pods",
        "room for the pods of 8 nodes, and there may be 14",
        "write  10.9.0.0/20",
    ),
    "pool's name": ({"node_pools": {"my-apps": {}}}, "node_pools.my-apps", "is not a pool's name", "1 to 12"),
    "pool called system": ({"node_pools": {"system": {}}}, "node_pools.system", "the system pool", "rename"),
    "machine of AWS": (
        {"node_pools": {"apps": {"machine_type": "m6i.large"}}},
        "node_pools.apps.machine_type",
        "a machine type of AWS",
        "Standard_D4s_v5",
    ),
}


def faults(below: dict[str, object]) -> list[Any]:
    return list(validate("shop", changed({AKS + key: value for key, value in below.items()}, BASE)))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_fault(case: tuple[dict[str, object], str, str, str]) -> None:
    below, path, problem, said = case
    (fault,) = faults(below)
    assert fault.path == PATH + path
    assert problem in fault.problem
    assert said in f"{fault.allowed} {fault.remedy}"


FINE: dict[str, dict[str, object]] = {
    "nothing but a region": {},
    "no zones": {"zones": []},
    "key of one's own": {"encryption_key": KEY},
    "key of another cloud's vault": {"encryption_key": KEY.replace("vault.azure.net", "vault.azure.cn")},
    "Azure's key": {"encryption_key": "provider"},
    "key of the program": {"encryption_key": pulumi.Output.from_input("x")},
    "registries": {"registries": [REGISTRY, pulumi.Output.from_input("x")]},
    "group of the program": {"resource_group": pulumi.Output.from_input("x")},
    "group with room": {"resource_group": "g" * 37},
    "Entra": {"admin_groups": [GUID], "tenant_id": GUID.upper()},
    "spot": {"node_pools": {"batch": {"spot": True, "min_size": 1, "max_size": 20}}},
    "fewer nodes": {
        "node_pools": {"apps": {"max_unavailable": 1}, "batch": {"max_surge": 0, "max_unavailable": 2}},
    },
    "node images": {"upgrade_channel": "node-image", "node_os_channel": "NodeImage"},
    "exactly room": {
        "ranges": {"pods": "10.9.0.0/21"},
        "system_pool": {"size": 4},
        "node_pools": {"apps": {"size": 2}},
    },
    "small range for a subnet": {"ranges": {"pods": "10.9.0.0/23"}, "network_mode": "pod-subnet"},
    "everything of a named network": {
        "network": {**HUB, "pods_subnet_id": SUBNET},
        "network_mode": "pod-subnet",
        "ranges": {"nodes": "10.1.0.0/20", "pods": "10.2.0.0/16"},
    },
}


@pytest.mark.parametrize("below", FINE.values(), ids=FINE)
def test_no_fault(below: dict[str, object]) -> None:
    assert [str(fault) for fault in faults(below)] == []
