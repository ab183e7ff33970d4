"""Cloud Routers of the simulated Google Cloud: their BGP numbers and what they advertise.

Owns: the router. Does not own: what hangs on it: NAT (nat.py), interfaces and neighbours (bgp.py).
"""

from typing import Any, cast

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.gcp import names
from multimesh_lab.providers.gcp.network import NETWORK
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.wire import Properties

ROUTER = "gcp:compute/router:Router"
NAT = "gcp:compute/routerNat:RouterNat"
INTERFACE = "gcp:compute/routerInterface:RouterInterface"
PEER = "gcp:compute/routerPeer:RouterPeer"
TUNNEL = "gcp:compute/vPNTunnel:VPNTunnel"
_CREATED = "2026-01-01T00:00:00.000-08:00"
_PRIVATE_ASNS = (range(64512, 65535), range(4200000000, 4294967295))
"""Compute API, routers.bgp.asn: "must be an RFC6996 private ASN, either 16-bit or 32-bit"."""


def _network_exists(call: Call) -> None:
    names.must_find(call, NETWORK, call.inputs.get("network"), "network")


def _outputs(call: Call) -> Properties:
    return {"selfLink": names.COMPUTE_API + call.id, "creationTimestamp": _CREATED}


def _unused(call: Call) -> None:
    # routers.delete removes what is in it; the Terraform provider, which holds these apart, deletes them first. A
    # tunnel is no part of it and keeps it (resourceInUseByAnotherResource).
    for token in (NAT, INTERFACE, PEER, TUNNEL):
        for user in call.store.all(token):
            if user.inputs.get("router") in (call.inputs["name"], call.id, call.old.get("selfLink")):
                raise RefusedError(f"Error 400: The router {call.id!r} is in use by {user.id!r}")


def _plan(call: Call) -> Properties:
    return {"project": names.project(call), "region": names.region(call)}


def _bgp_rules(call: Call) -> None:
    bgp = cast("dict[str, Any]", call.inputs.get("bgp") or {})
    if not bgp:
        return
    if not any(bgp.get("asn") in numbers for numbers in _PRIVATE_ASNS):
        raise RefusedError(
            f"Error 400: Invalid value for field 'resource.bgp.asn': '{bgp.get('asn')}'. Must be an RFC6996 private ASN"
        )
    mode = bgp.get("advertiseMode", "DEFAULT")
    own = bgp.get("advertisedGroups") or bgp.get("advertisedIpRanges")
    if mode not in ("DEFAULT", "CUSTOM"):
        raise RefusedError(f"Error 400: Invalid value for field 'resource.bgp.advertiseMode': {mode!r}")
    if mode == "DEFAULT" and own:
        # Compute API, routers.bgp: groups and ranges "can only be populated if advertiseMode is CUSTOM".
        raise RefusedError("Error 400: Invalid value for field 'resource.bgp': custom advertisement needs CUSTOM")
    groups = cast("list[str]", bgp.get("advertisedGroups") or [])
    if set(groups) - {"ALL_SUBNETS"}:
        raise RefusedError("Error 400: Invalid value for field 'resource.bgp.advertisedGroups': only ALL_SUBNETS")
    for index, each in enumerate(cast("list[dict[str, Any]]", bgp.get("advertisedIpRanges") or [])):
        cidrs.parse(str(each.get("range")), f"bgp.advertisedIpRanges[{index}].range")


KINDS = (
    Kind(
        ROUTER,
        identify=lambda call: names.regional_id("routers", call),
        # ForceNew of google_compute_router.
        replaces=frozenset({"name", "project", "region", "network", "encryptedInterconnectRouter"}),
        autoname=names.AUTONAME,
        planned=_plan,
        rules=(names.rfc1035, _network_exists, _bgp_rules),
        in_use=(_unused,),
        create=_outputs,
        create_minutes=0.2,
        delete_minutes=0.2,
    ),
)
