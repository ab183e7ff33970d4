"""OKE node pools of the simulated Oracle Cloud.

Owns: a pool's rules, and when the lab's cluster has a node. Does not own: the node.
The lab runs one node per cluster, whatever the size of its pools.
"""

import re
from collections.abc import Iterable
from typing import cast

from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError, UnhealthyError
from multimesh_lab.providers.oci import (
    cluster,
    images,
    names,
    node_network,
    node_upkeep,
    reach,
    regions,
    shapes,
    subnet,
    versions,
)
from multimesh_lab.providers.oci.tokens import CLUSTER, KEY, NODE_POOL, SUBNET
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

NO_NODES = "simulated-without-nodes"
_LEAST_BOOT_VOLUME = 50
_LABEL = re.compile(r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$")


def _cluster_of(call: Call) -> Record:
    return names.must_find(call, CLUSTER, call.inputs["clusterId"], "clusterId")


def _details(properties: Properties) -> Properties:
    return names.within(properties, "nodeConfigDetails")


def _pods(properties: Properties) -> Properties:
    return names.within(_details(properties), "nodePoolPodNetworkOptionDetails")


def _size(properties: Properties) -> int:
    return int(_details(properties).get("size") or 0)


def _check(inputs: Properties) -> Iterable[InputFault]:
    # ConflictsWith of oci_containerengine_node_pool.
    for one, others in (
        ("nodeConfigDetails", ("quantityPerSubnet", "subnetIds")),
        ("nodeSourceDetails", ("nodeImageId", "nodeImageName")),
    ):
        for other in others:
            if inputs.get(one) is not None and inputs.get(other) is not None:
                yield InputFault(other, f"conflicts with {one}")


def _plan(call: Call) -> Properties:
    known = call.store.get(CLUSTER, str(call.inputs.get("clusterId")))
    version = known.outputs.get("kubernetesVersion") if known else None
    return {**names.plan(call), **names.chosen(call, kubernetesVersion=version)}


def _version_of(call: Call) -> str:
    """The pool's version: the program's, or the one that its cluster had when the pool was made."""
    known = call.inputs.get("kubernetesVersion") or call.old.get("kubernetesVersion")
    return str(known or _cluster_of(call).outputs["kubernetesVersion"])


def _version(call: Call) -> None:
    versions.check_skew(str(_cluster_of(call).outputs["kubernetesVersion"]), _version_of(call))


def _is_not_legacy(call: Call) -> None:
    for name in ("quantityPerSubnet", "subnetIds", "nodeImageId", "nodeImageName"):
        if call.inputs.get(name) is not None:
            raise RefusedError(f"{name} is deprecated and not simulated; use nodeConfigDetails and nodeSourceDetails")
    if not _details(call.inputs):
        raise names.invalid("nodeConfigDetails is required: size and placementConfigs")


def _shape_and_image(call: Call) -> None:
    shape = shapes.find(str(call.inputs["nodeShape"]))
    shapes.check_config(shape, names.within(call.inputs, "nodeShapeConfig"))
    source = names.within(call.inputs, "nodeSourceDetails")
    # ValidateFunc of node_source_details.source_type; the API takes no pool without an image.
    if str(source.get("sourceType")).upper() != "IMAGE":
        raise names.invalid("nodeSourceDetails.sourceType must be 'IMAGE', with the imageId of a node image")
    image = images.find(call.store, names.region(call), source.get("imageId"))
    if image is None:
        known = "an imageId that getNodePoolOption gives; images of one's own are not simulated"
        raise names.not_found("nodeSourceDetails.imageId", source.get("imageId"), known)
    # docs.oracle.com/en-us/iaas/Content/ContEng/Reference/contengimagesshapes.htm: an image is for one version and
    # one architecture.
    version = _version_of(call)
    if image.version != version:
        raise names.invalid(f"nodeSourceDetails.imageId: {image.name} is for {image.version}, the pool is {version}")
    if image.architecture != shape.architecture:
        raise names.invalid(
            f"nodeSourceDetails.imageId: {image.name} is for {image.architecture}, {shape.name} is {shape.architecture}"
        )
    _boot_volume(source)


def _boot_volume(source: Properties) -> None:
    # Core API, boot volumes: 50 GB to 32 TB (Block/Concepts/overview.htm).
    text = source.get("bootVolumeSizeInGbs")
    if text is not None and not (str(text).isdigit() and _LEAST_BOOT_VOLUME <= int(str(text)) <= 32768):
        raise names.invalid(f"nodeSourceDetails.bootVolumeSizeInGbs {text!r} must be a number from 50 to 32768")


def _placement(call: Call) -> None:
    parent, details = _cluster_of(call), _details(call.inputs)
    own = str(parent.outputs["vcnId"])
    if _size(call.inputs) < 0:
        raise names.invalid(f"nodeConfigDetails.size {_size(call.inputs)} must not be negative")
    domains = regions.availability_domains(names.region(call))
    configs = names.listed(details, "placementConfigs")
    if not configs:
        raise names.invalid("nodeConfigDetails.placementConfigs must have at least one entry")
    for index, config in enumerate(configs):
        what = f"nodeConfigDetails.placementConfigs[{index}]"
        domain = str(config.get("availabilityDomain"))
        # DiffSuppressFunc of availability_domain: the letters' case does not matter.
        if domain.lower() not in {each.lower() for each in domains}:
            raise names.not_found(f"{what}.availabilityDomain", domain, f"one of {', '.join(domains)}")
        place = names.must_find_in_vcn(call, SUBNET, config.get("subnetId"), own, f"{what}.subnetId")
        only = place.outputs.get("availabilityDomain")
        if only and str(only).lower() != domain.lower():
            raise names.invalid(f"{what}: the subnet {place.id!r} is in {only}, not in {domain}")
    cluster.check_groups(call, names.listed(details, "nsgIds"), own, "nodeConfigDetails.nsgIds")


def _pod_network(call: Call) -> None:
    # docs.oracle.com/iaas/Content/ContEng/Concepts/contengpodnetworking.htm: every pool has its cluster's CNI; and
    # ...contengpodnetworking_topic-OCI_CNI_plugin.htm: pods have a private, regional subnet.
    parent, pods, what = _cluster_of(call), _pods(call.inputs), "nodeConfigDetails.nodePoolPodNetworkOptionDetails"
    own = cluster.cni_of(cast("Properties", parent.outputs))
    cni = str(pods.get("cniType") or cluster.FLANNEL)
    if cni != own:
        raise names.invalid(f"{what}.cniType is {cni}; the cluster's is {own}, and pools have the same")
    if own != cluster.VCN_NATIVE:
        return
    subnets = names.listed(pods, "podSubnetIds")
    if not subnets:
        raise names.invalid(f"{what}.podSubnetIds is required with {cluster.VCN_NATIVE}")
    for index, each in enumerate(subnets):
        where = f"{what}.podSubnetIds[{index}]"
        place = names.must_find_in_vcn(call, SUBNET, each, parent.outputs["vcnId"], where)
        if not subnet.is_private(place) or place.outputs.get("availabilityDomain"):
            raise names.invalid(f"{where}: the subnet {place.id!r} must be private and regional")
    cluster.check_groups(call, names.listed(pods, "podNsgIds"), str(parent.outputs["vcnId"]), f"{what}.podNsgIds")
    most = shapes.pods(shapes.find(str(call.inputs["nodeShape"])), names.within(call.inputs, "nodeShapeConfig"))
    if int(pods.get("maxPodsPerNode") or 0) > most:
        raise names.invalid(f"{what}.maxPodsPerNode {pods['maxPodsPerNode']} exceeds {most}, the most for the shape")


def _labels(call: Call) -> None:
    # kubernetes.io/docs/concepts/overview/working-with-objects/labels: the syntax of a label's key.
    seen: set[str] = set()
    for index, label in enumerate(names.listed(call.inputs, "initialNodeLabels")):
        key = str(label.get("key"))
        if not _LABEL.match(key) or key in seen:
            fault = "is given twice" if key in seen else "is not the key of a Kubernetes label"
            raise names.invalid(f"initialNodeLabels[{index}].key {key!r} {fault}")
        seen.add(key)


def _upkeep(call: Call) -> None:
    node_upkeep.check(call.inputs, _cluster_of(call), _size(call.inputs))


def _boot_volume_key(call: Call) -> None:
    # SDK documentation of NodePoolNodeConfigDetails.kmsKeyId: a key of the Key Management service.
    key = _details(call.inputs).get("kmsKeyId")
    if key is not None:
        names.must_find(call, KEY, key, "nodeConfigDetails.kmsKeyId")


def _create(call: Call) -> Properties:
    parent = _cluster_of(call)
    _settle(call, parent)
    return _computed(call)


def _update(call: Call) -> Properties:
    names.remember_update(call)
    parent = _cluster_of(call)
    _settle(call, parent)
    state = _computed(call)
    before = _pods(call.old).get("maxPodsPerNode")
    if before is not None and _pods(call.inputs).get("maxPodsPerNode") != before:
        # The API takes a new maxPodsPerNode and changes nothing (oracle/terraform-provider-oci#2011).
        pods = {**_pods(call.inputs), "maxPodsPerNode": before}
        state["nodeConfigDetails"] = {**_details(call.inputs), "nodePoolPodNetworkOptionDetails": pods}
    return state


def _settle(call: Call, parent: Record) -> None:
    """Give the lab's cluster its node, or take it away, as the sizes of the pools now are."""
    lab_id, elsewhere = names.lab_id(parent.id), _others_have_nodes(call, parent)
    if _size(call.inputs):
        _register(call, parent)
    # First, so that the node's pods never leave by another address.
    reach.apply(call, parent.outputs["vcnId"])
    if elsewhere:
        return
    if _size(call.inputs):
        call.runtime.join_node(lab_id, _node_labels(call))
        call.runtime.install_dns(lab_id)
    else:
        call.runtime.remove_node(lab_id)


def _others_have_nodes(call: Call, parent: Record) -> bool:
    others = [r for r in call.others(NODE_POOL) if r.outputs.get("clusterId") == parent.id]
    return any(_size(cast("Properties", each.outputs)) and each.outputs.get("state") for each in others)


def _register(call: Call, parent: Record) -> None:
    missing = node_network.missing(call, parent, call.inputs)
    if missing:
        # The words are those of oracle-terraform-modules/terraform-oci-oke#745.
        raise UnhealthyError(
            f"work request did not succeed, entity: nodepool {call.id}. Message: {_size(call.inputs)} nodes(s) "
            f"register timeout. First, confirm that network prerequisites have been met: {'; '.join(missing)}"
        )


def _node_labels(call: Call) -> dict[str, str]:
    domain = str(names.listed(_details(call.inputs), "placementConfigs")[0]["availabilityDomain"])
    own = {str(each["key"]): str(each.get("value") or "") for each in names.listed(call.inputs, "initialNodeLabels")}
    return {
        "topology.kubernetes.io/region": regions.short_name(names.region(call)),
        "topology.kubernetes.io/zone": regions.zone_of(domain),
        **own,
    }


def _computed(call: Call) -> Properties:
    source = names.within(call.inputs, "nodeSourceDetails")
    image = images.find(call.store, names.region(call), source.get("imageId"))
    named = {"imageId": source.get("imageId"), "sourceName": image.name if image else "", "sourceType": "IMAGE"}
    return {
        "nodes": [_node(call, number, _version_of(call)) for number in range(_size(call.inputs))],
        "nodeSources": [named],
        "lifecycleDetails": "" if call.runtime.has_nodes else NO_NODES,
        "state": "ACTIVE",
    }


def _node(call: Call, number: int, version: str) -> Properties:
    configs = names.listed(_details(call.inputs), "placementConfigs")
    config = configs[number % len(configs)]
    place = call.store.get(SUBNET, str(config["subnetId"]))
    return {
        "id": f"ocid1.instance.oc1.{names.region(call)}.{names.unique_part(f'{call.id}/{number}')}",
        "name": f"oke-{call.id[-8:]}-{number}",
        "nodePoolId": call.id,
        "availabilityDomain": config["availabilityDomain"],
        "faultDomain": f"FAULT-DOMAIN-{number % 3 + 1}",
        "subnetId": config["subnetId"],
        "privateIp": subnet.address(place, number) if place else "",
        "publicIp": "",
        "kubernetesVersion": version,
        "lifecycleDetails": "",
        "errors": [],
        "state": "ACTIVE",
    }


def _delete(call: Call) -> None:
    parent = call.store.get(CLUSTER, str(call.inputs["clusterId"]))
    names.forget(call)
    if parent is None:
        return
    if not _others_have_nodes(call, parent):
        call.runtime.remove_node(names.lab_id(parent.id))
    reach.apply(call, parent.outputs["vcnId"])


KIND = Kind(
    NODE_POOL,
    identify=names.ocid("nodepool"),
    # ForceNew of oci_containerengine_node_pool.
    replaces=frozenset(
        {"clusterId", "compartmentId", "nodeImageId", "nodeImageName", "nodeConfigDetails.computeClusterId"}
    ),
    autoname=Autoname(limit=255),
    planned=_plan,
    check=_check,
    rules=(
        names.in_compartment,
        _is_not_legacy,
        _version,
        _shape_and_image,
        _placement,
        _pod_network,
        _labels,
        _upkeep,
        _boot_volume_key,
    ),
    create=_create,
    update=_update,
    delete=_delete,
    perpetual=names.tags_never_settle,
    create_minutes=5,
    delete_minutes=4,
)
