"""An AKS cluster on paper by the real engine: from nothing, again, each documented change, drift, and gone.

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

pytest.importorskip("multimesh_lab.providers.azure_native.provider", reason="needs the simulated Azure")

PROGRAM = """
import json
import pulumi
import pulumi_multimesh as multimesh

cluster = multimesh.AksCluster("shop", json.loads({args!r}))
pulumi.export("egress", cluster.egress_ips)
pulumi.export("issuer", cluster.identity)
pulumi.export("server", cluster.api_server)
"""
ARGS: dict[str, Any] = {
    "region": "westeurope",
    "kubernetes_version": "1.34",
    "api_access": {"office": "203.0.113.0/24"},
    "node_pools": {"apps": {"min_size": 2, "max_size": 4}, "batch": {"size": 1}},
    "maintenance": {"days": ["saturday"], "start": "03:00", "hours": 4},
    "tags": {"team": "platform"},
}
CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"


UPDATE_CLUSTER = (CLUSTER, "shop", "update")
APPS, BATCH = ("shop-apps", "update"), ("shop-batch", "update")
CHANGES = {
    "version": Change(
        {"kubernetes_version": "1.35"},
        {UPDATE_CLUSTER, (POOL, *APPS), (POOL, *BATCH)},
        {"kubernetesVersion", "agentPoolProfiles[0].orchestratorVersion"},
    ),
    "pools resized": Change(
        {
            "system_pool": {"min_size": 3, "max_size": 5},
            "node_pools": {"apps": {"min_size": 3, "max_size": 6, "max_surge": 2}, "batch": {"size": 1}},
        },
        {UPDATE_CLUSTER, (POOL, *APPS)},
        {"agentPoolProfiles[0].minCount", "agentPoolProfiles[0].maxCount"},
    ),
    "access and upkeep": Change(
        {
            "api_access": {"office": "203.0.113.0/24", "vpn": "198.51.100.0/28"},
            "admin_groups": ["11111111-2222-3333-4444-555555555555"],
            "tier": "Premium",
            "upgrade_channel": "none",
            "node_os_channel": "SecurityPatch",
            "maintenance": {"days": ["sunday"], "start": "04:00", "hours": 6},
        },
        {
            UPDATE_CLUSTER,
            ("azure-native:containerservice:MaintenanceConfiguration", "shop-upgrades", "update"),
            ("azure-native:containerservice:MaintenanceConfiguration", "shop-node-images", "update"),
        },
        {
            "apiServerAccessProfile.authorizedIPRanges[1]",
            "apiServerAccessProfile.authorizedIPRanges[2]",
            "aadProfile.adminGroupObjectIDs[0]",
            "sku.tier",
            "autoUpgradeProfile.upgradeChannel",
            "autoUpgradeProfile.nodeOSUpgradeChannel",
        },
    ),
    "tags": Change(
        {"tags": {"team": "others"}},
        {
            ("azure-native:resources:ResourceGroup", "shop", "update"),
            ("azure-native:resources:ResourceGroup", "shop-network", "update"),
            ("azure-native:network:VirtualNetwork", "shop", "update"),
            ("azure-native:network:PublicIPAddress", "shop-egress", "update"),
            ("azure-native:network:NatGateway", "shop", "update"),
            ("azure-native:managedidentity:UserAssignedIdentity", "shop-control-plane", "update"),
            ("azure-native:managedidentity:UserAssignedIdentity", "shop-kubelet", "update"),
            ("azure-native:keyvault:Vault", "shop", "update"),
            ("azure-native:operationalinsights:Workspace", "shop", "update"),
            UPDATE_CLUSTER,
            (POOL, *APPS),
            (POOL, *BATCH),
        },
        {"tags.team", "agentPoolProfiles[0].tags.team"},
    ),
    "one pool added, one removed": Change(
        {"node_pools": {"aside": {"size": 1}, "batch": {"size": 1}}},
        {(POOL, "shop-aside", "create"), (POOL, "shop-apps", "delete")},
    ),
}


def program(life: Life, **changes: Any) -> None:
    life.program(PROGRAM.format(args=json.dumps({**ARGS, **changes})))


@pytest.mark.timeout(600)
def test_the_life_of_an_aks_cluster(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    program(life)
    planned = work(life.preview())
    assert {op for _, _, op in planned} == {"create"}
    assert len(planned) == 22
    life.up()
    # Azure lists the further pools in the cluster's own resource too, which the engine sees on the first refresh.
    life.refresh()
    steps = life.preview()
    assert work(steps) <= {UPDATE_CLUSTER}
    assert all(path.startswith("agentPoolProfiles[") for path in paths_of(steps, CLUSTER))
    assert [step for step in steps if step.replaces] == []
    life.up()
    life.unchanged()

    each_in_place(life, program, CHANGES, CLUSTER)

    everything = {key: value for change in CHANGES.values() for key, value in change.args.items()}
    program(life, **everything)
    life.up()
    drift(life, nodes=5, kubernetesVersion="1.35.4", tags={"team": "somebody"})
    life.refresh()
    steps = life.preview()
    assert work(steps) == {UPDATE_CLUSTER}
    # The autoscaler's nodes are nobody's business; the pools that are listed twice are the further ones.
    changed = {
        path
        for path in paths_of(steps, CLUSTER)
        if not path.startswith(("agentPoolProfiles[1]", "agentPoolProfiles[2]"))
    }
    assert changed == {"kubernetesVersion", "tags.team"}
    life.up()
    life.unchanged()

    life.destroy()
    assert life.inventory() == []


def drift(life: Life, nodes: int, **outputs: Any) -> None:
    """Somebody changes the cluster behind the engine's back, and the autoscaler its system pool."""
    store = Store(life.lab.home, "azure-native")
    (found,) = store.all(CLUSTER)
    system, *others = found.outputs["agentPoolProfiles"]
    outputs["agentPoolProfiles"] = [{**system, "count": nodes}, *others]
    with store.locked():
        store.put(replace(found, outputs={**found.outputs, **outputs}))
