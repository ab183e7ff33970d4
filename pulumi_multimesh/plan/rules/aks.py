"""Rules of AKS clusters.

Owns: what Azure asks of versions, tiers, modes, zones, windows, keys and ids. Does not own: pools (aks_pools.py) and
ranges (ranges.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.aks_pools import aks_pool_faults
from pulumi_multimesh.plan.rules.common import (
    choice_faults,
    maintenance_faults,
    minor_version_faults,
    region_faults,
    retention_faults,
)

_CHOICES = {
    "tier": (("Free", "Standard", "Premium"), "Standard"),
    "upgrade_channel": (("none", "patch", "stable", "rapid", "node-image"), "patch"),
    "node_os_channel": (("None", "Unmanaged", "SecurityPatch", "NodeImage"), "NodeImage"),
    "network_mode": (("overlay", "pod-subnet"), "overlay"),
    "login": (("azurecli", "spn", "workloadidentity", "msi"), "azurecli"),
}
"""By key: choices, default."""
# Azure Monitor Logs, "Configure data retention": interactive retention of a workspace.
_RETENTIONS = range(30, 731)
_ZONES = ("1", "2", "3")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Azure Key Vault, "Keys, secrets and certificates overview": object identifiers; other clouds have other suffixes.
_KEY = re.compile(r"https://[A-Za-z0-9-]{3,24}\.vault\.[a-z.]+/keys/[A-Za-z0-9-]+/[0-9a-f]+")
_REGISTRY = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.ContainerRegistry/registries/[A-Za-z0-9]+",
    re.IGNORECASE,
)
# AKS, "Resource naming": MC_<group>_<cluster>_<region> has at most 80 characters; 28 are the cluster's with suffix.
_NODE_GROUP, _CLUSTER = 80, 28


def aks_faults(path: str, wish: Record) -> Iterator[Fault]:
    """Every fault of an AKS cluster's own keys."""
    yield from region_faults(path, "aks", wish)
    yield from minor_version_faults(path, wish, "AKS")
    for key, (choices, default) in _CHOICES.items():
        yield from choice_faults(path, wish, key, choices, default)
    yield from retention_faults(path, wish, _RETENTIONS, "30 to 730 days")
    yield from _upkeep_faults(path, wish)
    yield from _zone_faults(path, wish)
    yield from _group_faults(path, wish)
    yield from _key_faults(path, wish)
    yield from _registry_faults(path, wish)
    yield from _entra_faults(path, wish)
    yield from aks_pool_faults(path, wish)


def _upkeep_faults(path: str, wish: Record) -> Iterator[Fault]:
    yield from maintenance_faults(path, wish)
    days = reading.texts(reading.record(wish, "maintenance"), "days")
    if len(days) > 1:
        yield Fault(
            f"{path}.maintenance.days", list(days), "names several days", "one day for AKS", f"write  [{days[0]}]"
        )
    images = reading.text(wish, "node_os_channel")
    if reading.text(wish, "upgrade_channel") == "node-image" and images not in (None, "NodeImage"):
        # AKS, "Auto-upgrade node OS images": the cluster's channel node-image sets the other one.
        allowed = "NodeImage with upgrade_channel: node-image, which is the same thing"
        yield Fault(f"{path}.node_os_channel", images, "contradicts upgrade_channel", allowed, "leave one of them out")


def _zone_faults(path: str, wish: Record) -> Iterator[Fault]:
    pools = {f"node_pools.{name}": pool for name, pool in reading.records(wish, "node_pools").items()}
    holders = {"": wish, "system_pool": reading.record(wish, "system_pool"), **pools}
    for holder, having in holders.items():
        where = ".".join(part for part in (path, holder, "zones") if part)
        for position, zone in enumerate(reading.texts(having, "zones")):
            if zone not in _ZONES:
                allowed = "Azure's zones are numbered: 1, 2, 3, in quotes"
                yield Fault(f"{where}[{position}]", zone, "is not a zone", allowed, 'write  "1"')


def _group_faults(path: str, wish: Record) -> Iterator[Fault]:
    """AKS makes a second group for the nodes, whose name must have room for this one's."""
    group, region = reading.text(wish, "resource_group"), reading.text(wish, "region") or ""
    room = _NODE_GROUP - len("MC___") - _CLUSTER - len(region)
    if group is not None and len(group) > room:
        allowed = f"at most {room} characters, as the nodes' group is called MC_<group>_<cluster>_{region}"
        yield Fault(f"{path}.resource_group", group, "is too long", allowed, "leave it out, or name another group")


def _key_faults(path: str, wish: Record) -> Iterator[Fault]:
    key = reading.text(wish, "encryption_key")
    if key is None or key == "provider" or _KEY.fullmatch(key):
        return
    allowed = "provider, or a key's URI with version, such as https://acme.vault.azure.net/keys/k8s/0123456789abcdef"
    without_version = re.fullmatch(r"https://[^/]+/keys/[^/]+/?", key)
    problem = "names no version of the key" if without_version else "is not a key's URI"
    remedy = "copy it: az keyvault key show --query key.kid, or leave encryption_key out for a key made here"
    yield Fault(f"{path}.encryption_key", key, problem, allowed, remedy)


def _registry_faults(path: str, wish: Record) -> Iterator[Fault]:
    where = f"{path}.registries"
    if reading.is_output(wish.get("registries")):
        allowed = "a list, whose items may be outputs: how many there are must be known before the engine runs"
        yield Fault(where, None, "is an output of the program", allowed, "write  [registry.id]")
        return
    seen: set[str] = set()
    for position, each in enumerate(reading.as_list(wish.get("registries"))):
        if not isinstance(each, str):
            continue
        allowed = "the id of a container registry, each once"
        if not _REGISTRY.fullmatch(each):
            remedy = "copy it: az acr show --query id"
            yield Fault(f"{where}[{position}]", each, "is not a registry's id", allowed, remedy)
        elif each.lower() in seen:
            yield Fault(f"{where}[{position}]", each, "is there twice", allowed, "remove it")
        seen.add(each.lower())


def _entra_faults(path: str, wish: Record) -> Iterator[Fault]:
    ids = [(f"admin_groups[{place}]", each) for place, each in enumerate(reading.texts(wish, "admin_groups"))]
    tenant = reading.text(wish, "tenant_id")
    for key, value in [*ids, *([("tenant_id", tenant)] if tenant is not None else [])]:
        if not _GUID.fullmatch(value):
            shown = "az account show --query tenantId" if key == "tenant_id" else "az ad group show --query id"
            allowed = "an id of Entra, such as 11111111-2222-3333-4444-555555555555"
            yield Fault(f"{path}.{key}", value, "is not an id", allowed, f"copy it: {shown}")
