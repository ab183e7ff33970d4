"""BGP of the simulated Google Cloud: a router's interfaces on tunnels, and its neighbours.

Owns: their rules. Does not own: the router and its numbers (routers.py), and whether a session comes up (the fabric).
"""

from ipaddress import AddressValueError, IPv4Interface, IPv4Network, NetmaskValueError
from typing import Any, cast

from multimesh_lab.providers.gcp import names
from multimesh_lab.providers.gcp.routers import INTERFACE, PEER, ROUTER, TUNNEL
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_LINK_LOCAL = IPv4Network("169.254.0.0/16")
_METADATA_SERVER = IPv4Network("169.254.169.254/32")


def _child_id(call: Call) -> str:
    router = names.must_find(call, ROUTER, call.inputs.get("router"), "router")
    return f"{router.id}/{call.type.rpartition(':')[2].lower()}s/{call.inputs['name']}"


def _plan(call: Call) -> Properties:
    return {"project": names.project(call), "region": names.region(call)}


def _router_of(call: Call, record: Record) -> Record | None:
    return names.find(call, ROUTER, record.inputs.get("router"), record.outputs.get("region"))


def _siblings(call: Call) -> list[Record]:
    """The others of the type on the same router."""
    router = names.must_find(call, ROUTER, call.inputs.get("router"), "router")
    return [other for other in call.others(call.type) if _router_of(call, other) == router]


def _interface_rules(call: Call) -> None:
    text = str(call.inputs.get("ipRange"))
    try:
        own = IPv4Interface(text)
    except (AddressValueError, NetmaskValueError, ValueError) as fault:
        raise RefusedError(f"Error 400: Invalid value for field 'interfaces.ipRange': {text!r}: {fault}") from None
    # Cloud Router, "Create an interface": a link-local /30 (or /29 with dual stack), not the metadata server's.
    if own.network.prefixlen not in (29, 30) or not own.network.subnet_of(_LINK_LOCAL):
        raise RefusedError(f"Error 400: ipRange {text!r} must be a /30 or /29 of 169.254.0.0/16")
    if own.network.overlaps(_METADATA_SERVER):
        raise RefusedError(f"Error 400: ipRange {text!r} holds the address of the metadata server")
    for other in _siblings(call):
        if IPv4Interface(str(other.inputs.get("ipRange"))).network.overlaps(own.network):
            raise RefusedError(f"Error 400: ipRange {text!r} overlaps that of the interface {other.id!r}")
    _tunnel_is_the_routers(call)


def _tunnel_is_the_routers(call: Call) -> None:
    tunnel = names.must_find(call, TUNNEL, call.inputs.get("vpnTunnel"), "vpnTunnel")
    router = names.must_find(call, ROUTER, call.inputs.get("router"), "router")
    if names.find(call, ROUTER, tunnel.inputs.get("router"), tunnel.outputs.get("region")) != router:
        raise RefusedError(f"Error 400: the tunnel {tunnel.id!r} belongs to another router than {router.id!r}")
    for other in _siblings(call):
        if names.find(call, TUNNEL, other.inputs.get("vpnTunnel"), other.outputs.get("region")) == tunnel:
            raise RefusedError(f"Error 400: the tunnel {tunnel.id!r} has an interface already: {other.id!r}")


def _interface_unused(call: Call) -> None:
    # routers.patch refuses to take an interface away that a BGP peer names.
    for peer in call.store.all(PEER):
        if peer.inputs.get("interface") == call.old.get("name") and _router_of(call, peer) == names.find(
            call, ROUTER, call.old.get("router")
        ):
            raise RefusedError(f"Error 400: the interface {call.id!r} is referred to by the BGP peer {peer.id!r}")


def _peer_rules(call: Call) -> None:
    router = names.must_find(call, ROUTER, call.inputs.get("router"), "router")
    bgp = cast("dict[str, Any]", router.inputs.get("bgp") or {})
    if not bgp.get("asn"):
        raise RefusedError(f"Error 400: the router {router.id!r} has no BGP ASN")
    if call.inputs.get("peerAsn") == bgp["asn"]:
        # Cloud Router has external BGP alone (cloud.google.com/network-connectivity/docs/router/concepts/overview).
        raise RefusedError(
            f"Error 400: Invalid value for field 'bgpPeers.peerAsn': it is the router's own {bgp['asn']}"
        )
    interface = next((each for each in _interfaces(call, router) if _named(each, call.inputs.get("interface"))), None)
    if interface is None:
        raise RefusedError(f"Error 400: the router {router.id!r} has no interface {call.inputs.get('interface')!r}")
    own = IPv4Interface(str(interface.inputs.get("ipRange")))
    given = call.inputs.get("ipAddress")
    if given is not None and str(given) != str(own.ip):
        raise RefusedError(f"Error 400: bgpPeers.ipAddress {given!r} is not that of the interface, {own.ip}")
    peer = str(call.inputs.get("peerIpAddress"))
    if peer not in {str(host) for host in own.network.hosts()} - {str(own.ip)}:
        raise RefusedError(f"Error 400: bgpPeers.peerIpAddress {peer!r} is not the other address of {own.network}")
    for other in _siblings(call):
        if other.inputs.get("interface") == call.inputs.get("interface"):
            raise RefusedError(f"Error 400: the interface has a BGP peer already: {other.id!r}")


def _interfaces(call: Call, router: Record) -> list[Record]:
    return [each for each in call.store.all(INTERFACE) if _router_of(call, each) == router]


def _named(record: Record, name: object) -> bool:
    return record.outputs.get("name") == name


def _peer_outputs(call: Call) -> Properties:
    router = names.must_find(call, ROUTER, call.inputs.get("router"), "router")
    found = [each for each in _interfaces(call, router) if _named(each, call.inputs.get("interface"))]
    return {
        "managementType": "MANAGED_BY_USER",
        "ipAddress": str(IPv4Interface(str(found[0].inputs.get("ipRange"))).ip) if found else None,
        "isAdvertisedRouteModeCustom": call.inputs.get("advertiseMode") == "CUSTOM",
    }


KINDS = (
    Kind(
        INTERFACE,
        identify=_child_id,
        # ForceNew of google_compute_router_interface: every property.
        replaces=frozenset(
            {"name", "project", "region", "router", "ipRange", "vpnTunnel", "interconnectAttachment", "subnetwork"}
        ),
        autoname=names.AUTONAME,
        planned=_plan,
        rules=(names.rfc1035, _interface_rules),
        in_use=(_interface_unused,),
        create_minutes=0.2,
        delete_minutes=0.2,
    ),
    Kind(
        PEER,
        identify=_child_id,
        # ForceNew of google_compute_router_peer.
        replaces=frozenset({"name", "project", "region", "router", "interface"}),
        autoname=names.AUTONAME,
        planned=lambda call: {**_plan(call), "advertiseMode": "DEFAULT", "enable": True, "enableIpv4": True},
        rules=(names.rfc1035, _peer_rules),
        create=_peer_outputs,
        update=_peer_outputs,
        create_minutes=0.2,
        delete_minutes=0.2,
    ),
)
