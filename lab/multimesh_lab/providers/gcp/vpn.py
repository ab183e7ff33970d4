"""HA VPN gateways, peers' gateways and tunnels of the simulated Google Cloud.

Owns: their rules. Does not own: BGP (bgp.py), and whether a tunnel comes up (the lab's fabric).
"""

from collections.abc import Mapping
from typing import Any, cast

from multimesh_lab.providers.gcp import names
from multimesh_lab.providers.gcp.network import NETWORK
from multimesh_lab.providers.gcp.routers import INTERFACE, ROUTER, TUNNEL
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

GATEWAY = "gcp:compute/haVpnGateway:HaVpnGateway"
EXTERNAL = "gcp:compute/externalVpnGateway:ExternalVpnGateway"
_ADDRESSES = {
    "SINGLE_IP_INTERNALLY_REDUNDANT": 1,
    "TWO_IPS_REDUNDANCY": 2,
    "FOUR_IPS_REDUNDANCY": 4,
}
"""Compute API, externalVpnGateways.redundancyType: how many interfaces each has, with ids from 0."""
_CREATED = "2026-01-01T00:00:00.000-08:00"


def _gateway_plan(call: Call) -> Properties:
    return {
        "project": names.project(call),
        "region": names.region(call),
        "gatewayIpVersion": "IPV4",
        "stackType": "IPV4_ONLY",
        **names.labels(call),
    }


def _network_exists(call: Call) -> None:
    names.must_find(call, NETWORK, call.inputs["network"], "network")


def _gateway_outputs(call: Call) -> Properties:
    interfaces = [{"id": nth, "ipAddress": call.runtime.allocate_address(f"gcp/{call.id}/{nth}")} for nth in (0, 1)]
    return {"selfLink": names.COMPUTE_API + call.id, "labelFingerprint": "42WmSpB8rSM=", "vpnInterfaces": interfaces}


def _gateway_gone(call: Call) -> None:
    for nth in (0, 1):
        call.runtime.release_address(f"gcp/{call.id}/{nth}")


def _unused_by_tunnels(key: str, token: str) -> Any:
    def check(call: Call) -> None:
        # vpnGateways.delete and externalVpnGateways.delete answer resourceInUseByAnotherResource.
        for tunnel in call.store.all(TUNNEL):
            if names.find(call, token, tunnel.inputs.get(key), tunnel.outputs.get("region")) == call.store.get(
                token, call.id
            ):
                raise RefusedError(
                    f"Error 400: The resource {call.id!r} is already being used by {tunnel.id!r}, "
                    "resourceInUseByAnotherResource"
                )

    return check


def _external_plan(call: Call) -> Properties:
    return {"project": names.project(call), **names.labels(call)}


def _interfaces_fit(call: Call) -> None:
    wanted = _ADDRESSES.get(str(call.inputs.get("redundancyType")))
    interfaces = cast("list[dict[str, Any]]", call.inputs.get("interfaces") or [])
    if wanted is None:
        raise RefusedError(
            f"Error 400: Invalid value for field 'resource.redundancyType': {call.inputs.get('redundancyType')!r}; "
            f"allowed are {', '.join(_ADDRESSES)}"
        )
    ids = sorted(int(each.get("id", -1)) for each in interfaces)
    if ids != list(range(wanted)):
        raise RefusedError(
            f"Error 400: Invalid value for field 'resource.interfaces': {call.inputs['redundancyType']} needs the ids "
            f"{', '.join(map(str, range(wanted)))}, each once, there are {ids}"
        )
    addresses = [each.get("ipAddress") for each in interfaces]
    if len(set(addresses)) != len(addresses):
        raise RefusedError(
            "Error 400: Invalid value for field 'resource.interfaces': the IP addresses must be distinct"
        )


def _tunnel_plan(call: Call) -> Properties:
    return {
        "project": names.project(call),
        "region": names.region(call),
        "ikeVersion": 2,
        **names.labels(call),
    }


def _tunnel_rules(call: Call) -> None:
    inputs = call.inputs
    gateway = names.must_find(call, GATEWAY, inputs.get("vpnGateway"), "vpnGateway")
    router = names.must_find(call, ROUTER, inputs.get("router"), "router")
    # "The router, the gateway and the tunnel must be in one region" and one network (Compute API, vpnTunnels).
    for other in (gateway, router):
        if other.outputs.get("region") != names.region(call):
            raise RefusedError(f"Error 400: {other.id!r} is not in the region of the VPN tunnel {names.region(call)!r}")
    if _network_of(call, gateway) != _network_of(call, router):
        raise RefusedError(f"Error 400: {gateway.id!r} and {router.id!r} are not in the same network")
    if inputs.get("vpnGatewayInterface") not in (0, 1):
        raise RefusedError(
            "Error 400: Invalid value for field 'resource.vpnGatewayInterface': an HA gateway has 0 and 1"
        )
    if inputs.get("ikeVersion", 2) != 2:
        # cloud.google.com/network-connectivity/docs/vpn/concepts/overview: HA VPN speaks IKEv2 to carry both families;
        # IKEv1 is for classic VPN.
        raise RefusedError("Error 400: Invalid value for field 'resource.ikeVersion': must be 2 for an HA VPN gateway")
    if not inputs.get("sharedSecret"):
        raise RefusedError("Error 400: Required field 'resource.sharedSecret' not specified")
    _far_end_exists(call)
    _pair_is_free(call, gateway)


def _far_end_exists(call: Call) -> None:
    far = names.must_find(call, EXTERNAL, call.inputs.get("peerExternalGateway"), "peerExternalGateway")
    ids = [each.get("id") for each in cast("list[dict[str, Any]]", far.inputs.get("interfaces") or [])]
    if call.inputs.get("peerExternalGatewayInterface") not in ids:
        raise RefusedError(
            "Error 400: Invalid value for field 'resource.peerExternalGatewayInterface': "
            f"{call.inputs.get('peerExternalGatewayInterface')!r}; {far.id!r} has {ids}"
        )


def _pair_is_free(call: Call, gateway: Record) -> None:
    # Two tunnels between the same two addresses could not be told apart (HA VPN, "Tunnel limits").
    ends = (gateway.id, call.inputs["vpnGatewayInterface"], _far_address(call, call.inputs))
    for other in call.others(TUNNEL):
        its = names.find(call, GATEWAY, other.inputs.get("vpnGateway"), other.outputs.get("region"))
        if its and (its.id, other.inputs.get("vpnGatewayInterface"), _far_address(call, other.inputs)) == ends:
            raise RefusedError(f"Error 400: {other.id!r} already joins the same gateway interface and peer address")


def _far_address(call: Call, inputs: Mapping[str, Any]) -> object:
    far = names.find(call, EXTERNAL, inputs.get("peerExternalGateway"))
    interfaces = cast("list[dict[str, Any]]", far.inputs.get("interfaces") or []) if far else []
    number = inputs.get("peerExternalGatewayInterface")
    return next((each.get("ipAddress") for each in interfaces if each.get("id") == number), None)


def _network_of(call: Call, record: Record) -> Record | None:
    return names.find(call, NETWORK, record.inputs.get("network"))


def _tunnel_outputs(call: Call) -> Properties:
    return {
        "selfLink": names.COMPUTE_API + call.id,
        "creationTimestamp": _CREATED,
        "labelFingerprint": "42WmSpB8rSM=",
        "tunnelId": str(int.from_bytes(call.id.encode()[-7:], "big")),
        "sharedSecretHash": "simulated",
        "detailedStatus": "No incoming packets from peer",
        "peerIp": _far_address(call, call.inputs),
    }


def _tunnel_unused(call: Call) -> None:
    # vpnTunnels.delete answers resourceInUseByAnotherResource while a router's interface is on it.
    for interface in call.store.all(INTERFACE):
        if names.find(
            call, TUNNEL, interface.inputs.get("vpnTunnel"), interface.outputs.get("region")
        ) == call.store.get(TUNNEL, call.id):
            raise RefusedError(
                f"Error 400: The vpn_tunnel resource {call.id!r} is already being used by {interface.id!r}, "
                "resourceInUseByAnotherResource"
            )


KINDS = (
    Kind(
        GATEWAY,
        identify=lambda call: names.regional_id("vpnGateways", call),
        # ForceNew of google_compute_ha_vpn_gateway: all but labels.
        replaces=frozenset(
            {"name", "project", "region", "network", "description", "stackType", "gatewayIpVersion", "vpnInterfaces"}
        ),
        autoname=names.AUTONAME,
        planned=_gateway_plan,
        computed_within=frozenset({"vpnInterfaces"}),
        rules=(names.rfc1035, _network_exists),
        in_use=(_unused_by_tunnels("vpnGateway", GATEWAY),),
        create=_gateway_outputs,
        delete=_gateway_gone,
        private=names.LABEL_SECRETS,
        create_minutes=0.3,
        delete_minutes=0.3,
    ),
    Kind(
        EXTERNAL,
        identify=lambda call: names.global_id("externalVpnGateways", call),
        # ForceNew of google_compute_external_vpn_gateway: all but labels.
        replaces=frozenset({"name", "project", "redundancyType", "interfaces", "description"}),
        autoname=names.AUTONAME,
        planned=_external_plan,
        rules=(names.rfc1035, _interfaces_fit),
        in_use=(_unused_by_tunnels("peerExternalGateway", EXTERNAL),),
        create=lambda call: {"selfLink": names.COMPUTE_API + call.id, "labelFingerprint": "42WmSpB8rSM="},
        private=names.LABEL_SECRETS,
        create_minutes=0.2,
        delete_minutes=0.2,
    ),
    Kind(
        TUNNEL,
        identify=lambda call: names.regional_id("vpnTunnels", call),
        # ForceNew of google_compute_vpn_tunnel: all but labels.
        replaces=frozenset(
            {
                *("name", "project", "region", "description", "vpnGateway", "vpnGatewayInterface", "router"),
                *("peerExternalGateway", "peerExternalGatewayInterface", "peerGcpGateway", "peerIp", "ikeVersion"),
                *("sharedSecret", "cipherSuite", "localTrafficSelectors", "remoteTrafficSelectors", "targetVpnGateway"),
            }
        ),
        autoname=names.AUTONAME,
        planned=_tunnel_plan,
        rules=(names.rfc1035, _tunnel_rules),
        in_use=(_tunnel_unused,),
        create=_tunnel_outputs,
        private=names.LABEL_SECRETS | {"sharedSecret"},
        create_minutes=0.3,
        delete_minutes=0.3,
    ),
)
