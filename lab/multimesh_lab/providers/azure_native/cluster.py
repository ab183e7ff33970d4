"""AKS clusters of the simulated Azure, each a real Kubernetes cluster of the lab.

Owns: what a cluster tells of itself, its versions and its list of pools. Does not own: the Kubernetes cluster (the
lab's runtime), its network (cluster_network), its rights (cluster_rights), pools of their own (pools), who reaches it
(reach).
"""

import re
from typing import cast

from multimesh_lab.cluster import ClusterRequest
from multimesh_lab.providers.azure_native import (
    cluster_network,
    cluster_rights,
    ids,
    pool_rules,
    reach,
    versions,
)
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import CLUSTER, IDENTITY, POOL
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.runtime import Facts
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

LAB = "lab"
"""The key under which a cluster's record keeps what the lab said of it; GET never shows it."""
# "Naming rules and restrictions for Azure resources" (learn.microsoft.com), Microsoft.ContainerService; and
# "Troubleshoot common issues" of AKS: the nodes' group, MC_<group>_<cluster>_<region>, has 80 characters at most.
_NAME = re.compile(r"^[A-Za-z0-9]([\w-]{0,61}[A-Za-z0-9])?$")
_DNS_PREFIX = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?$")
_LONGEST_NODE_GROUP = 80
_TIERS = ("Free", "Standard", "Premium")
_CHANNELS = ("none", "patch", "stable", "rapid", "node-image")
_OS_CHANNELS = ("None", "Unmanaged", "NodeImage", "SecurityPatch")


def inline(record: Record | Call) -> list[Properties]:
    """The pools within the cluster's own resource."""
    source = record.outputs if isinstance(record, Record) else record.inputs
    return [cast("Properties", each) for each in ids.listed(source, "agentPoolProfiles")]


def pools_of(store: Store, cluster_id: str) -> list[Record]:
    """The pools that are resources of their own."""
    return [each for each in store.all(POOL) if ids.lies_in(each.id, cluster_id)]


def facts_of(record: Record) -> Facts:
    """What the lab said of the cluster."""
    return Facts(**cast("dict[str, str]", record.outputs[LAB]))


def _node_group(call: Call) -> str:
    made = f"MC_{call.inputs['resourceGroupName']}_{call.inputs['resourceName']}_{call.inputs['location']}"
    return str(call.inputs.get("nodeResourceGroup") or made)


def _names(call: Call) -> None:
    name, prefix, group = str(call.inputs["resourceName"]), call.inputs.get("dnsPrefix"), _node_group(call)
    if not _NAME.match(name):
        message = f"The cluster name '{name}' has 1 to 63 letters, digits, underscores and hyphens, none at an end."
        raise ids.invalid("InvalidResourceName", message)
    if not call.inputs.get("fqdnSubdomain") and not _DNS_PREFIX.match(str(prefix or "")):
        message = f"dnsPrefix '{prefix}' has 1 to 54 letters, digits and hyphens, no hyphen at an end."
        raise ids.invalid("InvalidParameter", message)
    if len(group) > _LONGEST_NODE_GROUP:
        message = (
            f"The node resource group name '{group}' has {len(group)} characters; {_LONGEST_NODE_GROUP} are allowed."
        )
        raise ids.invalid("InvalidParameter", message)


def _settings(call: Call) -> None:
    sku, upgrade = ids.within(call.inputs, "sku"), ids.within(call.inputs, "autoUpgradeProfile")
    choices = (
        ("sku.name", sku.get("name"), ("Base", "Automatic")),
        ("sku.tier", sku.get("tier"), _TIERS),
        ("autoUpgradeProfile.upgradeChannel", upgrade.get("upgradeChannel"), _CHANNELS),
        ("autoUpgradeProfile.nodeOSUpgradeChannel", upgrade.get("nodeOSUpgradeChannel"), _OS_CHANNELS),
    )
    for what, value, allowed in choices:
        if value is not None and value not in allowed:
            raise ids.invalid("InvalidParameter", f"{what} '{value}' must be one of {', '.join(allowed)}.")


def _version(call: Call) -> None:
    after = call.inputs.get("kubernetesVersion")
    if after is None:
        return
    versions.parsed(after)
    if call.old.get("kubernetesVersion"):
        versions.check_upgrade(call.old["kubernetesVersion"], after)
    for index, pool in enumerate(inline(call)):
        versions.check_pool(after, pool.get("orchestratorVersion"), f"agentPoolProfiles[{index}].orchestratorVersion")
    for each in pools_of(call.store, call.id) if call.id else []:
        versions.check_pool(after, each.outputs.get("orchestratorVersion"), each.id)


def _pools(call: Call) -> None:
    given = inline(call)
    own = pools_of(call.store, call.id) if call.id else []
    for index, pool in enumerate(given):
        what, new = f"agentPoolProfiles[{index}]", not call.old
        pool_rules.check(pool.get("name"), pool_rules.defaults(pool), what, new=new)
    # "Manage system node pools in AKS" (learn.microsoft.com).
    modes = [pool.get("mode") for pool in given] + [each.outputs.get("mode") for each in own]
    if pool_rules.SYSTEM not in modes:
        message = "agentPoolProfiles: a cluster must have at least one System pool at all times."
        raise ids.invalid("InvalidParameter", message)
    if call.old:
        _pools_stay(call, given, {str(each.outputs["name"]) for each in own})


def _pools_stay(call: Call, given: list[Properties], own: set[str]) -> None:
    before = {str(each.get("name")): each for each in ids.listed(call.old, "agentPoolProfiles")}
    after = {str(each.get("name")): each for each in given}
    # The words are those of pulumi/pulumi-azure-native#579.
    advice = "For agent pool specific change, please use per agent pool operations: https://aka.ms/agent-pool-rest-api"
    if after.keys() - before.keys() - own:
        message = (
            "A new agent pool was introduced. Adding agent pools to an existing cluster is not allowed through managed "
            f"cluster operations. {advice}"
        )
        raise ids.invalid("BadRequest", message)
    if before.keys() - after.keys() - own:
        gone = ", ".join(sorted(before.keys() - after.keys() - own))
        message = f"agentPoolProfiles: removing {gone} is not allowed through managed cluster operations. {advice}"
        raise ids.invalid("BadRequest", message)
    for name in before.keys() & after.keys():
        pool_rules.check_change(before[name], after[name], f"agentPoolProfiles[{name}]", "vmSize")


def _create(call: Call) -> Properties:
    version = call.inputs.get("kubernetesVersion") or versions.LATEST[max(versions.LATEST) - 1]
    made = call.runtime.create(
        ClusterRequest(
            id=reach.lab_id(call.id),
            name=str(call.inputs["resourceName"]),
            cloud="azure",
            region=str(call.inputs["location"]),
            kubernetes_version=versions.full(version),
        )
    )
    state = _state(call, made, ids.fresh_guid(call, "cluster"), str(version))
    # First, so that the node's pods never leave by another address.
    reach.apply(call, call.id, {**call.inputs, **state})
    call.runtime.join_node(reach.lab_id(call.id), _node_labels(call))
    call.runtime.install_dns(reach.lab_id(call.id))
    return state


def _update(call: Call) -> Properties:
    record = call.store.get(CLUSTER, call.id)
    if record is None or LAB not in record.outputs:
        raise ids.not_found(call.id)
    version = str(call.inputs.get("kubernetesVersion") or record.outputs["kubernetesVersion"])
    state = _state(call, facts_of(record), str(record.outputs["resourceUID"]), version)
    reach.apply(call, call.id, {**call.inputs, **state})
    return state


def _state(call: Call, made: Facts, uid: str, version: str) -> Properties:
    """What GET shows and PUT does not say."""
    upgrade = ids.within(call.inputs, "oidcIssuerProfile")
    issuer = {**upgrade, "issuerURL": made.oidc_issuer} if upgrade.get("enabled") else {"enabled": False}
    host = made.endpoint.removeprefix("https://").partition(":")[0]
    return {
        LAB: vars(made),
        "kubernetesVersion": version,
        "currentKubernetesVersion": versions.full(version),
        "sku": {"name": "Base", "tier": "Free", **ids.within(call.inputs, "sku")},
        "enableRBAC": call.inputs.get("enableRBAC", True),
        "nodeResourceGroup": _node_group(call),
        "networkProfile": cluster_network.profile(call.inputs),
        "agentPoolProfiles": [_profile(pool, version) for pool in inline(call)],
        "identity": _identity(call),
        "oidcIssuerProfile": issuer,
        "fqdn": host,
        "azurePortalFQDN": host,
        "maxAgentPools": 100,
        "powerState": {"code": "Running"},
        "provisioningState": "Succeeded",
        "resourceUID": uid,
        "servicePrincipalProfile": {"clientId": "msi"},
    }


def _profile(pool: Properties, version: str) -> Properties:
    whole = pool_rules.with_spot_marks(pool_rules.defaults(pool))
    own = str(whole.get("orchestratorVersion") or version)
    return {
        **whole,
        "orchestratorVersion": own,
        "currentOrchestratorVersion": versions.full(own),
        "powerState": {"code": "Running"},
        "provisioningState": "Succeeded",
    }


def _identity(call: Call) -> Properties:
    given = ids.within(call.inputs, "identity")
    if given.get("type") == "SystemAssigned":
        return {"type": "SystemAssigned", "principalId": ids.guid(call.id, "principal"), "tenantId": ids.TENANT}
    table: Properties = {}
    for each in ids.listed(given, "userAssignedIdentities"):
        found = ids.find(call.store, IDENTITY, each)
        table[str(each)] = {key: found.outputs[key] for key in ("clientId", "principalId")} if found else {}
    return {"type": "UserAssigned", "userAssignedIdentities": table}


def _node_labels(call: Call) -> dict[str, str]:
    """Those of the lab's one node, which is of the first pool ("Use labels in an AKS cluster", learn.microsoft.com)."""
    first = inline(call)[0]
    region, zones = str(call.inputs["location"]), ids.listed(first, "availabilityZones")
    own = {str(key): str(value) for key, value in ids.within(first, "nodeLabels").items()}
    return {
        **own,
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": f"{region}-{zones[0]}" if zones else "0",
        "kubernetes.azure.com/agentpool": str(first["name"]),
        "kubernetes.azure.com/mode": str(first.get("mode", pool_rules.USER)).lower(),
    }


def _pools_listed(store: Store, record: Record) -> Properties:
    """All pools: AKS lists those that are resources of their own within the cluster's too."""
    hidden = ("resourceGroupName", "resourceName", "agentPoolName", "azureApiVersion")
    known = {str(each.get("name")) for each in inline(record)}
    others = [each.outputs for each in pools_of(store, record.id) if each.outputs.get("name") not in known]
    shown = [{k: v for k, v in each.items() if k not in hidden and not k.startswith("__")} for each in others]
    return {"agentPoolProfiles": [*inline(record), *shown]}


def _delete(call: Call) -> None:
    record = call.store.get(CLUSTER, call.id)
    if record is not None and LAB in record.outputs:
        call.runtime.delete(reach.lab_id(call.id))


# forceNewMap, provider/pkg/gen/replacement.go (pulumi/pulumi-azure-native#4756).
_FORCED_NETWORK = (
    "serviceCidr",
    "serviceCidrs",
    "dnsServiceIP",
    "networkMode",
    "networkPlugin",
    "networkPluginMode",
    "podCidr",
    "networkDataplane",
    "networkPolicy",
    "outboundType",
)
_FORCED = (
    "diskEncryptionSetID",
    "dnsPrefix",
    "fqdnSubdomain",
    "linuxProfile",
    "location",
    "nodeResourceGroup",
    "windowsProfile",
)

KIND = ArmKind(
    CLUSTER,
    identify=ids.in_group("Microsoft.ContainerService/managedClusters/{resourceName}"),
    replaces=frozenset(
        {"resourceGroupName", "resourceName", *_FORCED, *(f"networkProfile.{each}" for each in _FORCED_NETWORK)}
    ),
    named_by="resourceName",
    planned=ids.named(CLUSTER, "resourceName"),
    shown=_pools_listed,
    rules=(
        _names,
        _settings,
        _version,
        _pools,
        cluster_network.check,
        cluster_network.check_access,
        cluster_rights.check_logins,
        cluster_rights.check_identities,
        cluster_rights.check_encryption,
    ),
    create=_create,
    update=_update,
    delete=_delete,
    create_minutes=6,
    delete_minutes=6,
)
