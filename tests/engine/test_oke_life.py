"""An OKE cluster on paper by the real engine: from nothing, again, each documented change, drift, and gone.

The changes are previewed one by one from the same state; nothing may be replaced but what the page on OKE says, and
nothing inside the cluster or about its provider may move.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from lab_engine import Lab
from oracle_cloud import ADDON, CLUSTER, GROUP, LIST, LOG, LOG_GROUP, POLICY, POOL, RULE, SUBNET
from stack_life import Change, Life, Step, work

from multimesh_lab.providers.oci import images
from multimesh_lab.providers.store import Record, Store

PROGRAM = """
import json
import pulumi
import pulumi_multimesh as multimesh

cluster = multimesh.OkeCluster("shop", json.loads({args!r}))
pulumi.export("egress", cluster.egress_ips)
pulumi.export("server", cluster.api_server)
"""
APPS = {"size": 2, "labels": {"tier": "apps"}}
ARGS: dict[str, Any] = {
    "compartment_id": "ocid1.compartment.oc1..aaaaaaaaacme",
    "region": "eu-frankfurt-1",
    "kubernetes_version": "v1.33.1",
    "api_access": {"office": "203.0.113.0/24"},
    "admitted_ips": ["198.51.100.7"],
    "node_pools": {"apps": APPS, "batch": {"min_size": 1, "max_size": 3}},
    "tags": {"team": "platform"},
}
STASH = "pulumi:index:Stash"
LIMIT_OF_PODS = "limit of pods, no logs"
IMAGE = "nodeSourceDetails.imageId"
NEWER = {
    "v1.33.1": "Oracle-Linux-8.10-2025.12.01-0-OKE-1.33.1-1400",
    "v1.34.1": "Oracle-Linux-8.10-2025.12.01-0-OKE-1.34.1-1401",
}


def pools(**changed: dict[str, Any]) -> dict[str, Any]:
    return {"node_pools": {**ARGS["node_pools"], **changed}}


CHANGES = {
    "pools resized and added": Change(
        pools(apps={**APPS, "size": 3}, batch={"min_size": 2, "max_size": 5}, aside={"size": 1}),
        {
            (POOL, "shop-apps", "update"),
            (ADDON, "shop-autoscaler", "update"),
            (POOL, "shop-aside", "create"),
            (STASH, "shop-aside-image", "create"),
        },
        {"nodeConfigDetails.size", "configurations"},
    ),
    "pool and autoscaler removed, the other's upgrade settings, labels and taints": Change(
        {
            "node_pools": {
                "apps": {
                    **APPS,
                    "max_surge": 2,
                    "max_unavailable": 1,
                    "labels": {"tier": "web"},
                    "taints": [{"key": "dedicated", "effect": "NoSchedule"}],
                }
            }
        },
        {
            (POOL, "shop-apps", "update"),
            (POOL, "shop-batch", "delete"),
            (STASH, "shop-batch-image", "delete"),
            (ADDON, "shop-autoscaler", "delete"),
            (POLICY, "shop-autoscaler", "delete"),
        },
        {"nodePoolCyclingDetails", "initialNodeLabels", "nodeMetadata"},
    ),
    "ranges allowed, logs kept longer, private images, protection": Change(
        {
            "api_access": {"office": "203.0.113.0/24", "vpn": "198.51.100.0/28"},
            "admitted_ips": ["198.51.100.9", "198.51.100.7"],
            "log_retention_days": 90,
            "registries": ["ocid1.compartment.oc1..aaaaaaaashared"],
            "credential_provider_url": "https://tools.example/credential-provider-oke",
            "credential_provider_sha256": "0123456789abcdef" * 4,
            "deletion_protection": True,
        },
        {
            (RULE, "shop-api-range-vpn", "create"),
            (RULE, "shop-api-address-198-51-100-9", "create"),
            (LOG, "shop-control-plane", "update"),
            (POLICY, "shop-registries", "create"),
            (POOL, "shop-apps", "update"),
            (POOL, "shop-batch", "update"),
        },
        {"retentionDuration", "nodeMetadata"},
    ),
    LIMIT_OF_PODS: Change(
        # Oracle would take another limit and change nothing, so this one thing is replaced; the autoscaler follows.
        {**pools(batch={"min_size": 1, "max_size": 3, "max_pods": 20}), "control_plane_logs": False},
        {
            (POOL, "shop-batch", "replace"),
            (ADDON, "shop-autoscaler", "update"),
            (LOG, "shop-control-plane", "delete"),
            (LOG_GROUP, "shop", "delete"),
        },
        {"maxPodsPerNode"},
    ),
}


def program(life: Life, **changes: Any) -> None:
    life.program(PROGRAM.format(args=json.dumps({**ARGS, **changes})))


def one(life: Life, token: str, name: str) -> Record:
    (found,) = (record for record in Store(life.lab.home, "oci").all(token) if record.name == name)
    return found


def change(life: Life, token: str, name: str, outputs: dict[str, Any]) -> None:
    Store(life.lab.home, "oci").change(token, one(life, token, name).id, outputs)


def has_replacement(steps: list[Step], *, but: str = STASH) -> bool:
    return any(step.replaces or "repl" in step.op for step in steps if step.type != but)


@pytest.mark.timeout(600)
def test_the_life_of_an_oke_cluster(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    program(life)
    planned = work(life.preview())
    assert {op for _, _, op in planned} == {"create"}
    life.up()
    # A VCN comes with a route table and a security list of Oracle's, which have no URN.
    here = {(record.type, record.name) for record in life.inventory() if record.urn}
    assert here == {(token, name) for token, name, _ in planned if token.startswith("oci:")}
    newer_images_appear(life)
    life.unchanged()
    each_subnet_admits_nothing_by_itself(life)
    each_change_does_what_is_documented(life)
    all_updates_at_once(life)
    protection_refuses_to_delete(life)
    drift_is_mended_but_for_what_others_own(life)
    life.destroy()
    assert life.inventory() == []


def paths(steps: list[Step], token: str, name: str) -> set[str]:
    return {path for step in steps if (step.type, step.name) == (token, name) for path in step.paths}


def each_subnet_admits_nothing_by_itself(life: Life) -> None:
    """The VCN's default list opens SSH to everybody, and a subnet that names no list has that one."""
    store = Store(life.lab.home, "oci")
    for subnet in store.all(SUBNET):
        (listed,) = subnet.outputs["securityListIds"]
        found = store.get(LIST, listed)
        assert found is not None
        assert (found.outputs["ingressSecurityRules"], found.outputs["egressSecurityRules"]) == ([], [])
    (endpoint,) = (group.id for group in store.all(GROUP) if group.name == "shop-endpoint")
    ranges = [
        rule.outputs["source"]
        for rule in store.all(RULE)
        if rule.outputs["networkSecurityGroupId"] == endpoint and rule.outputs.get("sourceType") == "CIDR_BLOCK"
    ]
    assert sorted(ranges) == ["198.51.100.7/32", "203.0.113.0/24"]


def newer_images_appear(life: Life) -> None:
    for name in NEWER.values():
        images.add(Store(life.lab.home, "oci"), name)


def each_change_does_what_is_documented(life: Life) -> None:
    for what, wanted in CHANGES.items():
        program(life, **wanted.args)
        steps = life.preview()
        assert work(steps) == wanted.steps, what
        updated = [
            path for step in steps if step.op in ("update", "replace") and step.type != STASH for path in step.paths
        ]
        for path in wanted.paths:
            assert any(path in each for each in updated), (what, path, updated)
        assert what == LIMIT_OF_PODS or not has_replacement(steps), what


EVERYTHING: dict[str, Any] = {
    "kubernetes_version": "v1.34.1",
    "api_access": {"office": "203.0.113.0/24", "vpn": "198.51.100.0/28"},
    "tags": {"team": "others"},
    **pools(apps={**APPS, "size": 3}, aside={"size": 1}),
}


def all_updates_at_once(life: Life) -> None:
    """Version, pools, ranges and tags; the nodes get the newest image of the new version."""
    program(life, **EVERYTHING, deletion_protection=True)
    steps = life.preview()
    assert not has_replacement(steps)
    assert {step for step in work(steps) if step[2] != "update"} == {
        (STASH, "shop-apps-image", "replace"),
        (STASH, "shop-batch-image", "replace"),
        (POOL, "shop-aside", "create"),
        (STASH, "shop-aside-image", "create"),
        (RULE, "shop-api-range-vpn", "create"),
    }
    for pool in ("shop-apps", "shop-batch"):
        assert paths(steps, POOL, pool) >= {"kubernetesVersion", IMAGE, "freeformTags.team"}
    assert paths(steps, CLUSTER, "shop") >= {"kubernetesVersion", "freeformTags.team"}
    assert not [step for step in steps if step.type.startswith(("kubernetes:", "pulumi:providers:"))]
    life.up()
    life.unchanged()
    newest = images.find(
        Store(life.lab.home, "oci"),
        ARGS["region"],
        one(life, POOL, "shop-apps").outputs["nodeSourceDetails"]["imageId"],
    )
    assert newest is not None
    assert newest.name == NEWER["v1.34.1"]
    untagged = {r.type for r in life.inventory() if r.urn and r.outputs.get("freeformTags") != {"team": "others"}}
    assert untagged == {RULE, ADDON}


def protection_refuses_to_delete(life: Life) -> None:
    """In the preview, that is: without one the engine deletes what it may before it comes to the cluster."""
    before = life.inventory()
    answer = life.lab.pulumi("destroy", "--yes", "--stack", "test", folder=life.folder)
    assert answer.returncode != 0
    assert "ContainerEngine/cluster:Cluster::shop" in answer.stdout
    assert "protect" in answer.stdout
    assert life.inventory() == before


def drift_is_mended_but_for_what_others_own(life: Life) -> None:
    """The autoscaler sizes its pool, and OKE writes rules of a user's load balancer into a subnet's list."""
    scaled = one(life, POOL, "shop-batch").outputs["nodeConfigDetails"]
    change(life, POOL, "shop-batch", {"nodeConfigDetails": {**scaled, "size": 3}})
    rule = {"protocol": "6", "source": "0.0.0.0/0", "sourceType": "CIDR_BLOCK", "stateless": False, "description": ""}
    change(life, LIST, "shop-lb", {"ingressSecurityRules": [rule]})

    change(life, CLUSTER, "shop", {"freeformTags": {"team": "somebody"}})
    fixed = one(life, POOL, "shop-apps").outputs["nodeConfigDetails"]
    change(life, POOL, "shop-apps", {"nodeConfigDetails": {**fixed, "size": 7}})
    Store(life.lab.home, "oci").remove(RULE, one(life, RULE, "shop-api-range-vpn").id)
    life.refresh()
    program(life, **EVERYTHING)
    steps = life.preview()
    assert work(steps) == {
        (CLUSTER, "shop", "update"),
        (POOL, "shop-apps", "update"),
        (RULE, "shop-api-range-vpn", "create"),
    }
    assert not has_replacement(steps)
    life.up()
    assert one(life, POOL, "shop-apps").outputs["nodeConfigDetails"]["size"] == 3
    assert one(life, POOL, "shop-batch").outputs["nodeConfigDetails"]["size"] == 3
