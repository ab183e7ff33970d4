"""VPNs between the places of a landscape, as the library provisions them.

Owns: gateways, connections and what leads to them. Does not own: networks (landscape.py).
"""

from dataclasses import dataclass
from ipaddress import IPv4Network

from landscape import oci_send
from landscape_records import KINDS, Landscape, Place

from pulumi_multimesh.plan.vpn import ANNOUNCING, layout

_ASNS = {"gcp": 64512, "aws": 64600, "azure": 64700}
_LOWER_FIRST = ("aws", "oci", "azure", "gcp")
_PHASES = {"ikeEncryption": "AES256", "ikeIntegrity": "SHA256", "dhGroup": "DHGroup14"}
_POLICY = {**_PHASES, "ipsecEncryption": "AES256", "ipsecIntegrity": "SHA256", "pfsGroup": "PFS2048"}


@dataclass(frozen=True)
class _End:
    """A tunnel as one of its ends is told of it."""

    index: int
    interface: int
    slot: int
    inside: str
    own_ip: str
    peer_ip: str
    own_public: str
    peer_public: str
    peer: Place
    key: str


def asn(place: Place) -> int:
    return 31898 if place.cloud == "oci" else _ASNS[place.cloud] + place.number


def add_gateway(land: Landscape, place: Place) -> None:
    """The place's VPN gateway; a VCN's DRG is there already."""
    {"gcp": _gcp_gateway, "aws": _aws_gateway, "azure": _azure_gateway, "oci": lambda *_: None}[place.cloud](
        land, place
    )


def join(land: Landscape, first: Place, second: Place) -> None:
    """A VPN between two places whose gateways are there."""
    low_is_first = _LOWER_FIRST.index(first.cloud) < _LOWER_FIRST.index(second.cloud)
    ends: tuple[list[_End], list[_End]] = ([], [])
    for index, (interface, slot) in enumerate(layout(first.cloud, second.cloud)):
        inside = _inside(first, second, index)
        low, high = (str(host) for host in IPv4Network(inside).hosts())
        ips = (low, high) if low_is_first else (high, low)
        sides = ((first, second), (second, first))
        public = [_public(land, own, other, interface, slot) for own, other in sides]
        key = f"k{first.name}{second.name}{index}"
        for side, (_, other) in enumerate(sides):
            end = _End(
                index, interface, slot, inside, ips[side], ips[1 - side], public[side], public[1 - side], other, key
            )
            ends[side].append(end)
    adders = {"gcp": _gcp_ends, "aws": _aws_ends, "azure": _azure_ends, "oci": _oci_ends}
    adders[first.cloud](land, first, ends[0])
    adders[second.cloud](land, second, ends[1])


def _inside(first: Place, second: Place, index: int) -> str:
    """A /30 that depends on the two alone; with Azure from where Azure takes them."""
    low, high = sorted((first.number, second.number))
    position = 4 * (low * 10 + high) + index
    thirties = list(IPv4Network("169.254.20.0/22").subnets(new_prefix=30))
    return str(thirties[64 + position % 128])


def _public(land: Landscape, place: Place, other: Place, interface: int, slot: int) -> str:
    if place.cloud in ANNOUNCING:
        return land.address(f"{place.name}/{interface}")
    return land.address(f"{place.name}/{other.name}/{interface}/{slot}")


def _gcp_gateway(land: Landscape, place: Place) -> None:
    kinds, where = KINDS["gcp"], f"projects/demo/regions/{place.region}"
    interfaces = [{"id": each, "ipAddress": land.address(f"{place.name}/{each}")} for each in (0, 1)]
    common = {"name": place.name, "region": place.region, "network": place.network}
    land.add(kinds["haVpnGateway"], place.name, f"{where}/vpnGateways/{place.name}", **common, vpnInterfaces=interfaces)
    bgp = {
        "asn": asn(place),
        "advertiseMode": "CUSTOM",
        "advertisedGroups": ["ALL_SUBNETS"],
        "advertisedIpRanges": [{"range": cidr} for cidr in place.pods],
    }
    land.add(kinds["router"], place.name, f"{where}/routers/{place.name}", **common, bgp=bgp)


def _gcp_ends(land: Landscape, place: Place, ends: list[_End]) -> None:
    kinds, where = KINDS["gcp"], f"projects/demo/regions/{place.region}"
    vpn = f"{place.name}-{ends[0].peer.name}"
    peers = sorted({end.peer_public for end in ends}, key=[end.peer_public for end in ends].index)
    outside = [{"id": position, "ipAddress": address} for position, address in enumerate(peers)]
    external = land.add(
        kinds["externalVpnGateway"],
        vpn,
        f"projects/demo/global/externalVpnGateways/{vpn}",
        name=vpn,
        interfaces=outside,
    )
    for end in ends:
        name = f"{vpn}-{end.index}"
        common = {"name": name, "region": place.region, "router": place.name}
        tunnel = land.add(
            kinds["vPNTunnel"],
            name,
            f"{where}/vpnTunnels/{name}",
            **common,
            vpnGateway=f"https://www.googleapis.com/compute/v1/{where}/vpnGateways/{place.name}",
            vpnGatewayInterface=end.interface,
            peerExternalGateway=external,
            peerExternalGatewayInterface=peers.index(end.peer_public),
            sharedSecret=end.key,
            ikeVersion=2,
        )
        inside = f"{end.own_ip}/30"
        link = f"https://www.googleapis.com/compute/v1/{tunnel}"
        interface = f"{place.region}/{place.name}/{name}"
        land.add(kinds["routerInterface"], name, interface, **common, ipRange=inside, vpnTunnel=link)
        session = {"interface": name, "peerIpAddress": end.peer_ip, "peerAsn": asn(end.peer)}
        land.add(kinds["routerPeer"], name, f"{where}/routers/{place.name}/{name}", **common, **session)


def _aws_gateway(land: Landscape, place: Place) -> None:
    kinds, gateway = KINDS["aws"], f"vgw-{place.name}"
    land.add(kinds["vpnGateway"], place.name, gateway, vpcId=place.network, amazonSideAsn=str(asn(place)))
    for zone in (0, 1):
        name = f"{place.name}-{zone}"
        table = f"rtb-{place.name}-private-{zone}"
        propagation = {"routeTableId": table, "vpnGatewayId": gateway}
        land.add(kinds["vpnGatewayRoutePropagation"], name, f"{gateway}_{table}", **propagation)


def _aws_ends(land: Landscape, place: Place, ends: list[_End]) -> None:
    kinds = KINDS["aws"]
    for interface in sorted({end.interface for end in ends}):
        own = [end for end in ends if end.interface == interface]
        name = f"{place.name}-{own[0].peer.name}-{interface}"
        customer = land.add(
            kinds["customerGateway"], name, f"cgw-{name}", ipAddress=own[0].peer_public, bgpAsn=str(asn(own[0].peer))
        )
        link = {"vpnGatewayId": f"vgw-{place.name}", "customerGatewayId": customer, "staticRoutesOnly": False}
        # AWS makes both tunnels, also where one is used.
        tunnels = {key: value for which in (1, 2) for key, value in _spare(land, name, which).items()}
        for end in own:
            tunnels |= _tunnel(f"tunnel{end.slot + 1}", end)
        land.add(kinds["vpnConnection"], name, f"vpn-{name}", **link, **tunnels)


def _spare(land: Landscape, name: str, which: int) -> dict[str, object]:
    tunnel = f"tunnel{which}"
    return {
        f"{tunnel}Address": land.address(f"{name}/spare/{which}"),
        f"{tunnel}VgwInsideAddress": "169.254.60.1",
        f"{tunnel}CgwInsideAddress": "169.254.60.2",
        f"{tunnel}PresharedKey": "kspare",
    }


def _tunnel(tunnel: str, end: _End) -> dict[str, object]:
    return {
        f"{tunnel}Address": end.own_public,
        f"{tunnel}VgwInsideAddress": end.own_ip,
        f"{tunnel}CgwInsideAddress": end.peer_ip,
        f"{tunnel}PresharedKey": end.key,
        f"{tunnel}IkeVersions": ["ikev2"],
        f"{tunnel}Phase1EncryptionAlgorithms": ["AES256"],
        f"{tunnel}Phase1IntegrityAlgorithms": ["SHA2-256"],
        f"{tunnel}Phase1DhGroupNumbers": [14],
        f"{tunnel}Phase2EncryptionAlgorithms": ["AES256"],
        f"{tunnel}Phase2IntegrityAlgorithms": ["SHA2-256"],
        f"{tunnel}Phase2DhGroupNumbers": [14],
        f"{tunnel}StartupAction": "start",
    }


def _azure_gateway(land: Landscape, place: Place) -> None:
    kinds, group = KINDS["azure"], "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network"
    gateway = f"{group}/virtualNetworkGateways/{place.name}"
    configurations: list[dict[str, object]] = []
    for position in (0, 1):
        name = f"{place.name}-{position}"
        address = land.add(
            kinds["publicIPAddress"],
            name,
            f"{group}/publicIPAddresses/{name}",
            ipAddress=land.address(f"{place.name}/{position}"),
        )
        subnet = {"id": f"{place.network}/subnets/GatewaySubnet"}
        configurations.append({"name": f"c{position}", "publicIPAddress": {"id": address}, "subnet": subnet})
    peering = [
        {"ipconfigurationId": f"{gateway}/ipConfigurations/c{each}", "customBgpIpAddresses": []} for each in (0, 1)
    ]
    land.add(
        kinds["virtualNetworkGateway"],
        place.name,
        gateway,
        gatewayType="Vpn",
        ipConfigurations=configurations,
        bgpSettings={"asn": asn(place), "bgpPeeringAddresses": peering},
    )


def _azure_ends(land: Landscape, place: Place, ends: list[_End]) -> None:
    kinds, group = KINDS["azure"], "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network"
    gateway = land.find("azure virtualNetworkGateway", place.name)
    peering = gateway.outputs["bgpSettings"]["bgpPeeringAddresses"]
    for end in ends:
        own: list[str] = peering[end.interface]["customBgpIpAddresses"]
        own.append(end.own_ip)
    for end in ends:
        name = f"{place.name}-{end.peer.name}-{end.index}"
        session = {"asn": asn(end.peer), "bgpPeeringAddress": end.peer_ip}
        local = land.add(
            kinds["localNetworkGateway"],
            name,
            f"{group}/localNetworkGateways/{name}",
            gatewayIpAddress=end.peer_public,
            bgpSettings=session,
        )
        # The instance that the tunnel does not end at must have a valid address all the same.
        first = {1 - end.interface: peering[1 - end.interface]["customBgpIpAddresses"][0], end.interface: end.own_ip}
        land.add(
            kinds["virtualNetworkGatewayConnection"],
            name,
            f"{group}/connections/{name}",
            virtualNetworkGateway1={"id": gateway.id},
            localNetworkGateway2={"id": local},
            enableBgp=True,
            sharedKey=end.key,
            connectionProtocol="IKEv2",
            ipsecPolicies=[dict(_POLICY)],
            gatewayCustomBgpIpAddresses=[
                {"ipConfigurationId": f"{gateway.id}/ipConfigurations/c{each}", "customBgpIpAddress": first[each]}
                for each in (0, 1)
            ],
        )


def _oci_ends(land: Landscape, place: Place, ends: list[_End]) -> None:
    kinds = KINDS["oci"]
    drg = land.find("oci drgAttachment", place.name).outputs["drgId"]
    for end in ends:
        connection = f"{place.name}-{end.peer.name}-{end.interface}"
        cpe = land.add(kinds["cpe"], connection, f"ocid1.cpe.oc1..{connection}", ipAddress=end.peer_public)
        ipsec = land.add(kinds["ipsec"], connection, f"ocid1.ipsec.oc1..{connection}", cpeId=cpe, drgId=drg)
        name = f"{place.name}-{end.peer.name}-{end.index}"
        common = {"ipsecId": ipsec, "cpeIp": end.peer_public}
        tunnel = land.add(
            kinds["ipsecConnectionTunnel"], name, f"ocid1.ipsectunnel.oc1..{name}", **common, **_oci_tunnel(end)
        )
        land.add(kinds["ipsecConnectionTunnelManagement"], name, tunnel, ipsecId=ipsec, tunnelId=tunnel)
        if not any(other.interface == end.interface and other.slot == 1 for other in ends):
            _oci_spare(land, connection, common)
    oci_send(land, place, ends[0].peer.ranges, drg)


def _oci_tunnel(end: _End) -> dict[str, object]:
    custom = {"customEncryptionAlgorithm": "AES_256_CBC"}
    first = {**custom, "customAuthenticationAlgorithm": "SHA2_256", "customDhGroup": "GROUP14"}
    second = {**custom, "customAuthenticationAlgorithm": "HMAC_SHA2_256_128", "dhGroup": "GROUP14"}
    return {
        "vpnIp": end.own_public,
        "routing": "BGP",
        "ikeVersion": "V2",
        "sharedSecret": end.key,
        "bgpSessionInfo": {
            "customerBgpAsn": str(asn(end.peer)),
            "customerInterfaceIp": f"{end.peer_ip}/30",
            "oracleInterfaceIp": f"{end.own_ip}/30",
        },
        "oracleCanInitiate": "INITIATOR_OR_RESPONDER",
        "phaseOneDetails": {"isCustomPhaseOneConfig": True, **first},
        "phaseTwoDetails": {"isCustomPhaseTwoConfig": True, "isPfsEnabled": True, **second},
    }


def _oci_spare(land: Landscape, connection: str, common: dict[str, str]) -> None:
    """The tunnel that nobody asked for, as Oracle makes it."""
    land.add(
        KINDS["oci"]["ipsecConnectionTunnel"],
        f"{connection}-spare",
        f"ocid1.ipsectunnel.oc1..{connection}-spare",
        **common,
        displayName="ipsectunnel20260101000002",
        vpnIp=land.address(f"{connection}/spare"),
        routing="STATIC",
        ikeVersion="V1",
        sharedSecret="kspare",
    )
