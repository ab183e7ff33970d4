"""A mesh on private roads: which parts there are, who waits for whom, and what gateways admit."""

from typing import Any

import pytest
from mocked_engine import Engine, Run
from options_seen import watch

import pulumi_multimesh as multimesh

OKE = {"compartment_id": "ocid1.compartment.oc1..aaaa", "region": "eu-frankfurt-1"}
FOUR: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "aks": {"azure-eu": {"region": "westeurope"}},
    "oke": {"oci-eu": OKE},
    "istio": {},
    "connectivity": "vpn",
    "api_access": {"office": "203.0.113.0/24"},
}
FLAT: dict[str, Any] = {
    **FOUR,
    "aks": {"azure-eu": {"region": "westeurope", "network_mode": "pod-subnet"}},
    "flat": True,
}


def made(run: Run, args: dict[str, Any], *, preview: bool = False) -> Engine:
    def program() -> None:
        multimesh.MultiCloudMesh("shop", args)  # pyright: ignore[reportArgumentType]

    return run(program, preview=preview)


def test_a_preview_shows_every_resource_though_no_address_is_known(run: Run) -> None:
    assert made(run, FOUR, preview=True).names() == made(run, FOUR).names()


def test_six_pairs_are_six_links_of_twenty_tunnels(run: Run) -> None:
    engine = made(run, FOUR)
    assert len(engine.of("tls:index/privateKey:PrivateKey")) == 6 + 5
    assert len(engine.of("gcp:compute/vPNTunnel:VPNTunnel")) == 10
    assert len(engine.of("azure-native:network:VirtualNetworkGatewayConnection")) == 10
    # Two tunnels each; of those to Oracle Cloud one can be used.
    assert len(engine.of("aws:ec2/vpnConnection:VpnConnection")) == 6
    assert len(engine.of("oci:Core/ipsec:Ipsec")) == 6
    assert len(engine.of("aws:lambda/invocation:Invocation")) == 2


def test_each_end_of_a_tunnel_has_the_same_key_and_the_others_have_others(run: Run) -> None:
    engine = made(run, FOUR)
    google = {t.name: t.inputs["sharedSecret"] for t in engine.of("gcp:compute/vPNTunnel:VPNTunnel")}
    azure = {c.name: c.inputs["sharedKey"] for c in engine.of("azure-native:network:VirtualNetworkGatewayConnection")}
    for nth in (0, 1):
        assert google[f"shop-azure-eu-gcp-eu-gcp-{nth}"] == azure[f"shop-azure-eu-gcp-eu-azure-{nth}"]
    assert len({google[name] for name in google if "azure" in name}) == 2


def test_nothing_but_its_connections_waits_for_azures_gateway(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    made(run, FOUR)
    slow = {"VirtualNetworkGateway shop-azure-eu-vpn"}
    while more := {what for what, options in seen.items() if options.before & slow} - slow:
        slow |= more
    assert {what.partition(" ")[0] for what in slow} == {"VirtualNetworkGateway", "VirtualNetworkGatewayConnection"}


def gateways(engine: Engine) -> dict[str, dict[str, Any]]:
    return {
        release.name: release.inputs["values"]["service"]
        for release in engine.of("kubernetes:helm.sh/v3:Release")
        if release.name.endswith("eastwest-gateway")
    }


def test_gateways_are_inside_and_admit_the_peers_ranges(run: Run) -> None:
    found = gateways(made(run, FOUR))
    assert len(found) == 4
    annotations = found["shop-gcp-eu-eastwest-gateway"]["annotations"]
    assert annotations["networking.gke.io/load-balancer-type"] == "Internal"
    assert found["shop-gcp-eu-eastwest-gateway"]["loadBalancerSourceRanges"] == [
        "10.188.0.0/16",
        "10.236.0.0/16",
        "10.237.0.0/18",
        "10.237.160.0/24",
        "10.247.0.0/18",
    ]


def test_a_flat_mesh_has_no_gateways_and_admits_its_peers(run: Run) -> None:
    engine = made(run, FLAT)
    assert not gateways(engine)
    firewalls = {each.name: each.inputs for each in engine.of("gcp:compute/firewall:Firewall")}
    assert "10.188.0.0/16" in firewalls["shop-gcp-eu-peers"]["sourceRanges"]
    rules = engine.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert {rule.inputs["cidrIpv4"] for rule in rules} >= {"10.214.0.0/16", "10.246.0.0/16", "10.236.0.0/16"}
    oracle = engine.of("oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule")
    assert {rule.inputs["source"] for rule in oracle if "peers" in rule.name} >= {"10.188.0.0/16", "10.214.0.0/16"}
    networks = {
        each.inputs["values"]["global"]["network"]
        for each in engine.of("kubernetes:helm.sh/v3:Release")
        if each.name.endswith("istiod")
    }
    assert networks == {"network-flat"}


TWO_OF_EACH: dict[str, Any] = {
    **FOUR,
    "gke": {**FOUR["gke"], "gcp-us": {"project": "acme-dev", "region": "us-east4"}},
    "eks": {**FOUR["eks"], "aws-eu": {"region": "eu-central-1"}},
    "aks": {**FOUR["aks"], "azure-us": {"region": "eastus"}},
    "oke": {**FOUR["oke"], "oci-uk": {**OKE, "region": "uk-london-1"}, "oci-de": OKE},
}
PAIRS = [
    ("gcp-eu", "gcp-us"),
    ("aws-us", "aws-eu"),
    ("azure-eu", "azure-us"),
    ("oci-eu", "oci-uk"),
    ("oci-eu", "oci-de"),
]


def test_networks_of_one_cloud_are_peered(run: Run) -> None:
    links = {"topology": "list", "pairs": [{"first": first, "second": second} for first, second in PAIRS]}
    args = {**TWO_OF_EACH, "links": links}
    engine = made(run, args)
    assert len(engine.of("gcp:compute/networkPeering:NetworkPeering")) == 2
    assert len(engine.of("aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter")) == 1
    assert len(engine.of("azure-native:network:VirtualNetworkPeering")) == 2
    # Of one region by local gateways, of two by their DRGs.
    local = engine.of("oci:Core/localPeeringGateway:LocalPeeringGateway")
    assert sorted(bool(each.inputs.get("peerId")) for each in local) == [False, True]
    assert len(engine.of("oci:Core/remotePeeringConnection:RemotePeeringConnection")) == 2
    assert not engine.of("gcp:compute/vPNTunnel:VPNTunnel")
    assert made(run, args, preview=True).names() == engine.names()


def test_a_shared_gateway_serves_both_networks(run: Run) -> None:
    args = {**TWO_OF_EACH, "oke": {}, "links": {"gateways_of": {"azure-us": "azure-eu"}}}
    engine = made(run, args)
    assert len(engine.of("azure-native:network:VirtualNetworkGateway")) == 1
    uses = [each.inputs["useRemoteGateways"] for each in engine.of("azure-native:network:VirtualNetworkPeering")]
    assert sorted(uses) == [False, True]


def test_a_cluster_without_peers_lets_nobody_in(run: Run) -> None:
    links = {"topology": "list", "pairs": [{"first": "aws-us", "second": "azure-eu"}]}
    engine = made(run, {**FLAT, "links": links})
    assert {each.name for each in engine.of("gcp:compute/firewall:Firewall")} == {"shop-gcp-eu-webhook"}
    oracle = engine.of("oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule")
    assert not [rule.name for rule in oracle if "peers" in rule.name]
