"""Security lists and network security groups of the simulated Oracle Cloud.

Owns: who may have which rules, and who uses whom. Does not own: a rule's form (security_rules), what follows (reach).
"""

from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import names, reach, regions, security_rules, vcn
from multimesh_lab.providers.oci.tokens import (
    CLUSTER,
    DEFAULT_SECURITY_LIST,
    GROUP_RULE,
    NODE_POOL,
    SECURITY_GROUP,
    SECURITY_LIST,
    SUBNET,
)
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

_SIDES = {"INGRESS": ("source", "destination"), "EGRESS": ("destination", "source")}
_LISTS = {"ingressSecurityRules": "source", "egressSecurityRules": "destination"}
_RULES_IN_LIST = 200
_RULES_IN_GROUP = 120


def _list_plan(call: Call) -> Properties:
    known = names.chosen(call, displayName="securitylist20260101000000", ingressSecurityRules=[])
    return {**names.plan(call), **known, **names.chosen(call, egressSecurityRules=[])}


def _list_rules(call: Call) -> None:
    for name, side in _LISTS.items():
        rules = names.listed(call.inputs, name)
        # docs.oracle.com/en-us/iaas/Content/Network/Concepts/securitylists.htm: 200 in each direction.
        if len(rules) > _RULES_IN_LIST:
            raise names.invalid(f"{name} has {len(rules)} rules; a security list has at most {_RULES_IN_LIST}")
        for index, rule in enumerate(rules):
            what = f"{name}[{index}]."
            _peer_type(call, rule, what, side, ("CIDR_BLOCK", "SERVICE_CIDR_BLOCK"))
            security_rules.check_form(rule, what, side)


def _peer_type(call: Call, rule: Properties, what: str, side: str, allowed: tuple[str, ...]) -> None:
    # Core API, IngressSecurityRule.sourceType and SecurityRule.sourceType: groups are peers of groups only.
    peer_type = str(rule.get(f"{side}Type") or "CIDR_BLOCK")
    if peer_type not in allowed:
        raise names.invalid(f"{what}{side}Type {peer_type!r} must be {' or '.join(allowed)}")
    labels = [each.label for each in regions.services(names.region(call))]
    if peer_type == "SERVICE_CIDR_BLOCK" and rule.get(side) not in labels:
        raise names.invalid(f"{what}{side} {rule.get(side)!r} is not a service CIDR label; there are {labels}")


def _in_vcn(call: Call) -> None:
    vcn.of(call)


def _changed(call: Call) -> Properties:
    names.remember_update(call)
    reach.apply(call, call.inputs["vcnId"])
    return {}


def _list_unused(call: Call) -> None:
    # VCN API, DeleteSecurityList: no subnet may be associated with it.
    names.refuse_while_used(call, {SUBNET: "securityListIds"})


def _default_list(call: Call) -> Record:
    return names.must_find(call, SECURITY_LIST, call.inputs["manageDefaultResourceId"], "manageDefaultResourceId")


def _default_exists(call: Call) -> None:
    owner = _default_list(call)
    if owner.urn:
        raise names.invalid(f"manageDefaultResourceId: {owner.id!r} is not the default security list of a VCN")


def _default_changed(call: Call) -> Properties:
    names.remember_update(call)
    reach.apply(call, _default_list(call).outputs.get("vcnId"))
    return {}


def _default_create(call: Call) -> Properties:
    reach.apply(call, _default_list(call).outputs.get("vcnId"))
    return {"state": "AVAILABLE", "timeCreated": names.CREATED}


def _default_delete(call: Call) -> None:
    # The list itself cannot go, so its rules do (oracle/terraform-provider-oci#374).
    owner = call.store.get(SECURITY_LIST, call.id)
    if owner is not None:
        call.store.change(SECURITY_LIST, call.id, {"ingressSecurityRules": [], "egressSecurityRules": []})
        names.forget(call)
        reach.apply(call, owner.outputs.get("vcnId"))


def _group_plan(call: Call) -> Properties:
    return {**names.plan(call), **names.chosen(call, displayName="networksecuritygroup20260101000000")}


def _group_unused(call: Call) -> None:
    # VCN API, DeleteNetworkSecurityGroup: it must contain no VNICs, and no other group's rules may name it.
    names.refuse_while_used(call, {CLUSTER: "endpointConfig.nsgIds", NODE_POOL: "nodeConfigDetails.nsgIds"})
    names.refuse_while_used(call, {NODE_POOL: "nodeConfigDetails.nodePoolPodNetworkOptionDetails.podNsgIds"})
    for rule in call.store.all(GROUP_RULE):
        if call.id in (rule.outputs.get("source"), rule.outputs.get("destination")):
            group = rule.outputs.get("networkSecurityGroupId")
            raise RefusedError(f"409-Conflict, {call.id!r} is referenced by the rule {rule.id!r} of {group!r}")


def _group_delete(call: Call) -> None:
    for rule in call.store.all(GROUP_RULE):
        if rule.outputs.get("networkSecurityGroupId") == call.id:
            call.store.remove(GROUP_RULE, rule.id)


def _group_of(call: Call) -> Record:
    return names.must_find(call, SECURITY_GROUP, call.inputs["networkSecurityGroupId"], "networkSecurityGroupId")


def _group_rule(call: Call) -> None:
    group = _group_of(call)
    direction = str(call.inputs.get("direction"))
    if direction not in _SIDES:
        raise names.invalid(f"direction {direction!r} must be INGRESS or EGRESS")
    side, other = _SIDES[direction]
    # SDK documentation of sourceType and destinationType: required in one direction, and the peer with them.
    for name in (side, f"{side}Type"):
        if call.inputs.get(name) is None:
            raise names.invalid(f"{name} is required if direction = {direction}")
    if call.inputs.get(other) is not None:
        raise names.invalid(f"{other} is not allowed if direction = {direction}; give {side} instead")
    allowed = (security_rules.CIDR, security_rules.SERVICE, security_rules.GROUP)
    _peer_type(call, call.inputs, "", side, allowed)
    security_rules.check_form(call.inputs, "", side)
    if call.inputs[f"{side}Type"] == security_rules.GROUP:
        names.must_find_in_vcn(call, SECURITY_GROUP, call.inputs[side], group.outputs.get("vcnId"), side)


def _group_has_room(call: Call) -> None:
    # docs.oracle.com/en-us/iaas/Content/Network/Concepts/networksecuritygroups.htm: 120 rules for each group.
    group = call.inputs["networkSecurityGroupId"]
    present = sum(r.outputs.get("networkSecurityGroupId") == group for r in call.others(GROUP_RULE))
    if present >= _RULES_IN_GROUP:
        raise names.invalid(f"networkSecurityGroupId: {group!r} has {present} rules; allowed are {_RULES_IN_GROUP}")


def _rule_create(call: Call) -> Properties:
    reach.apply(call, _group_of(call).outputs.get("vcnId"))
    return {"isValid": True, "timeCreated": names.CREATED}


def _rule_update(call: Call) -> Properties:
    names.remember_update(call)
    reach.apply(call, _group_of(call).outputs.get("vcnId"))
    return {}


def _rule_delete(call: Call) -> None:
    group = call.store.get(SECURITY_GROUP, str(call.inputs["networkSecurityGroupId"]))
    names.forget(call)
    if group is not None:
        reach.apply(call, group.outputs.get("vcnId"))


KINDS = (
    Kind(
        SECURITY_LIST,
        identify=names.ocid("securitylist"),
        replaces=frozenset({"vcnId"}),  # ForceNew of oci_core_security_list
        planned=_list_plan,
        rules=(names.in_compartment, _in_vcn, _list_rules),
        in_use=(_list_unused,),
        create=lambda call: {"state": "AVAILABLE", "timeCreated": names.CREATED},
        update=_changed,
        perpetual=names.tags_never_settle,
    ),
    Kind(
        DEFAULT_SECURITY_LIST,
        identify=lambda call: str(call.inputs["manageDefaultResourceId"]),
        replaces=frozenset({"manageDefaultResourceId"}),  # ForceNew of oci_core_default_security_list
        planned=_list_plan,
        rules=(_default_exists, _list_rules),
        create=_default_create,
        update=_default_changed,
        delete=_default_delete,
        perpetual=names.tags_never_settle,
    ),
    Kind(
        SECURITY_GROUP,
        identify=names.ocid("networksecuritygroup"),
        replaces=frozenset({"vcnId"}),  # ForceNew of oci_core_network_security_group
        planned=_group_plan,
        rules=(names.in_compartment, _in_vcn),
        in_use=(_group_unused,),
        create=lambda call: {"state": "AVAILABLE", "timeCreated": names.CREATED},
        delete=_group_delete,
        perpetual=names.tags_never_settle,
    ),
    Kind(
        GROUP_RULE,
        identify=lambda call: names.unique_part(names.fresh(call))[8:14].upper(),
        replaces=frozenset({"networkSecurityGroupId"}),  # ForceNew of oci_core_network_security_group_security_rule
        planned=lambda call: names.chosen(call, stateless=False),
        rules=(_group_rule, _group_has_room),
        create=_rule_create,
        update=_rule_update,
        delete=_rule_delete,
    ),
)
