"""Dynamic routing gateways (DRGs) of the simulated Oracle Cloud, and the VCNs that are attached to them.

Owns: who may be attached to what. Does not own: routes towards a DRG (routes), what else leads to one (ipsec,
remote_peering). A DRG has its default route tables alone: what a VCN announces reaches every attachment, and what comes
by VPN or remote peering reaches VCNs only.
"""

from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.oci.tokens import (
    DRG,
    DRG_ATTACHMENT,
    IPSEC,
    REMOTE_PEERING_CONNECTION,
    ROUTE_TABLE,
    VCN,
)
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

_OTHERS = ("ipsecTunnel", "remotePeeringConnection", "virtualCircuit")


def attachment_of(store: Store, drg: str, vcn: str) -> Record | None:
    """The attachment between the two, if there is one."""
    found = (r for r in store.all(DRG_ATTACHMENT) if (r.outputs.get("drgId"), r.outputs.get("vcnId")) == (drg, vcn))
    return next(found, None)


def _plan(call: Call) -> Properties:
    return {**names.plan(call), **names.chosen(call, displayName="drg20260101000000")}


def _create(call: Call) -> Properties:
    region, start = names.region(call), names.fresh(call)
    # docs.oracle.com/en-us/iaas/Content/Network/Tasks/managingDRGs.htm: a new DRG has two tables, one for VCNs and one
    # for everything else.
    of_vcns, of_others = (f"ocid1.drgroutetable.oc1.{region}.{names.unique_part(start + kind)}" for kind in "vo")
    return {
        "defaultDrgRouteTables": [{"vcn": of_vcns, **dict.fromkeys(_OTHERS, of_others)}],
        "defaultExportDrgRouteDistributionId": f"ocid1.drgroutedistribution.oc1.{region}.{start}",
        "redundancyStatus": "NOT_AVAILABLE",
        "state": "AVAILABLE",
        "timeCreated": names.CREATED,
    }


def _unused(call: Call) -> None:
    # Core API, DeleteDrg: not attached to a VCN, not connected to an on-premises network, no target of a route table.
    names.refuse_while_used(call, dict.fromkeys((DRG_ATTACHMENT, IPSEC, REMOTE_PEERING_CONNECTION), "drgId"))
    names.refuse_while_used(call, {ROUTE_TABLE: "routeRules.networkEntityId"})


def _vcn_id(call: Call) -> str:
    return str(names.within(call.inputs, "networkDetails").get("id") or call.inputs.get("vcnId"))


def _attachment_plan(call: Call) -> Properties:
    known = names.chosen(call, displayName="drgattachment20260101000000", vcnId=_vcn_id(call))
    return {**names.plan(call), **known}


def _one_network(call: Call) -> None:
    # SDK documentation of vcnId: "This field is deprecated. Instead, use the networkDetails field".
    details = names.within(call.inputs, "networkDetails")
    if bool(details) == (call.inputs.get("vcnId") is not None):
        raise names.invalid("exactly one of networkDetails and vcnId must be given")
    # oracle/terraform-provider-oci#1495: the other types are attached by Oracle, with the connection that they are.
    kind = details.get("type", "VCN")
    if kind != "VCN":
        raise RefusedError(f"expected network_details.0.type to be one of [VCN], got {kind}")


def _attached_once(call: Call) -> None:
    names.must_find_here(call, DRG, call.inputs.get("drgId"), "drgId")
    vcn = names.must_find_here(call, VCN, _vcn_id(call), "networkDetails.id")
    # Core API, CreateDrgAttachment: "A VCN can be attached to only one DRG at a time".
    for other in call.others(DRG_ATTACHMENT):
        if other.outputs.get("vcnId") == vcn.id:
            drg = other.outputs.get("drgId")
            raise RefusedError(
                f"409-Conflict, the VCN {vcn.id!r} is already attached to the DRG {drg!r} ({other.id!r})"
            )


def _attach(call: Call) -> Properties:
    vcn = names.must_find(call, VCN, _vcn_id(call), "networkDetails.id")
    drg = names.must_find(call, DRG, call.inputs["drgId"], "drgId")
    return {
        "vcnId": vcn.id,
        "networkDetails": {"type": "VCN", "id": vcn.id, **names.within(call.inputs, "networkDetails")},
        "compartmentId": vcn.outputs["compartmentId"],
        "drgRouteTableId": call.inputs.get("drgRouteTableId") or drg.outputs["defaultDrgRouteTables"][0]["vcn"],
        "isCrossTenancy": False,
        "state": "ATTACHED",
        "timeCreated": names.CREATED,
    }


def _keep_vcn(call: Call) -> Properties:
    # mapToDrgAttachmentNetworkUpdateDetails (oracle/terraform-provider-oci, core_drg_attachment_resource.go): an update
    # carries no id, so that another one in networkDetails changes nothing.
    return {name: call.old[name] for name in ("vcnId", "networkDetails", "compartmentId")}


KINDS = (
    Kind(
        DRG,
        identify=names.ocid("drg"),
        planned=_plan,
        rules=(names.in_compartment,),
        in_use=(_unused,),
        create=_create,
        perpetual=names.tags_never_settle,
        create_minutes=0.2,
        delete_minutes=0.3,
    ),
    Kind(
        DRG_ATTACHMENT,
        identify=names.ocid("drgattachment"),
        replaces=frozenset({"drgId", "vcnId"}),  # ForceNew of oci_core_drg_attachment; networkDetails.id is not
        planned=_attachment_plan,
        rules=(_one_network, _attached_once),
        create=_attach,
        update=_keep_vcn,
        perpetual=names.tags_never_settle,
        create_minutes=0.4,
        delete_minutes=0.3,
    ),
)
