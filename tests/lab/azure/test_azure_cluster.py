"""AKS clusters of the simulated Azure: a whole one, what forces another, and who reaches it."""

import base64
import re
from typing import Any

import azure_cloud
import pytest
import yaml
from azure_cloud import CLUSTER, IDENTITY, POOL, Inputs, Network
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource

from multimesh_lab.providers.wire import UNKNOWN


def lab_id(cluster: Resource) -> str:
    return f"azure/{cluster.id}"


class TestCluster:
    def test_outputs_are_those_of_aks(self, cluster: Resource, network: Network) -> None:
        out = cluster.outputs
        name = out["name"]
        assert re.fullmatch(r"shop[0-9a-f]{8}", name)
        assert cluster.id.endswith(f"/providers/Microsoft.ContainerService/managedClusters/{name}")
        assert out["type"] == "Microsoft.ContainerService/managedClusters"
        assert out["azureApiVersion"] == "2025-09-01"
        assert out["fqdn"] == "198.18.0.11"
        assert out["nodeResourceGroup"] == f"MC_{network.group.outputs['name']}_{name}_westeurope"
        assert out["oidcIssuerProfile"] == {"enabled": True, "issuerURL": "https://198.18.0.11/oidc"}
        assert (out["kubernetesVersion"], out["currentKubernetesVersion"]) == ("1.34", "1.34.2")
        assert out["agentPoolProfiles"][0]["currentOrchestratorVersion"] == "1.34.2"

    def test_outputs_hold_neither_the_path_nor_the_labs_own(self, cluster: Resource) -> None:
        assert not {"resourceGroupName", "resourceName", "lab", "__createBeforeDelete"} & set(cluster.outputs)

    def test_identities_come_back_as_a_table(self, cluster: Resource, network: Network) -> None:
        acting = network.control_plane
        keys = {key: acting.outputs[key] for key in ("clientId", "principalId")}
        assert cluster.outputs["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {acting.id: keys}}

    def test_the_lab_is_asked_for_it(self, cluster: Resource, runtime: FakeRuntime) -> None:
        request = runtime.clusters[lab_id(cluster)]
        assert (request.cloud, request.region, request.kubernetes_version) == ("azure", "westeurope", "1.34.2")
        assert request.name == cluster.outputs["name"]

    def test_its_node_is_of_the_system_pool(self, cluster: Resource, runtime: FakeRuntime) -> None:
        labels = runtime.nodes[lab_id(cluster)]
        assert labels["topology.kubernetes.io/region"] == "westeurope"
        assert labels["topology.kubernetes.io/zone"] == "westeurope-1"
        assert labels["kubernetes.azure.com/agentpool"] == "system"
        assert ("install_dns", lab_id(cluster)) in runtime.calls

    def test_named_ranges_reach_it(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        assert runtime.admitted[lab_id(cluster)] == ["203.0.113.0/24", "198.51.100.7/32"]
        cloud.update(cluster, {**cluster_inputs, "apiServerAccessProfile": {"authorizedIPRanges": ["192.0.2.9/32"]}})
        assert runtime.admitted[lab_id(cluster)] == ["192.0.2.9/32"]

    def test_without_ranges_everybody_does(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        cloud.update(cluster, {**cluster_inputs, "apiServerAccessProfile": {}})
        assert runtime.admitted[lab_id(cluster)] == ["0.0.0.0/0"]

    def test_it_leaves_by_the_nat_gateways_address(
        self, cloud: Engine, cluster: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        assert runtime.egress[lab_id(cluster)] == network.address.outputs["ipAddress"] == "198.18.3.1"
        without = {key: value for key, value in network.nodes.inputs.items() if key != "natGateway"}
        cloud.update(network.nodes, without)
        assert runtime.egress[lab_id(cluster)] is None

    def test_nothing_is_left_of_it(self, cloud: Engine, cluster: Resource, runtime: FakeRuntime) -> None:
        cloud.delete(cluster)
        assert cloud.read(cluster) is None
        assert not runtime.clusters

    def test_its_pools_go_with_it(self, cloud: Engine, cluster: Resource, network: Network) -> None:
        made = cloud.create(POOL, "apps", azure_cloud.pool_inputs(network, cluster))
        cloud.delete(cluster)
        assert cloud.store.get(POOL, made.id) is None


class TestPreview:
    def test_of_a_creation_knows_the_inputs(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        seen = cloud.preview(CLUSTER, "shop", cluster_inputs)
        assert seen["dnsPrefix"] == "shop"
        assert seen["networkProfile"]["podCidr"] == "10.128.0.0/14"
        assert seen["networkProfile"]["ipFamilies"] is UNKNOWN
        assert seen["identity"]["userAssignedIdentities"] is UNKNOWN
        assert (seen["fqdn"], seen["name"]) == (UNKNOWN, UNKNOWN)
        assert not cloud.store.all(CLUSTER)

    def test_of_an_update_knows_inputs_name_and_location(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs
    ) -> None:
        seen = cloud.update(cluster, {**cluster_inputs, "tags": {"team": "other"}}, preview=True).raw
        assert seen["tags"] == {"team": "other"}
        assert (seen["name"], seen["location"]) == (cluster.outputs["name"], "westeurope")
        assert (seen["fqdn"], seen["resourceUID"]) == (UNKNOWN, UNKNOWN)
        assert seen["oidcIssuerProfile"] == {"enabled": True, "issuerURL": UNKNOWN}


class TestDiff:
    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"location": "northeurope"}, "location"),
            ({"dnsPrefix": "other"}, "dnsPrefix"),
            ({"resourceGroupName": "other"}, "resourceGroupName"),
            ({"resourceName": "other"}, "resourceName"),
        ],
    )
    def test_what_forces_another_cluster(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, change: Inputs, path: str
    ) -> None:
        answer = cloud.diff(cluster, {**cluster_inputs, **change})
        assert list(answer.replaces) == [path]

    @pytest.mark.parametrize("key", ["serviceCidr", "podCidr", "outboundType", "networkPluginMode", "dnsServiceIP"])
    def test_what_of_the_network_forces_another(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, key: str
    ) -> None:
        changed = {**cluster_inputs, "networkProfile": {**cluster_inputs["networkProfile"], key: "other"}}
        assert list(cloud.diff(cluster, changed).replaces) == ["networkProfile"]

    def test_what_does_not(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        changed = {
            **cluster_inputs,
            "kubernetesVersion": "1.35",
            "location": "West Europe",
            "networkProfile": {**cluster_inputs["networkProfile"], "advancedNetworking": {"enabled": True}},
        }
        answer = cloud.diff(cluster, changed)
        assert sorted(answer.diffs) == ["kubernetesVersion", "networkProfile"]
        assert not answer.replaces

    def test_outputs_are_no_difference(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        assert not cloud.diff(cluster, cluster_inputs).diffs

    def test_a_drawn_name_lets_both_stand_beside_each_other(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs
    ) -> None:
        assert not cloud.diff(cluster, {**cluster_inputs, "dnsPrefix": "other"}).deleteBeforeReplace
        given = {**cluster_inputs, "resourceName": "own"}
        named = cloud.create(CLUSTER, "named", given)
        assert cloud.diff(named, {**given, "dnsPrefix": "other"}).deleteBeforeReplace


class TestRefresh:
    def test_what_azure_added_is_no_difference(self, cloud: Engine, cluster: Resource) -> None:
        read = cloud.read(cluster)
        assert read is not None
        assert read.inputs == cluster.inputs
        assert read.outputs == cluster.outputs

    def test_drift_reaches_the_inputs_and_nothing_else_does(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs
    ) -> None:
        cloud.store.change(CLUSTER, cluster.id, {"tags": {"team": "x"}, "sku": {"name": "Base", "tier": "Free"}})
        read = cloud.read(cluster)
        assert read is not None
        answer = cloud.diff(read, cluster_inputs)
        assert (sorted(answer.detailedDiff), list(answer.replaces)) == (["sku.tier", "tags.team"], [])

    def test_further_pools_are_listed(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, network: Network
    ) -> None:
        cloud.create(POOL, "apps", azure_cloud.pool_inputs(network, cluster))
        read = cloud.read(cluster)
        assert read is not None
        assert [each["name"] for each in read.outputs["agentPoolProfiles"]] == ["system", "apps"]
        assert [each["name"] for each in read.inputs["agentPoolProfiles"]] == ["system", "apps"]
        after = cloud.update(read, cluster_inputs)
        assert [each["name"] for each in after.outputs["agentPoolProfiles"]] == ["system", "apps"]


class TestFunctions:
    def ask(self, cloud: Engine, network: Network, function: str, **arguments: Any) -> Inputs:
        place = {"resourceGroupName": network.group.outputs["name"]}
        return cloud.invoke(f"azure-native:{function}", {**place, **arguments})

    def test_getters_answer_as_get_does(self, cloud: Engine, network: Network, cluster: Resource) -> None:
        name = cluster.outputs["name"]
        found = self.ask(cloud, network, "containerservice:getManagedCluster", resourceName=name)
        assert found == {**cluster.outputs, "id": cluster.id}
        acting = network.control_plane
        function = "managedidentity:getUserAssignedIdentity"
        found = self.ask(cloud, network, function, resourceName=acting.outputs["name"])
        assert found["principalId"] == acting.outputs["principalId"]
        function, name = "network:getPublicIPAddress", network.address.outputs["name"]
        assert self.ask(cloud, network, function, publicIpAddressName=name)["ipAddress"] == "198.18.3.1"

    @pytest.mark.parametrize(
        ("function", "key"),
        [
            ("containerservice:getManagedCluster", "resourceName"),
            ("containerservice:listManagedClusterUserCredentials", "resourceName"),
            ("managedidentity:getUserAssignedIdentity", "resourceName"),
            ("network:getPublicIPAddress", "publicIpAddressName"),
        ],
    )
    def test_what_is_not_there(self, cloud: Engine, network: Network, function: str, key: str) -> None:
        with pytest.raises(RefusedByProviderError, match=r'Status=404 Code="ResourceNotFound".*/gone'):
            self.ask(cloud, network, function, **{key: "gone"})

    def test_the_kubeconfig_asks_a_person(self, cloud: Engine, network: Network, cluster: Resource) -> None:
        function, name = "containerservice:listManagedClusterUserCredentials", cluster.outputs["name"]
        (found,) = self.ask(cloud, network, function, resourceName=name)["kubeconfigs"]
        document = yaml.safe_load(base64.b64decode(found["value"]))
        place = document["clusters"][0]["cluster"]
        assert place["server"] == "https://198.18.0.11:6443"
        assert base64.b64decode(place["certificate-authority-data"]) == b"CA"
        login = document["users"][0]["user"]["exec"]
        assert login["command"] == "kubelogin"
        assert login["args"][-2:] == ["--login", "devicecode"]
        assert "6dae42f8-4368-4678-94ff-3960e28e3630" in login["args"]

    def test_who_is_logged_in(self, cloud: Engine) -> None:
        found = cloud.invoke("azure-native:authorization:getClientConfig", {})
        assert found["subscriptionId"] == "00000000-0000-0000-0000-000000000001"
        assert set(found) == {"clientId", "objectId", "subscriptionId", "tenantId"}

    def test_other_functions_and_types_are_refused(self, cloud: Engine) -> None:
        with pytest.raises(RefusedByProviderError, match="is not simulated; simulated are"):
            cloud.invoke("azure-native:network:getSubnet", {})
        with pytest.raises(RefusedByProviderError, match="is not simulated; simulated are"):
            cloud.check("azure-native:network:Firewall", "x", {})


def test_a_deleted_identity_is_missed_later(
    cloud: Engine, cluster: Resource, cluster_inputs: Inputs, network: Network
) -> None:
    """ARM lets it go; the next change of the cluster fails."""
    cloud.delete(network.kubelet)
    assert cloud.store.get(IDENTITY, network.kubelet.id) is None
    with pytest.raises(RefusedByProviderError, match=r"kubeletidentity.resourceId: resource .* was not found"):
        cloud.update(cluster, {**cluster_inputs, "tags": {"team": "other"}})
