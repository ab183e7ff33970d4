"""Internet, NAT and service gateways and reserved addresses of the simulated Oracle Cloud.

Owns: their limits and references, and a NAT gateway's address. Does not own: the way to them (routes), nor the
translation itself (the lab's clusters do it).
"""

from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import names, reach, regions, vcn
from multimesh_lab.providers.oci.tokens import (
    INTERNET_GATEWAY,
    NAT_GATEWAY,
    PUBLIC_IP,
    ROUTE_TABLE,
    SERVICE_GATEWAY,
)
from multimesh_lab.providers.wire import Properties


def _one_per_vcn(call: Call) -> None:
    # docs.oracle.com/en-us/iaas/Content/General/Concepts/servicelimits.htm: one of each kind for each VCN; the words
    # are those of oracle-terraform-modules/terraform-oci-vcn#28.
    parent = vcn.of(call).id
    for other in call.others(call.type):
        if other.outputs.get("vcnId") == parent:
            kind = call.type.rpartition(":")[2]
            raise names.invalid(
                f"The maximum limit of 1 for {kind} per VCN has been exceeded in VCN {parent}: it has {other.id!r}"
            )


def _route_table(call: Call) -> None:
    if call.inputs.get("routeTableId") is not None:
        parent = vcn.of(call).id
        names.must_find_in_vcn(call, ROUTE_TABLE, call.inputs["routeTableId"], parent, "routeTableId")


def _unused(call: Call) -> None:
    # VCN API, DeleteInternetGateway, DeleteNatGateway, DeleteServiceGateway: no route rule may list it as a target.
    names.refuse_while_used(call, {ROUTE_TABLE: "routeRules.networkEntityId"})


def _internet_plan(call: Call) -> Properties:
    known = names.chosen(call, displayName="internetgateway20260101000000", enabled=True)
    return {**names.plan(call), **known}


def _internet_outputs(call: Call) -> Properties:
    return {"state": "AVAILABLE", "timeCreated": names.CREATED}


def _applied(call: Call) -> Properties:
    names.remember_update(call)
    reach.apply(call, call.inputs["vcnId"])
    return {}


def _nat_plan(call: Call) -> Properties:
    known = names.chosen(call, displayName="natgateway20260101000000", publicIpId="", blockTraffic=False)
    return {**names.plan(call), **known}


def _nat_address_is_free(call: Call) -> None:
    # Core API, CreateNatGatewayDetails.publicIpId: a reserved address, which serves one entity at a time.
    address = call.inputs.get("publicIpId")
    if address is None:
        return
    record = names.must_find(call, PUBLIC_IP, address, "publicIpId")
    holder = record.outputs.get("assignedEntityId")
    if holder and holder != call.id:
        raise RefusedError(f"409-Conflict, publicIpId: {record.id!r} is already assigned to {holder!r}")


def _nat_create(call: Call) -> Properties:
    common = {"state": "AVAILABLE", "timeCreated": names.CREATED}
    address = call.inputs.get("publicIpId")
    if address is None:
        # A gateway without a reserved address gets one of Oracle's that goes with it.
        own = f"ocid1.publicip.oc1.{names.region(call)}.{names.fresh(call)}"
        return {**common, "publicIpId": own, "natIp": call.runtime.allocate_address(f"oci/{call.id}")}
    record = names.must_find(call, PUBLIC_IP, address, "publicIpId")
    _assign(call, str(address), {"assignedEntityId": call.id, "assignedEntityType": "NAT_GATEWAY", "state": "ASSIGNED"})
    return {**common, "natIp": record.outputs["ipAddress"]}


def _assign(call: Call, address: str, outputs: Properties) -> None:
    with call.store.locked():
        if call.store.get(PUBLIC_IP, address) is not None:
            call.store.change(PUBLIC_IP, address, outputs)


def _nat_delete(call: Call) -> None:
    reserved = str(call.inputs.get("publicIpId"))
    _assign(call, reserved, {"assignedEntityId": "", "assignedEntityType": "", "state": "AVAILABLE"})
    call.runtime.release_address(f"oci/{call.id}")
    names.forget(call)
    reach.apply(call, call.inputs["vcnId"])


def _services_exist(call: Call) -> None:
    known = {each.id for each in regions.services(names.region(call))}
    chosen = [str(each.get("serviceId")) for each in names.listed(call.inputs, "services")]
    for index, each in enumerate(chosen):
        if each not in known:
            raise names.not_found(f"services[{index}].serviceId", each, "an id that getServices gives")
    # docs.oracle.com/iaas/releasenotes/changes/657c9e15-4792-4a96-bd70-b3dba7767edd: all services hold Object Storage
    # too, and a gateway is switched from one label to the other.
    if len(chosen) > 1:
        raise names.invalid(f"services has {len(chosen)} entries; a service gateway takes one service CIDR label")


def _service_plan(call: Call) -> Properties:
    return {**names.plan(call), **names.chosen(call, displayName="servicegateway20260101000000")}


def _service_outputs(call: Call) -> Properties:
    named = {each.id: each.name for each in regions.services(names.region(call))}
    services = [{**each, "serviceName": named[str(each["serviceId"])]} for each in call.inputs["services"]]
    return {"services": services, "blockTraffic": False, "state": "AVAILABLE", "timeCreated": names.CREATED}


def _address_is_reserved(call: Call) -> None:
    # Core API, CreatePublicIpDetails.lifetime; an EPHEMERAL one needs a private address, and the lab has none.
    lifetime = call.inputs.get("lifetime")
    if lifetime not in ("RESERVED", "EPHEMERAL"):
        raise names.invalid(f"lifetime {lifetime!r} must be 'RESERVED' or 'EPHEMERAL'")
    if lifetime == "EPHEMERAL" or call.inputs.get("privateIpId") is not None:
        raise RefusedError("an address of a VNIC is not simulated; the lab has lifetime 'RESERVED' without privateIpId")


def _address_plan(call: Call) -> Properties:
    return {**names.plan(call), **names.chosen(call, displayName="publicip20260101000000", publicIpPoolId="")}


def _address_outputs(call: Call) -> Properties:
    return {
        "ipAddress": call.runtime.allocate_address(f"oci/{call.id}"),
        "scope": "REGION",
        "assignedEntityId": "",
        "assignedEntityType": "",
        "availabilityDomain": "",
        "state": "AVAILABLE",
        "timeCreated": names.CREATED,
    }


def _address_unused(call: Call) -> None:
    # Core API, DeletePublicIp: the address of a NAT gateway is the gateway's until that is deleted.
    names.refuse_while_used(call, {NAT_GATEWAY: "publicIpId"})


KINDS = (
    Kind(
        INTERNET_GATEWAY,
        identify=names.ocid("internetgateway"),
        replaces=frozenset({"vcnId"}),  # ForceNew of oci_core_internet_gateway
        planned=_internet_plan,
        rules=(names.in_compartment, _one_per_vcn, _route_table),
        in_use=(_unused,),
        create=_internet_outputs,
        update=_applied,
        perpetual=names.tags_never_settle,
    ),
    Kind(
        NAT_GATEWAY,
        identify=names.ocid("natgateway"),
        replaces=frozenset({"vcnId", "publicIpId"}),  # ForceNew of oci_core_nat_gateway
        planned=_nat_plan,
        rules=(names.in_compartment, _one_per_vcn, _route_table, _nat_address_is_free),
        in_use=(_unused,),
        create=_nat_create,
        update=_applied,
        delete=_nat_delete,
        perpetual=names.tags_never_settle,
        create_minutes=0.1,
        delete_minutes=0.1,
    ),
    Kind(
        SERVICE_GATEWAY,
        identify=names.ocid("servicegateway"),
        replaces=frozenset({"vcnId"}),  # ForceNew of oci_core_service_gateway
        planned=_service_plan,
        rules=(names.in_compartment, _one_per_vcn, _route_table, _services_exist),
        in_use=(_unused,),
        create=_service_outputs,
        update=lambda call: {"services": _service_outputs(call)["services"]},
        perpetual=names.tags_never_settle,
    ),
    Kind(
        PUBLIC_IP,
        identify=names.ocid("publicip"),
        replaces=frozenset({"lifetime", "publicIpPoolId"}),  # ForceNew of oci_core_public_ip
        planned=_address_plan,
        rules=(names.in_compartment, _address_is_reserved),
        in_use=(_address_unused,),
        create=_address_outputs,
        delete=lambda call: call.runtime.release_address(f"oci/{call.id}"),
        perpetual=names.tags_never_settle,
    ),
)
