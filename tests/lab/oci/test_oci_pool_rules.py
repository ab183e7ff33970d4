"""Node pools of the simulated Oracle Cloud: what the network must let nodes do, and every rule broken once."""

from typing import Any

import pytest
from oracle_cloud import CLUSTER, DOMAIN, POOL, RULE, SUBNET, Inputs, Network, create, pool_inputs, subnet_inputs
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource


def with_details(inputs: Inputs, **change: Any) -> Inputs:
    return {**inputs, "nodeConfigDetails": {**inputs["nodeConfigDetails"], **change}}


def with_pods(inputs: Inputs, **change: Any) -> Inputs:
    pods = {**inputs["nodeConfigDetails"]["nodePoolPodNetworkOptionDetails"], **change}
    return with_details(inputs, nodePoolPodNetworkOptionDetails=pods)


def placed(subnet: str, domain: str = DOMAIN) -> list[Inputs]:
    return [{"availabilityDomain": domain, "subnetId": subnet}]


class TestRegistration:
    """What the network has to let the nodes do, each thing missing once."""

    @pytest.mark.parametrize(
        ("rule", "message"),
        [
            ("api-6443", r"no ingress rule of the API endpoint \(.*\) admits TCP 6443 from the workers"),
            ("api-12250", "no ingress rule of the API endpoint .* admits TCP 12250"),
            ("workers-6443", "no egress rule of the workers .* admits TCP 6443 to the API endpoint"),
            ("workers-12250", "no egress rule of the workers .* admits TCP 12250"),
            ("workers-services", "no egress rule of the workers .* admits TCP 443 to all-fra-services"),
        ],
    )
    def test_a_rule_is_missing(
        self, cloud: Engine, pool_inputs: Inputs, network: Network, runtime: FakeRuntime, rule: str, message: str
    ) -> None:
        cloud.delete(network.rules[rule])
        with pytest.raises(RefusedByProviderError, match=f"register timeout.*{message}"):
            cloud.create(POOL, "pool", pool_inputs)
        assert not runtime.nodes

    def test_the_pool_is_kept_and_the_next_update_succeeds(
        self, cloud: Engine, pool_inputs: Inputs, network: Network, runtime: FakeRuntime
    ) -> None:
        rule = network.rules["api-12250"]
        cloud.delete(rule)
        with pytest.raises(RefusedByProviderError, match="register timeout"):
            cloud.create(POOL, "pool", pool_inputs)
        record = cloud.store.all(POOL)[0]
        kept = Resource(POOL, record.urn, record.id, dict(record.inputs), dict(record.outputs), {})
        cloud.create(RULE, "again", rule.inputs)
        assert cloud.update(kept, pool_inputs).outputs["state"] == "ACTIVE"
        assert runtime.nodes

    def test_a_size_of_nothing_asks_nothing_of_the_network(
        self, cloud: Engine, pool_inputs: Inputs, network: Network
    ) -> None:
        cloud.delete(network.rules["api-6443"])
        cloud.create(POOL, "pool", with_details(pool_inputs, size=0))

    def test_a_private_subnet_does_not_get_out_by_the_internet_gateway(
        self, cloud: Engine, pool_inputs: Inputs, network: Network
    ) -> None:
        table = network.public_table
        inputs = subnet_inputs(network.vcn, "10.0.11.0/24", table, network.no_rules, private=True)
        lost = create(cloud, SUBNET, "lost", inputs)
        with pytest.raises(RefusedByProviderError, match="leads to no Oracle services"):
            cloud.create(POOL, "pool", with_details(pool_inputs, placementConfigs=placed(lost.id)))


class TestRules:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"clusterId": "gone"}, "the OCID of an existing Cluster"),
            ({"compartmentId": "x"}, "the OCID of a compartment"),
            ({"kubernetesVersion": "1.33"}, "must have the form vX.Y.Z"),
            ({"kubernetesVersion": "v1.34.1"}, "is newer than the cluster's 'v1.33.1'"),
            ({"kubernetesVersion": "v1.32.1"}, r"is for v1.33.1, the pool is v1.32.1"),
            ({"nodeShape": "VM.Nope"}, "is not a simulated shape"),
            ({"nodeShape": "VM.Standard2.2"}, "is not flexible"),
            ({"nodeShape": "VM.Standard.A1.Flex"}, "is for X86_64, VM.Standard.A1.Flex is AARCH64"),
            ({"nodeShapeConfig": None}, "is flexible; set ocpus and memoryInGbs"),
            ({"nodeShapeConfig": {"ocpus": 200, "memoryInGbs": 400}}, "ocpus 200 must lie in 1 to 126"),
            ({"nodeShapeConfig": {"ocpus": 2, "memoryInGbs": 1}}, "memoryInGbs 1 must lie in 2 to 128"),
            ({"nodeSourceDetails": None}, "sourceType must be 'IMAGE'"),
            ({"nodeSourceDetails": {"imageId": "x", "sourceType": "IMAGE"}}, "imageId that getNodePoolOption gives"),
            ({"nodeConfigDetails": None, "quantityPerSubnet": 1}, "quantityPerSubnet is deprecated"),
            ({"nodeConfigDetails": None}, "nodeConfigDetails is required"),
            ({"nodePoolCyclingDetails": {"maximumSurge": "3"}}, "maximumSurge '3' must be a number from 0 to"),
            ({"nodePoolCyclingDetails": {"maximumUnavailable": "101%"}}, "or 0% to 100%"),
            ({"nodePoolCyclingDetails": {"maximumSurge": "many"}}, "maximumSurge 'many' must be a number"),
            ({"nodeEvictionNodePoolSettings": {"evictionGraceDuration": "PT61M"}}, "from PT0M to PT60M"),
            ({"nodeEvictionNodePoolSettings": {"evictionGraceDuration": "30"}}, "must be an ISO 8601 duration"),
            ({"initialNodeLabels": [{"key": "a b"}]}, "is not the key of a Kubernetes label"),
            ({"initialNodeLabels": [{"key": "a"}, {"key": "a"}]}, "'a' is given twice"),
        ],
    )
    def test_rules(self, cloud: Engine, pool_inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(POOL, "pool", {**pool_inputs, **change})
        assert not cloud.store.all(POOL)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"size": -1}, "size -1 must not be negative"),
            ({"placementConfigs": []}, "must have at least one entry"),
            ({"placementConfigs": placed("gone")}, "the OCID of an existing Subnet"),
            ({"placementConfigs": placed("gone", "XX:PHX-AD-1")}, "availabilityDomain is 'XX:PHX-AD-1'; it must be"),
            ({"kmsKeyId": "gone"}, "the OCID of an existing Key"),
            ({"nsgIds": ["gone"]}, "the OCID of an existing NetworkSecurityGroup"),
            ({"nsgIds": ["a", "b", "c", "d", "e", "f"]}, "has 6 groups; a VNIC is in 5 at most"),
            ({"nodePoolPodNetworkOptionDetails": None}, "cniType is FLANNEL_OVERLAY; the cluster's is OCI_VCN"),
        ],
    )
    def test_details(self, cloud: Engine, pool_inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(POOL, "pool", with_details(pool_inputs, **change))

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"podSubnetIds": []}, "podSubnetIds is required"),
            ({"podSubnetIds": ["gone"]}, "the OCID of an existing Subnet"),
            ({"maxPodsPerNode": 32}, "maxPodsPerNode 32 exceeds 31"),
        ],
    )
    def test_pods(self, cloud: Engine, pool_inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(POOL, "pool", with_pods(pool_inputs, **change))

    def test_pods_are_private(self, cloud: Engine, pool_inputs: Inputs, network: Network) -> None:
        with pytest.raises(RefusedByProviderError, match="must be private and regional"):
            cloud.create(POOL, "pool", with_pods(pool_inputs, podSubnetIds=[network.api.id]))

    def test_a_subnet_of_one_domain(self, cloud: Engine, pool_inputs: Inputs, network: Network) -> None:
        inputs = subnet_inputs(network.vcn, "10.0.12.0/24", network.private_table, network.no_rules, private=True)
        elsewhere = DOMAIN.replace("AD-1", "AD-2")
        one = create(cloud, SUBNET, "one", {**inputs, "availabilityDomain": elsewhere})
        with pytest.raises(RefusedByProviderError, match=f"is in {elsewhere}, not in {DOMAIN}"):
            cloud.create(POOL, "pool", with_details(pool_inputs, placementConfigs=placed(one.id)))

    def test_nodes_lag_three_versions_at_most(self, cloud: Engine, cluster_inputs: Inputs, network: Network) -> None:
        made = cloud.create(CLUSTER, "new", {**cluster_inputs, "kubernetesVersion": "v1.34.1"})
        old = {**pool_inputs(cloud, made, network), "kubernetesVersion": "v1.30.1"}
        with pytest.raises(RefusedByProviderError, match="more than 3 minor versions behind"):
            cloud.create(POOL, "pool", old)

    def test_cycling_is_for_enhanced_clusters(self, cloud: Engine, cluster_inputs: Inputs, network: Network) -> None:
        made = cloud.create(CLUSTER, "basic", {**cluster_inputs, "type": "BASIC_CLUSTER"})
        cycling = {"isNodeCyclingEnabled": True}
        with pytest.raises(RefusedByProviderError, match="node cycling needs an ENHANCED_CLUSTER"):
            cloud.create(POOL, "p", {**pool_inputs(cloud, made, network), "nodePoolCyclingDetails": cycling})

    @pytest.mark.parametrize("size", ["49", "much"])
    def test_boot_volumes(self, cloud: Engine, pool_inputs: Inputs, size: str) -> None:
        source = {**pool_inputs["nodeSourceDetails"], "bootVolumeSizeInGbs": size}
        with pytest.raises(RefusedByProviderError, match="must be a number from 50 to 32768"):
            cloud.create(POOL, "pool", {**pool_inputs, "nodeSourceDetails": source})

    def test_conflicts_are_named_by_check(self, cloud: Engine, pool_inputs: Inputs) -> None:
        with pytest.raises(CheckFailedError) as caught:
            cloud.check(POOL, "pool", {**pool_inputs, "subnetIds": ["a"], "nodeImageId": "b"})
        assert caught.value.paths == ["subnetIds", "nodeImageId"]
