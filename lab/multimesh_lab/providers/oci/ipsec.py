"""Customer premises equipment (CPE) and IPSec connections of the simulated Oracle Cloud.

Owns: what a connection joins, and the two tunnels that it comes with. Does not own: how a tunnel is configured
(ipsec_tunnel).
"""

import ipaddress

from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import ipsec_tunnel, names
from multimesh_lab.providers.oci.tokens import CPE, DRG, IPSEC
from multimesh_lab.providers.wire import Properties

_STATIC_ROUTES = 10
_IDENTIFIERS = ("IP_ADDRESS", "HOSTNAME")


def _cpe_plan(call: Call) -> Properties:
    known = names.chosen(call, displayName="cpe20260101000000", cpeDeviceShapeId="", isPrivate=False)
    return {**names.plan(call), **known}


def _has_address(call: Call) -> None:
    # SDK documentation of Cpe.ipAddress: an IPv4 address.
    try:
        ipaddress.IPv4Address(str(call.inputs.get("ipAddress")))
    except ValueError as error:
        raise names.invalid(f"ipAddress {call.inputs.get('ipAddress')!r} is not a valid IPv4 address") from error


def _cpe_unused(call: Call) -> None:
    # Core API, DeleteCpe: "The CPE must not be connected to a DRG".
    names.refuse_while_used(call, {IPSEC: "cpeId"})


def _plan(call: Call) -> Properties:
    record = call.store.get(CPE, str(call.inputs.get("cpeId")))
    address = record.outputs.get("ipAddress") if record else ""
    return {
        **names.plan(call),
        **names.chosen(
            call,
            displayName="ipsecconnection20260101000000",
            cpeLocalIdentifier=address,
            cpeLocalIdentifierType="IP_ADDRESS",
        ),
    }


def _ends(call: Call) -> None:
    names.must_find_here(call, CPE, call.inputs.get("cpeId"), "cpeId")
    names.must_find_here(call, DRG, call.inputs.get("drgId"), "drgId")
    # SDK documentation of cpeLocalIdentifierType.
    kind = call.inputs.get("cpeLocalIdentifierType")
    if kind is not None and kind not in _IDENTIFIERS:
        raise names.invalid(f"cpeLocalIdentifierType {kind!r} must be {' or '.join(_IDENTIFIERS)}")


def _static_routes(call: Call) -> None:
    routes = [str(each) for each in names.listed(call.inputs, "staticRoutes")]
    # oracle/terraform-provider-oci#1509: a new connection's tunnels are static ones, whatever they become afterwards.
    static = not call.old or any(t.outputs["routing"] == "STATIC" for t in ipsec_tunnel.of(call.store, call.id))
    if not routes and static:
        raise RefusedError("400-MissingParameter, Static routes must be specified.")
    # Core API, CreateIPSecConnection: "you're allowed a maximum of 10".
    if len(routes) > _STATIC_ROUTES:
        raise names.invalid(f"staticRoutes has {len(routes)} entries; allowed are {_STATIC_ROUTES}")
    for route in routes:
        try:
            network = ipaddress.IPv4Network(route)
        except ValueError as error:
            raise names.invalid(f"{route!r} is not a valid ip network.") from error
        # SDK documentation of staticRoutes.
        if network.is_multicast or network.subnet_of(ipaddress.IPv4Network("240.0.0.0/4")):
            raise names.invalid(f"staticRoutes: {route} is a multicast or class E address")


def _no_fastconnect(call: Call) -> None:
    if call.inputs.get("tunnelConfigurations") is not None:
        raise RefusedError("tunnelConfigurations is for IPSec over FastConnect, which is not simulated; leave it out")


def _create(call: Call) -> Properties:
    cpe = names.must_find(call, CPE, call.inputs["cpeId"], "cpeId")
    for number in (1, 2):
        ipsec_tunnel.make(call, number, str(cpe.outputs["ipAddress"]))
    return {"state": "AVAILABLE", "transportType": "INTERNET", "timeCreated": names.CREATED}


def _delete(call: Call) -> None:
    for tunnel in ipsec_tunnel.of(call.store, call.id):
        ipsec_tunnel.drop(call, tunnel)


KINDS = (
    Kind(
        CPE,
        identify=names.ocid("cpe"),
        replaces=frozenset({"ipAddress"}),  # ForceNew of oci_core_cpe
        planned=_cpe_plan,
        rules=(names.in_compartment, _has_address),
        in_use=(_cpe_unused,),
        create=lambda call: {"timeCreated": names.CREATED},
        perpetual=names.tags_never_settle,
    ),
    Kind(
        IPSEC,
        identify=names.ocid("ipsecconnection"),
        replaces=frozenset({"cpeId", "drgId", "tunnelConfigurations"}),  # ForceNew of oci_core_ipsec
        planned=_plan,
        rules=(names.in_compartment, _ends, _static_routes, _no_fastconnect),
        create=_create,
        delete=_delete,
        perpetual=names.tags_never_settle,
        create_minutes=0.8,
        delete_minutes=0.5,
    ),
)
