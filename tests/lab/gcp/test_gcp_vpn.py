"""The simulated Google Cloud's VPN: a whole end, and every rule broken once."""

from pathlib import Path
from typing import Any

import pytest
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.gcp.provider import provider
from multimesh_lab.providers.wire import Secret

NETWORK = "gcp:compute/network:Network"
ROUTER = "gcp:compute/router:Router"
GATEWAY = "gcp:compute/haVpnGateway:HaVpnGateway"
EXTERNAL = "gcp:compute/externalVpnGateway:ExternalVpnGateway"
TUNNEL = "gcp:compute/vPNTunnel:VPNTunnel"
INTERFACE = "gcp:compute/routerInterface:RouterInterface"
PEER = "gcp:compute/routerPeer:RouterPeer"
Inputs = dict[str, Any]


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def cloud(tmp_path: Path, runtime: FakeRuntime) -> Engine:
    return Engine(provider(home_in(tmp_path), runtime), {"project": "acme-dev", "region": "europe-west4"})


class End:
    """A gateway with a router and the other end, and inputs for what joins them."""

    def __init__(self, cloud: Engine) -> None:
        self.cloud = cloud
        self.network = cloud.create(NETWORK, "net", {"autoCreateSubnetworks": False})
        self.gateway = cloud.create(GATEWAY, "gw", {"network": self.network.id})
        self.router = cloud.create(ROUTER, "router", {"network": self.network.id, "bgp": {"asn": 64512}})
        interfaces = [{"id": nth, "ipAddress": f"198.51.100.{nth}"} for nth in (0, 1)]
        self.far = cloud.create(EXTERNAL, "far", {"redundancyType": "TWO_IPS_REDUNDANCY", "interfaces": interfaces})

    def tunnel_inputs(self, **more: Any) -> Inputs:
        return {
            "vpnGateway": self.gateway.id,
            "vpnGatewayInterface": 0,
            "peerExternalGateway": self.far.id,
            "peerExternalGatewayInterface": 0,
            "router": self.router.id,
            "ikeVersion": 2,
            "sharedSecret": "k123",
            **more,
        }

    def tunnel(self, **more: Any) -> Resource:
        return self.cloud.create(TUNNEL, "tunnel", self.tunnel_inputs(**more))

    def interface_inputs(self, tunnel: Resource, **more: Any) -> Inputs:
        name = self.router.outputs["name"]
        return {"router": name, "ipRange": "169.254.40.2/30", "vpnTunnel": tunnel.outputs["name"], **more}

    def peer_inputs(self, on: Resource, **more: Any) -> Inputs:
        return {
            "router": self.router.outputs["name"],
            "interface": on.outputs["name"],
            "ipAddress": "169.254.40.2",
            "peerIpAddress": "169.254.40.1",
            "peerAsn": 64600,
            **more,
        }


@pytest.fixture
def end(cloud: Engine) -> End:
    return End(cloud)


class TestAWholeEnd:
    def test_it_comes_up_and_goes_in_the_order_that_google_accepts(
        self, cloud: Engine, end: End, runtime: FakeRuntime
    ) -> None:
        tunnel = end.tunnel()
        interface = cloud.create(INTERFACE, "i", end.interface_inputs(tunnel))
        peer = cloud.create(PEER, "p", end.peer_inputs(interface))
        for each in (peer, interface, tunnel, end.far, end.router, end.gateway, end.network):
            cloud.delete(each)
        assert cloud.store.all() == []
        assert runtime.addresses == {}

    def test_a_gateway_has_two_addresses_of_its_own(self, end: End, runtime: FakeRuntime) -> None:
        found = end.gateway.outputs["vpnInterfaces"]
        assert [each["id"] for each in found] == [0, 1]
        assert {each["ipAddress"] for each in found} == set(runtime.addresses.values())

    def test_the_key_is_a_secret(self, end: End) -> None:
        assert isinstance(end.tunnel().raw["sharedSecret"], Secret)

    def test_the_same_again_is_no_change(self, cloud: Engine, end: End) -> None:
        assert not cloud.diff(end.tunnel(), end.tunnel_inputs()).diffs
        assert not cloud.diff(end.gateway, {"network": end.network.id}).diffs

    def test_another_neighbours_number_is_changed_in_place(self, cloud: Engine, end: End) -> None:
        interface = cloud.create(INTERFACE, "i", end.interface_inputs(end.tunnel()))
        peer = cloud.create(PEER, "p", end.peer_inputs(interface))
        assert list(cloud.diff(peer, end.peer_inputs(interface, peerAsn=64601)).replaces) == []
        assert cloud.update(peer, end.peer_inputs(interface, peerAsn=64601)).outputs["peerAsn"] == 64601

    def test_another_key_is_another_tunnel(self, cloud: Engine, end: End) -> None:
        assert list(cloud.diff(end.tunnel(), end.tunnel_inputs(sharedSecret="other")).replaces) == ["sharedSecret"]


@pytest.mark.parametrize(
    ("bgp", "message"),
    [
        ({"asn": 65535}, "RFC6996"),
        ({"asn": 31898}, "RFC6996"),
        ({"asn": 64512, "advertiseMode": "ALL"}, "advertiseMode"),
        ({"asn": 64512, "advertisedIpRanges": [{"range": "10.0.0.0/8"}]}, "CUSTOM"),
        ({"asn": 64512, "advertiseMode": "CUSTOM", "advertisedGroups": ["ALL"]}, "ALL_SUBNETS"),
        (
            {"asn": 64512, "advertiseMode": "CUSTOM", "advertisedIpRanges": [{"range": "10.0.0.1/8"}]},
            "not an IPv4 range",
        ),
    ],
)
def test_a_routers_numbers(cloud: Engine, bgp: Inputs, message: str) -> None:
    network = cloud.create(NETWORK, "net", {"autoCreateSubnetworks": False})
    with pytest.raises(RefusedByProviderError, match=message):
        cloud.create(ROUTER, "router", {"network": network.id, "bgp": bgp})


@pytest.mark.parametrize(
    ("redundancy", "addresses", "message"),
    [
        ("THREE", ["198.51.100.1"], "redundancyType"),
        ("FOUR_IPS_REDUNDANCY", ["198.51.100.1", "198.51.100.2"], "needs the ids 0, 1, 2, 3"),
        ("TWO_IPS_REDUNDANCY", ["198.51.100.1", "198.51.100.1"], "distinct"),
    ],
)
def test_the_other_end(cloud: Engine, redundancy: str, addresses: list[str], message: str) -> None:
    interfaces = [{"id": nth, "ipAddress": address} for nth, address in enumerate(addresses)]
    with pytest.raises(RefusedByProviderError, match=message):
        cloud.create(EXTERNAL, "far", {"redundancyType": redundancy, "interfaces": interfaces})


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"vpnGatewayInterface": 2}, "vpnGatewayInterface"),
        ({"peerExternalGatewayInterface": 2}, "peerExternalGatewayInterface"),
        ({"ikeVersion": 1}, "ikeVersion"),
        ({"sharedSecret": ""}, "sharedSecret"),
        ({"router": "nobody"}, "not found"),
        ({"vpnGateway": "nobody"}, "not found"),
        ({"peerExternalGateway": "nobody"}, "not found"),
    ],
)
def test_a_tunnel(end: End, more: Inputs, message: str) -> None:
    with pytest.raises(RefusedByProviderError, match=message):
        end.tunnel(**more)


def test_a_tunnels_router_is_in_the_gateways_network_and_region(cloud: Engine, end: End) -> None:
    other = cloud.create(NETWORK, "other", {"autoCreateSubnetworks": False})
    elsewhere = cloud.create(ROUTER, "elsewhere", {"network": other.id, "bgp": {"asn": 64513}})
    with pytest.raises(RefusedByProviderError, match="same network"):
        end.tunnel(router=elsewhere.id)
    far = cloud.create(ROUTER, "far-away", {"network": end.network.id, "region": "us-east4", "bgp": {"asn": 64513}})
    with pytest.raises(RefusedByProviderError, match="not in the region"):
        end.tunnel(router=far.id)


def test_two_addresses_are_joined_once(end: End) -> None:
    end.tunnel()
    with pytest.raises(RefusedByProviderError, match="already joins"):
        end.cloud.create(TUNNEL, "second", end.tunnel_inputs())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"ipRange": "10.0.0.1/30"}, "169.254.0.0/16"),
        ({"ipRange": "169.254.40.2/28"}, "/30 or /29"),
        ({"ipRange": "169.254.169.253/30"}, "metadata server"),
        ({"ipRange": "somewhere"}, "ipRange"),
        ({"vpnTunnel": "nobody"}, "not found"),
    ],
)
def test_an_interface(end: End, more: Inputs, message: str) -> None:
    with pytest.raises(RefusedByProviderError, match=message):
        end.cloud.create(INTERFACE, "i", end.interface_inputs(end.tunnel(), **more))


def test_interfaces_of_a_router_have_ranges_and_tunnels_of_their_own(end: End) -> None:
    first = end.tunnel()
    second = end.cloud.create(
        TUNNEL, "second", end.tunnel_inputs(vpnGatewayInterface=1, peerExternalGatewayInterface=1)
    )
    end.cloud.create(INTERFACE, "i", end.interface_inputs(first))
    with pytest.raises(RefusedByProviderError, match="overlaps"):
        end.cloud.create(INTERFACE, "j", end.interface_inputs(second))
    with pytest.raises(RefusedByProviderError, match="has an interface already"):
        end.cloud.create(INTERFACE, "j", end.interface_inputs(first, ipRange="169.254.41.2/30"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"peerAsn": 64512}, "peerAsn"),
        ({"peerIpAddress": "169.254.40.2"}, "peerIpAddress"),
        ({"peerIpAddress": "169.254.41.1"}, "peerIpAddress"),
        ({"ipAddress": "169.254.40.1"}, "ipAddress"),
        ({"interface": "nobody"}, "has no interface"),
    ],
)
def test_a_neighbour(end: End, more: Inputs, message: str) -> None:
    interface = end.cloud.create(INTERFACE, "i", end.interface_inputs(end.tunnel()))
    with pytest.raises(RefusedByProviderError, match=message):
        end.cloud.create(PEER, "p", end.peer_inputs(interface, **more))


def test_an_interface_has_one_neighbour(end: End) -> None:
    interface = end.cloud.create(INTERFACE, "i", end.interface_inputs(end.tunnel()))
    end.cloud.create(PEER, "p", end.peer_inputs(interface))
    with pytest.raises(RefusedByProviderError, match="has a BGP peer already"):
        end.cloud.create(PEER, "q", end.peer_inputs(interface))


def test_what_is_in_use_stays(end: End) -> None:
    cloud, tunnel = end.cloud, end.tunnel()
    interface = cloud.create(INTERFACE, "i", end.interface_inputs(tunnel))
    cloud.create(PEER, "p", end.peer_inputs(interface))
    for used, message in (
        (interface, "BGP peer"),
        (tunnel, "already being used"),
        (end.gateway, "already being used"),
        (end.far, "already being used"),
        (end.router, "is in use"),
        (end.network, "already being used"),
    ):
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.delete(used)
