"""What AKS asks of a pool of nodes, within the cluster's own resource or as a resource of its own.

Owns: these rules. Does not own: versions, and subnets as the cluster's network wants them (cluster_network).
"""

import re
from collections.abc import Mapping
from typing import Any

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.wire import Properties

SYSTEM, USER, SPOT = "System", "User", "Spot"
_NAME = re.compile(r"^[a-z][a-z0-9]{0,11}$")
_MOST_NODES = 1000
_PODS = range(10, 251)
_PERCENT = re.compile(r"^\d{1,3}%?$")
_FIXED = (
    "availabilityZones",
    "maxPods",
    "osDiskSizeGB",
    "osDiskType",
    "osType",
    "podSubnetID",
    "scaleSetPriority",
    "type",
    "vnetSubnetID",
)
_TAINT = re.compile(r"^[^=:]+=?[^=:]*:(NoSchedule|PreferNoSchedule|NoExecute)$")
SPOT_KEY = "kubernetes.azure.com/scalesetpriority"


def check(name: object, pool: Mapping[str, Any], what: str, *, new: bool) -> None:
    """Refuse a pool that AKS would not make; `what` is its place, such as `agentPoolProfiles[0]`."""
    # "Create node pools for a cluster in AKS" (learn.microsoft.com), limitations.
    if not _NAME.match(str(name)):
        raise _invalid(f"{what}: name '{name}' has 1 to 12 lowercase letters and digits and begins with a letter")
    if pool.get("mode", USER) not in (SYSTEM, USER):
        raise _invalid(f"{what}: mode '{pool.get('mode')}' must be System or User")
    if not pool.get("vmSize"):
        raise _invalid(f"{what}: vmSize is required")
    if int(pool.get("maxPods") or _PODS.start) not in _PODS:
        raise _invalid(f"{what}: maxPods {pool['maxPods']} must be 10 to 250")
    for taint in ids.listed(pool, "nodeTaints"):
        if not _TAINT.match(str(taint)):
            raise _invalid(f"{what}: nodeTaints: '{taint}' must have the form key=value:effect")
    _size(pool, what, new=new)
    _upgrades(pool, what)
    _spot(pool, what)


def _size(pool: Mapping[str, Any], what: str, *, new: bool) -> None:
    least = 1 if pool.get("mode") == SYSTEM else 0
    count = pool.get("count", 1)
    if not least <= int(count) <= _MOST_NODES:
        raise _invalid(f"{what}: count {count} must be {least} to {_MOST_NODES} for a {pool.get('mode', USER)} pool")
    lowest, highest = pool.get("minCount"), pool.get("maxCount")
    # "Use the cluster autoscaler in AKS" (learn.microsoft.com).
    if pool.get("enableAutoScaling"):
        if lowest is None or highest is None:
            raise _invalid(f"{what}: enableAutoScaling needs minCount and maxCount")
        if not least <= int(lowest) <= int(highest) <= _MOST_NODES:
            raise _invalid(f"{what}: minCount {lowest} and maxCount {highest} must rise from {least} to {_MOST_NODES}")
        # Later the limits may move past the number of nodes, which the autoscaler then follows.
        if new and not int(lowest) <= int(count) <= int(highest):
            raise _invalid(f"{what}: count {count} must lie between minCount {lowest} and maxCount {highest}")
    elif lowest is not None or highest is not None:
        raise _invalid(f"{what}: minCount and maxCount need enableAutoScaling")


def _upgrades(pool: Mapping[str, Any], what: str) -> None:
    settings = ids.within(pool, "upgradeSettings")
    surge, away = settings.get("maxSurge"), settings.get("maxUnavailable")
    for key, value in (("maxSurge", surge), ("maxUnavailable", away)):
        if value is not None and not _PERCENT.match(str(value)):
            raise _invalid(f"{what}: upgradeSettings.{key} '{value}' must be a number or a percentage as text")
    # Azure/AKS#4277: one of the two; and "Customize node surge upgrade" (learn.microsoft.com): maxSurge is 0 while
    # nodes are taken away, and a pool that does neither could never be upgraded.
    if _some(away) and (surge is None or _some(surge)):
        raise _invalid(f"{what}: upgradeSettings.maxSurge must be '0' where maxUnavailable is set; it is {surge!r}")
    if surge is not None and not _some(surge) and not _some(away):
        raise _invalid(f"{what}: upgradeSettings: maxSurge and maxUnavailable cannot both be 0")
    # Azure/ARO-HCP#6038 and the same article: nodes of a system pool are never taken away first.
    if _some(away) and pool.get("mode") == SYSTEM:
        raise _invalid(f"{what}: upgradeSettings.maxUnavailable is not supported on System pools; use maxSurge")


def _spot(pool: Mapping[str, Any], what: str) -> None:
    # "Add an Azure Spot node pool to an AKS cluster" (learn.microsoft.com).
    if pool.get("scaleSetPriority") != SPOT:
        for key in ("scaleSetEvictionPolicy", "spotMaxPrice"):
            if pool.get(key) is not None:
                raise _invalid(f"{what}: {key} needs scaleSetPriority Spot")
        return
    if pool.get("mode") == SYSTEM:
        raise _invalid(f"{what}: a System pool cannot have scaleSetPriority Spot")
    # hashicorp/terraform-provider-azurerm#19355.
    if ids.within(pool, "upgradeSettings").get("maxSurge") is not None:
        raise _invalid(f"{what}: Spot pools can't set max surge; leave upgradeSettings.maxSurge out")
    price = pool.get("spotMaxPrice", -1)
    if price != -1 and not float(price) > 0:
        raise _invalid(f"{what}: spotMaxPrice {price} must be -1 or greater than 0")


def check_change(before: Mapping[str, Any], after: Mapping[str, Any], what: str, *more: str) -> None:
    """Refuse a change of what a pool keeps for its life."""
    # "Create node pools for a cluster in AKS" (learn.microsoft.com): PropertyChangeNotAllowed.
    for key in (*_FIXED, *more):
        old, new = before.get(key), after.get(key)
        if new is not None and old is not None and _plain(old) != _plain(new):
            message = f"Changing property '{what}.{key}' is not allowed. It is {old} and would be {new}."
            raise ids.invalid("PropertyChangeNotAllowed", message)


def defaults(pool: Mapping[str, Any]) -> Properties:
    """What AKS chooses for what the pool does not say (ManagedClusterAgentPoolProfileProperties in its API)."""
    chosen: Properties = {
        "count": 1,
        "mode": USER,
        "type": "VirtualMachineScaleSets",
        "osType": "Linux",
        "osDiskType": "Managed",
        "maxPods": 110,
    }
    return {**chosen, **{key: value for key, value in pool.items() if value is not None}}


def with_spot_marks(pool: Properties) -> Properties:
    """The pool with the label and the taint that AKS gives to spot nodes."""
    if pool.get("scaleSetPriority") != SPOT:
        return pool
    taint = f"{SPOT_KEY}=spot:NoSchedule"
    taints = ids.listed(pool, "nodeTaints")
    return {
        **pool,
        "nodeLabels": {**ids.within(pool, "nodeLabels"), SPOT_KEY: "spot"},
        "nodeTaints": taints if taint in taints else [*taints, taint],
    }


def _some(value: object) -> bool:
    return value is not None and str(value).rstrip("%") not in ("", "0")


def _plain(value: Any) -> Any:
    return sorted(str(each) for each in value) if isinstance(value, list) else str(value).lower()


def _invalid(message: str) -> Exception:
    return ids.invalid("InvalidParameter", f"{message}.")
