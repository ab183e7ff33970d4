"""The simulated Azure's VPN: a whole end, and every rule broken once."""

from typing import Any

import pytest
from azure_cloud import ADDRESS, GROUP, SUBNET, VNET, Inputs, create
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource

from multimesh_lab import drift
from multimesh_lab.property_paths import parse

GATEWAY = "azure-native:network:VirtualNetworkGateway"
FAR = "azure-native:network:LocalNetworkGateway"
CONNECTION = "azure-native:network:VirtualNetworkGatewayConnection"
SIZE: Inputs = {"name": "VpnGw1AZ", "tier": "VpnGw1AZ"}
POLICY: Inputs = {
    "ikeEncryption": "AES256",
    "ikeIntegrity": "SHA256",
    "dhGroup": "DHGroup14",
    "ipsecEncryption": "AES256",
    "ipsecIntegrity": "SHA256",
    "pfsGroup": "PFS2048",
    "saLifeTimeSeconds": 3600,
    "saDataSizeKilobytes": 102400000,
}


class End:
    """A network with a place for a gateway, and inputs for what belongs to one."""

    def __init__(self, cloud: Engine) -> None:
        self.cloud = cloud
        self.group = cloud.create(GROUP, "vpn", {"location": "westeurope"})
        space = {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}
        self.vnet = create(cloud, VNET, "vnet", self.group, space)
        self.subnet = self.subnet_of("GatewaySubnet", "10.1.255.0/27")
        self.places = [self.address(f"place-{nth}", ["1", "2", "3"]) for nth in (0, 1)]

    def subnet_of(self, name: str, cidr: str, **more: Any) -> Resource:
        inputs = {"virtualNetworkName": self.vnet.outputs["name"], "subnetName": name, "addressPrefix": cidr}
        return create(self.cloud, SUBNET, name, self.group, {**inputs, **more})

    def address(self, name: str, zones: list[str] | None) -> Resource:
        inputs = {"publicIPAllocationMethod": "Static", "sku": {"name": "Standard"}, "zones": zones}
        return create(self.cloud, ADDRESS, name, self.group, {k: v for k, v in inputs.items() if v})

    @property
    def url(self) -> str:
        return f"{self.group.id}/providers/Microsoft.Network/virtualNetworkGateways/gw/ipConfigurations"

    def gateway_inputs(self, **more: Any) -> Inputs:
        inside = {"c0": ["169.254.21.2"], "c1": ["169.254.22.2"]}
        return {
            "virtualNetworkGatewayName": "gw",
            "gatewayType": "Vpn",
            "vpnType": "RouteBased",
            "sku": SIZE,
            "activeActive": True,
            "enableBgp": True,
            "ipConfigurations": [self.configuration(nth, self.subnet, place) for nth, place in enumerate(self.places)],
            "bgpSettings": self.bgp(64700, inside),
            **more,
        }

    def configuration(self, nth: int, subnet: Resource, place: Resource) -> Inputs:
        return {"name": f"c{nth}", "subnet": {"id": subnet.id}, "publicIPAddress": {"id": place.id}}

    def bgp(self, asn: int, inside: dict[str, list[str]]) -> Inputs:
        peers = [{"ipconfigurationId": f"{self.url}/{at}", "customBgpIpAddresses": of} for at, of in inside.items()]
        return {"asn": asn, "bgpPeeringAddresses": peers}

    def gateway(self, **more: Any) -> Resource:
        return create(self.cloud, GATEWAY, "gw", self.group, self.gateway_inputs(**more))

    def far(self, name: str = "far", **more: Any) -> Resource:
        bgp = {"asn": 64600, "bgpPeeringAddress": "169.254.21.1"}
        return create(
            self.cloud, FAR, name, self.group, {"gatewayIpAddress": "198.51.100.1", "bgpSettings": bgp, **more}
        )

    def connection_inputs(self, gateway: Resource, far: Resource, **more: Any) -> Inputs:
        inside = [("c0", "169.254.21.2"), ("c1", "169.254.22.2")]
        return {
            "connectionType": "IPsec",
            "connectionProtocol": "IKEv2",
            "virtualNetworkGateway1": {"id": gateway.id},
            "localNetworkGateway2": {"id": far.id},
            "enableBgp": True,
            "sharedKey": "k123",
            "ipsecPolicies": [POLICY],
            "gatewayCustomBgpIpAddresses": [
                {"ipConfigurationId": f"{self.url}/{at}", "customBgpIpAddress": ip} for at, ip in inside
            ],
            **more,
        }

    def connection(self, gateway: Resource, far: Resource, name: str = "join", **more: Any) -> Resource:
        return create(self.cloud, CONNECTION, name, self.group, self.connection_inputs(gateway, far, **more))


@pytest.fixture
def end(cloud: Engine) -> End:
    return End(cloud)


class TestAWholeEnd:
    def test_it_comes_up_and_goes_in_the_order_that_azure_accepts(
        self, cloud: Engine, end: End, runtime: FakeRuntime
    ) -> None:
        gateway, far = end.gateway(), end.far()
        joined = end.connection(gateway, far)
        for each in (joined, far, gateway, *end.places, end.subnet, end.vnet, end.group):
            cloud.delete(each)
        assert cloud.store.all() == []
        assert runtime.addresses == {}

    def test_the_same_again_is_no_change(self, cloud: Engine, end: End) -> None:
        gateway, far = end.gateway(), end.far()
        joined = end.connection(gateway, far)
        group = {"resourceGroupName": end.group.outputs["name"]}
        assert not cloud.diff(gateway, {**group, **end.gateway_inputs()}).diffs
        assert not cloud.diff(joined, {**group, **end.connection_inputs(gateway, far)}).diffs

    def test_one_more_inside_address_is_added_in_place(self, cloud: Engine, end: End) -> None:
        gateway = end.gateway()
        inside = {"c0": ["169.254.21.2", "169.254.21.6"], "c1": ["169.254.22.2"]}
        group = {"resourceGroupName": end.group.outputs["name"]}
        more = {**group, **end.gateway_inputs(bgpSettings=end.bgp(64700, inside))}
        assert list(cloud.diff(gateway, more).replaces) == []
        assert cloud.update(gateway, more).outputs["bgpSettings"]["bgpPeeringAddresses"][0]["customBgpIpAddresses"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"gatewayType": "ExpressRoute"}, "only gatewayType Vpn"),
        ({"sku": {"name": "VpnGw1", "tier": "VpnGw1"}}, "use VpnGw1AZ"),
        ({"sku": {"name": "VpnGw1AZ", "tier": "VpnGw2AZ"}}, "sku.tier"),
        ({"vpnGatewayGeneration": "Generation2"}, "not available in Generation2"),
        ({"activeActive": False}, "IP configurations"),
        ({"bgpSettings": {"asn": 65517}}, "reserved"),
    ],
)
def test_a_gateway(end: End, more: Inputs, message: str) -> None:
    with pytest.raises(RefusedByProviderError, match=message):
        end.gateway(**more)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ({"c0": ["169.254.23.2"]}, "CustomBgpIpAddressNotInRange"),
        ({"c0": ["10.0.0.1"]}, "CustomBgpIpAddressNotInRange"),
        ({"c0": ["somewhere"]}, "not an IPv4 address"),
        ({"c0": ["169.254.21.2"], "c1": ["169.254.21.2"]}, "given twice"),
        ({"c2": ["169.254.21.2"]}, "not of this gateway"),
    ],
)
def test_inside_addresses(end: End, inside: dict[str, list[str]], message: str) -> None:
    with pytest.raises(RefusedByProviderError, match=message):
        end.gateway(bgpSettings=end.bgp(64700, inside))


def test_a_gateway_is_in_its_own_subnet_with_addresses_in_zones(end: End) -> None:
    other, zoneless = end.subnet_of("other", "10.1.1.0/24"), end.address("zoneless", None)
    for subnet, place, message in (
        (other, end.places[1], "not named GatewaySubnet"),
        (end.subnet, zoneless, "in no zone"),
        (end.subnet, end.places[0], "address of its own"),
    ):
        both = [end.configuration(0, end.subnet, end.places[0]), end.configuration(1, subnet, place)]
        with pytest.raises(RefusedByProviderError, match=message):
            end.gateway(ipConfigurations=both)


def test_a_network_has_one_gateway(end: End) -> None:
    end.gateway()
    with pytest.raises(RefusedByProviderError, match="has a VPN gateway already"):
        end.gateway(virtualNetworkGatewayName="second", bgpSettings=None)


@pytest.mark.parametrize(
    ("cidr", "more", "message"),
    [
        ("10.1.254.0/28", {}, "GatewaySubnetTooSmall"),
        ("10.1.254.0/27", {"delegations": [{"name": "a", "serviceName": "b"}]}, "cannot have delegations"),
    ],
)
def test_the_gateways_subnet(end: End, cidr: str, more: Inputs, message: str) -> None:
    end.cloud.delete(end.subnet)
    with pytest.raises(RefusedByProviderError, match=message):
        end.subnet_of("GatewaySubnet", cidr, **more)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"gatewayIpAddress": "vpn.example.com"}, "not an IPv4 address"),
        ({"bgpSettings": None}, "LocalNetworkGatewayAddressSpaceEmpty"),
        ({"bgpSettings": {"asn": 65515, "bgpPeeringAddress": "169.254.21.1"}}, "InvalidAsn"),
    ],
)
def test_the_other_end(end: End, more: Inputs, message: str) -> None:
    with pytest.raises(RefusedByProviderError, match=message):
        end.far(**more)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"connectionType": "Vnet2Vnet"}, "only IPsec"),
        ({"connectionProtocol": "IKEv3"}, "connectionProtocol"),
        ({"sharedKey": ""}, "InvalidSharedKey"),
        ({"sharedKey": "k" * 129}, "InvalidSharedKey"),
        ({"sharedKey": "schlüssel"}, "InvalidSharedKey"),
        ({"ipsecPolicies": [POLICY, POLICY]}, "IpsecPolicyCount"),
        ({"ipsecPolicies": [{**POLICY, "dhGroup": "DHGroup5"}]}, "dhGroup"),
        ({"ipsecPolicies": [{**POLICY, "pfsGroup": "PFS14"}]}, "pfsGroup"),
        ({"ipsecPolicies": [{**POLICY, "saLifeTimeSeconds": 60}]}, "saLifeTimeSeconds"),
        ({"virtualNetworkGateway1": {"id": "/nowhere"}}, "InvalidResourceReference"),
        ({"localNetworkGateway2": {"id": "/nowhere"}}, "InvalidResourceReference"),
    ],
)
def test_a_connection(end: End, more: Inputs, message: str) -> None:
    gateway, far = end.gateway(), end.far()
    with pytest.raises(RefusedByProviderError, match=message):
        end.connection(gateway, far, **more)


def test_a_connection_speaks_bgp_from_addresses_that_the_gateway_has(end: End) -> None:
    gateway, far = end.gateway(), end.far()
    own = [{"ipConfigurationId": f"{end.url}/c0", "customBgpIpAddress": "169.254.21.2"}]
    with pytest.raises(RefusedByProviderError, match="has 1 entries"):
        end.connection(gateway, far, gatewayCustomBgpIpAddresses=own)
    foreign = [*own, {"ipConfigurationId": f"{end.url}/c1", "customBgpIpAddress": "169.254.22.6"}]
    with pytest.raises(RefusedByProviderError, match="CustomBgpIpAddressNotFoundOnGateway"):
        end.connection(gateway, far, gatewayCustomBgpIpAddresses=foreign)
    same = end.far("same", bgpSettings={"asn": 64700, "bgpPeeringAddress": "169.254.21.1"})
    with pytest.raises(RefusedByProviderError, match="AsnOfPeersMustDiffer"):
        end.connection(gateway, same)
    static = end.far("static", bgpSettings=None, localNetworkAddressSpace={"addressPrefixes": ["10.9.0.0/16"]})
    with pytest.raises(RefusedByProviderError, match="BgpNotEnabledOnGateway"):
        end.connection(gateway, static)


def test_two_gateways_are_joined_once(end: End) -> None:
    gateway, far = end.gateway(), end.far()
    end.connection(gateway, far)
    with pytest.raises(RefusedByProviderError, match="ConnectionAlreadyExists"):
        end.connection(gateway, far, "again")


def test_the_key_is_in_no_words_of_a_drift(end: End, runtime: FakeRuntime) -> None:
    joined = end.connection(end.gateway(), end.far())
    home = end.cloud.store.home
    found = drift.find(home, "azure", "VirtualNetworkGatewayConnection", joined.id)
    lines = drift.change(home, found, [parse("sharedKey=k456")], runtime)
    assert lines == ["sharedKey: [secret] (update)"]


def test_what_is_in_use_stays(end: End) -> None:
    gateway, far = end.gateway(), end.far()
    end.connection(gateway, far)
    for used, message in (
        (far, "LocalNetworkGatewayCannotBeDeleted"),
        (gateway, "VirtualNetworkGatewayCannotBeDeleted"),
        (end.places[0], "PublicIPAddressCannotBeDeleted"),
        (end.subnet, "InUseSubnetCannotBeDeleted"),
        (end.vnet, "InUseSubnetCannotBeDeleted"),
    ):
        with pytest.raises(RefusedByProviderError, match=message):
            end.cloud.delete(used)
