"""Google Cloud's VPN: Cloud Routers, and the ends of HA VPN's tunnels.

Owns: reading them. Does not own: which networks use a router (gcp.py). Sources: "Supported IKE ciphers",
"Advertised routes" and "HA VPN topologies" (cloud.google.com/network-connectivity/docs).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from multimesh_lab.fabric.gcp_names import NETWORK, SUBNETWORK, find, refers_to
from multimesh_lab.fabric.inventory import Inventory, label, listed, number, text, texts, trailing_number, value
from multimesh_lab.fabric.model import Declared, Gateway, Proposal, Service, TunnelEnd
from multimesh_lab.fabric.proposals import proposal
from multimesh_lab.providers.store import Record

ROUTER = "gcp:compute/router:Router"
_HA_GATEWAY = "gcp:compute/haVpnGateway:HaVpnGateway"
_EXTERNAL = "gcp:compute/externalVpnGateway:ExternalVpnGateway"
_TUNNEL = "gcp:compute/vPNTunnel:VPNTunnel"
_INTERFACE = "gcp:compute/routerInterface:RouterInterface"
_PEER = "gcp:compute/routerPeer:RouterPeer"

_GROUPS = (14, 15, 16, 18, 19, 20, 21, 2, 5, 22, 23, 24)
_IKE = proposal(
    ("aes128", "aes192", "aes256", "aes128gcm", "aes192gcm", "aes256gcm"),
    ("sha256", "sha384", "sha512", "sha1"),
    _GROUPS,
)
_ESP = proposal(
    ("aes128gcm", "aes192gcm", "aes256gcm", "aes256", "aes192", "aes128"),
    ("sha256", "sha384", "sha512", "sha1"),
    _GROUPS,
)
_IKE_SECONDS, _ESP_SECONDS = 36000, 10800


def routers(inventory: Inventory) -> list[Record]:
    """Those that speak BGP; a router for Cloud NAT alone has no number."""
    return [router for router in inventory.all(ROUTER) if number(router, "bgp.asn") is not None]


def gateway(inventory: Inventory, router: Record, network: Record, services: Iterable[Service]) -> Gateway:
    """A router with the addresses of the VPN gateways beside it."""
    beside = [
        each
        for each in inventory.all(_HA_GATEWAY)
        if refers_to(value(each, "network"), network) and text(each, "region") == text(router, "region")
    ]
    return Gateway(
        id=router.id,
        cloud="gcp",
        site=network.id,
        name=f"gcp router {label(router)}",
        asn=number(router, "bgp.asn"),
        services=tuple(services),
        # "Cloud Router overview": it announces subnets and custom ranges, and nothing that it learned by BGP.
        passes_on=False,
        addresses=tuple(text(each, "ipAddress") for own in beside for each in listed(own, "vpnInterfaces")),
    )


def ends(inventory: Inventory) -> list[TunnelEnd]:
    """The end of each tunnel of HA VPN."""
    found = (_end(inventory, tunnel) for tunnel in inventory.all(_TUNNEL))
    return [end for end in found if end is not None]


def _end(inventory: Inventory, tunnel: Record) -> TunnelEnd | None:
    region = text(tunnel, "region")
    own = find(inventory, _HA_GATEWAY, value(tunnel, "vpnGateway"), region)
    router = find(inventory, ROUTER, value(tunnel, "router"), region)
    network = find(inventory, NETWORK, value(own, "network"))
    if own is None or network is None:
        return None
    interface = _interface(inventory, router, tunnel)
    peer = _peer(inventory, router, interface)
    address, _, prefix = text(interface, "ipRange").partition("/")
    ike, esp = _proposals(tunnel)
    return TunnelEnd(
        cloud="gcp",
        site=network.id,
        gateway=router.id if router else "",
        name=f"gcp vpnTunnel {label(tunnel)}",
        number=trailing_number(label(tunnel)),
        connection=tunnel.id,
        own_public=_address(listed(own, "vpnInterfaces"), number(tunnel, "vpnGatewayInterface")),
        peer_public=_peer_address(inventory, tunnel),
        own_inside=address or None,
        peer_inside=text(peer, "peerIpAddress") or None,
        own_asn=number(router, "bgp.asn"),
        peer_asn=number(peer, "peerAsn"),
        key=text(tunnel, "sharedSecret"),
        ike_versions=(number(tunnel, "ikeVersion") or 2,),
        ike=ike,
        esp=esp,
        ike_seconds=_IKE_SECONDS,
        esp_seconds=_ESP_SECONDS,
        # "Supported IKE ciphers", "Proposal order": Cloud VPN is initiator or responder, as it comes.
        starts=True,
        answers=True,
        advertised=tuple(dict.fromkeys(_advertised(inventory, router, peer, network))),
        declared=_declared(tunnel, router, interface, peer),
        bgp_faults=tuple(_faults(tunnel, router, interface, peer)),
        inside_prefix=int(prefix or 30),
    )


def _interface(inventory: Inventory, router: Record | None, tunnel: Record) -> Record | None:
    for each in inventory.all(_INTERFACE):
        region = text(each, "region")
        of_router = router is not None and refers_to(value(each, "router"), router, region)
        if of_router and refers_to(value(each, "vpnTunnel"), tunnel, region):
            return each
    return None


def _peer(inventory: Inventory, router: Record | None, interface: Record | None) -> Record | None:
    for each in inventory.all(_PEER):
        of_router = router is not None and refers_to(value(each, "router"), router, text(each, "region"))
        if of_router and interface is not None and text(each, "interface") == text(interface, "name"):
            return each
    return None


def _address(interfaces: Sequence[dict[str, Any]], wanted: int | None) -> str:
    return next((text(each, "ipAddress") for each in interfaces if number(each, "id") == wanted), "")


def _peer_address(inventory: Inventory, tunnel: Record) -> str:
    external = find(inventory, _EXTERNAL, value(tunnel, "peerExternalGateway"))
    if external is None:
        return text(tunnel, "peerIp")
    return _address(listed(external, "interfaces"), number(tunnel, "peerExternalGatewayInterface"))


def _proposals(tunnel: Record) -> tuple[Proposal, Proposal]:
    """What it accepts: all that Cloud VPN supports, but for what the tunnel's cipher suite names."""
    first, second = (
        (texts(tunnel, f"cipherSuite.{phase}.encryptions"), texts(tunnel, f"cipherSuite.{phase}.integrities"))
        for phase in ("phase1", "phase2")
    )
    dhs, pfs = texts(tunnel, "cipherSuite.phase1.dhs"), texts(tunnel, "cipherSuite.phase2.pfs")
    return (
        proposal(first[0] or _IKE.encryption, first[1] or _IKE.integrity, dhs or _GROUPS),
        proposal(second[0] or _ESP.encryption, second[1] or _ESP.integrity, pfs or _GROUPS),
    )


def _advertised(inventory: Inventory, router: Record | None, peer: Record | None, network: Record) -> Iterator[str]:
    """A session's own mode goes before the router's; subnets are their primary and their secondary ranges."""
    is_own = text(peer, "advertiseMode") == "CUSTOM"
    holder, where = (peer, "") if is_own else (router, "bgp.")
    custom = text(holder, f"{where}advertiseMode") == "CUSTOM"
    if not custom or "ALL_SUBNETS" in texts(holder, f"{where}advertisedGroups"):
        regional = text(network, "routingMode") == "REGIONAL"
        for subnet in inventory.all(SUBNETWORK):
            is_seen = not regional or text(subnet, "region") == text(router, "region")
            if refers_to(value(subnet, "network"), network) and is_seen:
                yield text(subnet, "ipCidrRange")
                yield from (text(each, "ipCidrRange") for each in listed(subnet, "secondaryIpRanges"))
    if custom:
        yield from (text(each, "range") for each in listed(holder, f"{where}advertisedIpRanges"))


def _declared(tunnel: Record, router: Record | None, interface: Record | None, peer: Record | None) -> Declared:
    own, speaker = f"gcp vpnTunnel {label(tunnel)}", f"gcp router {label(router) if router else '(none)'}"
    inside = f"gcp routerInterface {label(interface) if interface else '(none)'}"
    session = f"gcp routerPeer {label(peer) if peer else '(none)'}"
    is_own = text(peer, "advertiseMode") == "CUSTOM"
    return Declared(
        key=f"{own}.sharedSecret",
        ike=f"{own}.cipherSuite.phase1",
        esp=f"{own}.cipherSuite.phase2",
        start=own,
        own_inside=f"{inside}.ipRange",
        peer_inside=f"{session}.peerIpAddress",
        own_asn=f"{speaker}.bgp.asn",
        peer_asn=f"{session}.peerAsn",
        advertised=f"{session}.advertisedIpRanges" if is_own else f"{speaker}.bgp.advertisedIpRanges",
    )


def _faults(tunnel: Record, router: Record | None, interface: Record | None, peer: Record | None) -> Iterator[str]:
    if router is None:
        yield f"gcp vpnTunnel {label(tunnel)}.router names no router that there is"
    elif number(router, "bgp.asn") is None:
        yield f"gcp router {label(router)}.bgp.asn is not set, so it speaks no BGP"
    elif interface is None:
        yield f"gcp router {label(router)} has no routerInterface on vpnTunnel {label(tunnel)}"
    elif peer is None:
        yield f"gcp router {label(router)} has no routerPeer on routerInterface {label(interface)}"
    elif value(peer, "enable") is False:
        yield f"gcp routerPeer {label(peer)}.enable is false"
