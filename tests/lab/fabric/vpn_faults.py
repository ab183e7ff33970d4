"""One ingredient of a tunnel, altered at one end, and the sentence that must come of it.

Owns: which resource and property that is in each cloud. Does not own: the VPN (landscape_vpn.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from landscape_records import Landscape, Place

from pulumi_multimesh.plan.vpn import layout


@dataclass(frozen=True)
class Spot:
    """A tunnel at one of its ends."""

    place: Place
    other: Place
    index: int

    @property
    def words(self) -> Mapping[str, object]:
        """Names of the end's resources: its own, that of an AWS connection, and which of its tunnels it is."""
        interface, slot = layout(self.place.cloud, self.other.cloud)[self.index]
        vpn = f"{self.place.name}-{self.other.name}"
        return {"n": f"{vpn}-{self.index}", "c": f"{vpn}-{interface}", "t": f"tunnel{slot + 1}", "g": self.place.name}

    def declared(self, what: str) -> str:
        return DECLARED[self.place.cloud][what].format_map(self.words)


@dataclass(frozen=True)
class Change:
    """Properties of a resource, with what they are set to; names hold the words of a spot."""

    token: str
    name: str
    properties: Mapping[str, Any]

    def apply(self, land: Landscape, spot: Spot) -> None:
        words = spot.words
        changed = {key.format_map(words): value for key, value in self.properties.items()}
        land.change(self.token, self.name.format_map(words), **changed)


DECLARED: Mapping[str, Mapping[str, str]] = {
    "gcp": {
        "key": "gcp vpnTunnel {n}.sharedSecret",
        "ike": "gcp vpnTunnel {n}.cipherSuite.phase1",
        "esp": "gcp vpnTunnel {n}.cipherSuite.phase2",
        "own_inside": "gcp routerInterface {n}.ipRange",
        "peer_inside": "gcp routerPeer {n}.peerIpAddress",
        "own_asn": "gcp router {g}.bgp.asn",
        "peer_asn": "gcp routerPeer {n}.peerAsn",
        "name": "gcp vpnTunnel {n}",
    },
    "aws": {
        "key": "aws vpnConnection {c}.{t}PresharedKey",
        "ike": "aws vpnConnection {c}.{t}Phase1…",
        "esp": "aws vpnConnection {c}.{t}Phase2…",
        "own_inside": "aws vpnConnection {c}.{t}VgwInsideAddress",
        "peer_inside": "aws vpnConnection {c}.{t}CgwInsideAddress",
        "own_asn": "aws vpnGateway {g}.amazonSideAsn",
        "peer_asn": "aws customerGateway {c}.bgpAsn",
        "name": "aws vpnConnection {c} {t}",
    },
    "azure": {
        "key": "azure connection {n}.sharedKey",
        "ike": "azure connection {n}.ipsecPolicies",
        "esp": "azure connection {n}.ipsecPolicies",
        "own_inside": "azure connection {n}.gatewayCustomBgpIpAddresses",
        "peer_inside": "azure localNetworkGateway {n}.bgpSettings.bgpPeeringAddress",
        "own_asn": "azure virtualNetworkGateway {g}.bgpSettings.asn",
        "peer_asn": "azure localNetworkGateway {n}.bgpSettings.asn",
        "name": "azure connection {n}",
    },
    "oci": {
        "key": "oci tunnel {n}.sharedSecret",
        "ike": "oci tunnel {n}.phaseOneDetails",
        "esp": "oci tunnel {n}.phaseTwoDetails",
        "own_inside": "oci tunnel {n}.bgpSessionInfo.oracleInterfaceIp",
        "peer_inside": "oci tunnel {n}.bgpSessionInfo.customerInterfaceIp",
        "own_asn": "oci drg {g}",
        "peer_asn": "oci tunnel {n}.bgpSessionInfo.customerBgpAsn",
        "name": "oci tunnel {n}",
    },
}

_CBC_128 = {"encryptions": ["AES-CBC-128"], "integrities": ["HMAC-SHA2-256-128"]}
_POLICY = {
    "ikeEncryption": "AES256",
    "ikeIntegrity": "SHA256",
    "dhGroup": "DHGroup14",
    "ipsecEncryption": "AES256",
    "ipsecIntegrity": "SHA256",
    "pfsGroup": "PFS2048",
}
_TUNNEL, _AWS, _LINK = "gcp vPNTunnel", "aws vpnConnection", "azure virtualNetworkGatewayConnection"
_ORACLE = "oci ipsecConnectionTunnel"

CHANGES: Mapping[str, Mapping[str, Change]] = {
    "key": {
        "gcp": Change(_TUNNEL, "{n}", {"sharedSecret": "kother"}),
        "aws": Change(_AWS, "{c}", {"{t}PresharedKey": "kother"}),
        "azure": Change(_LINK, "{n}", {"sharedKey": "kother"}),
        "oci": Change(_ORACLE, "{n}", {"sharedSecret": "kother"}),
    },
    "ike": {
        "gcp": Change(_TUNNEL, "{n}", {"cipherSuite__phase1": {**_CBC_128, "dhs": ["Group-14"]}}),
        "aws": Change(_AWS, "{c}", {"{t}Phase1EncryptionAlgorithms": ["AES128"]}),
        "azure": Change(_LINK, "{n}", {"ipsecPolicies": [{**_POLICY, "ikeEncryption": "AES128"}]}),
        "oci": Change(_ORACLE, "{n}", {"phaseOneDetails__customEncryptionAlgorithm": "AES_128_CBC"}),
    },
    "esp": {
        "gcp": Change(
            _TUNNEL, "{n}", {"cipherSuite__phase2": {**_CBC_128, "encryptions": ["AES-CBC-256"], "pfs": ["Group-5"]}}
        ),
        "aws": Change(_AWS, "{c}", {"{t}Phase2DhGroupNumbers": [5]}),
        "azure": Change(_LINK, "{n}", {"ipsecPolicies": [{**_POLICY, "pfsGroup": "None"}]}),
        "oci": Change(_ORACLE, "{n}", {"phaseTwoDetails__dhGroup": "GROUP5"}),
    },
    "peer_inside": {
        "gcp": Change("gcp routerPeer", "{n}", {"peerIpAddress": "169.254.44.9"}),
        "aws": Change(_AWS, "{c}", {"{t}CgwInsideAddress": "169.254.44.9"}),
        "azure": Change("azure localNetworkGateway", "{n}", {"bgpSettings__bgpPeeringAddress": "169.254.44.9"}),
        "oci": Change(_ORACLE, "{n}", {"bgpSessionInfo__customerInterfaceIp": "169.254.44.9/30"}),
    },
    "peer_asn": {
        "gcp": Change("gcp routerPeer", "{n}", {"peerAsn": 65010}),
        "aws": Change("aws customerGateway", "{c}", {"bgpAsn": "65010"}),
        "azure": Change("azure localNetworkGateway", "{n}", {"bgpSettings__asn": 65010}),
        "oci": Change(_ORACLE, "{n}", {"bgpSessionInfo__customerBgpAsn": "65010"}),
    },
    "own_asn": {
        "gcp": Change("gcp router", "{g}", {"bgp__asn": 65011}),
        "aws": Change("aws vpnGateway", "{g}", {"amazonSideAsn": "65011"}),
        "azure": Change("azure virtualNetworkGateway", "{g}", {"bgpSettings__asn": 65011}),
    },
    "session": {
        "gcp": Change("gcp routerPeer", "{n}", {"enable": False}),
        "aws": Change(_AWS, "{c}", {"staticRoutesOnly": True}),
        "azure": Change(_LINK, "{n}", {"enableBgp": False}),
        "oci": Change(_ORACLE, "{n}", {"routing": "STATIC"}),
    },
}

SESSION_FAULTS = {
    "gcp": "gcp routerPeer {n}.enable is false",
    "aws": "aws vpnConnection {c}.staticRoutesOnly is true, so it has no BGP session",
    "azure": "azure connection {n}.enableBgp is off",
    "oci": "oci tunnel {n}.routing is STATIC, so it has no BGP session",
}
"""What is said of an end that was told to have no session."""

PARTS = {
    "gcp": (("gcp vPNTunnel", "{n}"), ("gcp routerInterface", "{n}"), ("gcp routerPeer", "{n}")),
    "aws": (("aws vpnConnection", "{c}"),),
    "azure": (("azure virtualNetworkGatewayConnection", "{n}"),),
    "oci": (("oci ipsecConnectionTunnel", "{n}"), ("oci ipsecConnectionTunnelManagement", "{n}")),
}
"""What an end is made of; an AWS connection is both its tunnels, and one of Oracle's goes with both of them."""


def remove(land: Landscape, spot: Spot) -> None:
    """Take the end away."""
    for token, name in PARTS[spot.place.cloud]:
        land.drop(token, name.format_map(spot.words))
    if (spot.place.cloud, spot.other.cloud) == ("oci", "aws"):
        land.drop("oci ipsecConnectionTunnel", f"{spot.words['c']}-spare")
