"""GKE node pools of the simulated Google Cloud.

Owns: a pool's rules, and when the lab's cluster has a node. Does not own: the node.
The lab runs one node per cluster, whatever the size of its pools.
"""

from collections.abc import Iterable
from typing import cast

from multimesh_lab.providers.gcp import cluster, cluster_rules, names
from multimesh_lab.providers.gcp.iam import ACCOUNT
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_EFFECTS = ("NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE")
_MOST_AT_ONCE = 20
NO_NODES = "simulated-without-nodes"


def _cluster_of(call: Call) -> Record:
    """The pool's cluster, by id or by name in the pool's location."""
    reference = str(call.inputs["cluster"])
    path = f"projects/{names.project(call)}/locations/{names.location(call)}/clusters/{reference}"
    record = call.store.get(cluster.CLUSTER, reference if "/" in reference else path)
    if record is None:
        raise RefusedError(f"Error 404: Not found: {path if '/' not in reference else reference}, notFound")
    return record


def _plan(call: Call) -> Properties:
    reference = str(call.inputs["cluster"])
    if "/" in reference and not call.inputs.get("location"):
        call.inputs["location"] = reference.split("/")[3]
    return {"project": names.project(call), "location": names.location(call)}


def _identify(call: Call) -> str:
    return f"{_cluster_of(call).id}/nodePools/{call.inputs['name']}"


def _rules(call: Call) -> None:
    _cluster_of(call)
    names.checked(str(call.inputs["name"]), 40)
    scaling = cast("Properties", call.inputs.get("autoscaling") or {})
    for low, high in (("minNodeCount", "maxNodeCount"), ("totalMinNodeCount", "totalMaxNodeCount")):
        if scaling.get(high) is not None and int(scaling.get(low) or 0) > int(scaling[high]):
            raise RefusedError(f"Error 400: autoscaling.{low} {scaling[low]} is greater than {high} {scaling[high]}")
    # ConflictsWith per location and in total (google_container_node_pool.autoscaling).
    if scaling.get("maxNodeCount") is not None and scaling.get("totalMaxNodeCount") is not None:
        raise RefusedError("autoscaling: maxNodeCount conflicts with totalMaxNodeCount")


def _check(inputs: Properties) -> Iterable[InputFault]:
    # GKE API, NodeTaint.effect, and the provider's validation of it.
    config = cast("Properties", inputs.get("nodeConfig") or {})
    for index, taint in enumerate(cast("list[Properties]", config.get("taints") or [])):
        effect = taint.get("effect")
        if isinstance(effect, str) and effect not in _EFFECTS:
            yield InputFault(f"nodeConfig.taints[{index}].effect", f"{effect!r}; allowed are {', '.join(_EFFECTS)}")


def _upgrades(call: Call) -> None:
    # cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies: one of the two is above 0,
    # their sum at most 20.
    settings = cast("Properties", call.inputs.get("upgradeSettings") or {})
    if "maxSurge" in settings or "maxUnavailable" in settings:
        surge, away = int(settings.get("maxSurge") or 0), int(settings.get("maxUnavailable") or 0)
        if not 1 <= surge + away <= _MOST_AT_ONCE:
            raise RefusedError(
                f"Error 400: max_surge {surge} and max_unavailable {away}: their sum must be in 1 to {_MOST_AT_ONCE}"
            )


def _zones(call: Call) -> None:
    cluster_rules.in_region(names.location(call), cast("list[str]", call.inputs.get("nodeLocations") or []))


def _service_account(call: Call) -> None:
    # The node's service account must exist in the project (GKE API: nodeConfig.serviceAccount).
    email = cast("Properties", call.inputs.get("nodeConfig") or {}).get("serviceAccount")
    own = f"@{names.project(call)}.iam.gserviceaccount.com"
    known = {record.outputs["email"] for record in call.store.all(ACCOUNT)}
    if email is not None and str(email).endswith(own) and email not in known:
        raise RefusedError(f"Error 400: The user does not have access to service account {email!r}; it is not found")


def _create(call: Call) -> Properties:
    labels = cast("dict[str, str]", cast("Properties", call.inputs.get("nodeConfig") or {}).get("labels") or {})
    parent = _cluster_of(call)
    cluster.join(call, parent.id, str(call.inputs["name"]), labels)
    has_nodes = call.runtime.has_nodes
    return {
        "operation": f"operation-create-{call.inputs['name']}" if has_nodes else NO_NODES,
        "instanceGroupUrls": [],
        "managedInstanceGroupUrls": [],
        "version": call.inputs.get("version") or parent.outputs.get("masterVersion", ""),
        "nodeCount": call.inputs.get("nodeCount", call.inputs.get("initialNodeCount", 1)),
    }


def _delete(call: Call) -> None:
    parent = call.id.rpartition("/nodePools/")[0]
    left = [r for r in call.others(cluster.NODE_POOL) if r.id.startswith(f"{parent}/")]
    if not left:
        call.runtime.remove_node(cluster.key(parent))


NODE_POOL_KIND = Kind(
    cluster.NODE_POOL,
    identify=_identify,
    # ForceNew of google_container_node_pool.
    replaces=frozenset(
        {
            "name",
            "project",
            "location",
            "cluster",
            "initialNodeCount",
            "maxPodsPerNode",
            "placementPolicy",
            "nodeConfig.serviceAccount",
            "nodeConfig.oauthScopes",
            "nodeConfig.shieldedInstanceConfig",
            "nodeConfig.spot",
            "nodeConfig.preemptible",
            "nodeConfig.metadata",
            "networkConfig.podRange",
        }
    ),
    autoname=Autoname(limit=40, lower=True),
    planned=_plan,
    check=_check,
    rules=(_rules, _upgrades, _zones, _service_account),
    create=_create,
    delete=_delete,
    create_minutes=2,
    delete_minutes=3,
)
