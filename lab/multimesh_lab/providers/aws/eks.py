"""Node groups, add-ons and access of EKS clusters in the simulated AWS.

Owns: in which order EKS lets them come, and when the lab's cluster has a node and DNS. Does not own: either.
The lab runs one node per cluster, whatever the size of its node groups.
"""

import json
import uuid
from collections.abc import Iterable
from typing import cast

from multimesh_lab.providers.aws import eks_versions, names
from multimesh_lab.providers.aws.cluster import ADDON, CLUSTER, NODE_GROUP, key
from multimesh_lab.providers.aws.vpc import SUBNET
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError, UnhealthyError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ENTRY = "aws:eks/accessEntry:AccessEntry"
_WITHOUT_NODES = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
_EFFECTS = ("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")
_CAPACITIES = ("ON_DEMAND", "SPOT", "CAPACITY_BLOCK")
_ADDONS = (*_WITHOUT_NODES, "coredns", "aws-ebs-csi-driver", "metrics-server")


def _cluster_of(call: Call) -> Record:
    return names.must_find(call, CLUSTER, call.inputs["clusterName"], "ResourceNotFoundException")


def _node_group_check(inputs: Properties) -> Iterable[InputFault]:
    # EKS API, NodegroupScalingConfig.
    scaling = cast("Properties", inputs.get("scalingConfig") or {})
    sizes = [scaling.get(each) for each in ("minSize", "desiredSize", "maxSize")]
    if all(isinstance(each, int) for each in sizes) and sizes != sorted(cast("list[int]", sizes)):
        yield InputFault("scalingConfig", f"minSize ≤ desiredSize ≤ maxSize must hold; they are {sizes}")
    # EKS API, NodegroupUpdateConfig: 1 to 100 nodes, in number or in percent.
    update = cast("Properties", inputs.get("updateConfig") or {})
    for key_of_update in ("maxUnavailable", "maxUnavailablePercentage"):
        count = update.get(key_of_update)
        if isinstance(count, int) and not 1 <= count <= 100:
            yield InputFault(f"updateConfig.{key_of_update}", f"{count} is not in 1 to 100")
    # EKS API, Taint: its own spelling of the effects.
    for index, taint in enumerate(cast("list[Properties]", inputs.get("taints") or [])):
        effect = taint.get("effect")
        if isinstance(effect, str) and effect not in _EFFECTS:
            yield InputFault(f"taints[{index}].effect", f"{effect!r}; allowed are {', '.join(_EFFECTS)}")
    # EKS API, Nodegroup.capacityType.
    capacity = inputs.get("capacityType")
    if isinstance(capacity, str) and capacity not in _CAPACITIES:
        yield InputFault("capacityType", f"{capacity!r}; allowed are {', '.join(_CAPACITIES)}")


def _node_group_rules(call: Call) -> None:
    cluster = _cluster_of(call)
    names.must_have_role(call, call.inputs["nodeRoleArn"])
    vpc = cluster.outputs["vpcConfig"]["vpcId"]
    for each in cast("list[str]", call.inputs["subnetIds"]):
        subnet = names.must_find(call, SUBNET, each, "InvalidParameterException")
        if subnet.inputs["vpcId"] != vpc:
            raise RefusedError(f"InvalidParameterException: {subnet.id!r} is not in the cluster's VPC {vpc}")
    _node_group_version(call, str(cluster.outputs["version"]))
    template = cast("Properties", call.inputs.get("launchTemplate") or {}).get("id")
    if template is not None:
        names.must_find(call, TEMPLATE, template, "InvalidLaunchTemplateId.NotFound")


def _node_group_version(call: Call, control_plane: str) -> None:
    asked, before = call.inputs.get("version"), call.old.get("version")
    if asked is None:
        return
    eks_versions.must_follow(str(asked), control_plane)
    if before is not None:
        eks_versions.must_not_fall(str(before), str(asked))


def _has_addon(call: Call, cluster: Record, addon: str) -> bool:
    bundled = cluster.outputs.get("bootstrapSelfManagedAddons") and addon in (
        "vpc-cni",
        "kube-proxy",
        "coredns",
    )
    return bool(bundled) or call.store.get(ADDON, f"{cluster.id}:{addon}") is not None


def _join(call: Call) -> Properties:
    cluster = _cluster_of(call)
    outputs = _node_group_outputs(call)
    if not _has_addon(call, cluster, "vpc-cni"):
        # docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html, NodeCreationFailure: a node without
        # a CNI never is ready.
        raise UnhealthyError(
            f"NodeCreationFailure: Unhealthy nodes in the kubernetes cluster {cluster.id!r}: "
            "there is no CNI; create the add-on 'vpc-cni' before the node group"
        )
    zone = names.must_find(call, SUBNET, call.inputs["subnetIds"][0], "InvalidSubnetID.NotFound")
    labels = {
        "eks.amazonaws.com/nodegroup": str(call.inputs["nodeGroupName"]),
        "topology.kubernetes.io/region": names.region(call),
        "topology.kubernetes.io/zone": str(zone.outputs["availabilityZone"]),
    }
    call.runtime.join_node(key(cluster.outputs["arn"]), {**labels, **(call.inputs.get("labels") or {})})
    if cluster.outputs.get("bootstrapSelfManagedAddons"):
        call.runtime.install_dns(key(cluster.outputs["arn"]))
    return outputs


def _node_group_outputs(call: Call) -> Properties:
    name = f"{call.inputs['clusterName']}/{call.inputs['nodeGroupName']}"
    return {
        "arn": names.arn(call, "eks", f"nodegroup/{name}/{uuid.uuid4()}"),
        "status": "ACTIVE" if call.runtime.has_nodes else "SIMULATED_WITHOUT_NODES",
        "resources": [{"autoscalingGroups": [{"name": f"eks-{call.inputs['nodeGroupName']}"}]}],
        "version": call.inputs.get("version") or _cluster_of(call).outputs["version"],
        "amiType": call.inputs.get("amiType", "AL2023_x86_64_STANDARD"),
        "capacityType": call.inputs.get("capacityType", "ON_DEMAND"),
    }


def _leave(call: Call) -> None:
    others = [r for r in call.others(NODE_GROUP) if r.inputs["clusterName"] == call.inputs["clusterName"]]
    cluster = call.store.get(CLUSTER, str(call.inputs["clusterName"]))
    if cluster is not None and not others:
        call.runtime.remove_node(key(cluster.outputs["arn"]))


def _addon_check(inputs: Properties) -> Iterable[InputFault]:
    values = inputs.get("configurationValues")
    if isinstance(values, str):
        try:
            json.loads(values)
        except ValueError as error:
            yield InputFault("configurationValues", f"is not JSON: {error}")


def _addon_known(call: Call) -> None:
    _cluster_of(call)
    if call.inputs["addonName"] not in _ADDONS:
        # EKS answers the same for names it does not have; the lab has only these.
        raise RefusedError(
            f"InvalidParameterException: Addon {call.inputs['addonName']!r} is not supported; supported are {_ADDONS}"
        )
    build = call.inputs.get("addonVersion")
    if build is not None:
        control_plane = str(_cluster_of(call).outputs["version"])
        eks_versions.must_be_build(str(call.inputs["addonName"]), str(build), control_plane)
    for identity in cast("list[Properties]", call.inputs.get("podIdentityAssociations") or []):
        names.must_have_role(call, identity["roleArn"])


def _start_addon(call: Call) -> Properties:
    cluster, addon = _cluster_of(call), str(call.inputs["addonName"])
    groups = [r for r in call.store.all(NODE_GROUP) if r.inputs["clusterName"] == cluster.id]
    if addon not in _WITHOUT_NODES and not groups:
        # Without nodes to run on, the add-on is DEGRADED and the wait times out after 20 minutes
        # (pulumi-eks#1819, #1525).
        raise UnhealthyError(
            f"waiting for EKS Add-On ({cluster.id}:{addon}) create: timeout while waiting for state "
            "to become 'ACTIVE' (last state: 'DEGRADED'): InsufficientNumberOfReplicas: "
            "no nodes; create the node group first"
        )
    if addon == "coredns":
        call.runtime.install_dns(key(cluster.outputs["arn"]))
    return {
        "arn": names.arn(call, "eks", f"addon/{cluster.id}/{addon}/{uuid.uuid4()}"),
        "addonVersion": call.inputs.get("addonVersion", "v1.0.0-eksbuild.1"),
        "createdAt": names.CREATED,
        "modifiedAt": names.CREATED,
    }


def _retry_addon(call: Call) -> Properties:
    fresh = _start_addon(call)
    kept = {name: call.old.get(name, value) for name, value in fresh.items()}
    return {**kept, "addonVersion": call.inputs.get("addonVersion") or kept["addonVersion"]}


def _entry_rules(call: Call) -> None:
    cluster = _cluster_of(call)
    mode = cluster.outputs["accessConfig"]["authenticationMode"]
    # docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html
    if mode == "CONFIG_MAP":
        raise RefusedError(
            "InvalidRequestException: The cluster's authentication mode must be set to one of "
            f"[API, API_AND_CONFIG_MAP] to perform this operation; it is {mode}"
        )
    # "Migrating existing aws-auth ConfigMap entries to access entries": an entry takes no group of Kubernetes' own.
    for group in cast("list[str]", call.inputs.get("kubernetesGroups") or []):
        if group.startswith("system:"):
            raise RefusedError(
                f"InvalidParameterException: the Kubernetes group {group!r} is invalid, it cannot start with system:"
            )
    if ":role/" in str(call.inputs["principalArn"]):
        names.must_have_role(call, call.inputs["principalArn"])


def _policy_rules(call: Call) -> None:
    _cluster_of(call)
    entry = f"{call.inputs['clusterName']}:{call.inputs['principalArn']}"
    names.must_find(call, ENTRY, entry, "ResourceNotFoundException")
    policy = str(call.inputs["policyArn"])
    # docs.aws.amazon.com/eks/latest/userguide/access-policies.html
    if not policy.startswith("arn:aws:eks::aws:cluster-access-policy/"):
        raise RefusedError(f"InvalidParameterException: {policy!r} is not arn:aws:eks::aws:cluster-access-policy/NAME")


def _pod_identity_rules(call: Call) -> None:
    _cluster_of(call)
    names.must_have_role(call, call.inputs["roleArn"])
    identity = ("clusterName", "namespace", "serviceAccount")
    for other in call.others("aws:eks/podIdentityAssociation:PodIdentityAssociation"):
        if all(other.inputs[each] == call.inputs[each] for each in identity):
            raise RefusedError(f"ResourceInUseException: Association already exists: {other.id!r}")


def _new_template_version(call: Call) -> Iterable[str]:
    """The provider plans another version for any change but one of the template's own tags (aws_launch_template)."""
    changed = {key for key in {*call.inputs, *call.old_inputs} if call.inputs.get(key) != call.old_inputs.get(key)}
    return ("latestVersion", "defaultVersion") if changed - {"tags", "tagsAll", "__defaults"} else ()


def _template_version(call: Call) -> Properties:
    latest = int(call.old.get("latestVersion", 0)) + 1
    if call.old and not _new_template_version(call):
        return {}
    return {"latestVersion": latest, "defaultVersion": latest if call.inputs.get("updateDefaultVersion") else 1}


def _entry_outputs(call: Call) -> Properties:
    return {
        "accessEntryArn": names.arn(call, "eks", f"access-entry/{call.inputs['clusterName']}/{uuid.uuid4()}"),
        "createdAt": names.CREATED,
        "modifiedAt": names.CREATED,
        "kubernetesGroups": call.inputs.get("kubernetesGroups", []),
    }


KINDS = (
    Kind(
        TEMPLATE,
        identify=names.fresh("lt"),
        replaces=frozenset({"name", "namePrefix", "region"}),  # ForceNew of aws_launch_template
        autoname=Autoname(limit=125),
        planned=names.plan,
        create=lambda call: {
            "arn": names.arn(call, "ec2", f"launch-template/{call.id}"),
            **_template_version(call),
        },
        update=_template_version,
        made_anew=_new_template_version,
    ),
    Kind(
        NODE_GROUP,
        identify=lambda call: f"{call.inputs['clusterName']}:{call.inputs['nodeGroupName']}",
        # ForceNew of aws_eks_node_group.
        replaces=frozenset(
            {
                "clusterName",
                "nodeGroupName",
                "nodeGroupNamePrefix",
                "nodeRoleArn",
                "subnetIds",
                "amiType",
                "capacityType",
                "diskSize",
                "instanceTypes",
                "remoteAccess",
                "region",
                "launchTemplate.id",
            }
        ),
        autoname=Autoname("nodeGroupName", limit=63),
        planned=names.plan,
        check=_node_group_check,
        rules=(_node_group_rules,),
        create=_join,
        update=lambda call: {} if call.old.get("arn") else _join(call),
        delete=_leave,
        create_minutes=3.5,
        delete_minutes=5,
    ),
    Kind(
        ADDON,
        identify=lambda call: f"{call.inputs['clusterName']}:{call.inputs['addonName']}",
        replaces=frozenset({"addonName", "clusterName", "region"}),  # ForceNew of aws_eks_addon
        planned=names.plan,
        check=_addon_check,
        rules=(_addon_known,),
        create=_start_addon,
        update=_retry_addon,
        create_minutes=0.6,
        delete_minutes=0.6,
    ),
    Kind(
        ENTRY,
        identify=lambda call: f"{call.inputs['clusterName']}:{call.inputs['principalArn']}",
        replaces=frozenset({"clusterName", "principalArn", "type", "region"}),  # ForceNew of aws_eks_access_entry
        planned=lambda call: {**names.plan(call), "type": "STANDARD"},
        rules=(_entry_rules,),
        create=_entry_outputs,
    ),
    Kind(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        identify=lambda call: "#".join(str(call.inputs[k]) for k in ("clusterName", "principalArn", "policyArn")),
        # ForceNew of aws_eks_access_policy_association.
        replaces=frozenset({"clusterName", "principalArn", "policyArn", "accessScope", "region"}),
        planned=lambda call: {"region": names.region(call)},
        rules=(_policy_rules,),
        create=lambda call: {"associatedAt": names.CREATED, "modifiedAt": names.CREATED},
    ),
    Kind(
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        identify=names.fresh("a"),
        # RequiresReplace of aws_eks_pod_identity_association.
        replaces=frozenset({"clusterName", "namespace", "serviceAccount", "region"}),
        planned=names.plan,
        rules=(_pod_identity_rules,),
        create=lambda call: {
            "associationId": call.id,
            "associationArn": names.arn(call, "eks", f"podidentityassociation/{call.inputs['clusterName']}/{call.id}"),
        },
    ),
)
