"""Pools of nodes of the simulated AKS that are resources of their own; they are records, as a cluster has one node.

Owns: their life beside the cluster. Does not own: what a pool looks like (pool_rules), the first pool (cluster).
"""

from multimesh_lab.providers.azure_native import cluster, cluster_network, ids, pool_rules, versions
from multimesh_lab.providers.azure_native.kind import ArmKind, Naming
from multimesh_lab.providers.azure_native.tokens import CLUSTER, POOL
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.wire import Properties

_url = ids.in_group("Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}")


def _check(call: Call) -> None:
    call.id = call.id or _url(call)
    parent, what = ids.parent_of(call, CLUSTER), str(call.inputs["agentPoolName"])
    pool = pool_rules.defaults(call.inputs)
    pool_rules.check(call.inputs["agentPoolName"], pool, what, new=not call.old)
    versions.check_pool(
        parent.outputs["kubernetesVersion"], call.inputs.get("orchestratorVersion"), f"{what}.orchestratorVersion"
    )
    overlay = cluster_network.profile(parent.outputs).get("networkPluginMode") == "overlay"
    cluster_network.check_pool(call, pool, overlay, what)
    inline = [str(each.get("name")) for each in cluster.inline(parent)]
    if not call.old and what in inline:
        message = f"cannot create already existing resource '{call.id}': it is in the cluster's agentPoolProfiles."
        raise ids.refused(409, "Conflict", message)
    # "Create node pools for a cluster in AKS" (learn.microsoft.com), limitations: all pools are in one virtual network.
    first = cluster_network.network_of(call.store, str(cluster.inline(parent)[0].get("vnetSubnetID") or ""))
    own = cluster_network.network_of(call.store, str(call.inputs.get("vnetSubnetID") or ""))
    if (first and first.id) != (own and own.id):
        message = f"{what}.vnetSubnetID: all pools of a cluster must be in the same virtual network."
        raise ids.invalid("InvalidParameter", message)


def _change(call: Call) -> None:
    if not call.old:
        return
    pool_rules.check_change(call.old, call.inputs, str(call.inputs["agentPoolName"]), "vmSize")
    before, after = call.old.get("orchestratorVersion"), call.inputs.get("orchestratorVersion")
    if before and after:
        versions.check_upgrade(before, after)
    if call.old.get("mode") == pool_rules.SYSTEM and call.inputs.get("mode") != pool_rules.SYSTEM:
        _not_the_last(call)


def _not_the_last(call: Call) -> None:
    # "Manage system node pools in AKS" (learn.microsoft.com).
    parent = ids.parent_of(call, CLUSTER)
    others = [each.outputs for each in cluster.pools_of(call.store, parent.id) if each.id != call.id]
    if not any(each.get("mode") == pool_rules.SYSTEM for each in [*cluster.inline(parent), *others]):
        message = f"There has to be at least one System pool; {call.inputs['agentPoolName']} is the last one."
        raise ids.invalid("OperationNotAllowed", message)


def _state(call: Call) -> Properties:
    parent = ids.parent_of(call, CLUSTER)
    whole = pool_rules.with_spot_marks(pool_rules.defaults(call.inputs))
    version = whole.get("orchestratorVersion") or call.old.get("orchestratorVersion")
    version = str(version or parent.outputs["kubernetesVersion"])
    marks = {key: whole[key] for key in ("nodeLabels", "nodeTaints") if key in whole}
    chosen = {key: whole[key] for key in ("count", "mode", "osType", "osDiskType", "maxPods")}
    return {
        **marks,
        **chosen,
        "type": whole["type"],
        "orchestratorVersion": version,
        "currentOrchestratorVersion": versions.full(version),
        "powerState": {"code": "Running"},
        "provisioningState": "Succeeded",
    }


KIND = ArmKind(
    POOL,
    identify=_url,
    # forceNewMap, provider/pkg/gen/replacement.go
    replaces=frozenset(
        {
            "resourceGroupName",
            "resourceName",
            "agentPoolName",
            "gpuInstanceProfile",
            "vmSize",
            "networkProfile.nodePublicIPTags",
        }
    ),
    named_by="agentPoolName",
    naming=Naming.COPY,
    # Its output `type` is that of the pool, VirtualMachineScaleSets, which hides the type of the resource.
    planned=lambda call: {"name": call.inputs["agentPoolName"]},
    rules=(_check, _change),
    in_use=(lambda call: _not_the_last(call) if call.old.get("mode") == pool_rules.SYSTEM else None,),
    create=_state,
    update=_state,
    create_minutes=3,
    delete_minutes=3.5,
)
