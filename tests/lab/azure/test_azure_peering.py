"""Peering in the simulated Azure: connected when both sides are there, gateways used only where they are lent."""

from typing import Any

import pytest
from azure_cloud import ADDRESS, GROUP, SUBNET, VNET, create
from simulated_cloud import Engine, RefusedByProviderError, Resource

PEERING = "azure-native:network:VirtualNetworkPeering"
GATEWAY = "azure-native:network:VirtualNetworkGateway"


class Pair:
    """Two networks of one group."""

    def __init__(self, cloud: Engine) -> None:
        self.cloud = cloud
        self.group = cloud.create(GROUP, "shop", {"location": "westeurope"})
        self.a, self.b = self.network("a", "10.1.0.0/16"), self.network("b", "10.2.0.0/16")

    def network(self, name: str, cidr: str) -> Resource:
        return create(self.cloud, VNET, name, self.group, {"addressSpace": {"addressPrefixes": [cidr]}})

    def inputs(self, own: Resource, other: Resource, **more: Any) -> dict[str, Any]:
        return {
            "virtualNetworkName": own.outputs["name"],
            "remoteVirtualNetwork": {"id": other.id},
            "allowVirtualNetworkAccess": True,
            **more,
        }

    def peer(self, name: str, own: Resource, other: Resource, **more: Any) -> Resource:
        return create(self.cloud, PEERING, name, self.group, self.inputs(own, other, **more))

    def gateway(self, network: Resource, cidr: str) -> Resource:
        named = {"virtualNetworkName": network.outputs["name"], "subnetName": "GatewaySubnet", "addressPrefix": cidr}
        subnet = create(self.cloud, SUBNET, "GatewaySubnet", self.group, named)
        static = {"publicIPAllocationMethod": "Static", "sku": {"name": "Standard"}, "zones": ["1", "2", "3"]}
        place = create(self.cloud, ADDRESS, "place", self.group, static)
        return create(
            self.cloud,
            GATEWAY,
            "gw",
            self.group,
            {
                "gatewayType": "Vpn",
                "vpnType": "RouteBased",
                "sku": {"name": "VpnGw1AZ"},
                "ipConfigurations": [
                    {"name": "c0", "subnet": {"id": subnet.id}, "publicIPAddress": {"id": place.id}},
                ],
            },
        )

    def state(self, peering: Resource) -> object:
        seen = self.cloud.read(peering)
        return seen and seen.outputs["peeringState"]


@pytest.fixture
def pair(cloud: Engine) -> Pair:
    return Pair(cloud)


def test_it_is_connected_when_both_sides_are_there_and_not_after_one_went(pair: Pair) -> None:
    there = pair.peer("there", pair.a, pair.b)
    assert pair.state(there) == "Initiated"
    back = pair.peer("back", pair.b, pair.a)
    assert (pair.state(there), pair.state(back)) == ("Connected", "Connected")
    pair.cloud.delete(back)
    assert pair.state(there) == "Disconnected"
    pair.cloud.delete(there)
    assert pair.cloud.store.all(PEERING) == []


def test_the_networks_list_their_peerings_which_are_no_drift(pair: Pair) -> None:
    pair.peer("there", pair.a, pair.b)
    seen = pair.cloud.read(pair.a)
    assert seen is not None
    assert [each["name"] for each in seen.outputs["virtualNetworkPeerings"]] == ["there"]
    assert "virtualNetworkPeerings" not in seen.inputs


def test_networks_whose_ranges_meet_are_refused(pair: Pair) -> None:
    other = pair.network("c", "10.1.128.0/17")
    with pytest.raises(RefusedByProviderError, match="VnetAddressSpacesOverlap"):
        pair.peer("there", pair.a, other)


def test_a_network_is_peered_once_and_not_with_itself(pair: Pair) -> None:
    pair.peer("there", pair.a, pair.b)
    with pytest.raises(RefusedByProviderError, match="AnotherPeeringAlreadyReferencesRemoteVnet"):
        pair.peer("again", pair.a, pair.b)
    with pytest.raises(RefusedByProviderError, match="VnetPeeringToSelfNotAllowed"):
        pair.peer("own", pair.a, pair.a)


def test_a_gateway_is_used_only_where_it_is_there_and_lent(pair: Pair) -> None:
    with pytest.raises(RefusedByProviderError, match="RemotePeeringHasNoGateways"):
        pair.peer("uses", pair.b, pair.a, useRemoteGateways=True)
    gateway = pair.gateway(pair.a, "10.1.255.0/27")
    with pytest.raises(RefusedByProviderError, match="RemotePeeringDoesNotAllowGatewayTransit"):
        pair.peer("uses", pair.b, pair.a, useRemoteGateways=True)
    pair.peer("lends", pair.a, pair.b, allowGatewayTransit=True)
    pair.peer("uses", pair.b, pair.a, useRemoteGateways=True)
    with pytest.raises(RefusedByProviderError, match="is used by the peering"):
        pair.cloud.delete(gateway)


def test_a_network_with_a_gateway_uses_no_other_and_lends_or_uses(pair: Pair) -> None:
    pair.gateway(pair.a, "10.1.255.0/27")
    with pytest.raises(RefusedByProviderError, match="VirtualNetworkWithGatewayCannotUseRemoteGateways"):
        pair.peer("uses", pair.a, pair.b, useRemoteGateways=True)
    with pytest.raises(RefusedByProviderError, match="PeeringCannotUseAndAllowGateways"):
        pair.peer("both", pair.b, pair.a, useRemoteGateways=True, allowGatewayTransit=True)


def test_a_side_lies_in_a_network_that_is_there(pair: Pair) -> None:
    with pytest.raises(RefusedByProviderError, match="ParentResourceNotFound"):
        create(
            pair.cloud,
            PEERING,
            "there",
            pair.group,
            {"virtualNetworkName": "gone", "remoteVirtualNetwork": {"id": pair.b.id}},
        )
    with pytest.raises(RefusedByProviderError, match="InvalidResourceReference"):
        create(
            pair.cloud,
            PEERING,
            "there",
            pair.group,
            {"virtualNetworkName": pair.a.outputs["name"], "remoteVirtualNetwork": {"id": "/nowhere"}},
        )
