"""Tunnels' ends as each cloud declares them, which of them belong together, and what single settings lead to."""

from collections.abc import Mapping
from typing import Any

import pytest
from landscape import make_place
from landscape_records import Landscape
from landscape_vpn import add_gateway, join

from multimesh_lab.fabric.model import GATEWAY_FLOW, Proposal, Tunnel, TunnelEnd
from multimesh_lab.fabric.reachability import tunnels, verdict
from multimesh_lab.providers.store import Record

STRICT = Proposal(("aes256",), ("sha256",), ("modp2048",))
_AWS, _LINK, _ORACLE = "aws vpnConnection", "azure virtualNetworkGatewayConnection", "oci ipsecConnectionTunnel"


def joined(one: str, other: str) -> Landscape:
    """Places called `one` and `two`, with a VPN between them."""
    land = Landscape()
    places = [
        make_place(land, cloud, name, number) for number, (cloud, name) in enumerate(((one, "one"), (other, "two")), 1)
    ]
    for place in places:
        add_gateway(land, place)
    join(land, *places)
    return land


def first(land: Landscape) -> Tunnel:
    return tunnels(land.records)[0]


def told(land: Landscape) -> list[str]:
    """The first tunnel's faults, without its name."""
    tunnel = first(land)
    assert all(fault.startswith(f"{tunnel.name}: ") for fault in tunnel.faults)
    return [fault.removeprefix(f"{tunnel.name}: ") for fault in tunnel.faults]


def end(land: Landscape, cloud: str) -> TunnelEnd:
    return next(each for each in first(land).ends if each.cloud == cloud)


@pytest.mark.parametrize(
    ("cloud", "expected"),
    [
        ("gcp", (64513, 36000, 10800, ("10.1.0.0/20", "10.1.64.0/18"))),
        ("aws", (64601, 28800, 3600, ("10.1.0.0/16",))),
        ("azure", (64701, 28800, 27000, ("10.1.0.0/16",))),
        ("oci", (31898, 28800, 3600, ("10.1.0.0/20", "10.1.32.0/24", "10.1.64.0/18"))),
    ],
)
@pytest.mark.parametrize("other", ["gcp", "aws", "azure", "oci"])
def test_an_end_is_what_its_cloud_declares(cloud: str, other: str, expected: tuple[object, ...]) -> None:
    if cloud == other:
        return
    land = joined(cloud, other)
    own, peer = end(land, cloud), end(land, other)
    assert (own.own_asn, own.ike_seconds, own.esp_seconds, tuple(sorted(own.advertised))) == expected
    assert (own.key, own.ike_versions, own.starts, own.answers) == ("konetwo0", (2,), True, True)
    assert (own.own_inside, own.peer_inside) == (peer.peer_inside, peer.own_inside)
    assert (own.own_public, own.peer_public) == (peer.peer_public, peer.own_public)
    if cloud != "gcp":
        assert (own.ike, own.esp) == (STRICT, STRICT)


def test_google_clouds_cipher_suite_replaces_what_it_accepts() -> None:
    land = joined("gcp", "azure")
    assert set(STRICT.encryption) < set(end(land, "gcp").ike.encryption)
    suite = {
        "phase1": {"encryptions": ["AES-CBC-256"], "integrities": ["HMAC-SHA2-256-128"], "dhs": ["Group-14"]},
        "phase2": {"encryptions": ["AES-CBC-256"], "integrities": ["HMAC-SHA2-256-128"], "pfs": ["Group-14"]},
    }
    land.change("gcp vPNTunnel", "one-two-0", cipherSuite=suite)
    assert (end(land, "gcp").ike, end(land, "gcp").esp) == (STRICT, STRICT)
    assert told(land) == []


@pytest.mark.parametrize("other", ["aws", "oci"])
def test_azure_without_a_policy_offers_group_2_only(other: str) -> None:
    land = joined("azure", other)
    land.change(_LINK, "one-two-0", ipsecPolicies=[])
    faults = told(land)
    assert len(faults) == 1
    assert faults[0].startswith(
        "phase 1: no Diffie-Hellman group in common: azure connection one-two-0.ipsecPolicies has modp1024;"
    )


def test_oracle_without_settings_of_its_own_renews_with_group_5() -> None:
    land = joined("oci", "azure")
    land.change(_ORACLE, "one-two-0", phaseOneDetails={}, phaseTwoDetails={})
    assert told(land) == [
        "phase 2: no Diffie-Hellman group in common: oci tunnel one-two-0.phaseTwoDetails has modp1536; azure "
        "connection two-one-0.ipsecPolicies has modp2048"
    ]


def test_oracle_without_perfect_forward_secrecy() -> None:
    land = joined("oci", "aws")
    land.change(_ORACLE, "one-two-0", phaseTwoDetails__isPfsEnabled=False)
    assert [fault.partition(" has ")[2].partition(";")[0] for fault in told(land)] == ["none"]


def test_aws_without_lists_accepts_what_the_others_ask() -> None:
    land = joined("aws", "azure")
    lists = {key: None for key in land.find(_AWS, "one-two-0").outputs if "Phase" in key}
    land.change(_AWS, "one-two-0", **lists)
    assert told(land) == []


@pytest.mark.parametrize(
    ("other", "changed", "name"),
    [("aws", {"ikeVersion": "V1"}, "one-two-0"), ("gcp", {"ikeVersion": None}, "one-two-0")],
)
def test_no_version_of_ike_in_common(other: str, changed: Mapping[str, Any], name: str) -> None:
    land = joined("oci", other)
    land.change(_ORACLE, name, **changed)
    peer = {"aws": "aws vpnConnection two-one-0 tunnel1", "gcp": "gcp vpnTunnel two-one-0"}[other]
    assert told(land) == [f"no version of IKE in common: oci tunnel {name} has 1, {peer} has 2"]


def test_nobody_starts() -> None:
    land = joined("aws", "oci")
    land.change(_AWS, "one-two-0", tunnel1StartupAction="add")
    assert told(land) == []
    land.change(_ORACLE, "two-one-0", oracleCanInitiate="RESPONDER_ONLY")
    assert told(land) == [
        "no end starts what the other answers (aws vpnConnection one-two-0.tunnel1StartupAction, oci tunnel "
        "two-one-0.oracleCanInitiate)"
    ]


@pytest.mark.parametrize(("mode", "is_up"), [("Default", True), ("InitiatorOnly", True), ("ResponderOnly", False)])
def test_who_starts_with_azure(mode: str, is_up: bool) -> None:
    land = joined("azure", "aws")
    land.change(_AWS, "two-one-0", tunnel1StartupAction=None)
    land.change(_LINK, "one-two-0", connectionMode=mode)
    assert first(land).is_up is is_up


def test_an_inside_address_of_another_range() -> None:
    land = joined("gcp", "oci")
    own, peer = end(land, "gcp").own_inside, end(land, "gcp").peer_inside
    land.change("gcp routerInterface", "one-two-0", ipRange="169.254.24.54/30")
    session = "oci tunnel two-one-0.bgpSessionInfo"
    is_now = "gcp routerInterface one-two-0.ipRange is 169.254.24.54"
    assert told(land) == [
        f"the inside addresses do not mirror each other: {session}.customerInterfaceIp expects {own}, {is_now}",
        f"the inside addresses are not the two of one /30: {is_now}, {session}.oracleInterfaceIp is {peer}",
    ]


def test_both_ends_with_one_inside_address() -> None:
    land = joined("gcp", "oci")
    land.change("gcp routerInterface", "one-two-0", ipRange=f"{end(land, 'oci').own_inside}/30")
    assert any("are not the two of one /30" in fault for fault in told(land))


def test_azure_address_that_the_gateway_has_not() -> None:
    land = joined("azure", "gcp")
    chosen: list[dict[str, str]] = land.find(_LINK, "one-two-0").outputs["gatewayCustomBgpIpAddresses"]
    changed = [
        {**each, "customBgpIpAddress": "169.254.21.250"} if each["ipConfigurationId"].endswith("c0") else each
        for each in chosen
    ]
    land.change(_LINK, "one-two-0", gatewayCustomBgpIpAddresses=changed)
    assert told(land)[0] == (
        "azure connection one-two-0.gatewayCustomBgpIpAddresses has 169.254.21.250, which azure virtualNetworkGateway "
        "one.bgpSettings.bgpPeeringAddresses has not"
    )


def test_azure_without_a_choice_takes_the_gateways_first_address() -> None:
    land = joined("azure", "aws")
    for index in range(4):
        land.change(_LINK, f"one-two-{index}", gatewayCustomBgpIpAddresses=None)
    found = tunnels(land.records)
    assert [tunnel.is_up for tunnel in found] == [True, False, True, False]
    assert "the inside addresses do not mirror each other" in found[1].faults[0]


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        ("gcp routerInterface", "gcp router one has no routerInterface on vpnTunnel one-two-0"),
        ("gcp routerPeer", "gcp router one has no routerPeer on routerInterface one-two-0"),
    ],
)
def test_google_end_without_its_session(token: str, fault: str) -> None:
    land = joined("gcp", "aws")
    land.drop(token, "one-two-0")
    assert told(land) == [fault]


def test_google_end_without_a_router() -> None:
    land = joined("gcp", "aws")
    land.change("gcp router", "one", bgp=None)
    assert told(land) == ["gcp router one.bgp.asn is not set, so it speaks no BGP"]
    land.drop("gcp router", "one")
    assert told(land) == ["gcp vpnTunnel one-two-0.router names no router that there is"]


def test_google_routes_names_in_every_form() -> None:
    land = joined("gcp", "aws")
    link = f"https://www.googleapis.com/compute/v1/{land.find('gcp router', 'one').id}"
    land.change("gcp vPNTunnel", "one-two-0", router=link)
    land.change("gcp routerInterface", "one-two-0", router=link, vpnTunnel="one-two-0")
    assert told(land) == []


def test_aws_end_without_a_customer_gateway() -> None:
    land = joined("aws", "azure")
    land.drop("aws customerGateway", "one-two-0")
    found = [fault for tunnel in tunnels(land.records) for fault in tunnel.faults]
    missing = "aws vpnConnection one-two-0.customerGatewayId names no customerGateway that there is"
    assert sum(fault.endswith(missing) for fault in found) == 2
    alone = "tunnel 0 of unknown~one: aws vpnConnection one-two-0 tunnel1 knows no address of another end"
    assert alone in found


def test_azure_end_without_a_local_gateway() -> None:
    land = joined("azure", "gcp")
    land.drop("azure localNetworkGateway", "one-two-0")
    found = [fault for tunnel in tunnels(land.records) for fault in tunnel.faults]
    missing = "azure connection one-two-0.localNetworkGateway2 names no localNetworkGateway that there is"
    assert f"tunnel 0 of unknown~one: {missing}" in found
    assert "tunnel 0 of unknown~one: azure connection one-two-0 knows no address of another end" in found


def test_azure_local_gateway_without_bgp() -> None:
    land = joined("azure", "gcp")
    land.change("azure localNetworkGateway", "one-two-0", bgpSettings=None)
    assert told(land) == ["azure localNetworkGateway one-two-0.bgpSettings is not set, so no BGP peer is known"]


def test_oracle_end_without_its_cpe() -> None:
    land = joined("oci", "gcp")
    land.drop("oci cpe", "one-two-0")
    assert told(land) == ["oci tunnel one-two-0: its connection's cpeId names no cpe that there is"]


def test_the_ends_that_nobody_was_meant_to_match_are_left_out() -> None:
    found = tunnels(joined("aws", "oci").records)
    assert [(tunnel.name, len(tunnel.ends)) for tunnel in found] == [
        ("tunnel 0 of one~two", 2),
        ("tunnel 1 of one~two", 2),
    ]
    assert [len(tunnel.ends) for tunnel in tunnels(joined("azure", "oci").records)] == [2] * 4


def test_aws_connections_that_still_lead_to_placeholders() -> None:
    """As in the midst of an update that joins AWS and Oracle Cloud: neither knows the other yet."""
    land = joined("aws", "oci")
    for interface in (0, 1):
        land.change("aws customerGateway", f"one-two-{interface}", ipAddress=f"192.0.2.{interface + 1}", bgpAsn="65000")
    found = tunnels(land.records)
    assert not any(tunnel.is_up for tunnel in found)
    placeholders = [tunnel for tunnel in found if "192.0.2." in tunnel.name]
    assert {side for tunnel in placeholders for side in tunnel.sites} == {"vpc-one", "192.0.2.1", "192.0.2.2"}


def test_the_customer_gateway_is_the_one_that_the_cloud_has_not_the_one_that_was_asked_for() -> None:
    land = joined("aws", "oci")
    records: list[Record] = []
    for record in land.records:
        if record.type == "aws:ec2/vpnConnection:VpnConnection":
            asked = {**record.inputs, "customerGatewayId": "cgw-placeholder"}
            record = Record(record.type, record.id, record.urn, record.name, asked, record.outputs)
        records.append(record)
    assert all(tunnel.is_up for tunnel in tunnels(records))


def test_an_oracle_tunnel_that_no_program_manages_goes_by_oracles_name() -> None:
    land = joined("oci", "gcp")
    land.drop("oci ipsecConnectionTunnelManagement", "one-two-0")
    land.change(_ORACLE, "one-two-0", displayName="ipsectunnel20260101000001", routing="STATIC", sharedSecret="kother")
    assert told(land) == [
        "the pre-shared keys differ (oci tunnel ipsectunnel20260101000001.sharedSecret, gcp vpnTunnel "
        "two-one-0.sharedSecret)",
        "oci tunnel ipsectunnel20260101000001.routing is STATIC, so it has no BGP session",
    ]


def test_a_tunnel_to_an_address_that_nobody_has() -> None:
    land = joined("gcp", "azure")
    outside = land.find("gcp externalVpnGateway", "one-two").outputs["interfaces"]
    changed = [outside[0], {**outside[1], "ipAddress": "203.0.113.9"}]
    land.change("gcp externalVpnGateway", "one-two", interfaces=changed)
    found = tunnels(land.records)
    # The number tells whose gateway was meant; Azure's own end is alone as well.
    assert [tunnel.is_up for tunnel in found] == [True, False, False]
    faults = {fault for tunnel in found for fault in tunnel.faults}
    own = land.address("one/1")
    assert any(
        fault.endswith(f"nothing at 203.0.113.9 expects {own}; only gcp vpnTunnel one-two-1 is there")
        for fault in faults
    )
    result = verdict(land.records, "gcp/projects/demo/locations/europe-west4/clusters/one", _azure(land), GATEWAY_FLOW)
    assert result.allowed
    assert set(result.reasons) == faults


def _azure(land: Landscape) -> str:
    return f"azure/{land.find('azure managedCluster', 'two').id}"


def test_two_oracle_gateways_cannot_be_told_apart_by_number() -> None:
    land = joined("gcp", "oci")
    other = make_place(land, "oci", "three", 3)
    add_gateway(land, other)
    lost = land.find(_ORACLE, "two-one-3").outputs["vpnIp"]
    land.drop(_ORACLE, "two-one-3")
    found = tunnels(land.records)
    assert [tunnel.name for tunnel in found if not tunnel.is_up] == [f"tunnel 3 of {lost}~one"]


def test_tunnels_whose_names_hold_no_number_are_counted() -> None:
    land = joined("gcp", "azure")
    for index, name in enumerate("ab"):
        record = land.find("gcp vPNTunnel", f"one-two-{index}")
        land.drop("gcp vPNTunnel", f"one-two-{index}")
        land.add(record.type, f"road-{name}", record.id, **record.outputs)
        link = land.find(_LINK, f"two-one-{index}")
        land.drop(_LINK, f"two-one-{index}")
        land.add(link.type, f"road-{name}", link.id, **link.outputs)
    assert [tunnel.name for tunnel in tunnels(land.records)] == ["tunnel 0 of one~two", "tunnel 1 of one~two"]
