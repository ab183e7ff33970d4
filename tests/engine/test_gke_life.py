"""A GKE cluster on paper by the real engine: from nothing, again, each documented change, drift, and gone.

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

cluster = multimesh.GkeCluster("shop", json.loads({args!r}))
pulumi.export("egress", cluster.egress_ips)
pulumi.export("server", cluster.api_server)
"""
POOLS: dict[str, Any] = {"apps": {"min_size": 2, "max_size": 4}, "batch": {"size": 3}}
WINDOW = {"days": ["saturday", "sunday"], "start": "03:00", "hours": 6}
ARGS: dict[str, Any] = {
    "project": "acme-dev",
    "region": "europe-west4",
    "kubernetes_version": "1.34",
    "api_access": {"office": "203.0.113.0/24"},
    "node_pools": POOLS,
    "maintenance": WINDOW,
    "tags": {"team": "platform"},
}
CLUSTER = "gcp:container/cluster:Cluster"
POOL = "gcp:container/nodePool:NodePool"
UPDATE_CLUSTER = (CLUSTER, "shop", "update")
APPS, BATCH = (POOL, "shop-apps", "update"), (POOL, "shop-batch", "update")
CHANGES = {
    "version": Change({"kubernetes_version": "1.35"}, {UPDATE_CLUSTER}, {"minMasterVersion"}),
    "channel": Change({"release_channel": "STABLE"}, {UPDATE_CLUSTER}, {"releaseChannel.channel"}),
    "pool resized": Change({"node_pools": {**POOLS, "apps": {"min_size": 4, "max_size": 6}}}, {APPS}),
    "fixed pool resized": Change({"node_pools": {**POOLS, "batch": {"size": 6}}}, {BATCH}),
    "labels, taints and surge": Change(
        {
            "node_pools": {
                **POOLS,
                "batch": {
                    "size": 3,
                    "labels": {"for": "batch"},
                    "taints": [{"key": "batch", "effect": "NoSchedule"}],
                    "max_surge": 2,
                },
            }
        },
        {BATCH},
    ),
    "pool added": Change({"node_pools": {**POOLS, "aside": {}}}, {(POOL, "shop-aside", "create")}),
    "pool removed": Change({"node_pools": {"batch": {"size": 3}}}, {(POOL, "shop-apps", "delete")}),
    "range allowed": Change(
        {"api_access": {"office": "203.0.113.0/24", "vpn": "198.51.100.0/28"}},
        {UPDATE_CLUSTER},
        {"masterAuthorizedNetworksConfig.cidrBlocks[1]"},
    ),
    "window moved": Change(
        {"maintenance": {**WINDOW, "days": ["friday", "saturday"]}},
        {UPDATE_CLUSTER},
        {"maintenancePolicy.recurringWindow.recurrence"},
    ),
    "registry of another project": Change(
        {"registries": ["acme-dev", "acme-images"]},
        {("gcp:projects/iAMMember:IAMMember", "shop-pulls-acme-images", "create")},
    ),
    "tags": Change(
        {"tags": {"team": "others"}},
        {UPDATE_CLUSTER, APPS, BATCH, ("gcp:kms/cryptoKey:CryptoKey", "shop", "update")},
        {"resourceLabels.team"},
    ),
    "protected": Change({"deletion_protection": True}, {UPDATE_CLUSTER}, {"deletionProtection"}),
}


def program(life: Life, **changes: Any) -> None:
    life.program(PROGRAM.format(args=json.dumps({**ARGS, **changes})))


@pytest.mark.timeout(900)
def test_the_life_of_a_gke_cluster(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    program(life)
    planned = work(life.preview())
    assert {op for _, _, op in planned} == {"create"}
    life.up()
    life.unchanged()

    each_in_place(life, program, CHANGES, CLUSTER)
    everything = {key: value for change in CHANGES.values() for key, value in change.args.items()}
    final = {**everything, "deletion_protection": False}
    program(life, **final)
    life.up()
    life.unchanged()

    drift(life)
    life.refresh()
    steps = life.preview()
    assert work(steps) == {UPDATE_CLUSTER}
    assert paths_of(steps, CLUSTER) == {"masterAuthorizedNetworksConfig.cidrBlocks[1]"}
    life.up()
    life.unchanged()

    program(life, **everything)
    life.up()
    assert "protect" in life.refused("destroy", "--yes")
    assert len(life.inventory()) > len(CHANGES)
    program(life, **final)
    life.up()
    life.destroy()
    assert life.inventory() == []


def drift(life: Life) -> None:
    """GKE's own doings, which are none of ours, and somebody who shuts out a range behind the engine's back."""
    store = Store(life.lab.home, "gcp")
    (found,) = store.all(CLUSTER)
    access = {**found.outputs["masterAuthorizedNetworksConfig"]}
    access["cidrBlocks"] = access["cidrBlocks"][:1]
    shut = {"masterAuthorizedNetworksConfig": access}
    # The channel upgrades; the removed default pool is still spoken of (pulumi-gcp#744).
    own = {"masterVersion": "1.35.2-gke.7", "nodeConfig": {"machineType": "e2-medium"}, "initialNodeCount": 0}
    with store.locked():
        store.put(replace(found, inputs={**found.inputs, **shut}, outputs={**found.outputs, **shut, **own}))
        for pool in store.all(POOL):
            grown = {"version": "1.35.2-gke.7"}
            if pool.name == "shop-apps":
                grown |= {"nodeCount": 2}
            store.put(replace(pool, outputs={**pool.outputs, **grown}))


def test_the_endpoint_by_name(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    program(life, endpoint="dns", node_pools={"apps": {}}, encryption_key="provider")
    life.up()
    life.unchanged()
    (cluster,) = [record for record in life.inventory() if record.type == CLUSTER]
    door = cluster.outputs["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]
    assert door["endpoint"].endswith(".europe-west4.gke.goog")
    assert life.output("server") == f"https://{door['endpoint']}"
    life.destroy()
