"""Oracle Cloud's private roads: what VPN, peerings and flat meshes register, with outputs known and unknown."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import options_seen
import pulumi
import pulumi_oci as oci
import pytest
from mocked_engine import Engine, Run

import pulumi_multimesh as multimesh
from pulumi_multimesh.clusters.oke_network import OkeNetwork, OkeNetworkArgs
from pulumi_multimesh.clusters.oke_roads import neighbours
from pulumi_multimesh.network.handles import OciNetwork
from pulumi_multimesh.network.oci_admission import admit
from pulumi_multimesh.network.oci_peering import OciPeering
from pulumi_multimesh.network.oci_vpn import OciVpnGateway
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd
from pulumi_multimesh.plan.vpn import layout, oracle_asn

COMPARTMENT = "ocid1.compartment.oc1..aaaa"
REGION = "eu-frankfurt-1"
CPE = "oci:Core/cpe:Cpe"
IPSEC = "oci:Core/ipsec:Ipsec"
MANAGEMENT = "oci:Core/ipsecConnectionTunnelManagement:IpsecConnectionTunnelManagement"
RPC = "oci:Core/remotePeeringConnection:RemotePeeringConnection"
LPG = "oci:Core/localPeeringGateway:LocalPeeringGateway"
DRG = "oci:Core/drg:Drg"
ATTACHMENT = "oci:Core/drgAttachment:DrgAttachment"
TABLE = "oci:Core/routeTable:RouteTable"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"


def handle(name: str = "oci-eu", region: str = REGION, **changes: Any) -> OciNetwork:
    provider = oci.Provider(name, region=region)
    known = OciNetwork(name, region, COMPARTMENT, f"{name}-vcn", f"{name}-drg", provider, tags={"team": "platform"})
    return replace(known, **changes)


def tunnels(remote: str) -> list[TunnelEnd]:
    return [
        TunnelEnd(
            index=index,
            interface=interface,
            slot=slot,
            inside=f"169.254.40.{4 * index}/30",
            own_ip=f"169.254.40.{4 * index + 1}",
            peer_ip=f"169.254.40.{4 * index + 2}",
            key=pulumi.Output.secret(f"key{index}"),
        )
        for index, (interface, slot) in enumerate(layout("oci", remote))
    ]


def joined(remote: str, heard: dict[int, str] | None = None) -> Callable[[], None]:
    """A program that makes a gateway and joins it with one of the remote cloud."""

    def program() -> None:
        gateway = OciVpnGateway("shop-oci-eu", handle(), oracle_asn(REGION))
        ends = tunnels(remote)
        addresses = {end.index: pulumi.Output.from_input(f"203.0.113.{end.interface + 1}") for end in ends}
        other = RemoteGateway("there", remote, 64512, ["10.8.0.0/16"], addresses)
        opts = pulumi.ResourceOptions(parent=gateway)
        for index, address in gateway.connect("vpn", ends, other, opts).items():
            address.apply(lambda known, index=index: (heard if heard is not None else {}).update({index: known}))

    return program


def by_name(engine: Engine, token: str) -> dict[str, dict[str, Any]]:
    return {resource.name: resource.inputs for resource in engine.of(token)}


class TestVpn:
    def test_a_connection_for_each_address_of_the_other_end(self, run: Run) -> None:
        engine = run(joined("gcp"))
        addresses = {name: cpe["ipAddress"] for name, cpe in by_name(engine, CPE).items()}
        assert addresses == {"vpn-0": "203.0.113.1", "vpn-1": "203.0.113.2"}
        connections = by_name(engine, IPSEC)
        assert {name: each["cpeId"] for name, each in connections.items()} == {"vpn-0": "vpn-0-id", "vpn-1": "vpn-1-id"}
        for connection in connections.values():
            assert connection["drgId"] == "oci-eu-drg"
            # Oracle refuses a connection without one, and a tunnel that nobody configures must not draw traffic.
            assert connection["staticRoutes"] == ["192.0.2.0/24"]

    def test_tunnels_are_told_apart_by_their_ids_and_not_by_their_place_in_the_list(self, run: Run) -> None:
        heard: dict[int, str] = {}
        managed = by_name(run(joined("azure", heard)), MANAGEMENT)
        assert {name: (each["ipsecId"], each["tunnelId"]) for name, each in managed.items()} == {
            "vpn-0": ("vpn-0-id", "vpn-0-id/a"),
            "vpn-1": ("vpn-0-id", "vpn-0-id/b"),
            "vpn-2": ("vpn-1-id", "vpn-1-id/a"),
            "vpn-3": ("vpn-1-id", "vpn-1-id/b"),
        }
        assert heard == {0: "198.51.100.1", 1: "198.51.100.2", 2: "198.51.100.11", 3: "198.51.100.12"}

    def test_a_slot_without_a_tunnel_is_left_alone(self, run: Run) -> None:
        heard: dict[int, str] = {}
        managed = by_name(run(joined("aws", heard)), MANAGEMENT)
        assert {each["tunnelId"] for each in managed.values()} == {"vpn-0-id/a", "vpn-1-id/a"}
        assert heard == {0: "198.51.100.1", 1: "198.51.100.11"}

    def test_numbers_addresses_and_keys_are_the_plans(self, run: Run) -> None:
        tunnel = by_name(run(joined("azure")), MANAGEMENT)["vpn-2"]
        assert (tunnel["routing"], tunnel["ikeVersion"], tunnel["sharedSecret"]) == ("BGP", "V2", "key2")
        assert tunnel["bgpSessionInfo"] == {
            "customerBgpAsn": "64512",
            "customerInterfaceIp": "169.254.40.10/30",
            "oracleInterfaceIp": "169.254.40.9/30",
        }

    @pytest.mark.parametrize(
        ("remote", "seconds"), [("azure", (28800, 3600)), ("aws", (28800, 3600)), ("gcp", (36000, 10800))]
    )
    def test_the_proposal_is_the_one_that_all_clouds_take(
        self, run: Run, remote: str, seconds: tuple[int, int]
    ) -> None:
        for tunnel in run(joined(remote)).of(MANAGEMENT):
            one, two = tunnel.inputs["phaseOneDetails"], tunnel.inputs["phaseTwoDetails"]
            assert one == {
                "isCustomPhaseOneConfig": True,
                "customEncryptionAlgorithm": "AES_256_CBC",
                "customAuthenticationAlgorithm": "SHA2_256",
                "customDhGroup": "GROUP14",
                "lifetime": seconds[0],
            }
            assert two == {
                "isCustomPhaseTwoConfig": True,
                "customEncryptionAlgorithm": "AES_256_CBC",
                "customAuthenticationAlgorithm": "HMAC_SHA2_256_128",
                "isPfsEnabled": True,
                "dhGroup": "GROUP14",
                "lifetime": seconds[1],
            }

    def test_another_tunnel_is_configured_anew(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = options_seen.watch(monkeypatch)
        run(joined("aws"))
        managed = [options for name, options in seen.items() if "TunnelManagement" in name]
        assert [options.replace_on_changes for options in managed] == [["tunnelId"]] * 2

    def test_all_is_made_in_the_networks_region(self, run: Run) -> None:
        made = [each for each in run(joined("gcp")).resources if each.token.startswith("oci:")]
        assert len(made) == 8
        assert all("::oci-eu::" in each.provider for each in made)

    def test_it_has_no_address_before_a_connection(self, run: Run) -> None:
        def program() -> None:
            gateway = OciVpnGateway("shop-oci-eu", handle(), oracle_asn(REGION))
            assert (gateway.asn, gateway.addresses, gateway.announces) == (31898, None, False)

        run(program)

    def test_a_network_without_a_drg_is_refused(self, run: Run) -> None:
        def program() -> None:
            with pytest.raises(ValueError, match="the network oci-eu has no DRG"):
                OciVpnGateway("shop-oci-eu", handle(drg_id=None), oracle_asn(REGION))

        run(program)


ARGS: OkeNetworkArgs = {
    "compartment_id": COMPARTMENT,
    "region": REGION,
    "nodes": "10.1.0.0/20",
    "pods": "10.1.64.0/18",
    "control_plane": "10.1.16.0/28",
    "load_balancers": "10.1.17.0/24",
    "tags": {"team": "platform"},
}
ROADS: Mapping[str, Any] = {
    "drg_ranges": ["10.9.0.0/16", "10.8.0.0/16"],
    "neighbours": {"oci-b": {"ranges": ["10.2.0.0/20"]}, "oci-c": {"ranges": ["10.3.0.0/20"], "peer_id": "lpg-c"}},
}


def network(**roads: Any) -> Callable[[], OkeNetwork]:
    return lambda: OkeNetwork("shop-oci-a", {**ARGS, "roads": {**roads}})  # pyright: ignore[reportArgumentType]


def private(engine: Engine, table: str) -> dict[str, str]:
    """Where a route table's rules lead, but for its own ways to the internet and to Oracle."""
    rules = by_name(engine, TABLE)[f"shop-oci-a-{table}"]["routeRules"]
    assert all(rule["destinationType"] == "CIDR_BLOCK" for rule in rules if "services" not in rule["destination"])
    return {rule["destination"]: rule["networkEntityId"] for rule in rules if rule["destination"].startswith("10.")}


class TestRoutes:
    def test_every_table_has_a_rule_for_every_range(self, run: Run) -> None:
        engine = run(network(**ROADS))
        expected = {
            "10.8.0.0/16": "shop-oci-a-id",
            "10.9.0.0/16": "shop-oci-a-id",
            "10.2.0.0/20": "shop-oci-a-to-oci-b-id",
            "10.3.0.0/20": "shop-oci-a-to-oci-c-id",
        }
        # Load balancers are in the public subnet, nodes and pods in private ones.
        assert private(engine, "public") == private(engine, "private") == expected
        assert [each.name for each in engine.of(DRG)] == ["shop-oci-a"]

    def test_the_vcn_is_attached_before_a_route_leads_to_the_drg(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = options_seen.watch(monkeypatch)
        engine = run(network(**ROADS))
        assert by_name(engine, ATTACHMENT)["shop-oci-a"]["networkDetails"] == {"type": "VCN", "id": "shop-oci-a-id"}
        for table in ("public", "private"):
            assert "DrgAttachment shop-oci-a" in seen[f"RouteTable shop-oci-a-{table}"].before
        assert seen["DrgAttachment shop-oci-a"].replace_on_changes == ["networkDetails.id"]

    def test_of_two_gateways_one_names_the_other(self, run: Run) -> None:
        gateways = by_name(run(network(**ROADS)), LPG)
        assert {name: each.get("peerId") for name, each in gateways.items()} == {
            "shop-oci-a-to-oci-b": None,
            "shop-oci-a-to-oci-c": "lpg-c",
        }

    @pytest.mark.parametrize("roads", [{}, {"drg_ranges": [], "neighbours": {}}])
    def test_without_roads_there_is_no_gateway_to_others(self, run: Run, roads: Mapping[str, Any]) -> None:
        engine = run(network(**roads))
        assert not [each for token in (DRG, ATTACHMENT, LPG) for each in engine.of(token)]
        assert private(engine, "public") == private(engine, "private") == {}
        assert engine.names() == run(lambda: OkeNetwork("shop-oci-a", ARGS)).names()

    def test_what_a_gateway_needs_of_the_network(self, run: Run) -> None:
        made: list[OkeNetwork] = []
        run(lambda: made.extend((network(**ROADS)(), network()())))
        with_roads, without = (each.handle("oci-a") for each in made)
        assert ["drg_id" in each.ids for each in made] == [True, False]
        assert set(made[0].gateways) == {"oci-b", "oci-c"}
        assert (with_roads.name, with_roads.region, with_roads.compartment_id) == ("oci-a", REGION, COMPARTMENT)
        assert with_roads.drg_id is not None
        assert [type(each).__name__ for each in with_roads.after] == ["DrgAttachment"]
        assert (without.drg_id, without.after) == (None, [])


class TestPeering:
    def test_in_one_region_the_later_network_names_the_earlier_ones_gateway(self, run: Run) -> None:
        """Three networks, each peered with each, in one pass and without a circle."""
        ranges = {"a": ["10.1.0.0/20"], "b": ["10.2.0.0/20"], "c": ["10.3.0.0/20"]}

        def program() -> None:
            made: dict[str, Any] = {}
            for name in ranges:
                near = {other: cidrs for other, cidrs in ranges.items() if other != name}
                args: OkeNetworkArgs = {**ARGS, "roads": {"neighbours": neighbours(name, near, made)}}
                made[name] = OkeNetwork(name, args).gateways

        engine = run(program)
        peers = {name: each.get("peerId") for name, each in by_name(engine, LPG).items()}
        assert peers == {
            "a-to-b": None,
            "a-to-c": None,
            "b-to-a": "a-to-b-id",
            "b-to-c": None,
            "c-to-a": "a-to-c-id",
            "c-to-b": "b-to-c-id",
        }
        assert engine.names() == run(program, preview=True).names()

    def test_between_regions_two_drgs_are_joined(self, run: Run) -> None:
        engine = run(lambda: OciPeering("shop-a-b", handle("a"), handle("b", "us-ashburn-1")))
        sides = {
            each.name: (each.inputs["drgId"], each.inputs.get("peerId"), each.inputs.get("peerRegionName"))
            for each in engine.of(RPC)
        }
        assert sides == {"shop-a-b-a": ("a-drg", None, None), "shop-a-b-b": ("b-drg", "shop-a-b-a-id", REGION)}
        assert ["::a::" in engine.of(RPC)[0].provider, "::b::" in engine.of(RPC)[1].provider] == [True, True]

    def test_a_network_without_a_drg_is_refused(self, run: Run) -> None:
        def program() -> None:
            with pytest.raises(ValueError, match="the network b has no DRG"):
                OciPeering("shop-a-b", handle("a"), handle("b", drg_id=None))

        assert not run(program).of(RPC)


def cluster(**changes: Any) -> multimesh.OkeCluster:
    args: Any = {"compartment_id": COMPARTMENT, "region": REGION, "api_access": {"office": "203.0.113.0/24"}, **changes}
    return multimesh.OkeCluster("shop", args)


class TestAdmission:
    @pytest.mark.parametrize(("mode", "groups"), [("vcn-native", ["nodes", "pods"]), ("flannel", ["nodes"])])
    def test_peers_reach_nodes_and_pods_at_any_port(self, run: Run, mode: str, groups: list[str]) -> None:
        def program() -> None:
            made = cluster(network_mode=mode)
            admit("shop-flat", made.groups, ["10.9.0.0/16", "10.8.0.0/16"], pulumi.ResourceOptions(parent=made))

        rules = {name: each for name, each in by_name(run(program), RULE).items() if name.startswith("shop-flat")}
        assert {(each["networkSecurityGroupId"], each["source"]) for each in rules.values()} == {
            (f"shop-{group}-id", cidr) for group in groups for cidr in ("10.8.0.0/16", "10.9.0.0/16")
        }
        assert {(each["direction"], each["protocol"]) for each in rules.values()} == {("INGRESS", "all")}
        assert f"shop-flat-{groups[-1]}-10-8-0-0-16" in rules

    def test_a_named_network_is_offered_with_its_drg(self, run: Run) -> None:
        named = {
            **dict.fromkeys(
                ("endpoint_subnet_id", "nodes_subnet_id", "pods_subnet_id", "load_balancers_subnet_id"), "s"
            ),
            "vcn_id": "hub",
            "drg_id": "hub-drg",
            "egress_ips": ["203.0.113.7"],
        }
        found: list[OciNetwork] = []
        run(
            lambda: found.append(
                cluster(network=named, ranges={"nodes": "10.1.0.0/20", "pods": "10.1.64.0/18"}).handle("oci-a")
            )
        )
        assert (found[0].vcn_id, found[0].drg_id, found[0].region) == ("hub", "hub-drg", REGION)


@pytest.mark.parametrize(
    "program",
    [
        *(joined(remote) for remote in ("gcp", "azure", "aws")),
        network(**ROADS),
        lambda: OciPeering("shop-a-b", handle("a"), handle("b", "us-ashburn-1")),
    ],
)
def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run, program: Callable[[], Any]) -> None:
    known = run(program)
    assert known.names() == run(program, preview=True).names()
    assert len(known.names()) == len(known.resources)


@pytest.mark.parametrize(
    "program", [joined("gcp"), network(**ROADS), lambda: OciPeering("p", handle("a"), handle("b"))]
)
def test_tags_are_on_all_that_can_carry_them(run: Run, program: Callable[[], Any]) -> None:
    for resource in run(program).resources:
        if resource.token.startswith("oci:") and resource.token != MANAGEMENT:
            assert resource.inputs["freeformTags"] == {"team": "platform"}, resource.name
