"""The simulated AWS's VPN: gateways, propagation, customer gateways, connections, and every rule broken once."""

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.aws.provider import provider
from multimesh_lab.providers.wire import UNKNOWN, Secret

VPC = "aws:ec2/vpc:Vpc"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
PROPAGATION = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
CUSTOMER = "aws:ec2/customerGateway:CustomerGateway"
CONNECTION = "aws:ec2/vpnConnection:VpnConnection"
Inputs = dict[str, Any]
KEY = "k0123456789abcdefghijklmnopqrstu"
ADDRESS: Inputs = {"type": "ipsec.1", "bgpAsn": "64512", "ipAddress": "203.0.113.1"}


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def cloud(tmp_path: Path, runtime: FakeRuntime) -> Engine:
    return Engine(provider(home_in(tmp_path), runtime), {"region": "us-east-1"})


@pytest.fixture
def vpc(cloud: Engine) -> Resource:
    return cloud.create(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})


@pytest.fixture
def gateway(cloud: Engine, vpc: Resource) -> Resource:
    return cloud.create(GATEWAY, "vgw", {"vpcId": vpc.id, "amazonSideAsn": "64600"})


@pytest.fixture
def customer(cloud: Engine) -> Resource:
    return cloud.create(CUSTOMER, "cgw", ADDRESS)


@pytest.fixture
def inputs(gateway: Resource, customer: Resource) -> Inputs:
    return {
        "type": "ipsec.1",
        "vpnGatewayId": gateway.id,
        "customerGatewayId": customer.id,
        "tunnel1InsideCidr": "169.254.40.0/30",
        "tunnel1PresharedKey": KEY,
        "tunnel1IkeVersions": ["ikev2"],
        "tunnel1StartupAction": "start",
    }


@pytest.fixture
def connection(cloud: Engine, inputs: Inputs) -> Resource:
    return cloud.create(CONNECTION, "vpn", inputs)


class TestGateway:
    def test_a_vpc_has_one(self, cloud: Engine, vpc: Resource, gateway: Resource) -> None:
        assert gateway.outputs["vpcId"] == vpc.id
        with pytest.raises(RefusedByProviderError, match=f"already has an attached .*{gateway.id}"):
            cloud.create(GATEWAY, "second", {"vpcId": vpc.id})
        assert cloud.create(GATEWAY, "loose", {}).outputs["amazonSideAsn"] == "64512"

    @pytest.mark.parametrize("asn", ["64511", "65535", "4199999999", "4294967295", "seven"])
    def test_its_number_is_private(self, cloud: Engine, asn: str) -> None:
        with pytest.raises(CheckFailedError) as refused:
            cloud.check(GATEWAY, "vgw", {"amazonSideAsn": asn})
        assert refused.value.paths == ["amazonSideAsn"]

    @pytest.mark.parametrize("asn", ["64512", "65534", "4200000000", "4294967294", "7224"])
    def test_all_of_the_private_numbers(self, cloud: Engine, asn: str) -> None:
        assert cloud.create(GATEWAY, "vgw", {"amazonSideAsn": asn}).outputs["amazonSideAsn"] == asn

    def test_it_is_in_the_vpcs_region(self, cloud: Engine, vpc: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=r"InvalidVpcID.NotFound.*eu-west-1.*us-east-1"):
            cloud.create(GATEWAY, "vgw", {"vpcId": vpc.id, "region": "eu-west-1"})

    def test_another_number_is_another_gateway_and_another_vpc_is_not(self, cloud: Engine, gateway: Resource) -> None:
        assert list(cloud.diff(gateway, {**gateway.inputs, "amazonSideAsn": "64601"}).replaces) == ["amazonSideAsn"]
        assert not cloud.diff(gateway, {**gateway.inputs, "vpcId": "vpc-2"}).replaces

    def test_neither_it_nor_its_vpc_goes_while_used(
        self, cloud: Engine, vpc: Resource, gateway: Resource, connection: Resource
    ) -> None:
        with pytest.raises(RefusedByProviderError, match="IncorrectState: The VPN gateway is in use"):
            cloud.delete(gateway)
        with pytest.raises(RefusedByProviderError, match=f"DependencyViolation.*{gateway.id}"):
            cloud.delete(vpc)
        cloud.delete(connection)
        cloud.delete(gateway)
        cloud.delete(vpc)


class TestPropagationAndRoutes:
    def test_into_tables_of_its_own_vpc(self, cloud: Engine, vpc: Resource, gateway: Resource) -> None:
        table = cloud.create(TABLE, "t", {"vpcId": vpc.id})
        made = cloud.create(PROPAGATION, "p", {"routeTableId": table.id, "vpnGatewayId": gateway.id})
        assert made.id == f"{gateway.id}_{table.id}"
        other = cloud.create(VPC, "other", {"cidrBlock": "10.1.0.0/16"})
        foreign = cloud.create(TABLE, "foreign", {"vpcId": other.id})
        with pytest.raises(RefusedByProviderError, match=f"Gateway.NotAttached: {gateway.id} .*{other.id}"):
            cloud.create(PROPAGATION, "q", {"routeTableId": foreign.id, "vpnGatewayId": gateway.id})
        for key, inputs in {
            "InvalidRouteTableID": {"routeTableId": "rtb-gone", "vpnGatewayId": gateway.id},
            "InvalidVpnGatewayID": {"routeTableId": table.id, "vpnGatewayId": "vgw-gone"},
        }.items():
            with pytest.raises(RefusedByProviderError, match=f"{key}.NotFound"):
                cloud.create(PROPAGATION, "r", inputs)

    def test_a_route_of_the_users_leads_to_it(self, cloud: Engine, vpc: Resource, gateway: Resource) -> None:
        table = cloud.create(TABLE, "t", {"vpcId": vpc.id})
        route = {"routeTableId": table.id, "destinationCidrBlock": "10.9.0.0/16", "gatewayId": gateway.id}
        assert cloud.create(ROUTE, "r", route).outputs["state"] == "active"
        loose = cloud.create(GATEWAY, "loose", {})
        with pytest.raises(RefusedByProviderError, match="different networks"):
            cloud.create(ROUTE, "s", {**route, "destinationCidrBlock": "10.8.0.0/16", "gatewayId": loose.id})

    def test_what_is_within_the_vpc_stays_in_it(self, cloud: Engine, vpc: Resource, gateway: Resource) -> None:
        table = cloud.create(TABLE, "t", {"vpcId": vpc.id})
        route = {"routeTableId": table.id, "gatewayId": gateway.id}
        for cidr in ("10.0.0.0/16", "10.0.7.0/24"):
            with pytest.raises(RefusedByProviderError, match="equal to or more specific than one of this VPC's"):
                cloud.create(ROUTE, "r", {**route, "destinationCidrBlock": cidr})
        cloud.create(ROUTE, "wider", {**route, "destinationCidrBlock": "10.0.0.0/8"})


class TestCustomerGateway:
    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"bgpAsn": "0"}, "bgpAsn"),
            ({"bgpAsn": "2147483648"}, "bgpAsn"),
            ({"bgpAsn": None}, "bgpAsn"),
            ({"bgpAsnExtended": "4200000000"}, "bgpAsn"),
            ({"bgpAsn": None, "bgpAsnExtended": "2147483647"}, "bgpAsnExtended"),
            ({"ipAddress": "gateway.example"}, "ipAddress"),
            ({"type": "ipsec.2"}, "type"),
            ({"deviceName": "d" * 256}, "deviceName"),
        ],
    )
    def test_what_the_provider_refuses(self, cloud: Engine, change: Inputs, path: str) -> None:
        with pytest.raises(CheckFailedError) as refused:
            cloud.check(CUSTOMER, "cgw", {**ADDRESS, **change})
        assert refused.value.paths == [path]

    def test_numbers_that_aws_keeps(self, cloud: Engine) -> None:
        with pytest.raises(RefusedByProviderError, match="reserved by AWS"):
            cloud.create(CUSTOMER, "cgw", {**ADDRESS, "bgpAsn": "7224"})
        with pytest.raises(RefusedByProviderError, match="reserved by AWS"):
            cloud.create(CUSTOMER, "cgw", {**ADDRESS, "bgpAsn": "9059", "region": "eu-west-1"})
        cloud.create(CUSTOMER, "cgw", {**ADDRESS, "bgpAsn": "9059"})

    def test_it_needs_an_address(self, cloud: Engine) -> None:
        with pytest.raises(RefusedByProviderError, match="MissingParameter"):
            cloud.create(CUSTOMER, "cgw", {"type": "ipsec.1", "bgpAsn": "65000"})

    def test_an_identical_one_would_be_the_same(self, cloud: Engine, customer: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=f"answers this with {customer.id}"):
            cloud.create(CUSTOMER, "again", ADDRESS)
        cloud.create(CUSTOMER, "named", {**ADDRESS, "deviceName": "another"})
        cloud.create(CUSTOMER, "elsewhere", {**ADDRESS, "region": "eu-west-1"})

    def test_every_change_is_another_one_but_its_tags(self, cloud: Engine, customer: Resource) -> None:
        for key, value in {"bgpAsn": "64513", "ipAddress": "203.0.113.2", "deviceName": "d"}.items():
            assert list(cloud.diff(customer, {**ADDRESS, key: value}).replaces) == [key]
        assert not cloud.diff(customer, {**ADDRESS, "tags": {"a": "b"}}).replaces

    def test_it_does_not_go_while_a_connection_has_it(
        self, cloud: Engine, customer: Resource, connection: Resource
    ) -> None:
        with pytest.raises(RefusedByProviderError, match="IncorrectState: The customer gateway is in use"):
            cloud.delete(customer)
        cloud.delete(connection)
        cloud.delete(customer)


class TestConnection:
    def test_what_aws_says_of_it(self, connection: Resource, runtime: FakeRuntime) -> None:
        outputs = connection.outputs
        assert [outputs["tunnel1Address"], outputs["tunnel2Address"]] == list(runtime.addresses.values())
        assert (outputs["tunnel1VgwInsideAddress"], outputs["tunnel1CgwInsideAddress"]) == (
            "169.254.40.1",
            "169.254.40.2",
        )
        assert (outputs["tunnel1BgpAsn"], outputs["tunnel1BgpHoldtime"]) == ("64600", 30)
        assert [each["status"] for each in outputs["vgwTelemetries"]] == ["DOWN", "DOWN"]

    def test_keys_are_secret_and_addresses_are_not(self, connection: Resource) -> None:
        assert isinstance(connection.raw["tunnel1PresharedKey"], Secret)
        assert isinstance(connection.raw["tunnel2PresharedKey"], Secret)
        assert isinstance(connection.raw["customerGatewayConfiguration"], Secret)
        assert isinstance(connection.raw["tunnel1Address"], str)

    def test_a_tunnel_that_the_program_leaves_open_is_aws_own_choice(
        self, cloud: Engine, connection: Resource, inputs: Inputs
    ) -> None:
        spare = IPv4Network(connection.outputs["tunnel2InsideCidr"])
        assert spare.prefixlen == 30
        assert spare.subnet_of(IPv4Network("169.254.0.0/16"))
        assert 8 <= len(connection.outputs["tunnel2PresharedKey"]) <= 64
        after = cloud.update(connection, {**inputs, "tags": {"a": "b"}})
        for key in ("tunnel2InsideCidr", "tunnel2PresharedKey", "tunnel1Address"):
            assert after.outputs[key] == connection.outputs[key]

    def test_addresses_are_unknown_before_and_given_back_after(
        self, cloud: Engine, inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        seen = cloud.preview(CONNECTION, "vpn", inputs)
        assert seen["tunnel1Address"] is UNKNOWN
        assert seen["tunnel2Address"] is UNKNOWN
        made = cloud.create(CONNECTION, "vpn", inputs)
        cloud.delete(made)
        assert runtime.addresses == {}

    @pytest.mark.parametrize(
        ("cidr", "why"),
        [(f"169.254.{third}.0/30", "kept by AWS") for third in range(6)]
        + [
            ("169.254.169.252/30", "kept by AWS"),
            ("169.254.40.0/29", "must be a /30"),
            ("10.0.0.0/30", "within 169.254.0.0/16"),
            ("169.254.40.1/30", "not an IPv4 range"),
        ],
    )
    def test_inside_ranges_that_are_not_free(self, cloud: Engine, inputs: Inputs, cidr: str, why: str) -> None:
        with pytest.raises(CheckFailedError, match=why) as refused:
            cloud.check(CONNECTION, "vpn", {**inputs, "tunnel1InsideCidr": cidr})
        assert refused.value.paths == ["tunnel1InsideCidr"]

    def test_inside_ranges_are_the_gateways_own(
        self, cloud: Engine, inputs: Inputs, connection: Resource, customer: Resource
    ) -> None:
        second = cloud.create(CUSTOMER, "second", {**ADDRESS, "ipAddress": "203.0.113.2"})
        again = {**inputs, "customerGatewayId": second.id}
        with pytest.raises(RefusedByProviderError, match=rf"169.254.40.0/30 is in use .*{connection.id}"):
            cloud.create(CONNECTION, "second", again)
        with pytest.raises(RefusedByProviderError, match="by the other tunnel"):
            both = dict.fromkeys(("tunnel1InsideCidr", "tunnel2InsideCidr"), "169.254.41.0/30")
            cloud.create(CONNECTION, "second", {**again, **both})
        cloud.create(CONNECTION, "second", {**again, "tunnel1InsideCidr": "169.254.40.4/30"})
        elsewhere = cloud.create(GATEWAY, "another", {})
        cloud.create(CONNECTION, "third", {**again, "vpnGatewayId": elsewhere.id})

    @pytest.mark.parametrize("key", ["k123456", "k" * 65, "0123456789", "with-dash", "with space", "süßholz12"])
    def test_keys_of_another_form(self, cloud: Engine, inputs: Inputs, key: str) -> None:
        with pytest.raises(CheckFailedError) as refused:
            cloud.check(CONNECTION, "vpn", {**inputs, "tunnel1PresharedKey": key})
        assert refused.value.paths == ["tunnel1PresharedKey"]
        assert key not in str(refused.value)

    @pytest.mark.parametrize("key", ["k1234567", "k" * 64, "._aB9.__"])
    def test_keys_of_the_right_form(self, cloud: Engine, inputs: Inputs, key: str) -> None:
        cloud.check(CONNECTION, "vpn", {**inputs, "tunnel1PresharedKey": key})

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("type", "ipsec.2"),
            ("tunnel1IkeVersions", ["ikev3"]),
            ("tunnel1Phase1EncryptionAlgorithms", ["AES256", "3DES"]),
            ("tunnel2Phase2EncryptionAlgorithms", ["aes256"]),
            ("tunnel1Phase1IntegrityAlgorithms", ["SHA256"]),
            ("tunnel2Phase2IntegrityAlgorithms", ["MD5"]),
            ("tunnel1Phase1DhGroupNumbers", [5]),
            ("tunnel1Phase2DhGroupNumbers", [1]),
            ("tunnel1StartupAction", "stop"),
            ("tunnel2DpdTimeoutAction", "hold"),
            ("tunnel1Phase1LifetimeSeconds", 36000),
            ("tunnel1Phase2LifetimeSeconds", 10800),
            ("tunnel1DpdTimeoutSeconds", 20),
            ("tunnel1RekeyFuzzPercentage", 101),
            ("tunnel1RekeyMarginTimeSeconds", 30),
            ("tunnel1ReplayWindowSize", 4096),
        ],
    )
    def test_parameters_that_aws_does_not_have(self, cloud: Engine, inputs: Inputs, key: str, value: object) -> None:
        with pytest.raises(CheckFailedError) as refused:
            cloud.check(CONNECTION, "vpn", {**inputs, key: value})
        assert refused.value.paths == [key]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"tunnel1IkeVersions": ["ikev1"]}, "needs ikev2"),
            ({"tunnel1Phase1LifetimeSeconds": 1800}, "longer than phase 1"),
            ({"tunnel1Phase2LifetimeSeconds": 900, "tunnel1RekeyMarginTimeSeconds": 540}, "over half"),
            ({"customerGatewayId": "cgw-gone"}, "InvalidCustomerGatewayID.NotFound"),
            ({"vpnGatewayId": "vgw-gone"}, "InvalidVpnGatewayID.NotFound"),
            ({"vpnGatewayId": None}, "not simulated"),
            ({"region": "eu-west-1"}, "does not exist in eu-west-1"),
        ],
    )
    def test_what_does_not_go_together(self, cloud: Engine, inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(CONNECTION, "vpn", {**inputs, **change})
        assert cloud.store.all(CONNECTION) == []

    def test_aws_calls_nobody_without_an_address(self, cloud: Engine, inputs: Inputs) -> None:
        certificate = {"type": "ipsec.1", "bgpAsn": "65000", "certificateArn": "arn:aws:acm:us-east-1:1:certificate/c"}
        anywhere = cloud.create(CUSTOMER, "anywhere", certificate)
        with pytest.raises(RefusedByProviderError, match="needs an address"):
            cloud.create(CONNECTION, "vpn", {**inputs, "customerGatewayId": anywhere.id})

    def test_two_gateways_are_joined_once(self, cloud: Engine, inputs: Inputs, connection: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=f"{connection.id} joins .* already"):
            cloud.create(CONNECTION, "again", {**inputs, "tunnel1InsideCidr": "169.254.42.0/30"})

    def test_ten_at_a_gateway_and_no_more(self, cloud: Engine, inputs: Inputs, connection: Resource) -> None:
        for number in range(1, 11):
            customer = cloud.create(CUSTOMER, f"cgw{number}", {**ADDRESS, "ipAddress": f"203.0.113.{1 + number}"})
            third = {**inputs, "tunnel1InsideCidr": f"169.254.50.{4 * number}/30", "customerGatewayId": customer.id}
            if number < 10:
                cloud.create(CONNECTION, f"vpn{number}", third)
                continue
            with pytest.raises(RefusedByProviderError, match="VpnConnectionLimitExceeded"):
                cloud.create(CONNECTION, f"vpn{number}", third)

    def test_a_customer_gateway_is_exchanged_in_place(
        self, cloud: Engine, inputs: Inputs, connection: Resource, customer: Resource
    ) -> None:
        second = cloud.create(CUSTOMER, "second", {**ADDRESS, "ipAddress": "203.0.113.2"})
        changed = {**inputs, "customerGatewayId": second.id, "tunnel1InsideCidr": "169.254.43.0/30"}
        assert not cloud.diff(connection, changed).replaces
        after = cloud.update(connection, changed)
        assert after.outputs["customerGatewayId"] == second.id
        assert after.outputs["tunnel1Address"] == connection.outputs["tunnel1Address"]
        assert after.outputs["tunnel1VgwInsideAddress"] == "169.254.43.1"
        cloud.delete(customer)

    def test_what_was_exchanged_behind_the_program_stays(
        self, cloud: Engine, inputs: Inputs, connection: Resource, customer: Resource
    ) -> None:
        """The provider changes only what the program changed, and reads back what there is."""
        second = cloud.create(CUSTOMER, "second", {**ADDRESS, "ipAddress": "203.0.113.2"})
        cloud.store.change(CONNECTION, connection.id, {"customerGatewayId": second.id})
        after = cloud.update(connection, {**inputs, "tags": {"a": "b"}})
        assert after.outputs["customerGatewayId"] == second.id
        cloud.delete(customer)
        with pytest.raises(RefusedByProviderError, match="in use"):
            cloud.delete(second)

    def test_other_types_of_tunnel_are_other_connections(
        self, cloud: Engine, inputs: Inputs, connection: Resource
    ) -> None:
        assert list(cloud.diff(connection, {**inputs, "staticRoutesOnly": True}).replaces) == ["staticRoutesOnly"]
