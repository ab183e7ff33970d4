"""Google Cloud's private roads: what a VPN's end, a peering and an admission register."""

from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run
from options_seen import watch

from pulumi_multimesh.network.gcp_admission import admit
from pulumi_multimesh.network.gcp_peering import GcpPeering
from pulumi_multimesh.network.gcp_vpn import GcpVpnGateway
from pulumi_multimesh.network.handles import GcpNetwork
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd

HERE = GcpNetwork("gcp-eu", "acme-dev", "europe-west4", "net-eu", ("10.214.0.0/16",), tags={"team": "platform"})
THERE = GcpNetwork("gcp-us", "acme-dev", "us-east4", "net-us", ("10.16.0.0/16",))


def ends(count: int) -> list[TunnelEnd]:
    """As towards a side whose connections bring two addresses each, or as towards one with two of its own."""
    both = [(0, 0), (0, 1), (1, 0), (1, 1)] if count == 4 else [(0, 0), (1, 0)]
    return [
        TunnelEnd(
            index,
            interface,
            slot,
            f"169.254.40.{4 * index}/30",
            f"169.254.40.{4 * index + 2}",
            f"169.254.40.{4 * index + 1}",
            pulumi.Output.secret(f"k{index}"),
        )
        for index, (interface, slot) in enumerate(both)
    ]


def joined(run: Run, count: int, *, preview: bool = False, addresses: list[Any] | None = None) -> Engine:
    def program() -> None:
        gateway = GcpVpnGateway("shop-gcp-eu-vpn", HERE, 64512)
        given = addresses or [pulumi.Output.from_input(f"203.0.113.{nth}") for nth in range(count)]
        remote = RemoteGateway("aws-us", "aws", 64600, ["10.188.0.0/16"], dict(enumerate(given)))
        own = gateway.connect("shop-aws-us-gcp-eu-gcp", ends(count), remote, pulumi.ResourceOptions(parent=gateway))
        pulumi.export("own", pulumi.Output.all(*own.values()))

    return run(program, preview=preview)


def test_a_router_tells_its_number_the_subnets_and_the_pods(run: Run) -> None:
    (router,) = joined(run, 4).of("gcp:compute/router:Router")
    bgp = router.inputs["bgp"]
    assert (bgp["asn"], bgp["advertiseMode"], bgp["advertisedGroups"]) == (64512, "CUSTOM", ["ALL_SUBNETS"])
    assert [each["range"] for each in bgp["advertisedIpRanges"]] == ["10.214.0.0/16"]


def test_four_addresses_are_four_interfaces_two_for_each_of_googles_own(run: Run) -> None:
    engine = joined(run, 4)
    (far,) = engine.of("gcp:compute/externalVpnGateway:ExternalVpnGateway")
    assert far.inputs["redundancyType"] == "FOUR_IPS_REDUNDANCY"
    assert [(each["id"], each["ipAddress"]) for each in far.inputs["interfaces"]] == [
        (nth, f"203.0.113.{nth}") for nth in range(4)
    ]
    tunnels = sorted(engine.of("gcp:compute/vPNTunnel:VPNTunnel"), key=lambda each: each.name)
    assert [
        (t.inputs["vpnGatewayInterface"], t.inputs["peerExternalGatewayInterface"], t.inputs["sharedSecret"])
        for t in tunnels
    ] == [(0, 0, "k0"), (0, 1, "k1"), (1, 2, "k2"), (1, 3, "k3")]


def test_two_addresses_are_two_interfaces(run: Run) -> None:
    (far,) = joined(run, 2).of("gcp:compute/externalVpnGateway:ExternalVpnGateway")
    assert far.inputs["redundancyType"] == "TWO_IPS_REDUNDANCY"


def test_tunnels_to_one_address_share_an_interface_of_the_other_end(run: Run) -> None:
    engine = joined(run, 4, addresses=["203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.2"])
    (far,) = engine.of("gcp:compute/externalVpnGateway:ExternalVpnGateway")
    assert far.inputs["redundancyType"] == "TWO_IPS_REDUNDANCY"
    places = [t.inputs["peerExternalGatewayInterface"] for t in engine.of("gcp:compute/vPNTunnel:VPNTunnel")]
    assert sorted(places) == [0, 0, 1, 1]


def test_each_tunnel_speaks_one_proposal_and_has_a_session(run: Run) -> None:
    engine = joined(run, 4)
    for tunnel in engine.of("gcp:compute/vPNTunnel:VPNTunnel"):
        assert tunnel.inputs["ikeVersion"] == 2
        assert tunnel.inputs["cipherSuite"]["phase1"]["dhs"] == ["Group-14"]
        assert tunnel.inputs["cipherSuite"]["phase2"]["pfs"] == ["Group-14"]
    ranges = sorted(each.inputs["ipRange"] for each in engine.of("gcp:compute/routerInterface:RouterInterface"))
    assert ranges == sorted(f"169.254.40.{4 * nth + 2}/30" for nth in range(4))
    peers = engine.of("gcp:compute/routerPeer:RouterPeer")
    assert {(p.inputs["peerIpAddress"], p.inputs["peerAsn"]) for p in peers} == {
        (f"169.254.40.{4 * nth + 1}", 64600) for nth in range(4)
    }


def test_a_preview_shows_all_though_no_address_is_known(run: Run) -> None:
    assert joined(run, 4, preview=True).names() == joined(run, 4).names()


def test_labels_are_on_what_can_carry_them(run: Run) -> None:
    engine = joined(run, 4)
    for token in ("haVpnGateway:HaVpnGateway", "externalVpnGateway:ExternalVpnGateway", "vPNTunnel:VPNTunnel"):
        assert all(each.inputs["labels"] == {"team": "platform"} for each in engine.of(f"gcp:compute/{token}"))


def test_both_sides_are_peered_one_after_the_other(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)

    def program() -> None:
        first = GcpPeering("shop-a-b", HERE, THERE)
        third = GcpNetwork("gcp-asia", "acme-dev", "asia-east1", "net-asia")
        GcpPeering("shop-b-c", THERE, third, after=[first.last])

    engine = run(program)
    sides = {each.name: each.inputs for each in engine.of("gcp:compute/networkPeering:NetworkPeering")}
    assert {(s["network"], s["peerNetwork"]) for s in sides.values()} == {
        ("net-eu", "net-us"),
        ("net-us", "net-eu"),
        ("net-us", "net-asia"),
        ("net-asia", "net-us"),
    }
    assert all(s["exportCustomRoutes"] and s["importCustomRoutes"] for s in sides.values())
    assert "NetworkPeering shop-a-b-gcp-eu" in seen["NetworkPeering shop-a-b-gcp-us"].before
    assert "NetworkPeering shop-a-b-gcp-us" in seen["NetworkPeering shop-b-c-gcp-us"].before


def test_a_flat_mesh_admits_the_peers_and_nobody_else(run: Run) -> None:
    def program() -> None:
        admit("shop-gcp-eu-peers", "acme-dev", "net-eu", ["10.188.0.0/16", "10.16.0.0/16"], pulumi.ResourceOptions())

    (rule,) = run(program).of("gcp:compute/firewall:Firewall")
    assert rule.inputs["sourceRanges"] == ["10.16.0.0/16", "10.188.0.0/16"]
    assert "targetTags" not in rule.inputs
