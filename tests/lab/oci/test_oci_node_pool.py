"""Node pools of the simulated Oracle Cloud: when there is a node, what changes it, and how its traffic leaves."""

from typing import Any

import pytest
from oracle_cloud import (
    CLUSTER,
    POOL,
    Inputs,
    Network,
    image_id,
    pool_inputs,
)
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource

from multimesh_lab.providers.oci import images, regions

NEWER = "Oracle-Linux-8.10-2025.11.20-0-OKE-1.33.1-1345"


def with_details(inputs: Inputs, **change: Any) -> Inputs:
    return {**inputs, "nodeConfigDetails": {**inputs["nodeConfigDetails"], **change}}


def with_pods(inputs: Inputs, **change: Any) -> Inputs:
    pods = {**inputs["nodeConfigDetails"]["nodePoolPodNetworkOptionDetails"], **change}
    return with_details(inputs, nodePoolPodNetworkOptionDetails=pods)


@pytest.fixture
def pool(cloud: Engine, pool_inputs: Inputs) -> Resource:
    return cloud.create(POOL, "pool", pool_inputs)


class TestNode:
    def test_a_pool_is_the_node_and_dns(
        self, cloud: Engine, cluster: Resource, pool_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        assert not runtime.nodes
        pool = cloud.create(POOL, "pool", pool_inputs)
        assert runtime.nodes == {
            f"oci/{cluster.id}": {
                "topology.kubernetes.io/region": "eu-frankfurt-1",
                "topology.kubernetes.io/zone": "EU-FRANKFURT-1-AD-1",
                "pool": "default",
            }
        }
        assert runtime.calls == [("install_dns", f"oci/{cluster.id}")]
        cloud.delete(pool)
        assert not runtime.nodes

    def test_outputs_are_those_of_oke(self, pool: Resource, network: Network) -> None:
        first, second = pool.outputs["nodes"]
        assert first["privateIp"] == "10.0.10.2"
        assert (second["subnetId"], second["nodePoolId"]) == (network.workers.id, pool.id)
        assert pool.outputs["nodeSources"][0]["sourceName"].startswith("Oracle-Linux-8.10-2025.09.16-0-OKE-1.33.1-")
        assert pool.outputs["state"] == "ACTIVE"

    def test_the_first_pool_with_nodes_is_the_node(
        self, cloud: Engine, cluster: Resource, pool_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        empty = cloud.create(POOL, "empty", with_details(pool_inputs, size=0))
        assert not runtime.nodes
        labelled = {**pool_inputs, "initialNodeLabels": [{"key": "pool", "value": "second"}]}
        second = cloud.create(POOL, "second", labelled)
        cloud.update(empty, with_details(pool_inputs, size=1))
        assert runtime.nodes[f"oci/{cluster.id}"]["pool"] == "second"
        cloud.delete(second)
        assert f"oci/{cluster.id}" in runtime.nodes

    def test_size_changes_in_place_and_to_nothing(
        self, cloud: Engine, pool: Resource, pool_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        bigger = with_details(pool_inputs, size=3)
        assert not cloud.diff(pool, bigger).replaces
        assert len(cloud.update(pool, bigger).outputs["nodes"]) == 3
        cloud.update(pool, with_details(pool_inputs, size=0))
        assert not runtime.nodes

    def test_without_nodes_it_says_so(self, cloud: Engine, pool_inputs: Inputs, runtime: FakeRuntime) -> None:
        runtime.has_nodes = False
        assert cloud.create(POOL, "p", pool_inputs).outputs["lifecycleDetails"] == "simulated-without-nodes"

    def test_a_cluster_takes_its_pools_along(self, cloud: Engine, cluster: Resource, pool: Resource) -> None:
        cloud.delete(cluster)
        assert cloud.read(pool) is None

    def test_the_oldest_regions_are_named_by_their_keys(self) -> None:
        domain = regions.availability_domains("us-ashburn-1")[2]
        assert (regions.short_name("us-ashburn-1"), regions.zone_of(domain)) == ("iad", "US-ASHBURN-1-AD-3")


class TestChanges:
    @pytest.mark.parametrize(
        "change",
        [
            {"nodeSourceDetails": {"imageId": "another", "sourceType": "IMAGE"}},
            {"kubernetesVersion": "v1.32.1"},
            {"nodeShape": "VM.Standard.E4.Flex"},
            {"freeformTags": {"a": "b"}},
            {"nodePoolCyclingDetails": {"isNodeCyclingEnabled": True, "maximumSurge": "1"}},
        ],
    )
    def test_what_changes_in_place(self, cloud: Engine, pool: Resource, pool_inputs: Inputs, change: Inputs) -> None:
        answer = cloud.diff(pool, {**pool_inputs, **change})
        assert (list(answer.diffs), list(answer.replaces)) == (list(change), [])

    def test_what_forces_another_pool(self, cloud: Engine, pool: Resource, pool_inputs: Inputs) -> None:
        answer = cloud.diff(pool, {**pool_inputs, "clusterId": "another"})
        assert list(answer.replaces) == ["clusterId"]

    def test_the_clusters_upgrade_leaves_pools_alone(self, cloud: Engine, cluster: Resource, pool: Resource) -> None:
        cloud.update(cluster, {**cluster.inputs, "kubernetesVersion": "v1.34.1"})
        read = cloud.read(pool)
        assert read is not None
        assert read.outputs["kubernetesVersion"] == "v1.33.1"
        assert read.outputs["nodes"][0]["kubernetesVersion"] == "v1.33.1"

    def test_a_pool_without_a_version_keeps_that_of_its_making(
        self, cloud: Engine, cluster: Resource, pool_inputs: Inputs
    ) -> None:
        del pool_inputs["kubernetesVersion"]
        made = cloud.create(POOL, "pool", pool_inputs)
        cloud.update(cluster, {**cluster.inputs, "kubernetesVersion": "v1.34.1"})
        after = cloud.update(made, {**pool_inputs, "freeformTags": {"a": "b"}})
        assert after.outputs["kubernetesVersion"] == after.outputs["nodes"][0]["kubernetesVersion"] == "v1.33.1"

    def test_what_keeps_nodes_up_is_taken(self, cloud: Engine, pool: Resource, pool_inputs: Inputs) -> None:
        upkeep = {
            "nodePoolCyclingDetails": {"isNodeCyclingEnabled": True, "maximumSurge": "50%", "maximumUnavailable": "0"},
            "nodeEvictionNodePoolSettings": {"evictionGraceDuration": "PT1H"},
        }
        assert cloud.update(pool, {**pool_inputs, **upkeep}).outputs["state"] == "ACTIVE"

    def test_a_pools_upgrade_needs_its_image(
        self, cloud: Engine, cluster: Resource, pool: Resource, pool_inputs: Inputs
    ) -> None:
        cloud.update(cluster, {**cluster.inputs, "kubernetesVersion": "v1.34.1"})
        upgraded = {**pool_inputs, "kubernetesVersion": "v1.34.1"}
        with pytest.raises(RefusedByProviderError, match=r"is for v1.33.1, the pool is v1.34.1"):
            cloud.update(pool, upgraded)
        upgraded["nodeSourceDetails"] = {"imageId": image_id(cloud, "v1.34.1"), "sourceType": "IMAGE"}
        assert cloud.update(pool, upgraded).outputs["nodes"][0]["kubernetesVersion"] == "v1.34.1"

    def test_a_newer_image_is_a_difference_for_a_program_that_asks_for_the_newest(
        self, cloud: Engine, cluster: Resource, pool: Resource, network: Network
    ) -> None:
        assert not cloud.diff(pool, pool_inputs(cloud, cluster, network)).diffs
        images.add(cloud.store, NEWER)
        answer = cloud.diff(pool, pool_inputs(cloud, cluster, network))
        assert list(answer.diffs) == ["nodeSourceDetails"]
        after = cloud.update(pool, pool_inputs(cloud, cluster, network))
        assert after.outputs["nodeSources"][0]["sourceName"] == NEWER

    def test_max_pods_is_taken_and_changes_nothing(self, cloud: Engine, pool: Resource, pool_inputs: Inputs) -> None:
        """The trap of oracle/terraform-provider-oci#2011: after a refresh it differs again, and for ever."""
        changed = with_pods(pool_inputs, maxPodsPerNode=20)
        after = cloud.update(pool, changed)
        assert after.outputs["nodeConfigDetails"]["nodePoolPodNetworkOptionDetails"]["maxPodsPerNode"] == 31
        read = cloud.read(after)
        assert read is not None
        assert list(cloud.diff(read, changed).diffs) == ["nodeConfigDetails"]


class TestEgress:
    def test_pods_leave_by_their_subnets_nat(self, cluster: Resource, pool: Resource, runtime: FakeRuntime) -> None:
        assert runtime.egress == {f"oci/{cluster.id}": "198.18.3.1"}

    def test_a_cluster_without_pools_has_none(self, cluster: Resource, runtime: FakeRuntime) -> None:
        assert runtime.egress == {f"oci/{cluster.id}": None}

    def test_with_flannel_nodes_leave_by_theirs(
        self, cloud: Engine, network: Network, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        flannel = [{"cniType": "FLANNEL_OVERLAY"}]
        made = cloud.create(CLUSTER, "flat", {**cluster_inputs, "clusterPodNetworkOptions": flannel})
        inputs = with_details(pool_inputs(cloud, made, network), nodePoolPodNetworkOptionDetails=None)
        cloud.create(POOL, "pool", inputs)
        assert runtime.egress[f"oci/{made.id}"] == "198.18.3.1"

    def test_routes_change_later(
        self, cloud: Engine, cluster: Resource, pool: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        table = network.private_table
        without = [rule for rule in table.inputs["routeRules"] if rule["networkEntityId"] != network.nat.id]
        gone = cloud.update(table, {**table.inputs, "routeRules": without})
        assert runtime.egress == {f"oci/{cluster.id}": None}
        cloud.update(gone, table.inputs)
        assert runtime.egress == {f"oci/{cluster.id}": "198.18.3.1"}

    def test_a_blocked_gateway_lets_nothing_out(
        self, cloud: Engine, cluster: Resource, pool: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        cloud.update(network.nat, {**network.nat.inputs, "blockTraffic": True})
        assert runtime.egress == {f"oci/{cluster.id}": None}


def test_the_pools_subnets_and_groups_stay(cloud: Engine, pool: Resource, network: Network) -> None:
    for used in (network.workers, network.pods, network.worker_group):
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, .* is referenced by"):
            cloud.delete(used)
