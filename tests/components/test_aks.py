"""AksCluster: what it registers, with outputs known and unknown."""

import json
from typing import Any, cast

import pulumi
import pytest
from mocked_aks import INVOKES, SUBSCRIPTION
from mocked_engine import Engine, Registered, Run

import pulumi_multimesh as multimesh
from pulumi_multimesh.clusters.aks_pools import PoolSettings, left_to_azure
from pulumi_multimesh.clusters.aks_roles import named_registries
from pulumi_multimesh.config import AksNetworkIds, SurgingNodePoolArgs

ARGS: dict[str, Any] = {
    "region": "westeurope",
    "api_access": {"office": "203.0.113.0/24"},
    "tags": {"team": "platform"},
}
CLUSTER = "containerservice:ManagedCluster"
POOL = "containerservice:AgentPool"
ROLE = "authorization:RoleAssignment"
WINDOW = {"days": ["saturday"], "start": "03:00", "hours": 6}
REGISTRY = f"{SUBSCRIPTION}/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/acme"
SUBNET = f"{SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets"
HUB = {"nodes_subnet_id": f"{SUBNET}/nodes", "egress_ips": ["203.0.113.7"]}
GUID = "11111111-2222-3333-4444-555555555555"
HUB_RANGES = {"nodes": "10.200.0.0/20"}
EVERYTHING: dict[str, Any] = {
    "network_mode": "pod-subnet",
    "node_pools": {"apps": {}, "batch": {"size": 1, "spot": True}},
    "maintenance": WINDOW,
    "registries": [REGISTRY],
    "deletion_protection": True,
}


def cluster(**changes: Any) -> multimesh.AksCluster:
    args: Any = {**ARGS, **changes}
    return multimesh.AksCluster("shop", args)


def made(run: Run, **changes: Any) -> Engine:
    return run(lambda: cluster(**changes))


def one(engine: Engine, token: str, name: str | None = None) -> dict[str, Any]:
    (found,) = [r for r in engine.of(f"azure-native:{token}") if name in (None, r.name)]
    return found.inputs


def role_of(registered: Registered) -> str:
    return cast(str, registered.inputs["roleDefinitionId"]).rpartition("/")[2]


@pytest.mark.parametrize(
    "changes", [{}, EVERYTHING, {"network": HUB, "ranges": HUB_RANGES, "resource_group": "shared"}]
)
def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run, changes: dict[str, Any]) -> None:
    """A first preview must show everything, so nothing may be made from an output."""
    known = made(run, **changes)
    assert known.names() == run(lambda: cluster(**changes), preview=True).names()
    assert len(known.names()) == len(known.resources)


def test_nodes_have_no_addresses_of_their_own_and_leave_by_one_that_is_kept(run: Run) -> None:
    engine = made(run)
    subnet = one(engine, "network:Subnet", "shop-nodes")
    assert subnet["defaultOutboundAccess"] is False
    assert subnet["natGateway"]["id"].endswith("/NatGateway/shop")
    address = one(engine, "network:PublicIPAddress")
    assert (address["publicIPAllocationMethod"], address["zones"]) == ("Static", ["1", "2", "3"])
    assert one(engine, CLUSTER)["networkProfile"]["outboundType"] == "userAssignedNATGateway"
    assert one(engine, CLUSTER)["agentPoolProfiles"][0]["enableNodePublicIP"] is False


def test_a_region_without_zones_has_an_address_and_nodes_without_zones(run: Run) -> None:
    engine = made(run, zones=[])
    assert "zones" not in one(engine, "network:PublicIPAddress")
    assert "availabilityZones" not in one(engine, CLUSTER)["agentPoolProfiles"][0]


def test_overlay_pods_have_no_subnet_and_others_have_one_that_is_aks_own(run: Run) -> None:
    engine = made(run)
    profile = one(engine, CLUSTER)["networkProfile"]
    assert profile["networkPluginMode"] == "overlay"
    assert {r.name for r in engine.of("azure-native:network:Subnet")} == {"shop-nodes"}

    engine = made(run, network_mode="pod-subnet", node_pools={"apps": {}})
    subnet = one(engine, "network:Subnet", "shop-pods")
    assert subnet["delegations"] == [{"name": "aks", "serviceName": "Microsoft.ContainerService/managedClusters"}]
    ranges = one(engine, "network:VirtualNetwork")["addressSpace"]["addressPrefixes"]
    assert subnet["addressPrefix"] in ranges
    inside = one(engine, CLUSTER)
    assert {"networkPluginMode", "podCidr"}.isdisjoint(inside["networkProfile"])
    assert inside["agentPoolProfiles"][0]["podSubnetID"].endswith("/shop-pods")
    assert one(engine, POOL)["podSubnetID"].endswith("/shop-pods")


def test_the_api_server_admits_the_named_ranges_the_peers_and_its_own_nodes(run: Run) -> None:
    engine = made(run, admitted_ips=["198.51.100.4", "198.51.100.4"])
    access = one(engine, CLUSTER)["apiServerAccessProfile"]
    assert access["authorizedIPRanges"] == ["203.0.113.0/24", "198.18.3.3/32", "198.51.100.4/32"]
    assert access["disableRunCommand"] is True


def test_a_named_network_is_used_and_none_is_made(run: Run) -> None:
    engine = made(run, network=HUB, ranges=HUB_RANGES)
    assert not [r for r in engine.resources if r.token.startswith("azure-native:network:")]
    assert one(engine, CLUSTER)["agentPoolProfiles"][0]["vnetSubnetID"] == HUB["nodes_subnet_id"]
    assert "203.0.113.7/32" in one(engine, CLUSTER)["apiServerAccessProfile"]["authorizedIPRanges"]
    assert one(engine, ROLE, "shop-joins-nodes")["scope"] == HUB["nodes_subnet_id"]


def test_roles_are_given_for_exactly_what_is_needed(run: Run) -> None:
    engine = made(run, registries=[REGISTRY], network_mode="pod-subnet")
    given = {
        r.name: (role_of(r), r.inputs["principalId"], r.inputs["scope"].rpartition("/")[2])
        for r in engine.of(f"azure-native:{ROLE}")
    }
    acting = "principal of shop-control-plane"
    assert given == {
        "shop-joins-nodes": ("4d97b98b-1d4f-4787-a291-c67834d212e7", acting, "shop-nodes"),
        "shop-joins-pods": ("4d97b98b-1d4f-4787-a291-c67834d212e7", acting, "shop-pods"),
        "shop-assigns-kubelet": ("f1a07417-d97a-45cb-824c-7a7467783830", acting, "shop-kubelet"),
        "shop-uses-key": ("12338af0-0e69-4776-bea7-57ae8d297424", acting, "shop"),
        "shop-pulls-acme": ("7f951dda-4ed3-4680-a7ca-43fe172d538d", "principal of shop-kubelet", "acme"),
        "shop-creator": ("b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b", "creator", "shop"),
    }


def test_the_creator_administers_a_shared_group_no_further_than_the_cluster(run: Run) -> None:
    assert "/ResourceGroup/" in one(made(run), ROLE, "shop-creator")["scope"]
    assert "/ManagedCluster/" in one(made(run, resource_group="shared"), ROLE, "shop-creator")["scope"]


def test_the_creator_is_a_person_only_when_the_azure_cli_speaks_for_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert one(made(run), ROLE, "shop-creator")["principalType"] == "User"
    pipeline = {"clientId": "pipeline", "objectId": "o", "subscriptionId": "s", "tenantId": "t"}
    monkeypatch.setitem(INVOKES, "azure-native:authorization:getClientConfig", lambda args: pipeline)
    monkeypatch.setattr("mocked_engine.INVOKES", dict(INVOKES))
    assert one(made(run), ROLE, "shop-creator")["principalType"] == "ServicePrincipal"


def test_registries_keep_their_names_in_any_order() -> None:
    other = REGISTRY.replace("acme", "Other")
    assert named_registries([REGISTRY, other]) == {"acme": REGISTRY, "other": other}
    assert named_registries([other, REGISTRY]) == {"acme": REGISTRY, "other": other}


def test_entra_alone_decides_who_gets_in_unless_local_accounts_are_asked_for(run: Run) -> None:
    inside = one(made(run, admin_groups=[GUID]), CLUSTER)
    assert inside["disableLocalAccounts"] is True
    assert inside["aadProfile"] == {"managed": True, "enableAzureRBAC": True, "adminGroupObjectIDs": [GUID]}
    inside = one(made(run, local_accounts=True, tenant_id=GUID), CLUSTER)
    assert inside["disableLocalAccounts"] is False
    assert inside["aadProfile"]["tenantID"] == GUID


def test_the_kubeconfig_calls_kubelogin_and_holds_no_credential(run: Run) -> None:
    engine = made(run, login="workloadidentity")
    (provider,) = engine.of("pulumi:providers:kubernetes")
    kubeconfig = json.loads(provider.inputs["kubeconfig"])
    assert kubeconfig["clusters"][0]["cluster"] == {
        "server": "https://198.18.0.13:443",
        "certificate-authority-data": "Q0E=",
    }
    (user,) = kubeconfig["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "kubelogin"
    assert user["user"]["exec"]["args"] == [
        *("get-token", "--login", "workloadidentity"),
        *("--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630", "--tenant-id", "tenant"),
    ]
    assert provider.inputs["clusterIdentifier"].endswith("/ManagedCluster/shop")


def test_address_and_authority_are_no_secrets_and_the_kubeconfig_is_one(run: Run) -> None:
    seen: list[bool] = []

    async def look() -> None:
        made_here = cluster()
        for value in (made_here.api_server, made_here.api_ca, made_here.kubeconfig):
            seen.append(await value.is_secret())

    run(look)
    assert seen == [False, False, True]


def test_secrets_are_encrypted_with_a_key_made_here_a_brought_one_or_azures(run: Run) -> None:
    engine = made(run)
    assert one(engine, CLUSTER)["securityProfile"]["azureKeyVaultKms"] == {
        "enabled": True,
        "keyId": "https://vault.vault.azure.net/keys/secrets/1",
        "keyVaultNetworkAccess": "Public",
    }
    vault = one(engine, "keyvault:Vault")["properties"]
    assert (vault["enableRbacAuthorization"], vault["enablePurgeProtection"], vault["enableSoftDelete"]) == (True,) * 3

    brought = "https://acme.vault.azure.net/keys/k8s/0123456789abcdef0123456789abcdef"
    engine = made(run, encryption_key=brought)
    assert one(engine, CLUSTER)["securityProfile"]["azureKeyVaultKms"]["keyId"] == brought
    assert not engine.of("azure-native:keyvault:Vault")

    engine = made(run, encryption_key="provider")
    assert "azureKeyVaultKms" not in one(engine, CLUSTER)["securityProfile"]
    assert not engine.of("azure-native:keyvault:Vault")


def test_an_output_can_be_the_key(run: Run) -> None:
    engine = run(lambda: cluster(encryption_key=pulumi.Output.from_input("https://a.vault.azure.net/keys/k/1")))
    assert one(engine, CLUSTER)["securityProfile"]["azureKeyVaultKms"]["keyId"] == "https://a.vault.azure.net/keys/k/1"


def test_a_pool_scales_between_its_sizes_or_keeps_one(run: Run) -> None:
    engine = made(run, node_pools={"apps": {"min_size": 3, "max_size": 9}, "fixed": {"size": 5}})
    apps, fixed = one(engine, POOL, "shop-apps"), one(engine, POOL, "shop-fixed")
    assert [apps[key] for key in ("enableAutoScaling", "count", "minCount", "maxCount")] == [True, 3, 3, 9]
    assert (fixed["enableAutoScaling"], fixed["count"]) == (False, 5)
    assert {"minCount", "maxCount"}.isdisjoint(fixed)
    assert (apps["agentPoolName"], apps["mode"], apps["maxPods"]) == ("apps", "User", 110)


def test_labels_taints_zones_and_machines_reach_the_nodes(run: Run) -> None:
    wish = {
        "machine_type": "Standard_E8s_v5",
        "disk_size_gb": 256,
        "zones": ["2"],
        "labels": {"tier": "data"},
        "taints": [
            {"key": "dedicated", "value": "data", "effect": "NoSchedule"},
            {"key": "bare", "effect": "NoExecute"},
        ],
    }
    for inputs in (
        one(made(run, node_pools={"data": wish}), POOL),
        one(made(run, system_pool=wish), CLUSTER)["agentPoolProfiles"][0],
    ):
        assert (inputs["vmSize"], inputs["osDiskSizeGB"], inputs["availabilityZones"]) == (
            "Standard_E8s_v5",
            256,
            ["2"],
        )
        assert inputs["nodeLabels"] == {"tier": "data"}
        assert inputs["nodeTaints"] == ["dedicated=data:NoSchedule", "bare=:NoExecute"]


def test_spot_nodes_are_marked_as_azure_marks_them_and_upgrade_without_a_surge(run: Run) -> None:
    inputs = one(
        made(run, node_pools={"batch": {"spot": True, "taints": [{"key": "a", "effect": "NoSchedule"}]}}), POOL
    )
    assert (inputs["scaleSetPriority"], inputs["scaleSetEvictionPolicy"], inputs["spotMaxPrice"]) == (
        "Spot",
        "Delete",
        -1,
    )
    assert inputs["nodeLabels"] == {"kubernetes.azure.com/scalesetpriority": "spot"}
    assert inputs["nodeTaints"] == ["a=:NoSchedule", "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"]
    assert "upgradeSettings" not in inputs


@pytest.mark.parametrize(
    ("wish", "settings"),
    [
        ({}, {"maxSurge": "1"}),
        ({"max_surge": 3}, {"maxSurge": "3"}),
        ({"max_unavailable": 2}, {"maxSurge": "0", "maxUnavailable": "2"}),
    ],
)
def test_an_upgrade_adds_nodes_or_takes_some_away(run: Run, wish: dict[str, int], settings: dict[str, str]) -> None:
    assert one(made(run, node_pools={"apps": wish}), POOL)["upgradeSettings"] == settings


def test_the_pools_follow_the_clusters_version(run: Run) -> None:
    engine = made(run, kubernetes_version="1.35", node_pools={"apps": {}})
    inside = one(engine, CLUSTER)
    versions = {inside["kubernetesVersion"], inside["agentPoolProfiles"][0]["orchestratorVersion"]}
    assert versions | {one(engine, POOL)["orchestratorVersion"]} == {"1.35"}


def test_channels_and_windows(run: Run) -> None:
    engine = made(run, upgrade_channel="stable", node_os_channel="SecurityPatch", maintenance=WINDOW)
    assert one(engine, CLUSTER)["autoUpgradeProfile"] == {
        "upgradeChannel": "stable",
        "nodeOSUpgradeChannel": "SecurityPatch",
    }
    windows = engine.of("azure-native:containerservice:MaintenanceConfiguration")
    assert {r.inputs["configName"] for r in windows} == {
        "aksManagedAutoUpgradeSchedule",
        "aksManagedNodeOSUpgradeSchedule",
    }
    for registered in windows:
        assert registered.inputs["maintenanceWindow"] == {
            "schedule": {"weekly": {"dayOfWeek": "Saturday", "intervalWeeks": 1}},
            "startTime": "03:00",
            "durationHours": 6,
            "utcOffset": "+00:00",
        }


def test_logs_of_the_control_plane_are_kept_unless_they_are_not_wanted(run: Run) -> None:
    engine = made(run, log_retention_days=90)
    assert one(engine, "operationalinsights:Workspace")["retentionInDays"] == 90
    setting = one(engine, "monitor:DiagnosticSetting")
    assert "kube-audit-admin" in {log["category"] for log in setting["logs"] if log["enabled"]}
    assert setting["resourceUri"].endswith("/ManagedCluster/shop")
    engine = made(run, control_plane_logs=False)
    assert not engine.of("azure-native:monitor:DiagnosticSetting")


def test_deletion_protection_is_a_lock_on_the_cluster(run: Run) -> None:
    lock = one(made(run, deletion_protection=True), "authorization:ManagementLockByScope")
    assert lock["level"] == "CanNotDelete"
    assert lock["scope"].endswith("/ManagedCluster/shop")
    assert not made(run).of("azure-native:authorization:ManagementLockByScope")


@pytest.mark.parametrize("protected", [False, True])
def test_deletion_protection_is_pulumis_own_too(run: Run, protected: bool) -> None:
    seen: list[object] = []
    run(lambda: seen.append(cluster(deletion_protection=protected).made_by))
    (resource,) = seen
    assert bool(vars(resource)["_protect"]) is protected


@pytest.mark.parametrize(
    ("channel", "wish", "left"),
    [
        ("patch", {"size": 3}, []),
        ("patch", {}, ["agentPoolProfiles[0].count"]),
        ("stable", {"size": 3}, ["kubernetesVersion", "agentPoolProfiles[0].orchestratorVersion"]),
    ],
)
def test_only_what_azure_changes_by_itself_is_left_to_it(
    channel: str, wish: SurgingNodePoolArgs, left: list[str]
) -> None:
    network: AksNetworkIds = {"nodes_subnet_id": SUBNET, "egress_ips": []}
    assert left_to_azure(PoolSettings("1.34", channel, [], network, {}), wish) == left


UNTAGGED = {
    "azure-native:network:Subnet",
    f"azure-native:{ROLE}",
    "azure-native:authorization:ManagementLockByScope",
    "azure-native:monitor:DiagnosticSetting",
    "azure-native:containerservice:MaintenanceConfiguration",
}
"""Azure has no tags for these."""


def test_tags_are_on_all_that_can_carry_them(run: Run) -> None:
    engine = made(run, **EVERYTHING)
    ours = [r for r in engine.resources if r.token.startswith("azure-native:")]
    assert {r.token for r in ours} >= UNTAGGED
    for registered in ours:
        wanted = None if registered.token in UNTAGGED else ARGS["tags"]
        assert registered.inputs.get("tags") == wanted, registered.token
    assert one(engine, CLUSTER)["agentPoolProfiles"][0]["tags"] == ARGS["tags"]


def test_long_names_leave_room_for_the_engines_suffix(run: Run) -> None:
    args: Any = ARGS
    engine = run(lambda: multimesh.AksCluster("multimeshes-azure-westeurop", args))
    for token, most in ((CLUSTER, 20), ("resources:ResourceGroup", None), ("keyvault:Vault", 15)):
        for registered in engine.of(f"azure-native:{token}"):
            assert most is None or len(registered.name) <= most
    assert {len(r.name) <= 20 for r in engine.of("azure-native:resources:ResourceGroup")} == {True, False}


def test_faults_are_told_before_anything_is_registered(run: Run) -> None:
    engine_holder: list[pulumi.RunError] = []

    def program() -> None:
        with pytest.raises(pulumi.RunError) as fault:
            cluster(tier="Gold", region="eu-west")
        engine_holder.append(fault.value)

    engine = run(program)
    assert engine.resources == []
    assert "tier" in str(engine_holder[0])
    assert "region" in str(engine_holder[0])


MESH: dict[str, Any] = {
    "aks": {"azure-eu": {"region": "westeurope"}, "azure-us": {"region": "eastus2", "node_pools": {"apps": {}}}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
    "tags": {"team": "platform"},
}


def test_clusters_of_a_mesh_have_networks_and_groups_of_their_own_and_admit_each_other(run: Run) -> None:
    args: Any = MESH
    engine = run(lambda: multimesh.MultiCloudMesh("shop", args))
    assert engine.names() == run(lambda: multimesh.MultiCloudMesh("shop", args), preview=True).names()
    assert len(engine.names()) == len(engine.resources)
    groups = {r.name for r in engine.of("azure-native:resources:ResourceGroup")}
    assert groups == {f"shop-azure-{place}{part}" for place in ("eu", "us") for part in ("", "-network")}
    for place in ("eu", "us"):
        admitted = one(engine, CLUSTER, f"shop-azure-{place}")["apiServerAccessProfile"]["authorizedIPRanges"]
        assert admitted == ["203.0.113.0/24", "198.18.3.4/32", "198.18.3.5/32"]
