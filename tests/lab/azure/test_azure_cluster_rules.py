"""What the simulated AKS refuses of a cluster: every rule broken once."""

from typing import Any

import azure_cloud
import pytest
from azure_cloud import CLUSTER, KEY, POOL, SUBNET, VAULT, Inputs, Network, create, grant, subnet_inputs
from simulated_cloud import Engine, RefusedByProviderError, Resource

from multimesh_lab.providers.azure_native import authorization


def with_profile(inputs: Inputs, **change: Any) -> Inputs:
    whole = {**inputs["networkProfile"], **change}
    return {**inputs, "networkProfile": {key: value for key, value in whole.items() if value is not None}}


def with_pool(inputs: Inputs, network: Network, **change: Any) -> Inputs:
    return {**inputs, "agentPoolProfiles": [azure_cloud.pool(network, **change)]}


def refused(cloud: Engine, inputs: Inputs, message: str) -> None:
    with pytest.raises(RefusedByProviderError, match=message):
        cloud.create(CLUSTER, "more", inputs)
    assert not cloud.store.all(CLUSTER)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resourceName": "-x"}, "none at an end"),
        ({"resourceName": "x" * 64}, "1 to 63 letters"),
        ({"resourceName": "x" * 60}, "has 8[0-9] characters; 80 are allowed"),
        ({"dnsPrefix": "ends-"}, "dnsPrefix .* has 1 to 54"),
        ({"dnsPrefix": None}, "dnsPrefix .* has 1 to 54"),
        ({"sku": {"name": "Base", "tier": "Paid"}}, "sku.tier 'Paid' must be one of Free, Standard, Premium"),
        ({"autoUpgradeProfile": {"upgradeChannel": "weekly"}}, "upgradeChannel 'weekly' must be one of"),
        ({"kubernetesVersion": "1.20"}, "Version 1.20 is not supported in this region"),
        ({"agentPoolProfiles": []}, "at least one System pool"),
        ({"apiServerAccessProfile": {"authorizedIPRanges": ["10.0.0.0/8"] * 201}}, "has 201 entries; 200 are allowed"),
        ({"apiServerAccessProfile": {"authorizedIPRanges": ["10.0.0.1/8"]}}, "'10.0.0.1/8' is not a range"),
        (
            {"apiServerAccessProfile": {"authorizedIPRanges": ["10.0.0.0/8"], "enablePrivateCluster": True}},
            "cannot be used with enablePrivateCluster",
        ),
        ({"aadProfile": {}}, "disableLocalAccounts needs aadProfile.managed"),
        ({"enableRBAC": False}, "enableAzureRBAC needs enableRBAC"),
        ({"oidcIssuerProfile": {}}, "workloadIdentity needs oidcIssuerProfile.enabled"),
        ({"identity": {"type": "SystemAssigned"}}, "needs an identity of type UserAssigned"),
        ({"identity": {"type": "UserAssigned", "userAssignedIdentities": []}}, "has exactly one"),
        ({"identity": {"type": "None"}}, "must be SystemAssigned or UserAssigned"),
        ({"identity": {"type": "UserAssigned", "userAssignedIdentities": ["gone"]}}, "resource 'gone' referenced"),
        (
            {"securityProfile": {"azureKeyVaultKms": {"enabled": True, "keyId": "https://v.vault.azure.net/keys/k"}}},
            "must be a key's URI with its version",
        ),
    ],
)
def test_settings(cloud: Engine, cluster_inputs: Inputs, change: Inputs, message: str) -> None:
    refused(cloud, {**cluster_inputs, **change}, message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"networkPlugin": "kubenet"}, "'kubenet' is not simulated"),
        ({"networkDataplane": "ebpf"}, "must be azure or cilium"),
        ({"networkPolicy": "calico"}, "must be cilium with networkDataplane cilium"),
        ({"networkDataplane": "azure"}, "networkPolicy cilium needs networkDataplane cilium"),
        ({"podCidr": None}, "overlay with a podCidr"),
        ({"networkPluginMode": None}, "podCidr goes with networkPluginMode overlay"),
        ({"serviceCidr": "10.1.16.0/20", "dnsServiceIP": "10.1.16.10"}, "ServiceCidrOverlapExistingSubnetsCidr"),
        ({"serviceCidr": "172.30.0.0/16", "dnsServiceIP": "172.30.0.10"}, r"172.30.0.0/16 \(reserved for AKS\)"),
        ({"serviceCidr": "172.31.4.0/24", "dnsServiceIP": "172.31.4.10"}, r"172.31.0.0/16 \(reserved for AKS\)"),
        ({"serviceCidr": "169.254.4.0/24", "dnsServiceIP": "169.254.4.10"}, r"169.254.0.0/16 \(reserved for AKS\)"),
        ({"serviceCidr": "192.0.2.0/24", "dnsServiceIP": "192.0.2.10"}, r"192.0.2.0/24 \(reserved for AKS\)"),
        ({"serviceCidr": "10.96.0.0/12"}, "must be smaller than /12"),
        ({"dnsServiceIP": "10.97.0.10"}, "must be in serviceCidr 10.96.0.0/16"),
        ({"dnsServiceIP": "10.96.0.0"}, "and not its first address"),
        ({"dnsServiceIP": "10.96.0.1"}, "is the address of kubernetes.default"),
        ({"podCidr": "10.0.0.0/12"}, r"podCidr: 10.0.0.0/12 overlaps 10.1.0.0/16 \(virtual network"),
        ({"podCidr": "10.96.0.0/14"}, r"overlaps 10.96.0.0/16 \(serviceCidr\)"),
    ],
)
def test_ranges_and_modes(cloud: Engine, cluster_inputs: Inputs, change: Inputs, message: str) -> None:
    refused(cloud, with_profile(cluster_inputs, **change), message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "User"}, "at least one System pool at all times"),
        ({"name": "System"}, "has 1 to 12 lowercase letters"),
        ({"vmSize": None}, "vmSize is required"),
        ({"count": 0, "minCount": 0}, "count 0 must be 1 to 1000 for a System pool"),
        ({"vnetSubnetID": "gone"}, r"agentPoolProfiles\[0\].vnetSubnetID: resource 'gone'"),
        ({"orchestratorVersion": "1.35"}, "is above the control plane version 1.34"),
        ({"orchestratorVersion": "1.34.9", "name": "system"}, None),
    ],
)
def test_its_own_pool(
    cloud: Engine, cluster_inputs: Inputs, network: Network, change: Inputs, message: str | None
) -> None:
    inputs = with_pool(cluster_inputs, network, **change)
    if message is None:  # a patch beside a control plane that names none
        cloud.create(CLUSTER, "more", inputs)
    else:
        refused(cloud, inputs, message)


class TestPodSubnets:
    def test_a_delegated_one_instead_of_an_overlay(
        self, cloud: Engine, cluster_inputs: Inputs, network: Network
    ) -> None:
        inputs = with_pool(cluster_inputs, network, podSubnetID=network.pods.id)
        refused(cloud, inputs, "podSubnetID must not be set with networkPluginMode overlay")
        cloud.create(CLUSTER, "more", with_profile(inputs, networkPluginMode=None, podCidr=None))

    def test_another_one(self, cloud: Engine, cluster_inputs: Inputs, network: Network) -> None:
        plain = cloud.create(SUBNET, "plain", subnet_inputs(network.vnet, "10.1.64.0/24", network.nat))
        inputs = with_pool(cluster_inputs, network, podSubnetID=plain.id)
        inputs = with_profile(inputs, networkPluginMode=None, podCidr=None)
        refused(cloud, inputs, "must be delegated to Microsoft.ContainerService/managedClusters")
        refused(cloud, with_pool(cluster_inputs, network, vnetSubnetID=network.pods.id), "takes no nodes")

    def test_one_of_another_network(self, cloud: Engine, cluster_inputs: Inputs, network: Network) -> None:
        space = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}
        other = create(cloud, azure_cloud.VNET, "other", network.group, space)
        pods = cloud.create(SUBNET, "far", subnet_inputs(other, "10.9.0.0/16", delegated=True))
        inputs = with_pool(cluster_inputs, network, podSubnetID=pods.id)
        refused(cloud, with_profile(inputs, networkPluginMode=None, podCidr=None), "in the same virtual network")


def test_the_way_out_needs_a_gateway(cloud: Engine, cluster_inputs: Inputs, network: Network) -> None:
    bare = cloud.create(SUBNET, "bare", subnet_inputs(network.vnet, "10.1.64.0/24"))
    grant(cloud, "bare", authorization.NETWORK_CONTRIBUTOR, network.control_plane, bare.id)
    inputs = with_pool(cluster_inputs, network, vnetSubnetID=bare.id)
    refused(cloud, inputs, "needs a subnet with a NAT gateway")
    cloud.create(CLUSTER, "more", with_profile(inputs, outboundType="loadBalancer"))


class TestRights:
    @pytest.mark.parametrize(
        ("role", "message"),
        [
            ("nodes", r"403 .*LinkedAuthorizationFailed.*subnets/join/action.*agentPoolProfiles\[0\].vnetSubnetID"),
            ("kubelet", "CustomKubeletIdentityMissingPermissionError.*'Managed Identity Operator'"),
        ],
    )
    def test_roles_come_first(
        self, cloud: Engine, cluster_inputs: Inputs, network: Network, role: str, message: str
    ) -> None:
        cloud.delete(network.roles[role])
        refused(cloud, cluster_inputs, message.replace("403 ", "Status=403 "))

    def test_a_role_on_the_network_holds_for_its_subnets(
        self, cloud: Engine, cluster_inputs: Inputs, network: Network
    ) -> None:
        cloud.delete(network.roles["nodes"])
        grant(cloud, "all", authorization.NETWORK_CONTRIBUTOR, network.control_plane, network.vnet.id)
        cloud.create(CLUSTER, "more", cluster_inputs)

    def test_the_key_needs_one_too(self, cloud: Engine, cluster_inputs: Inputs, network: Network) -> None:
        properties = {"sku": {"family": "A", "name": "standard"}, "tenantId": "t", "enableRbacAuthorization": True}
        vault = create(cloud, VAULT, "vault", network.group, {"properties": properties})
        place = {"vaultName": vault.outputs["name"], "properties": {"kty": "RSA", "keySize": 2048}}
        key = create(cloud, KEY, "etcd", network.group, place)
        uri = str(key.outputs["keyUriWithVersion"])
        kms = {"enabled": True, "keyId": uri, "keyVaultNetworkAccess": "Public"}
        inputs = {**cluster_inputs, "securityProfile": {"azureKeyVaultKms": kms}}
        refused(cloud, inputs, "give it the role Key Vault Crypto User")
        grant(cloud, "key", authorization.KEY_VAULT_CRYPTO_USER, network.control_plane, vault.id)
        private = {**kms, "keyVaultNetworkAccess": "Private"}
        refused(cloud, {**inputs, "securityProfile": {"azureKeyVaultKms": private}}, "must fit the vault's")
        missing = {**kms, "keyId": uri[:-4] + "0000"}
        refused(cloud, {**inputs, "securityProfile": {"azureKeyVaultKms": missing}}, "no key https://")
        cloud.create(CLUSTER, "more", inputs)


class TestChanges:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"kubernetesVersion": "1.33"}, "Downgrading Kubernetes version 1.34 to 1.33 is not supported"),
            ({"aadProfile": {}, "disableLocalAccounts": False}, "Entra integration cannot be disabled"),
            ({"oidcIssuerProfile": {}, "securityProfile": {}}, "the OIDC issuer cannot be disabled"),
        ],
    )
    def test_there_is_no_way_back(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, change: Inputs, message: str
    ) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.update(cluster, {**cluster_inputs, **change})

    def test_no_version_is_skipped(self, cloud: Engine, cluster_inputs: Inputs, network: Network) -> None:
        old = with_pool({**cluster_inputs, "kubernetesVersion": "1.33"}, network, orchestratorVersion="1.33")
        made = cloud.create(CLUSTER, "more", old)
        with pytest.raises(RefusedByProviderError, match=r"upgrade to 1\.34 first"):
            cloud.update(made, {**old, "kubernetesVersion": "1.35"})
        assert cloud.update(made, {**old, "kubernetesVersion": "1.34"}).outputs["currentKubernetesVersion"] == "1.34.2"

    def test_a_minor_version_stays_with_its_patch(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs
    ) -> None:
        cloud.store.change(CLUSTER, cluster.id, {"kubernetesVersion": "1.34.5"})
        cloud.update(cluster, cluster_inputs)

    def test_old_pools_hold_it_back(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, network: Network
    ) -> None:
        inputs = azure_cloud.pool_inputs(network, cluster, orchestratorVersion="1.31")
        cloud.create(POOL, "old", inputs)
        with pytest.raises(RefusedByProviderError, match="over 3 minor versions behind"):
            cloud.update(cluster, {**cluster_inputs, "kubernetesVersion": "1.35"})

    def test_pools_neither_come_nor_go(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, network: Network
    ) -> None:
        more = [*cluster_inputs["agentPoolProfiles"], azure_cloud.pool(network, name="more")]
        with pytest.raises(RefusedByProviderError, match="A new agent pool was introduced"):
            cloud.update(cluster, {**cluster_inputs, "agentPoolProfiles": more})
        with pytest.raises(RefusedByProviderError, match="removing more is not allowed"):
            both = cloud.create(CLUSTER, "both", {**cluster_inputs, "agentPoolProfiles": more, "dnsPrefix": "b"})
            cloud.update(both, cluster_inputs)

    @pytest.mark.parametrize(
        ("key", "value"), [("vmSize", "Standard_D8s_v5"), ("availabilityZones", ["1"]), ("maxPods", 50)]
    )
    def test_what_a_pool_keeps(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, network: Network, key: str, value: object
    ) -> None:
        with pytest.raises(
            RefusedByProviderError, match=rf"PropertyChangeNotAllowed.*agentPoolProfiles\[system\].{key}"
        ):
            cloud.update(cluster, with_pool(cluster_inputs, network, **{key: value}))

    def test_the_autoscalers_limits_may_pass_the_count(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, network: Network
    ) -> None:
        after = cloud.update(cluster, with_pool(cluster_inputs, network, minCount=3, maxCount=5))
        assert after.outputs["agentPoolProfiles"][0]["minCount"] == 3
        with pytest.raises(RefusedByProviderError, match="count 2 must lie between minCount 3 and maxCount 5"):
            cloud.create(CLUSTER, "more", with_pool(cluster_inputs, network, minCount=3, maxCount=5))
