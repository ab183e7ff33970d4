"""Policies and dynamic groups of the simulated Oracle Cloud.

Owns: their forms, and whether clusters may use a key. Does not own: any other permission; the lab asks nobody for it.
"""

import re

from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.oci.tokens import DYNAMIC_GROUP, POLICY
from multimesh_lab.providers.store import Store
from multimesh_lab.providers.wire import Properties

# docs.oracle.com/en-us/iaas/Content/Identity/policysyntax/policy-syntax.htm
_STATEMENT = re.compile(
    r"^\s*(allow\s+(any-user|any-group|(group|dynamic-group|service|resource)\s+\S.*?)\s+to\s+"
    r"(inspect|read|use|manage|\{[^}]*\})\s*.*?\s+in\s+(tenancy|compartment(\s+id)?\s+\S+)(\s+where\s+\S.*)?"
    r"|(define|endorse|admit)\s+\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_USES_KEYS = re.compile(
    r"^\s*allow\s+(?P<who>any-user|any-group|service\s+oke|dynamic-group\s+(?P<group>\S+))\s+to\s+(use|manage)\s+"
    r"(keys|key-family|all-resources)\s+in\s+(tenancy|compartment(\s+id)?\s+\S+)(\s+where\s+(?P<where>.*))?$",
    re.IGNORECASE | re.DOTALL,
)
_KEY = re.compile(r"target\.key\.id\s*=\s*'([^']+)'", re.IGNORECASE)
_CLUSTERS = re.compile(r"resource\.type\s*=\s*'cluster'", re.IGNORECASE)
_PRINCIPAL = re.compile(r"request\.principal\.type\s*=\s*'([^']+)'", re.IGNORECASE)
_NAME = re.compile(r"^[A-Za-z0-9._-]{1,100}$")
_RULE = re.compile(r"^\s*((all|any)\s*\{.+\}|[\w.]+\s*!?=\s*'[^']+')\s*$", re.IGNORECASE | re.DOTALL)


def clusters_may_use(store: Store, key_id: str) -> bool:
    """Whether a policy lets OKE clusters use the key."""
    # docs.oracle.com/iaas/Content/ContEng/Tasks/contengencryptingdata.htm
    return any(
        _allows(store, str(statement), key_id)
        for policy in store.all(POLICY)
        for statement in names.listed(policy.outputs, "statements")
    )


def _allows(store: Store, statement: str, key_id: str) -> bool:
    match = _USES_KEYS.match(statement)
    if match is None:
        return False
    where = match["where"] or ""
    if any(named != key_id for named in _KEY.findall(where)):
        return False
    if any(named.lower() != "cluster" for named in _PRINCIPAL.findall(where)):
        return False
    return match["group"] is None or _holds_clusters(store, match["group"])


def _holds_clusters(store: Store, group: str) -> bool:
    # A name may be in quotes and may begin with its identity domain (policy-syntax.htm).
    name = group.replace("'", "").rpartition("/")[2].lower()
    return any(
        str(record.outputs.get("name")).lower() == name and _CLUSTERS.search(str(record.outputs.get("matchingRule")))
        for record in store.all(DYNAMIC_GROUP)
    )


def _name(call: Call) -> None:
    # Identity API, CreatePolicyDetails.name: 1 to 100 characters; letters, digits, periods, hyphens, underscores.
    name = str(call.inputs["name"])
    if not _NAME.match(name):
        raise names.invalid(f"name {name!r} must be 1 to 100 letters, digits, periods, hyphens and underscores")
    # SDK documentation of the names: a policy's is unique in its compartment, a group's in the tenancy.
    for other in call.others(call.type):
        same_place = call.type == DYNAMIC_GROUP or other.outputs["compartmentId"] == call.inputs["compartmentId"]
        if same_place and str(other.outputs.get("name")).lower() == name.lower():
            kind = call.type.rpartition(":")[2]
            raise RefusedError(f"409-{kind}AlreadyExists, name {name!r} is already used by {other.id!r}")


def _statements(call: Call) -> None:
    statements = names.listed(call.inputs, "statements")
    if not statements:  # MinItems of oci_identity_policy.statements
        raise names.invalid("statements must have at least one entry")
    for index, statement in enumerate(statements):
        if not _STATEMENT.match(str(statement)):
            raise names.invalid(
                f"statements[{index}] {statement!r}: No permissions found; it must be "
                "'Allow <subject> to <verb> <resource-type> in <location> [where <conditions>]'"
            )


def _in_tenancy(call: Call) -> None:
    # SDK documentation of DynamicGroup.compartmentId: the OCID of the tenancy containing the group.
    if not str(call.inputs.get("compartmentId")).startswith("ocid1.tenancy."):
        expected = "the OCID of the tenancy; dynamic groups are in no other compartment"
        raise names.not_found("compartmentId", call.inputs.get("compartmentId"), expected)


def _matching_rule(call: Call) -> None:
    # docs.oracle.com/en-us/iaas/Content/Identity/Tasks/managingdynamicgroups.htm, "Writing Matching Rules".
    rule = str(call.inputs.get("matchingRule"))
    if not _RULE.match(rule):
        raise names.invalid(f"matchingRule {rule!r} must be a condition, or conditions in ALL {{…}} or ANY {{…}}")


def _outputs(call: Call) -> Properties:
    del call
    return {"inactiveState": "", "state": "ACTIVE", "timeCreated": names.CREATED}


KINDS = (
    Kind(
        POLICY,
        identify=names.global_ocid("policy"),
        replaces=frozenset({"compartmentId", "name"}),  # ForceNew of oci_identity_policy
        autoname=Autoname(limit=100),
        planned=lambda call: {**names.plan(call), **names.chosen(call, versionDate="")},
        rules=(names.in_compartment, _name, _statements),
        create=lambda call: {**_outputs(call), "ETag": "", "lastUpdateETag": "", "policyHash": ""},
        perpetual=names.tags_never_settle,
    ),
    Kind(
        DYNAMIC_GROUP,
        identify=names.global_ocid("dynamicgroup"),
        replaces=frozenset({"compartmentId", "name"}),  # ForceNew of oci_identity_dynamic_group
        autoname=Autoname(limit=100),
        planned=names.plan,
        rules=(names.in_compartment, _in_tenancy, _name, _matching_rule),
        create=_outputs,
        perpetual=names.tags_never_settle,
    ),
)
