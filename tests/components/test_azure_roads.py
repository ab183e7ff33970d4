"""Azure's private roads: what a VPN's end and a peering register."""

from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run
from options_seen import watch

from pulumi_multimesh.network.azure_peering import AzurePeering
from pulumi_multimesh.network.azure_vpn import AzureVpnGateway
from pulumi_multimesh.network.handles import AzureNetwork
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd

SPACE = "/subscriptions/sub-1/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/eu"
HERE = AzureNetwork("azure-eu", "westeurope", "shop", "eu", SPACE, "10.1.255.0/27", tags={"team": "platform"})
THERE = AzureNetwork("azure-us", "eastus", "shop", "us", SPACE.replace("/eu", "/us"), None)
INSIDE = (["169.254.21.2", "169.254.22.2"], ["169.254.21.6", "169.254.22.6"])
NET = "azure-native:network:"


def ends() -> list[TunnelEnd]:
    """As towards AWS: two tunnels to each instance."""
    places = [(0, 0, INSIDE[0][0]), (0, 1, INSIDE[0][1]), (1, 0, INSIDE[1][0]), (1, 1, INSIDE[1][1])]
    return [
        TunnelEnd(index, interface, slot, "", own, own[:-1] + str(int(own[-1]) - 1), pulumi.Output.secret(f"k{index}"))
        for index, (interface, slot, own) in enumerate(places)
    ]


def joined(run: Run, *, preview: bool = False) -> Engine:
    def program() -> None:
        gateway = AzureVpnGateway("shop-azure-eu-vpn", HERE, 64700, INSIDE)
        given = {nth: pulumi.Output.from_input(f"203.0.113.{nth}") for nth in range(4)}
        remote = RemoteGateway("aws-us", "aws", 64600, ["10.188.0.0/16"], given)
        gateway.connect("shop-aws-us-azure-eu-azure", ends(), remote, pulumi.ResourceOptions(parent=gateway))

    return run(program, preview=preview)


def test_a_gateway_has_two_instances_in_zones_with_all_their_inside_addresses(run: Run) -> None:
    (gateway,) = joined(run).of(NET + "VirtualNetworkGateway")
    made: dict[str, Any] = gateway.inputs
    assert (made["activeActive"], made["enableBgp"], made["sku"]["name"]) == (True, True, "VpnGw1AZ")
    assert [each["name"] for each in made["ipConfigurations"]] == ["c0", "c1"]
    own = f"{SPACE.partition('/virtualNetworks')[0]}/virtualNetworkGateways/shop-azure-eu-vpn/ipConfigurations"
    assert made["bgpSettings"] == {
        "asn": 64700,
        "bgpPeeringAddresses": [
            {"ipconfigurationId": f"{own}/c0", "customBgpIpAddresses": INSIDE[0]},
            {"ipconfigurationId": f"{own}/c1", "customBgpIpAddresses": INSIDE[1]},
        ],
    }


def test_its_subnet_has_azures_name_and_the_plans_range(run: Run) -> None:
    (subnet,) = joined(run).of(NET + "Subnet")
    assert (subnet.inputs["subnetName"], subnet.inputs["addressPrefix"]) == ("GatewaySubnet", "10.1.255.0/27")


def test_each_tunnel_is_a_connection_from_the_instance_that_the_other_end_knows(run: Run) -> None:
    engine = joined(run)
    far = {each.name: each.inputs for each in engine.of(NET + "LocalNetworkGateway")}
    made = {each.name: each.inputs for each in engine.of(NET + "VirtualNetworkGatewayConnection")}
    names = [f"shop-aws-us-azure-eu-azure-{nth}" for nth in range(4)]
    assert sorted(far) == sorted(made) == names
    for nth, name in enumerate(names):
        assert far[name]["gatewayIpAddress"] == f"203.0.113.{nth}"
        assert far[name]["bgpSettings"]["asn"] == 64600
        assert made[name]["sharedKey"] == f"k{nth}"
        inside = [each["customBgpIpAddress"] for each in made[name]["gatewayCustomBgpIpAddresses"]]
        # The tunnel's own address on its instance, and any of the other's beside it.
        assert inside[nth // 2] == INSIDE[nth // 2][nth % 2]
        assert inside[1 - nth // 2] in INSIDE[1 - nth // 2]


def test_a_connection_states_the_whole_proposal(run: Run) -> None:
    for each in joined(run).of(NET + "VirtualNetworkGatewayConnection"):
        (policy,) = each.inputs["ipsecPolicies"]
        assert len(policy) == 8
        assert (policy["dhGroup"], policy["pfsGroup"], policy["ikeIntegrity"]) == ("DHGroup14", "PFS2048", "SHA256")


def test_a_preview_shows_all_though_no_address_is_known(run: Run) -> None:
    assert joined(run, preview=True).names() == joined(run).names()


def test_nobody_waits_for_the_gateway_but_its_connections(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    joined(run)
    waiting = {what for what, options in seen.items() if "VirtualNetworkGateway shop-azure-eu-vpn" in options.before}
    assert waiting == {f"VirtualNetworkGatewayConnection shop-aws-us-azure-eu-azure-{nth}" for nth in range(4)}


def test_both_sides_are_peered(run: Run) -> None:
    def program() -> None:
        AzurePeering("shop-azure-eu-azure-us", HERE, THERE)

    sides = run(program).of(NET + "VirtualNetworkPeering")
    assert {(s.inputs["virtualNetworkName"], s.inputs["remoteVirtualNetwork"]["id"][-2:]) for s in sides} == {
        ("eu", "us"),
        ("us", "eu"),
    }
    assert not any(s.inputs["allowGatewayTransit"] or s.inputs["useRemoteGateways"] for s in sides)


@pytest.mark.parametrize("lender_first", [True, False])
def test_a_gateway_is_lent_before_it_is_used(run: Run, monkeypatch: pytest.MonkeyPatch, lender_first: bool) -> None:
    seen = watch(monkeypatch)

    def program() -> None:
        gateway = AzureVpnGateway("shop-azure-eu-vpn", HERE, 64700, INSIDE)
        first, second = (HERE, THERE) if lender_first else (THERE, HERE)
        AzurePeering("both", first, second, shared=gateway)

    sides = {each.name: each.inputs for each in run(program).of(NET + "VirtualNetworkPeering")}
    lends, uses = sides["both-azure-eu"], sides["both-azure-us"]
    assert (lends["allowGatewayTransit"], lends["useRemoteGateways"]) == (True, False)
    assert (uses["allowGatewayTransit"], uses["useRemoteGateways"]) == (False, True)
    before = {"VirtualNetworkPeering both-azure-eu", "VirtualNetworkGateway shop-azure-eu-vpn"}
    assert seen["VirtualNetworkPeering both-azure-us"].before >= before
