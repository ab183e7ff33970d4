"""An EKS cluster on paper by the real engine: from nothing, again, each documented change, drift, and gone.

The changes are previewed one by one from the same state; nothing may be replaced, and nothing inside the cluster or
about its provider may move.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lab_engine import Lab
from stack_life import Change, Life, each_in_place, paths_of, work

from multimesh_lab.providers.store import Store

PROGRAM = """
import json
import pulumi
import pulumi_multimesh as multimesh

cluster = multimesh.EksCluster("shop", json.loads({args!r}))
pulumi.export("egress", cluster.egress_ips)
pulumi.export("issuer", cluster.identity)
"""
ARGS: dict[str, Any] = {
    "region": "us-east-1",
    "kubernetes_version": "1.33",
    "zones": ["us-east-1a", "us-east-1b"],
    "api_access": {"office": "203.0.113.0/24"},
    "admins": ["arn:aws:iam::123456789012:user/ada"],
    "node_pools": {"apps": {"min_size": 2, "max_size": 4}, "batch": {"size": 1, "zones": ["us-east-1b"]}},
    "tags": {"team": "platform"},
}
CLUSTER = "aws:eks/cluster:Cluster"
POOL = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
UPDATE_CLUSTER = (CLUSTER, "shop", "update")
APPS, BATCH = (POOL, "shop-apps", "update"), (POOL, "shop-batch", "update")
KUBE_PROXY = ("aws:eks/addon:Addon", "shop-kube-proxy", "update")
POOLS: dict[str, Any] = ARGS["node_pools"]
ENTRY = ("aws:eks/accessEntry:AccessEntry", "shop-admin-user-bob", "create")
RIGHT = ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "shop-admin-user-bob", "create")
CHANGES = {
    # Of the add-ons one has another build for the new version; nodes follow the control plane.
    "version": Change({"kubernetes_version": "1.34"}, {UPDATE_CLUSTER, APPS, BATCH, KUBE_PROXY}, {"version"}),
    "range resized": Change({"node_pools": {**POOLS, "apps": {"min_size": 1, "max_size": 6}}}, {APPS}),
    # EKS refuses a least above the number of nodes that there are, so the way to a higher least is a size.
    "range to size": Change({"node_pools": {**POOLS, "apps": {"size": 3}}}, {APPS}),
    "fixed pool resized": Change({"node_pools": {**POOLS, "batch": {**POOLS["batch"], "size": 2}}}, {BATCH}),
    "larger disks": Change(
        {"node_pools": {**POOLS, "apps": {**POOLS["apps"], "disk_size_gb": 80}}},
        {(TEMPLATE, "shop-apps", "update"), APPS},
    ),
    "labels, taints and pace": Change(
        {
            "node_pools": {
                **POOLS,
                "batch": {
                    **POOLS["batch"],
                    "labels": {"for": "batch"},
                    "taints": [{"key": "batch", "effect": "NoSchedule"}],
                    "max_unavailable": 2,
                },
            }
        },
        {BATCH},
    ),
    "pool added": Change(
        {"node_pools": {**POOLS, "aside": {"size": 1}}},
        {(POOL, "shop-aside", "create"), (TEMPLATE, "shop-aside", "create")},
    ),
    "pool removed": Change(
        {"node_pools": {"batch": POOLS["batch"]}}, {(POOL, "shop-apps", "delete"), (TEMPLATE, "shop-apps", "delete")}
    ),
    "range allowed": Change(
        {"api_access": {"office": "203.0.113.0/24", "vpn": "198.51.100.0/28"}},
        {UPDATE_CLUSTER},
        {"vpcConfig.publicAccessCidrs[1]"},
    ),
    "administrator added": Change({"admins": ["arn:aws:iam::123456789012:user/bob", *ARGS["admins"]]}, {ENTRY, RIGHT}),
    "logs kept longer": Change({"log_retention_days": 90}, {("aws:cloudwatch/logGroup:LogGroup", "shop", "update")}),
    "protected": Change({"deletion_protection": True}, {UPDATE_CLUSTER}, {"deletionProtection"}),
}


def program(life: Life, **changes: Any) -> None:
    life.program(PROGRAM.format(args=json.dumps({**ARGS, **changes})))


@pytest.mark.timeout(900)
def test_the_life_of_an_eks_cluster(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    program(life)
    planned = work(life.preview())
    assert {op for _, _, op in planned} == {"create"}
    life.up()
    life.unchanged()

    each_in_place(life, program, CHANGES, CLUSTER)
    everything = {key: value for change in CHANGES.values() for key, value in change.args.items()}
    final = {**everything, "node_pools": {**POOLS, "apps": {"size": 3}}, "deletion_protection": False}
    program(life, **final)
    life.up()
    program(life, **{**final, "node_pools": {**POOLS, "apps": {"min_size": 3, "max_size": 6}}})
    life.up()
    life.unchanged()

    opened = drift(life)
    life.refresh()
    steps = life.preview()
    assert work(steps) == {UPDATE_CLUSTER}
    assert paths_of(steps, CLUSTER) == opened
    life.up()
    life.unchanged()

    life.destroy()
    assert life.inventory() == []


def drift(life: Life) -> set[str]:
    """Somebody opens the API server to the world behind the engine's back; the paths that differ then.

    An autoscaler adds nodes, and EKS tells of a flag that it read once: neither is a difference.
    """
    store = Store(life.lab.home, "aws")
    (found,) = store.all(CLUSTER)
    open_to_all = {"publicAccessCidrs": ["0.0.0.0/0"]}
    access = {**found.inputs["accessConfig"], "bootstrapClusterCreatorAdminPermissions": False}
    changed = {"vpcConfig": {**found.inputs["vpcConfig"], **open_to_all}, "accessConfig": access}
    seen = {"vpcConfig": {**found.outputs["vpcConfig"], **open_to_all}, "accessConfig": access}
    with store.locked():
        store.put(replace(found, inputs={**found.inputs, **changed}, outputs={**found.outputs, **seen}))
        (apps,) = [pool for pool in store.all(POOL) if pool.name == "shop-apps"]
        grown = {"scalingConfig": {**apps.inputs["scalingConfig"], "desiredSize": 5}}
        store.put(replace(apps, inputs={**apps.inputs, **grown}, outputs={**apps.outputs, **grown}))
    return {"vpcConfig.publicAccessCidrs[0]", "vpcConfig.publicAccessCidrs[1]"}


def test_tags_reach_all_that_can_carry_them(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    program(life, node_pools={"apps": {}}, encryption_key="provider")
    life.up()
    bare = {record.type for record in life.inventory() if record.outputs.get("tags", {}).get("team") != "platform"}
    assert bare <= {
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroup:SecurityGroup",  # EKS's own
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    }
    life.destroy()
