"""Groups, networks, addresses and identities in the simulated Azure: every rule broken once, and who holds whom."""

from typing import Any

import pytest
from azure_cloud import (
    ADDRESS,
    CLUSTER,
    GROUP,
    IDENTITY,
    NAT,
    SUBNET,
    VNET,
    Inputs,
    Network,
    create,
    given,
    subnet_inputs,
)
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource

from multimesh_lab.providers.wire import UNKNOWN

STANDARD: Inputs = {"name": "Standard"}


class TestGroup:
    @pytest.mark.parametrize(
        ("name", "location", "message"),
        [
            ("a" * 91, "westeurope", "invalid characters or length"),
            ("ends.", "westeurope", "no period at the end"),
            ("a b", "westeurope", "invalid characters or length"),
            ("fine", None, "LocationRequired"),
        ],
    )
    def test_rules(self, cloud: Engine, name: str, location: str | None, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(GROUP, "group", {"resourceGroupName": name, "location": location})

    @pytest.mark.parametrize("token", [VNET, IDENTITY, ADDRESS])
    def test_it_must_exist(self, cloud: Engine, token: str) -> None:
        with pytest.raises(RefusedByProviderError, match=r"ResourceGroupNotFound.*'gone' could not be found"):
            cloud.create(token, "x", {"resourceGroupName": "gone", "location": "westeurope"})

    def test_what_is_in_it_goes_with_it(
        self, cloud: Engine, network: Network, cluster: Resource, runtime: FakeRuntime
    ) -> None:
        assert cluster.id.startswith(network.group.id)
        cloud.delete(network.group)
        assert cloud.store.all() == []
        assert not runtime.clusters
        assert not runtime.addresses

    def test_a_taken_name_is_refused(self, cloud: Engine) -> None:
        inputs = {"resourceGroupName": "own", "location": "westeurope"}
        cloud.create(GROUP, "one", inputs)
        with pytest.raises(RefusedByProviderError, match="already exists"):
            cloud.create(GROUP, "two", inputs)

    def test_its_location_is_that_of_what_is_in_it(self, cloud: Engine, network: Network) -> None:
        assert network.vnet.inputs["location"] == "westeurope"
        cloud.configure({"location": "northeurope"})
        assert create(cloud, IDENTITY, "i", network.group, {}).outputs["location"] == "northeurope"


class TestNames:
    def test_what_lies_in_another_has_the_programs_name(self, network: Network) -> None:
        assert network.nodes.outputs["name"] == "nodes"
        assert network.nodes.id == f"{network.vnet.id}/subnets/nodes"

    def test_a_role_assignment_has_a_uuid(self, network: Network) -> None:
        name = network.roles["nodes"].outputs["name"]
        assert [len(part) for part in name.split("-")] == [8, 4, 4, 4, 12]

    def test_a_drawn_name_stays(self, cloud: Engine, network: Network) -> None:
        tagged = {"resourceGroupName": network.group.outputs["name"], "tags": {"a": "b"}}
        assert list(cloud.diff(network.kubelet, tagged).diffs) == ["tags"]
        assert cloud.update(network.kubelet, tagged).outputs["name"] == network.kubelet.outputs["name"]

    def test_a_copied_name_is_deleted_first(self, cloud: Engine, network: Network) -> None:
        moved = {**network.nodes.inputs, "virtualNetworkName": "other"}
        answer = cloud.diff(network.nodes, moved)
        assert (list(answer.replaces), answer.deleteBeforeReplace) == (["virtualNetworkName"], True)


class TestNetwork:
    @pytest.mark.parametrize(
        ("inputs", "message"),
        [
            ({"addressSpace": {"addressPrefixes": []}}, "must have at least one range"),
            ({"addressSpace": {"addressPrefixes": ["10.0.0.1/8"]}}, "is not an IPv4 range"),
            ({"addressSpace": {"addressPrefixes": ["10.0.0.0/8", "10.1.0.0/16"]}}, r"overlaps 10.0.0.0/8"),
            ({"virtualNetworkName": "-x"}, "InvalidResourceName"),
            ({"virtualNetworkName": "x"}, "has 2 to 64"),
            ({"subnets": [{"name": "inline"}]}, "are not simulated; use network.Subnet"),
        ],
    )
    def test_rules(self, cloud: Engine, network: Network, inputs: Inputs, message: str) -> None:
        space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, VNET, "more", network.group, {**space, **inputs})

    def test_it_shows_its_subnets_and_a_refresh_ignores_them(self, cloud: Engine, network: Network) -> None:
        read = cloud.read(network.vnet)
        assert read is not None
        assert [each["name"] for each in read.outputs["subnets"]] == ["nodes", "pods"]
        assert read.inputs == network.vnet.inputs

    def test_a_range_with_a_subnet_stays(self, cloud: Engine, network: Network) -> None:
        fewer = {**given(network.vnet), "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}
        with pytest.raises(RefusedByProviderError, match="InUsePrefixCannotBeDeleted"):
            cloud.update(network.vnet, fewer)

    def test_with_a_used_subnet_it_stays(self, cloud: Engine, network: Network, cluster: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=r"InUseSubnetCannotBeDeleted.*agentPools/system"):
            cloud.delete(network.vnet)
        cloud.delete(cluster)
        cloud.delete(network.vnet)
        assert not cloud.store.all(SUBNET)


class TestSubnet:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"addressPrefix": "10.3.0.0/24"}, "NetcfgInvalidSubnet"),
            ({"addressPrefix": "10.1.8.0/24"}, r"NetcfgSubnetRangesOverlap.*'nodes'"),
            ({"addressPrefix": "10.1.128.0/30"}, "allowed are /2 to /29"),
            ({"addressPrefix": None}, "addressPrefix is required"),
            ({"virtualNetworkName": "gone"}, "ParentResourceNotFound"),
            ({"natGateway": {"id": "gone"}}, r"natGateway.id: resource 'gone' .* Microsoft.Network/natGateways"),
            ({"subnetName": "a" * 81}, "has 1 to 80"),
        ],
    )
    def test_rules(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(SUBNET, "more", {**subnet_inputs(network.vnet, "10.1.128.0/24"), **change})

    def test_with_nodes_it_stays(self, cloud: Engine, network: Network, cluster: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match="InUseSubnetCannotBeDeleted"):
            cloud.delete(network.nodes)
        with pytest.raises(RefusedByProviderError, match="its addressPrefix cannot be updated"):
            cloud.update(network.nodes, {**network.nodes.inputs, "addressPrefix": "10.1.0.0/24"})
        cloud.delete(cluster)
        cloud.delete(network.nodes)

    def test_it_changes_in_place(self, cloud: Engine, network: Network) -> None:
        changed = {**network.nodes.inputs, "addressPrefix": "10.1.0.0/19", "natGateway": None}
        answer = cloud.diff(network.nodes, changed)
        assert (sorted(answer.diffs), list(answer.replaces)) == (["addressPrefix", "natGateway"], [])


class TestEgress:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"sku": {"name": "Basic"}}, "can no longer be created; use Standard"),
            ({"sku": {"name": "Gold"}}, "must be one of Basic, Standard"),
            ({"publicIPAllocationMethod": "Dynamic"}, "StandardSkuPublicIPAddressesMustBeStatic"),
            ({"zones": ["1", "2"]}, "in one zone, in all three or in none"),
        ],
    )
    def test_addresses(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        inputs = {"sku": STANDARD, "publicIPAllocationMethod": "Static", **change}
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, ADDRESS, "more", network.group, inputs)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"sku": {"name": "Basic"}}, "must be Standard"),
            ({"publicIpAddresses": [{"id": "gone"}]}, r"publicIpAddresses\[0\].id: resource 'gone'"),
            ({"publicIpAddresses": [{"id": "x"}] * 17}, "has 17 entries; a NAT gateway has 16 at most"),
            ({"idleTimeoutInMinutes": 3}, "must be 4 to 120"),
        ],
    )
    def test_gateways(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, NAT, "more", network.group, {"sku": STANDARD, **change})

    def test_an_address_serves_one_gateway(self, cloud: Engine, network: Network) -> None:
        with pytest.raises(RefusedByProviderError, match="PublicIPAddressInUse"):
            addresses = [{"id": network.address.id}]
            create(cloud, NAT, "more", network.group, {"sku": STANDARD, "publicIpAddresses": addresses})
        with pytest.raises(RefusedByProviderError, match="PublicIPAddressCannotBeDeleted"):
            cloud.delete(network.address)

    def test_a_gateway_takes_no_basic_address(self, cloud: Engine, network: Network) -> None:
        inputs = {"sku": STANDARD, "publicIPAllocationMethod": "Static"}
        old = create(cloud, ADDRESS, "old", network.group, inputs)
        cloud.store.change(ADDRESS, old.id, {"sku": {"name": "Basic"}})
        with pytest.raises(RefusedByProviderError, match="is not a Standard sku address"):
            create(cloud, NAT, "more", network.group, {"sku": STANDARD, "publicIpAddresses": [{"id": old.id}]})

    def test_an_address_names_its_gateway_and_what_forces_another(self, cloud: Engine, network: Network) -> None:
        read = cloud.read(network.address)
        assert read is not None
        assert read.outputs["natGateway"] == {"id": network.nat.id}
        changed = {**given(network.address), "sku": {"name": "Standard", "tier": "Global"}, "zones": ["1"]}
        assert list(cloud.diff(network.address, changed).replaces) == ["sku"]

    def test_all_go_in_the_opposite_order(self, cloud: Engine, network: Network, runtime: FakeRuntime) -> None:
        with pytest.raises(RefusedByProviderError, match="InUseNatGatewayCannotBeDeleted"):
            cloud.delete(network.nat)
        for each in (network.nodes, network.pods, network.vnet, network.nat, network.address):
            cloud.delete(each)
        assert not runtime.addresses


class TestIdentity:
    def test_entra_gives_it_ids_that_are_new_each_time(self, cloud: Engine, network: Network) -> None:
        before = network.kubelet
        cloud.delete(before)
        again = cloud.create(IDENTITY, "kubelet", given(before))
        assert again.id == before.id
        assert again.outputs["principalId"] != before.outputs["principalId"]

    @pytest.mark.parametrize("name", ["ab", "a" * 129, "-abc", "a b c"])
    def test_names(self, cloud: Engine, network: Network, name: str) -> None:
        with pytest.raises(RefusedByProviderError, match="3 to 128 letters"):
            create(cloud, IDENTITY, "x", network.group, {"resourceName": name})

    def test_a_tag_changes_in_place_and_is_all_a_preview_knows(self, cloud: Engine, network: Network) -> None:
        tagged = {"resourceGroupName": network.group.outputs["name"], "tags": {"a": "b"}}
        seen = cloud.update(network.kubelet, tagged, preview=True).raw
        assert (seen["tags"], seen["name"]) == ({"a": "b"}, network.kubelet.outputs["name"])
        assert seen["principalId"] is UNKNOWN
        after = cloud.update(network.kubelet, tagged)
        assert after.outputs["principalId"] == network.kubelet.outputs["principalId"]


@pytest.mark.parametrize(
    ("inputs", "paths"),
    [
        ({"addressSpace": {"addressPrefixes": "10.0.0.0/8"}}, ["addressSpace.addressPrefixes"]),
        ({"resourceGroupName": None}, ["resourceGroupName"]),
        ({"subnet": []}, ["subnet"]),
        ({"subnets": [{"natGateway": {"di": "x"}}]}, ["subnets[0].natGateway.di"]),
    ],
)
def test_check_names_every_fault(cloud: Engine, inputs: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(CheckFailedError) as caught:
        cloud.check(VNET, "x", {"resourceGroupName": "x", **inputs})
    assert caught.value.paths == paths


def test_a_cluster_needs_its_group_too(cloud: Engine, cluster_inputs: Inputs) -> None:
    with pytest.raises(RefusedByProviderError, match="ResourceGroupNotFound"):
        cloud.create(CLUSTER, "x", {**cluster_inputs, "resourceGroupName": "gone"})
