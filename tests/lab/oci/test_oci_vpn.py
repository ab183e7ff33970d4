"""DRGs, IPSec connections and tunnels in the simulated Oracle Cloud: every rule broken once, and who holds whom."""

from dataclasses import dataclass

import pytest
from oracle_cloud import (
    ATTACHMENT,
    CPE,
    DRG,
    IPSEC,
    SUBNET,
    TABLE,
    TUNNEL,
    VCN,
    Inputs,
    create,
)
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource

from multimesh_lab import drift
from multimesh_lab.property_paths import parse
from multimesh_lab.providers.store import inventory
from multimesh_lab.providers.wire import UNKNOWN, Properties

ASK = "oci:Core/getIpsecConnectionTunnels:getIpsecConnectionTunnels"
TUNNEL_ITSELF = "oci:Core/ipsecConnectionTunnel:IpsecConnectionTunnel"
OTHER_REGION = {"region": "us-ashburn-1"}


def vcn_inputs(block: str = "10.1.0.0/16") -> Inputs:
    return {"cidrBlocks": [block]}


def attachment_inputs(drg: Resource, vcn: Resource) -> Inputs:
    return {"drgId": drg.id, "networkDetails": {"type": "VCN", "id": vcn.id}}


def to(gateway: Resource, cidr: str = "10.9.0.0/16") -> Inputs:
    return {"destination": cidr, "destinationType": "CIDR_BLOCK", "networkEntityId": gateway.id}


@pytest.fixture
def vcn(cloud: Engine) -> Resource:
    return create(cloud, VCN, "vcn", vcn_inputs())


@pytest.fixture
def drg(cloud: Engine) -> Resource:
    return create(cloud, DRG, "drg", {})


@pytest.fixture
def attachment(cloud: Engine, drg: Resource, vcn: Resource) -> Resource:
    return create(cloud, ATTACHMENT, "attachment", attachment_inputs(drg, vcn))


@dataclass
class Vpn:
    """A connection and its tunnels, by their ids' order."""

    cpe: Resource
    connection: Resource
    tunnels: list[Properties]


def ask(cloud: Engine, connection: Resource) -> list[Properties]:
    return list(cloud.invoke(ASK, {"ipsecId": connection.id})["ipSecConnectionTunnels"])


def make_vpn(cloud: Engine, drg: Resource, address: str = "203.0.113.1") -> Vpn:
    cpe = create(cloud, CPE, address, {"ipAddress": address})
    inputs = {"cpeId": cpe.id, "drgId": drg.id, "staticRoutes": ["192.0.2.0/24"]}
    connection = create(cloud, IPSEC, address, inputs)
    return Vpn(cpe, connection, sorted(ask(cloud, connection), key=lambda tunnel: tunnel["id"]))


@pytest.fixture
def vpn(cloud: Engine, drg: Resource) -> Vpn:
    return make_vpn(cloud, drg)


@pytest.fixture
def wish(vpn: Vpn) -> Inputs:
    """What a program says of a tunnel."""
    return {
        "ipsecId": vpn.connection.id,
        "tunnelId": vpn.tunnels[0]["id"],
        "routing": "BGP",
        "ikeVersion": "V2",
        "sharedSecret": "k0123456789abcdef",
        "bgpSessionInfo": {
            "customerBgpAsn": "64512",
            "customerInterfaceIp": "169.254.40.2/30",
            "oracleInterfaceIp": "169.254.40.1/30",
        },
        "oracleCanInitiate": "INITIATOR_OR_RESPONDER",
        "phaseOneDetails": {
            "isCustomPhaseOneConfig": True,
            "customEncryptionAlgorithm": "AES_256_CBC",
            "customAuthenticationAlgorithm": "SHA2_256",
            "customDhGroup": "GROUP14",
            "lifetime": 36000,
        },
        "phaseTwoDetails": {
            "isCustomPhaseTwoConfig": True,
            "customEncryptionAlgorithm": "AES_256_CBC",
            "customAuthenticationAlgorithm": "HMAC_SHA2_256_128",
            "dhGroup": "GROUP14",
            "isPfsEnabled": True,
            "lifetime": 10800,
        },
    }


class TestDrg:
    def test_vcns_have_one_table_and_everything_else_another(self, drg: Resource) -> None:
        (tables,) = drg.outputs["defaultDrgRouteTables"]
        assert set(tables) == {"vcn", "ipsecTunnel", "remotePeeringConnection", "virtualCircuit"}
        assert len(set(tables.values())) == 2
        assert tables["vcn"] not in {tables[key] for key in tables if key != "vcn"}

    def test_an_attachment_says_what_it_attaches(self, attachment: Resource, vcn: Resource) -> None:
        assert attachment.outputs["state"] == "ATTACHED"
        assert attachment.outputs["vcnId"] == attachment.outputs["networkDetails"]["id"] == vcn.id
        assert attachment.outputs["compartmentId"] == vcn.outputs["compartmentId"]

    def test_a_vcn_is_attached_once(self, cloud: Engine, attachment: Resource, vcn: Resource) -> None:
        other = create(cloud, DRG, "other", {})
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, the VCN .* is already attached to the DRG"):
            create(cloud, ATTACHMENT, "again", attachment_inputs(other, vcn))

    def test_a_drg_has_several_vcns(self, cloud: Engine, attachment: Resource, drg: Resource) -> None:
        second = create(cloud, VCN, "second", vcn_inputs("10.2.0.0/16"))
        assert create(cloud, ATTACHMENT, "second", attachment_inputs(drg, second)).outputs["vcnId"] == second.id

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"drgId": "gone"}, "the OCID of an existing Drg"),
            ({"networkDetails": {"type": "VCN", "id": "gone"}}, "the OCID of an existing Vcn"),
            ({"networkDetails": {"type": "VIRTUAL_CIRCUIT", "id": "x"}}, r"to be one of \[VCN\], got VIRTUAL_CIRCUIT"),
            ({"vcnId": "too"}, "exactly one of networkDetails and vcnId"),
            ({"networkDetails": None}, "exactly one of networkDetails and vcnId"),
        ],
    )
    def test_rules_of_an_attachment(
        self, cloud: Engine, drg: Resource, vcn: Resource, change: Inputs, message: str
    ) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, ATTACHMENT, "attachment", {**attachment_inputs(drg, vcn), **change})

    def test_both_are_in_the_region_that_is_asked(self, cloud: Engine, drg: Resource, vcn: Resource) -> None:
        cloud.configure(OTHER_REGION)
        with pytest.raises(RefusedByProviderError, match=r"drgId .* in the region 'us-ashburn-1'"):
            create(cloud, ATTACHMENT, "attachment", attachment_inputs(drg, vcn))

    def test_an_update_attaches_no_other_vcn(self, cloud: Engine, attachment: Resource, vcn: Resource) -> None:
        """So a program has to ask for a replacement itself."""
        second = create(cloud, VCN, "second", vcn_inputs("10.2.0.0/16"))
        changed = {**attachment.inputs, "networkDetails": {"type": "VCN", "id": second.id}}
        assert not cloud.diff(attachment, changed).replaces
        assert cloud.update(attachment, changed).outputs["vcnId"] == vcn.id

    def test_what_forces_another(self, cloud: Engine, attachment: Resource) -> None:
        assert cloud.diff(attachment, {**attachment.inputs, "drgId": "other"}).replaces == ["drgId"]

    def test_a_drg_in_use_stays(self, cloud: Engine, attachment: Resource, drg: Resource, vpn: Vpn) -> None:
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The Drg .* is referenced by .*DrgAttachment"):
            cloud.delete(drg)
        cloud.delete(attachment)
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The Drg .* is referenced by .*Ipsec"):
            cloud.delete(drg)
        cloud.delete(vpn.connection)
        cloud.delete(drg)

    def test_an_attached_vcn_stays(self, cloud: Engine, attachment: Resource, vcn: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=r"409-IncorrectState, .* DrgAttachment .* that is in use"):
            cloud.delete(vcn)


class TestRoutes:
    def test_a_route_leads_to_a_drg_that_is_attached(
        self, cloud: Engine, attachment: Resource, drg: Resource, vcn: Resource
    ) -> None:
        # Within the VCN too: a DRG is one of the targets that traffic between subnets may be sent to.
        rules = [to(drg), to(drg, "10.1.5.0/24")]
        assert len(create(cloud, TABLE, "table", {"vcnId": vcn.id, "routeRules": rules}).outputs["routeRules"]) == 2

    def test_a_route_to_a_drg_that_is_not_attached_is_refused(
        self, cloud: Engine, attachment: Resource, drg: Resource
    ) -> None:
        other = create(cloud, VCN, "other", vcn_inputs("10.2.0.0/16"))
        with pytest.raises(RefusedByProviderError, match=r"the DRG .* is not attached to the VCN"):
            create(cloud, TABLE, "table", {"vcnId": other.id, "routeRules": [to(drg)]})

    def test_a_drg_that_is_a_target_stays(
        self, cloud: Engine, attachment: Resource, drg: Resource, vcn: Resource
    ) -> None:
        table = create(cloud, TABLE, "table", {"vcnId": vcn.id, "routeRules": [to(drg)]})
        cloud.delete(attachment)
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The Drg .* is referenced by .*RouteTable"):
            cloud.delete(drg)
        cloud.delete(table)
        cloud.delete(drg)

    def test_a_subnet_may_use_such_a_table(
        self, cloud: Engine, attachment: Resource, drg: Resource, vcn: Resource
    ) -> None:
        table = create(cloud, TABLE, "table", {"vcnId": vcn.id, "routeRules": [to(drg)]})
        inputs = {"vcnId": vcn.id, "cidrBlock": "10.1.1.0/24", "routeTableId": table.id}
        assert create(cloud, SUBNET, "subnet", inputs).outputs["routeTableId"] == table.id


class TestConnection:
    def test_it_comes_with_two_static_tunnels_at_addresses_of_their_own(self, vpn: Vpn, runtime: FakeRuntime) -> None:
        assert len({tunnel["vpnIp"] for tunnel in vpn.tunnels}) == 2
        assert {tunnel["vpnIp"] for tunnel in vpn.tunnels} == set(runtime.addresses.values())
        assert [tunnel["cpeIp"] for tunnel in vpn.tunnels] == ["203.0.113.1"] * 2
        assert [tunnel["routing"] for tunnel in vpn.tunnels] == ["STATIC"] * 2
        assert len({tunnel["sharedSecret"] for tunnel in vpn.tunnels}) == 2
        # Group 5 is what makes a connection to Azure fail unless it is changed.
        assert vpn.tunnels[0]["phaseTwoDetails"][0]["dhGroup"] == "GROUP5"
        assert vpn.connection.outputs["cpeLocalIdentifier"] == "203.0.113.1"

    def test_the_list_of_tunnels_is_in_no_useful_order(self, cloud: Engine, vpn: Vpn) -> None:
        assert [tunnel["id"] for tunnel in ask(cloud, vpn.connection)] != [tunnel["id"] for tunnel in vpn.tunnels]

    def test_the_tunnels_of_what_is_not_there(self, cloud: Engine, drg: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match="the OCID of an existing Ipsec"):
            ask(cloud, drg)

    def test_a_static_route_is_needed_though_nothing_uses_it(self, cloud: Engine, drg: Resource) -> None:
        cpe = create(cloud, CPE, "cpe", {"ipAddress": "203.0.113.1"})
        with pytest.raises(RefusedByProviderError, match="400-MissingParameter, Static routes must be specified"):
            create(cloud, IPSEC, "vpn", {"cpeId": cpe.id, "drgId": drg.id, "staticRoutes": []})

    def test_static_routes_may_go_once_both_tunnels_have_bgp(self, cloud: Engine, vpn: Vpn, wish: Inputs) -> None:
        none = {**vpn.connection.inputs, "staticRoutes": []}
        create(cloud, TUNNEL, "first", wish)
        with pytest.raises(RefusedByProviderError, match="Static routes must be specified"):
            cloud.update(vpn.connection, none)
        create(cloud, TUNNEL, "second", {**wish, "tunnelId": vpn.tunnels[1]["id"]})
        assert cloud.update(vpn.connection, none).outputs["staticRoutes"] == []

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"cpeId": "gone"}, "the OCID of an existing Cpe"),
            ({"drgId": "gone"}, "the OCID of an existing Drg"),
            ({"staticRoutes": ["any"]}, "400-InvalidParameter, 'any' is not a valid ip network."),
            ({"staticRoutes": ["224.0.0.0/8"]}, "multicast or class E"),
            ({"staticRoutes": ["240.0.0.0/8"]}, "multicast or class E"),
            ({"staticRoutes": [f"10.{i}.0.0/16" for i in range(11)]}, "11 entries; allowed are 10"),
            ({"cpeLocalIdentifierType": "NAME"}, "must be IP_ADDRESS or HOSTNAME"),
            ({"tunnelConfigurations": [{"oracleTunnelIp": "10.1.5.5"}]}, "which is not simulated"),
        ],
    )
    def test_rules(self, cloud: Engine, vpn: Vpn, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, IPSEC, "more", {**vpn.connection.inputs, **change})

    @pytest.mark.parametrize("address", ["gateway.example", "203.0.113.300", "2001:db8::1"])
    def test_the_other_end_has_an_address(self, cloud: Engine, address: str) -> None:
        with pytest.raises(RefusedByProviderError, match="is not a valid IPv4 address"):
            create(cloud, CPE, "cpe", {"ipAddress": address})

    def test_its_ends_are_in_the_region_that_is_asked(self, cloud: Engine, vpn: Vpn) -> None:
        cloud.configure(OTHER_REGION)
        with pytest.raises(RefusedByProviderError, match=r"cpeId is .* in the region 'us-ashburn-1'"):
            create(cloud, IPSEC, "far", vpn.connection.inputs)
        near = {**vpn.connection.inputs, "cpeId": create(cloud, CPE, "far", {"ipAddress": "203.0.113.2"}).id}
        with pytest.raises(RefusedByProviderError, match=r"drgId is .* in the region 'us-ashburn-1'"):
            create(cloud, IPSEC, "far", near)

    def test_what_forces_another(self, cloud: Engine, vpn: Vpn) -> None:
        for name in ("cpeId", "drgId"):
            assert cloud.diff(vpn.connection, {**vpn.connection.inputs, name: "x"}).replaces == [name]
        assert cloud.diff(vpn.cpe, {**vpn.cpe.inputs, "ipAddress": "203.0.113.9"}).replaces == ["ipAddress"]

    def test_the_other_end_stays_while_it_is_connected(self, cloud: Engine, vpn: Vpn) -> None:
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The Cpe .* is referenced by .*Ipsec"):
            cloud.delete(vpn.cpe)

    def test_all_goes_with_it(self, cloud: Engine, vpn: Vpn, wish: Inputs, drg: Resource, runtime: FakeRuntime) -> None:
        managed = create(cloud, TUNNEL, "tunnel", wish)
        for each in (managed, vpn.connection, vpn.cpe, drg):
            cloud.delete(each)
        assert inventory(cloud.store.home, "oci") == []
        assert not runtime.addresses


class TestTunnel:
    def test_it_is_what_it_was_told_to_be(self, cloud: Engine, vpn: Vpn, wish: Inputs) -> None:
        managed = create(cloud, TUNNEL, "tunnel", wish)
        assert managed.id == vpn.tunnels[0]["id"]
        assert managed.outputs["vpnIp"] == vpn.tunnels[0]["vpnIp"]
        assert managed.outputs["bgpSessionInfo"]["oracleBgpAsn"] == "31898"
        seen = next(tunnel for tunnel in ask(cloud, vpn.connection) if tunnel["id"] == managed.id)
        for name in ("routing", "ikeVersion", "sharedSecret", "oracleCanInitiate"):
            assert seen[name] == wish[name]
        assert seen["bgpSessionInfos"][0].items() >= wish["bgpSessionInfo"].items()
        assert seen["phaseOneDetails"][0].items() >= wish["phaseOneDetails"].items()
        assert seen["phaseTwoDetails"][0].items() >= wish["phaseTwoDetails"].items()
        # Its neighbour is as it was.
        assert ask(cloud, vpn.connection)[0]["routing"] == "STATIC"

    def test_its_address_is_not_known_before_it_is_there(self, cloud: Engine, wish: Inputs) -> None:
        seen = cloud.preview(TUNNEL, "tunnel", {**wish, "tunnelId": UNKNOWN, "ipsecId": UNKNOWN})
        assert (seen["vpnIp"], seen["status"], seen["displayName"]) == (UNKNOWN, UNKNOWN, UNKNOWN)
        assert seen["bgpSessionInfo"]["oracleBgpAsn"] == UNKNOWN

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"ipsecId": "gone"}, "the OCID of an existing Ipsec"),
            ({"tunnelId": "gone"}, "the OCID of an existing IpsecConnectionTunnel"),
            ({"routing": "OSPF"}, r"expected routing to be one of \['BGP', 'STATIC', 'POLICY'\], got OSPF"),
            ({"ikeVersion": "2"}, "expected ikeVersion to be one of"),
            ({"natTranslationEnabled": "YES"}, "expected natTranslationEnabled to be one of"),
            ({"oracleCanInitiate": "NEVER"}, "expected oracleCanInitiate to be one of"),
            ({"dpdConfigs": [{"dpdMode": "RESTART"}]}, "expected dpdConfigs.dpdMode to be one of"),
            ({"sharedSecret": "key.with.dots"}, "only numbers, letters, and spaces"),
            ({"sharedSecret": "key_with_lines"}, "only numbers, letters, and spaces"),
            ({"routing": "STATIC"}, "customerBgpAsn must be null if routing = STATIC"),
        ],
    )
    def test_rules(self, cloud: Engine, wish: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, TUNNEL, "tunnel", {**wish, **change})

    @pytest.mark.parametrize(
        ("phase", "name", "value"),
        [
            ("phaseOneDetails", "customEncryptionAlgorithm", "AES256"),
            ("phaseOneDetails", "customEncryptionAlgorithm", "AES_256_GCM"),
            ("phaseOneDetails", "customAuthenticationAlgorithm", "SHA256"),
            ("phaseOneDetails", "customDhGroup", "14"),
            ("phaseTwoDetails", "customEncryptionAlgorithm", "AES256"),
            ("phaseTwoDetails", "customAuthenticationAlgorithm", "SHA2_256"),
            ("phaseTwoDetails", "dhGroup", "PFS2048"),
        ],
    )
    def test_proposals_are_in_oracles_words(
        self, cloud: Engine, wish: Inputs, phase: str, name: str, value: str
    ) -> None:
        with pytest.raises(RefusedByProviderError, match=f"expected {phase}.{name} to be one of .*, got {value}"):
            create(cloud, TUNNEL, "tunnel", {**wish, phase: {**wish[phase], name: value}})

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"customerBgpAsn": None}, "customerBgpAsn is required if routing = BGP"),
            ({"customerInterfaceIp": None}, "customerInterfaceIp is required if routing = BGP"),
            ({"oracleInterfaceIp": None}, "oracleInterfaceIp is required if routing = BGP"),
            ({"customerBgpAsn": "0"}, "is not a 2-byte or 4-byte ASN"),
            ({"customerBgpAsn": "1.10"}, "is not a 2-byte or 4-byte ASN"),
            ({"customerInterfaceIp": "169.254.40.2/29"}, "must be a /30 or /31"),
            ({"customerInterfaceIp": "169.254.40.2"}, "must be a /30 or /31"),
            ({"customerInterfaceIp": "inside"}, "is not an address with a prefix length"),
            ({"customerInterfaceIp": "169.254.40.3/30"}, "the network's or the broadcast address"),
            ({"customerInterfaceIp": "169.254.40.6/30"}, "are not the two ends of one range"),
            ({"customerInterfaceIp": "169.254.40.1/30"}, "are not the two ends of one range"),
            ({"customerInterfaceIp": "169.254.10.1/30"}, r"reserved range 169.254.10.0-169.254.19.255"),
            ({"customerInterfaceIp": "169.254.109.254/30"}, r"reserved range 169.254.100.0-169.254.109.255"),
            ({"oracleInterfaceIp": "169.254.192.1/30"}, r"reserved range 169.254.192.0-169.254.201.255"),
        ],
    )
    def test_rules_of_bgp(self, cloud: Engine, wish: Inputs, change: Inputs, message: str) -> None:
        session = {**wish["bgpSessionInfo"], **change}
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, TUNNEL, "tunnel", {**wish, "bgpSessionInfo": session})

    def test_two_addresses_are_enough_for_the_ends(self, cloud: Engine, wish: Inputs) -> None:
        ends = {"customerInterfaceIp": "169.254.40.0/31", "oracleInterfaceIp": "169.254.40.1/31"}
        session = {**wish["bgpSessionInfo"], **ends}
        made = create(cloud, TUNNEL, "tunnel", {**wish, "bgpSessionInfo": session})
        assert made.outputs["bgpSessionInfo"].items() >= ends.items()

    def test_a_tunnel_of_another_connection(self, cloud: Engine, drg: Resource, wish: Inputs) -> None:
        other = make_vpn(cloud, drg, "203.0.113.2")
        with pytest.raises(RefusedByProviderError, match="it must be a tunnel of"):
            create(cloud, TUNNEL, "tunnel", {**wish, "tunnelId": other.tunnels[0]["id"]})

    def test_deleting_leaves_the_tunnel_as_it_is(self, cloud: Engine, vpn: Vpn, wish: Inputs) -> None:
        cloud.delete(create(cloud, TUNNEL, "tunnel", wish))
        seen = cloud.store.get(TUNNEL_ITSELF, vpn.tunnels[0]["id"])
        assert seen is not None
        assert (seen.outputs["routing"], seen.outputs["sharedSecret"]) == ("BGP", wish["sharedSecret"])

    def test_settings_change_in_place(self, cloud: Engine, vpn: Vpn, wish: Inputs) -> None:
        managed = create(cloud, TUNNEL, "tunnel", wish)
        session = {**wish["bgpSessionInfo"], "customerBgpAsn": "64600"}
        dpd = [{"dpdMode": "RESPOND_ONLY", "dpdTimeoutInSec": 30}]
        changed = {**wish, "sharedSecret": "another", "bgpSessionInfo": session, "dpdConfigs": dpd}
        assert not cloud.diff(managed, changed).replaces
        after = cloud.update(managed, changed).outputs
        assert (after["sharedSecret"], after["bgpSessionInfo"]["customerBgpAsn"]) == ("another", "64600")
        assert (after["dpdMode"], after["dpdTimeoutInSec"]) == ("RESPOND_ONLY", 30)

    def test_another_tunnel_is_not_told_the_key(self, cloud: Engine, vpn: Vpn, wish: Inputs) -> None:
        """As the provider sends the key only when it changes: a program has to ask for a replacement itself."""
        managed = create(cloud, TUNNEL, "tunnel", wish)
        moved = {**wish, "tunnelId": vpn.tunnels[1]["id"]}
        assert not cloud.diff(managed, moved).replaces
        after = cloud.update(managed, moved)
        assert after.outputs["sharedSecret"] == vpn.tunnels[1]["sharedSecret"]
        assert "customerBgpAsn" not in after.outputs["bgpSessionInfo"]
        seen = cloud.read(after)
        assert seen is not None
        assert "sharedSecret" in cloud.diff(seen, moved).detailedDiff

    def test_what_the_console_changes_is_what_the_tunnel_does(
        self, cloud: Engine, vpn: Vpn, wish: Inputs, runtime: FakeRuntime
    ) -> None:
        managed = create(cloud, TUNNEL, "tunnel", wish)
        found = drift.find(cloud.store.home, "oci", "IpsecConnectionTunnelManagement", "tunnel")
        assignments = [parse("sharedSecret=changed"), parse('bgpSessionInfo.customerBgpAsn="64999"')]
        drift.change(cloud.store.home, found, assignments, runtime)
        tunnel = cloud.store.get(TUNNEL_ITSELF, managed.id)
        assert tunnel is not None
        session = tunnel.outputs["bgpSessionInfo"]
        assert (tunnel.outputs["sharedSecret"], str(session["customerBgpAsn"])) == ("changed", "64999")
        seen = cloud.read(managed)
        assert seen is not None
        assert set(cloud.diff(seen, wish).diffs) == {"sharedSecret", "bgpSessionInfo"}

    def test_keys_are_secret(self, cloud: Engine, wish: Inputs) -> None:
        managed = create(cloud, TUNNEL, "tunnel", wish)
        assert type(managed.raw["sharedSecret"]).__name__ == "Secret"
