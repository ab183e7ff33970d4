"""AWS's private roads: what VPN gateway, readdressing, peering and admission register."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run
from options_seen import watch

from pulumi_multimesh.network import aws_admission
from pulumi_multimesh.network.aws_peering import AwsAccount, AwsPeering
from pulumi_multimesh.network.aws_vpn import AwsVpnGateway
from pulumi_multimesh.network.handles import AwsNetwork
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd

GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
PROPAGATION = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
CUSTOMER = "aws:ec2/customerGateway:CustomerGateway"
CONNECTION = "aws:ec2/vpnConnection:VpnConnection"
FUNCTION = "aws:lambda/function:Function"
INVOCATION = "aws:lambda/invocation:Invocation"
INLINE = "aws:iam/rolePolicy:RolePolicy"
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
OPTIONS = "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions"
ROUTE = "aws:ec2/route:Route"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
TAGS = {"team": "platform"}
Seen = dict[str, Any]


def network(name: str = "aws-us", region: str = "us-east-1", *ranges: str) -> AwsNetwork:
    # As outputs, since in a mesh the network is made by the same program.
    tables = [pulumi.Output.from_input(f"rtb-{name}-{position}") for position in range(2)]
    return AwsNetwork(name, region, pulumi.Output.from_input(f"vpc-{name}"), tables, ranges or ("10.0.0.0/16",), TAGS)


def ends(*places: tuple[int, int]) -> list[TunnelEnd]:
    return [
        TunnelEnd(
            index=index,
            interface=interface,
            slot=slot,
            inside=f"169.254.40.{4 * index}/30",
            own_ip=f"169.254.40.{4 * index + 1}",
            peer_ip=f"169.254.40.{4 * index + 2}",
            key=pulumi.Output.secret(f"key-{index}"),
        )
        for index, (interface, slot) in enumerate(places)
    ]


FOUR, TWO = ((0, 0), (0, 1), (1, 0), (1, 1)), ((0, 0), (1, 0))


def remote(cloud: str, asn: int, tunnels: list[TunnelEnd]) -> RemoteGateway:
    addresses = {end.index: pulumi.Output.from_input(f"203.0.113.{end.interface + 1}") for end in tunnels}
    return RemoteGateway(f"{cloud}-eu", cloud, asn, ("10.9.0.0/16",), addresses)


def connected(seen: Seen) -> None:
    gateway = AwsVpnGateway("shop-aws-us", network(), 64600)
    tunnels = ends(*FOUR)
    link = pulumi.ResourceOptions(parent=pulumi.ComponentResource("multimesh:index:VpnLink", "link"))
    addresses = gateway.connect("shop-aws-us-gcp-eu", tunnels, remote("gcp", 64512, tunnels), link)
    note(seen, addresses)
    assert gateway.addresses is None
    assert gateway.asn == 64600


def readdressed(seen: Seen) -> None:
    gateway = AwsVpnGateway("shop-aws-us", network(), 64600)
    opts = pulumi.ResourceOptions(parent=gateway)
    for name in ("shop-aws-us-oci-eu", "shop-aws-us-oci-uk"):
        tunnels = ends(*TWO)
        note(seen, gateway.connect_later(name, tunnels, opts))
        gateway.readdress(name, tunnels, remote("oci", 31898, tunnels), opts)


def note(seen: Seen, addresses: Mapping[int, pulumi.Output[str]]) -> None:
    def take(index: int) -> Callable[[str], None]:
        return lambda address: seen.__setitem__(str(index), address)

    for index, address in addresses.items():
        address.apply(take(index))


def peered(second: AwsNetwork, account: AwsAccount | None = None) -> None:
    AwsPeering("shop-a-b", network("a", "us-east-1", "10.0.0.0/16"), second, account=account)


def one(engine: Engine, token: str, name: str) -> dict[str, Any]:
    (found,) = [each for each in engine.of(token) if each.name == name]
    return found.inputs


@pytest.mark.parametrize(
    "program",
    [
        lambda: connected({}),
        lambda: readdressed({}),
        lambda: peered(network("b", "us-east-1", "10.1.0.0/16", "100.64.0.0/16")),
        lambda: peered(network("b", "eu-west-1", "10.1.0.0/16")),
    ],
)
def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run, program: Callable[[], None]) -> None:
    known, unknown = run(program), run(program, preview=True)
    assert known.names() == unknown.names()
    assert len(known.names()) == len(known.resources)


class TestVpn:
    def test_one_gateway_whose_routes_reach_every_table(self, run: Run) -> None:
        engine = run(lambda: connected({}))
        gateway = one(engine, GATEWAY, "shop-aws-us")
        assert (gateway["amazonSideAsn"], gateway["vpcId"], gateway["region"]) == ("64600", "vpc-aws-us", "us-east-1")
        assert gateway["tags"] == {"team": "platform", "Name": "shop-aws-us"}
        tables = {each.inputs["routeTableId"] for each in engine.of(PROPAGATION)}
        assert tables == {"rtb-aws-us-0", "rtb-aws-us-1"}
        assert {each.inputs["vpnGatewayId"] for each in engine.of(PROPAGATION)} == {"shop-aws-us-id"}

    def test_a_connection_to_each_address_of_the_other_end(self, run: Run) -> None:
        engine = run(lambda: connected({}))
        assert len(engine.of(CUSTOMER)) == len(engine.of(CONNECTION)) == 2
        for interface in (0, 1):
            name = f"shop-aws-us-gcp-eu-{interface}"
            customer = one(engine, CUSTOMER, name)
            assert (customer["ipAddress"], customer["bgpAsn"]) == (f"203.0.113.{interface + 1}", "64512")
            # Of its own in the account, since AWS takes two that are identical for one.
            assert customer["deviceName"] == f"{name}-shop-aws-us-id"
            connection = one(engine, CONNECTION, name)
            assert connection["customerGatewayId"] == f"{name}-id"
            assert connection["vpnGatewayId"] == "shop-aws-us-id"
            assert [connection[f"tunnel{slot}InsideCidr"] for slot in (1, 2)] == [
                f"169.254.40.{8 * interface}/30",
                f"169.254.40.{8 * interface + 4}/30",
            ]
            keys = [connection[f"tunnel{slot}PresharedKey"] for slot in (1, 2)]
            assert keys == [f"key-{2 * interface}", f"key-{2 * interface + 1}"]

    def test_one_choice_of_everything_and_both_tunnels_alike(self, run: Run) -> None:
        connection = one(run(lambda: connected({})), CONNECTION, "shop-aws-us-gcp-eu-0")
        for slot in (1, 2):
            assert {
                key.removeprefix(f"tunnel{slot}"): value
                for key, value in connection.items()
                if key.startswith(f"tunnel{slot}") and not key.endswith(("Cidr", "Key"))
            } == {
                "IkeVersions": ["ikev2"],
                "Phase1EncryptionAlgorithms": ["AES256"],
                "Phase1IntegrityAlgorithms": ["SHA2-256"],
                "Phase1DhGroupNumbers": [14],
                "Phase1LifetimeSeconds": 28800,
                "Phase2EncryptionAlgorithms": ["AES256"],
                "Phase2IntegrityAlgorithms": ["SHA2-256"],
                "Phase2DhGroupNumbers": [14],
                "Phase2LifetimeSeconds": 3600,
                "StartupAction": "start",
                "DpdTimeoutAction": "restart",
            }

    def test_its_addresses_are_the_tunnels(self, run: Run) -> None:
        seen: Seen = {}
        run(lambda: connected(seen))
        assert seen == {"0": "198.18.3.11", "1": "198.18.3.12", "2": "198.18.3.11", "3": "198.18.3.12"}

    def test_keys_stay_secret(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        registered: dict[tuple[str, str], Any] = {}
        new_resource = Engine.new_resource

        def noting(engine: Engine, args: Any) -> Any:
            registered[args.name, args.typ] = args.inputs
            return new_resource(engine, args)

        monkeypatch.setattr(Engine, "new_resource", noting)
        run(lambda: connected({}))
        inputs = registered["shop-aws-us-gcp-eu-0", CONNECTION]
        assert isinstance(inputs["tunnel1PresharedKey"], dict), "wrapped as a secret"
        assert isinstance(inputs["tunnel1InsideCidr"], str)


class TestReaddressing:
    def test_a_slot_without_a_tunnel_takes_nothing_weaker(self, run: Run) -> None:
        """Its key and its addresses are AWS' own."""
        connection = one(run(lambda: readdressed({})), CONNECTION, "shop-aws-us-oci-eu-0")
        assert connection["tunnel1InsideCidr"] == "169.254.40.0/30"
        lists = ("EncryptionAlgorithms", "IntegrityAlgorithms", "DhGroupNumbers")
        agreed = {"IkeVersions", *(f"Phase{phase}{each}" for phase in (1, 2) for each in lists)}
        assert {key.removeprefix("tunnel2") for key in connection if key.startswith("tunnel2")} == agreed
        for each in agreed:
            assert connection[f"tunnel2{each}"] == connection[f"tunnel1{each}"]

    def test_placeholders_first_and_then_the_other_ends_addresses(self, run: Run) -> None:
        engine = run(lambda: readdressed({}))
        for interface in (0, 1):
            name = f"shop-aws-us-oci-eu-{interface}"
            assert one(engine, CUSTOMER, f"{name}-placeholder")["ipAddress"] == f"192.0.2.{interface + 1}"
            assert one(engine, CONNECTION, name)["customerGatewayId"] == f"{name}-placeholder-id"
            real = one(engine, CUSTOMER, name)
            assert (real["ipAddress"], real["bgpAsn"]) == (f"203.0.113.{interface + 1}", "31898")
            call = one(engine, INVOCATION, name)
            assert call["lifecycleScope"] == "CRUD"
            assert json.loads(call["input"]) == {
                "connection": f"{name}-id",
                "placeholder": f"{name}-placeholder-id",
                "customer": f"{name}-id",
            }
        assert len({each.inputs["deviceName"] for each in engine.of(CUSTOMER)}) == 8

    def test_one_function_for_all_of_a_gateways_connections(self, run: Run) -> None:
        engine = run(lambda: readdressed({}))
        (function,) = engine.of(FUNCTION)
        assert function.name == "shop-aws-us-readdress"
        assert function.inputs["timeout"] == 900
        assert "modify_vpn_connection" in json.dumps(function.inputs["code"], default=vars)
        assert run(lambda: connected({})).of(FUNCTION) == []

    def test_it_may_modify_its_own_connections_and_write_its_own_log(self, run: Run) -> None:
        engine = run(lambda: readdressed({}))
        statements = {each.name: json.loads(each.inputs["policy"])["Statement"] for each in engine.of(INLINE)}
        assert {each["Action"] for each in statements["shop-aws-us-oci-eu"]} == {"ec2:ModifyVpnConnection"}
        assert set(statements["shop-aws-us-oci-eu"][0]["Resource"]) == {
            "arn:aws:ec2:1:vpn-gateway",
            "arn:aws:ec2:1:vpn-connection",
            "arn:aws:ec2:1:customer-gateway",
        }
        describe, log = statements["shop-aws-us-readdress"]
        assert (describe["Action"], describe["Resource"]) == ("ec2:DescribeVpnConnections", "*")
        assert log["Resource"] == "arn:aws:logs:1:log-group:*"
        assert "logs:CreateLogGroup" not in log["Action"]
        function = one(engine, FUNCTION, "shop-aws-us-readdress")
        assert function["loggingConfig"] == {"logFormat": "Text", "logGroup": "log-group"}

    def test_order_and_what_is_ignored(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = watch(monkeypatch)
        run(lambda: readdressed({}))
        name = "shop-aws-us-oci-eu"
        assert seen[f"VpnConnection {name}-0"].ignore_changes == ["customerGatewayId"]
        assert seen[f"Invocation {name}-0"].before >= {
            f"VpnConnection {name}-0",
            f"CustomerGateway {name}-0",
            f"CustomerGateway {name}-0-placeholder",
            f"RolePolicy {name}",
            "Function shop-aws-us-readdress",
        }
        run(lambda: connected({}))
        assert seen["VpnConnection shop-aws-us-gcp-eu-0"].ignore_changes == []

    def test_what_was_not_begun_is_not_finished(self, run: Run) -> None:
        def program() -> None:
            gateway = AwsVpnGateway("shop-aws-us", network(), 64600)
            tunnels = ends(*TWO)
            with pytest.raises(KeyError, match="never-begun"):
                opts = pulumi.ResourceOptions(parent=gateway)
                gateway.readdress("never-begun", tunnels, remote("oci", 31898, tunnels), opts)

        assert run(program).of(FUNCTION) == []


class TestPeering:
    def test_within_a_region_aws_accepts_it_itself(self, run: Run) -> None:
        engine = run(lambda: peered(network("b", "us-east-1", "10.1.0.0/16")))
        peering = one(engine, PEERING, "shop-a-b")
        assert peering["autoAccept"] is True
        assert "peerRegion" not in peering
        assert engine.of(ACCEPTER) == []

    def test_between_regions_the_other_end_accepts(self, run: Run) -> None:
        engine = run(lambda: peered(network("b", "eu-west-1", "10.1.0.0/16")))
        peering = one(engine, PEERING, "shop-a-b")
        assert (peering["region"], peering["peerRegion"]) == ("us-east-1", "eu-west-1")
        assert "autoAccept" not in peering
        accepter = one(engine, ACCEPTER, "shop-a-b")
        assert (accepter["region"], accepter["autoAccept"]) == ("eu-west-1", True)
        assert accepter["vpcPeeringConnectionId"] == "shop-a-b-id"

    def test_between_accounts_too_and_with_its_credentials(self, run: Run) -> None:
        def program() -> None:
            theirs = pulumi.ProviderResource("aws", "theirs")
            peered(network("b", "us-east-1", "10.1.0.0/16"), AwsAccount("210987654321", theirs))

        engine = run(program)
        peering = one(engine, PEERING, "shop-a-b")
        assert (peering["peerOwnerId"], peering["peerRegion"]) == ("210987654321", "us-east-1")
        assert "autoAccept" not in peering
        with_theirs = {each.name for each in engine.resources if "theirs" in each.provider}
        assert with_theirs == {"shop-a-b", "shop-a-b-b", "shop-a-b-b-0-10-0-0-0-16", "shop-a-b-b-1-10-0-0-0-16"}
        assert "theirs" in next(each.provider for each in engine.of(ACCEPTER))
        assert "theirs" not in next(each.provider for each in engine.of(PEERING))

    def test_every_range_in_every_table_of_the_other_side(self, run: Run) -> None:
        engine = run(lambda: peered(network("b", "eu-west-1", "10.1.0.0/16", "100.64.0.0/16")))
        routes = {
            (each.inputs["region"], each.inputs["routeTableId"], each.inputs["destinationCidrBlock"])
            for each in engine.of(ROUTE)
        }
        there = {("us-east-1", f"rtb-a-{t}", cidr) for t in range(2) for cidr in ("10.1.0.0/16", "100.64.0.0/16")}
        assert routes == there | {("eu-west-1", f"rtb-b-{t}", "10.0.0.0/16") for t in range(2)}
        assert {each.inputs["vpcPeeringConnectionId"] for each in engine.of(ROUTE)} == {"shop-a-b-id"}

    def test_names_of_hosts_in_each_sides_own_region(self, run: Run) -> None:
        engine = run(lambda: peered(network("b", "eu-west-1", "10.1.0.0/16")))
        first, second = one(engine, OPTIONS, "shop-a-b-a"), one(engine, OPTIONS, "shop-a-b-b")
        dns = {"allowRemoteVpcDnsResolution": True}
        assert (first["region"], first["requester"], first.get("accepter")) == ("us-east-1", dns, None)
        assert (second["region"], second["accepter"], second.get("requester")) == ("eu-west-1", dns, None)

    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
    def test_options_and_routes_come_after_the_acceptance(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, region: str
    ) -> None:
        seen = watch(monkeypatch)
        run(lambda: peered(network("b", region, "10.1.0.0/16")))
        last = "VpcPeeringConnection" if region == "us-east-1" else "VpcPeeringConnectionAccepter"
        later = [options for name, options in seen.items() if name.startswith(("Route ", "PeeringConnectionOptions "))]
        assert len(later) == 6
        assert all(f"{last} shop-a-b" in options.before for options in later)


def test_admission_is_of_the_peers_ranges_alone(run: Run) -> None:
    def program() -> None:
        ranges = ["10.9.0.0/16", "100.72.0.0/14"]
        group = pulumi.Output.from_input("sg-nodes")
        aws_admission.admit("shop-aws-us-peers", "us-east-1", group, ranges, TAGS, pulumi.ResourceOptions())

    rules = run(program).of(INGRESS)
    assert {each.inputs["cidrIpv4"] for each in rules} == {"10.9.0.0/16", "100.72.0.0/14"}
    assert {each.name for each in rules} == {"shop-aws-us-peers-10-9-0-0-16", "shop-aws-us-peers-100-72-0-0-14"}
    assert {(each.inputs["securityGroupId"], each.inputs["ipProtocol"]) for each in rules} == {("sg-nodes", "-1")}
