"""The managed node groups of an EKS cluster, one for each pool.

Owns: launch templates and node groups. Does not own: the nodes' role (eks_roles.py) and the add-ons.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from pulumi_multimesh.clusters.eks_roles import Role
from pulumi_multimesh.config import NodePoolArgs

_MACHINE = "m6i.large"
_DISK_GB = 50
_ARM = re.compile(r"[a-z]+[0-9]+g[a-z]*\..*")
"""Families whose name has a g behind the generation run on Graviton (Amazon EC2, "Instance type names")."""
_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
"""By Kubernetes' word: EKS's own (Amazon EKS API, "Taint")."""


@dataclass(frozen=True)
class NodeSettings:
    """What all pools of a cluster share."""

    parent: pulumi.Resource
    name: str
    region: str
    version: str
    subnet_ids: pulumi.Output[Sequence[str]]
    zones: Sequence[str]
    """The zones of the subnets, in their order, as far as they are plain."""
    role: Role
    tags: Mapping[str, str]


def node_group(
    settings: NodeSettings,
    cluster: aws.eks.Cluster,
    pool: str,
    wish: NodePoolArgs,
    before: Sequence[pulumi.Resource],
) -> aws.eks.NodeGroup:
    """A pool's node group; a change of its template or version replaces its nodes one after the other, not itself."""
    name = f"{settings.name}-{pool}"
    template = _template(settings, name, wish)
    machine = wish.get("machine_type", _MACHINE)
    return aws.eks.NodeGroup(
        name,
        region=settings.region,
        cluster_name=cluster.name,
        node_role_arn=settings.role.role.arn,
        subnet_ids=_subnets(settings, wish),
        # A node group without a version stays at the one with which it was made.
        version=settings.version,
        ami_type="AL2023_ARM_64_STANDARD" if _ARM.fullmatch(machine) else "AL2023_x86_64_STANDARD",
        instance_types=[machine],
        capacity_type="SPOT" if wish.get("spot", False) else "ON_DEMAND",
        launch_template={
            "id": template.id,
            "version": template.latest_version.apply(lambda version: str(int(version))),
        },
        scaling_config=_scaling(wish),
        update_config={"max_unavailable": wish.get("max_unavailable", 1)},
        labels=wish.get("labels"),
        taints=[
            {"key": taint["key"], "value": taint.get("value"), "effect": _EFFECTS[taint["effect"]]}
            for taint in wish.get("taints", [])
        ],
        tags=dict(settings.tags),
        opts=pulumi.ResourceOptions(
            parent=settings.parent,
            depends_on=[*settings.role.attachments, *before],
            # An autoscaler's business from then on; a size that is given is kept.
            ignore_changes=[] if "size" in wish else ["scalingConfig.desiredSize"],
        ),
    )


def _scaling(wish: NodePoolArgs) -> aws.eks.NodeGroupScalingConfigArgsDict:
    if "size" in wish:
        return {"desired_size": wish["size"], "min_size": wish["size"], "max_size": wish["size"]}
    least = wish.get("min_size", 2)
    return {"desired_size": least, "min_size": least, "max_size": wish.get("max_size", max(4, least))}


def _subnets(settings: NodeSettings, wish: NodePoolArgs) -> pulumi.Output[Sequence[str]]:
    if "zones" not in wish:
        return settings.subnet_ids
    places = [settings.zones.index(zone) for zone in wish["zones"]]
    return settings.subnet_ids.apply(lambda ids: [ids[place] for place in places])


def _template(settings: NodeSettings, name: str, wish: NodePoolArgs) -> aws.ec2.LaunchTemplate:
    return aws.ec2.LaunchTemplate(
        name,
        region=settings.region,
        # Two hops, or pods without the host's network could not reach the metadata service at all.
        metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 2},
        block_device_mappings=[
            {
                "device_name": "/dev/xvda",
                "ebs": {
                    "volume_size": wish.get("disk_size_gb", _DISK_GB),
                    "volume_type": "gp3",
                    "encrypted": "true",
                },
            }
        ],
        tag_specifications=[
            {"resource_type": kind, "tags": {**settings.tags, "Name": name}} for kind in ("instance", "volume")
        ],
        update_default_version=True,
        tags=dict(settings.tags),
        opts=pulumi.ResourceOptions(parent=settings.parent),
    )
