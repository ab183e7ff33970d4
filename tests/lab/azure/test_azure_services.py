"""Roles, locks, vaults, keys and logs of the simulated Azure: every rule broken once."""

import re
from typing import Any

import pytest
from azure_cloud import (
    CLUSTER,
    DIAGNOSTICS,
    KEY,
    LOCK,
    ROLE,
    SUBSCRIPTION,
    VAULT,
    WORKSPACE,
    Inputs,
    Network,
    create,
    given,
    grant,
)
from simulated_cloud import Engine, RefusedByProviderError, Resource

from multimesh_lab.providers.azure_native import authorization, vault

DEFINITIONS = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
VAULT_PROPERTIES: Inputs = {"sku": {"family": "A", "name": "standard"}, "tenantId": "t", "enablePurgeProtection": True}


class TestRoles:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"roleDefinitionId": f"{DEFINITIONS}/00000000-0000-0000-0000-000000000000"}, "RoleDefinitionDoesNotExist"),
            ({"roleDefinitionId": "Network Contributor"}, "RoleDefinitionDoesNotExist"),
            ({"roleAssignmentName": "mine"}, "'mine' is not valid. It must be a GUID"),
            ({"principalType": "Robot"}, "must be one of User, Group, ServicePrincipal"),
            ({"principalType": "User"}, "has type 'ServicePrincipal', which is different from 'User'"),
            ({"scope": f"{SUBSCRIPTION}/resourceGroups/gone"}, "ResourceGroupNotFound"),
            ({"scope": f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.X/y/z"}, "ResourceNotFound"),
        ],
    )
    def test_rules(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        inputs = {
            "principalId": network.kubelet.outputs["principalId"],
            "principalType": "ServicePrincipal",
            "roleDefinitionId": f"{DEFINITIONS}/{authorization.CONTRIBUTOR}",
            "scope": network.group.id,
        }
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(ROLE, "more", {**inputs, **change})

    def test_the_same_twice(self, cloud: Engine, network: Network) -> None:
        with pytest.raises(RefusedByProviderError, match=r"Status=409 Code=\"RoleAssignmentExists\""):
            grant(cloud, "again", authorization.NETWORK_CONTRIBUTOR, network.control_plane, network.nodes.id)

    def test_what_forces_another(self, cloud: Engine, network: Network) -> None:
        made = network.roles["nodes"]
        changed = {**given(made), "principalId": "x", "scope": "y", "description": "z"}
        assert list(cloud.diff(made, changed).replaces) == ["principalId", "scope"]

    def test_another_role_is_another_assignment(self, cloud: Engine, network: Network) -> None:
        made = network.roles["nodes"]
        changed = {**given(made), "roleDefinitionId": f"{DEFINITIONS}/{authorization.CONTRIBUTOR}"}
        assert not cloud.diff(made, changed).replaces
        with pytest.raises(RefusedByProviderError, match="RoleAssignmentUpdateNotPermitted"):
            cloud.update(made, changed)


class TestLocks:
    def test_it_blocks_what_it_is_on_and_what_that_lies_in(
        self, cloud: Engine, network: Network, cluster: Resource
    ) -> None:
        lock = cloud.create(LOCK, "lock", {"scope": cluster.id, "level": "CanNotDelete"})
        for each in (cluster, network.group):
            with pytest.raises(RefusedByProviderError, match=r"Status=409 Code=\"ScopeLocked\""):
                cloud.delete(each)
        assert cloud.store.get(CLUSTER, cluster.id) is not None
        cloud.delete(lock)
        cloud.delete(cluster)

    def test_it_holds_for_what_lies_in_its_scope(self, cloud: Engine, network: Network) -> None:
        cloud.create(LOCK, "lock", {"scope": network.group.id, "level": "CanNotDelete"})
        with pytest.raises(RefusedByProviderError, match="ScopeLocked"):
            cloud.delete(network.pods)

    @pytest.mark.parametrize(
        ("scope", "level", "message"),
        [
            (None, "Delete", "must be one of CanNotDelete, ReadOnly"),
            (f"{SUBSCRIPTION}/resourceGroups/gone", "ReadOnly", "ResourceGroupNotFound"),
        ],
    )
    def test_rules(self, cloud: Engine, network: Network, scope: str | None, level: str, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(LOCK, "lock", {"scope": scope or network.group.id, "level": level})


class TestVault:
    def make(self, cloud: Engine, network: Network, **change: Any) -> Resource:
        return create(cloud, VAULT, "vault", network.group, {"properties": VAULT_PROPERTIES, **change})

    def test_it_tells_its_address(self, cloud: Engine, network: Network) -> None:
        made = self.make(cloud, network)
        assert made.outputs["properties"]["vaultUri"] == f"https://{made.outputs['name']}.vault.azure.net/"
        assert made.outputs["properties"]["softDeleteRetentionInDays"] == 90

    @pytest.mark.parametrize("name", ["ab", "a" * 25, "1abc", "a--b", "abc-", "a_bc"])
    def test_names(self, cloud: Engine, network: Network, name: str) -> None:
        with pytest.raises(RefusedByProviderError, match="VaultNameNotValid"):
            self.make(cloud, network, vaultName=name)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"softDeleteRetentionInDays": 6}, "6 must be 7 to 90"),
            ({"enableSoftDelete": False}, "enableSoftDelete"),
            ({"enablePurgeProtection": False}, "cannot be set to false"),
            ({"sku": {"family": "B", "name": "standard"}}, "sku.family must be A"),
        ],
    )
    def test_rules(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            self.make(cloud, network, properties={**VAULT_PROPERTIES, **change})

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"enablePurgeProtection": None}, "an irreversible action"),
            ({"softDeleteRetentionInDays": 7}, "has been set already, to 90; it cannot become 7"),
        ],
    )
    def test_there_is_no_way_back(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        made = self.make(cloud, network)
        properties = {k: v for k, v in {**VAULT_PROPERTIES, **change}.items() if v is not None}
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.update(made, {**given(made), "properties": properties})

    def test_a_deleted_one_keeps_its_name_and_is_in_no_inventory(self, cloud: Engine, network: Network) -> None:
        made = self.make(cloud, network, vaultName="shop-keys")
        cloud.delete(made)
        assert not cloud.store.all(VAULT)
        assert vault.soft_deleted(cloud.store) == {"shop-keys": made.id}
        with pytest.raises(RefusedByProviderError, match="already exists in deleted state: 'shop-keys'"):
            self.make(cloud, network, vaultName="Shop-Keys")

    def test_its_keys_go_with_it(self, cloud: Engine, network: Network) -> None:
        made = self.make(cloud, network)
        inputs = {"vaultName": made.outputs["name"], "properties": {"kty": "RSA", "keySize": 2048}}
        key = create(cloud, KEY, "etcd", network.group, inputs)
        pattern = rf"https://{made.outputs['name']}\.vault\.azure\.net/keys/etcd/[0-9a-f]{{32}}"
        assert re.fullmatch(pattern, key.outputs["keyUriWithVersion"])
        with pytest.raises(RefusedByProviderError, match="an existing key is not changed"):
            cloud.update(key, {**given(key), "tags": {"a": "b"}})
        cloud.delete(made)
        assert cloud.store.get(KEY, key.id) is None

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"properties": {"kty": "DSA"}}, "'DSA' must be one of RSA"),
            ({"properties": {"kty": "RSA", "keySize": 1024}}, "keySize 1024 must be one of"),
            ({"keyName": "a_b"}, "1 to 127 letters, digits and hyphens"),
            ({"vaultName": "gone"}, "ParentResourceNotFound"),
        ],
    )
    def test_keys(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        made = self.make(cloud, network)
        inputs = {"vaultName": made.outputs["name"], "properties": {"kty": "RSA"}, **change}
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, KEY, "etcd", network.group, inputs)


class TestLogs:
    def workspace(self, cloud: Engine, network: Network, **change: Any) -> Resource:
        return create(cloud, WORKSPACE, "logs", network.group, {"sku": {"name": "PerGB2018"}, **change})

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"retentionInDays": 29}, "29 must be 30 to 730"),
            ({"retentionInDays": 731}, "731 must be 30 to 730"),
            ({"sku": {"name": "Gold"}}, "'Gold' must be one of PerGB2018"),
            ({"workspaceName": "abc"}, "4 to 63 letters"),
        ],
    )
    def test_workspaces(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            self.workspace(cloud, network, **change)

    def test_a_workspace_keeps_its_id(self, cloud: Engine, network: Network) -> None:
        made = self.workspace(cloud, network, retentionInDays=30)
        after = cloud.update(made, {**given(made), "retentionInDays": 90})
        assert (after.outputs["retentionInDays"], after.outputs["customerId"]) == (90, made.outputs["customerId"])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"logs": [{"category": "kube-proxy", "enabled": True}]}, "Category 'kube-proxy' is not supported"),
            ({"logs": [{"categoryGroup": "most", "enabled": True}]}, "Category 'most' is not supported"),
            ({"logs": [{"enabled": True}]}, "exactly one of category and categoryGroup"),
            ({"logs": []}, "at least one category"),
            ({"workspaceId": None}, "At least one data sink"),
            ({"workspaceId": "gone"}, "workspaceId: resource 'gone'"),
            ({"resourceUri": f"{SUBSCRIPTION}/resourceGroups/g/providers/x/y/gone"}, "ResourceNotFound"),
            ({"name": "a/b"}, "1 to 260 characters"),
        ],
    )
    def test_settings(self, cloud: Engine, network: Network, cluster: Resource, change: Inputs, message: str) -> None:
        inputs = self.setting(cluster, self.workspace(cloud, network))
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(DIAGNOSTICS, "logs", {**inputs, **change})

    def setting(self, cluster: Resource, workspace: Resource) -> Inputs:
        logs = [{"category": each, "enabled": True} for each in ("kube-apiserver", "guard")]
        return {"resourceUri": cluster.id, "workspaceId": workspace.id, "logs": logs}

    def test_no_category_goes_to_one_place_twice(self, cloud: Engine, network: Network, cluster: Resource) -> None:
        inputs = self.setting(cluster, self.workspace(cloud, network))
        made = cloud.create(DIAGNOSTICS, "logs", inputs)
        assert made.id == f"{cluster.id}/providers/Microsoft.Insights/diagnosticSettings/{made.outputs['name']}"
        with pytest.raises(RefusedByProviderError, match="Data sinks can't be reused"):
            cloud.create(DIAGNOSTICS, "more", inputs)

    def test_there_are_five_at_most(self, cloud: Engine, network: Network, cluster: Resource) -> None:
        for index in range(5):
            workspace = self.workspace(cloud, network, workspaceName=f"logs{index}")
            cloud.create(DIAGNOSTICS, f"logs{index}", self.setting(cluster, workspace))
        with pytest.raises(RefusedByProviderError, match="has 5 diagnostic settings"):
            cloud.create(DIAGNOSTICS, "more", self.setting(cluster, self.workspace(cloud, network)))
