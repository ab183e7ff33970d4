"""Log groups and logs of the simulated Oracle Cloud; nothing is written to them.

Owns: their forms and references. Does not own: what they are logs of.
"""

from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.oci.tokens import CLUSTER, LOG, LOG_GROUP, SUBNET, VCN
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

OKE = "oke-k8s-cp-prod"
# docs.oracle.com/en-us/iaas/Content/Logging/Reference/service_log_reference.htm: the services' ids, what each logs
# and in which categories.
_SERVICES = {
    OKE: (
        (CLUSTER,),
        ("all-service-logs", "kube-apiserver", "kube-scheduler", "kube-controller-manager", "cloud-controller-manager"),
    ),
    "flowlogs": ((VCN, SUBNET), ("all", "vcn", "subnet")),
}
_TYPES = ("CUSTOM", "SERVICE")
_RETENTION = range(30, 181, 30)


def _name_is_free(call: Call) -> None:
    # SDK documentation of both displayNames: unique within the enclosing resource.
    scope = "compartmentId" if call.type == LOG_GROUP else "logGroupId"
    for other in call.others(call.type):
        if all(other.outputs.get(key) == call.inputs.get(key) for key in (scope, "displayName")):
            raise RefusedError(
                f"409-Conflict, displayName {call.inputs['displayName']!r} is already used: {other.id!r}"
            )


def _group_of(call: Call) -> Record:
    return names.must_find(call, LOG_GROUP, call.inputs["logGroupId"], "logGroupId")


def _log_rules(call: Call) -> None:
    _group_of(call)
    kind, source = call.inputs.get("logType"), names.within(names.within(call.inputs, "configuration"), "source")
    if kind not in _TYPES:
        raise names.invalid(f"logType {kind!r} must be {' or '.join(_TYPES)}")
    # Logging API, CreateLogDetails.configuration: a service log says whose log it is, a custom one has none.
    if (kind == "SERVICE") != bool(source):
        raise names.invalid(f"configuration.source is {'required' if kind == 'SERVICE' else 'not allowed'} for {kind}")
    retention = call.inputs.get("retentionDuration")
    # SDK documentation of retentionDuration: 30-day increments until 180.
    if retention is not None and retention not in _RETENTION:
        raise names.invalid(f"retentionDuration {retention!r} must be one of {', '.join(map(str, _RETENTION))}")
    if source:
        _service_log(call, source)


def _service_log(call: Call, source: Properties) -> None:
    service, category, what = str(source.get("service")), source.get("category"), "configuration.source"
    # ValidateFunc of oci_logging_log.configuration.source.source_type.
    if str(source.get("sourceType")).upper() != "OCISERVICE":
        raise names.invalid(f"{what}.sourceType {source.get('sourceType')!r} must be 'OCISERVICE'")
    if service not in _SERVICES:
        raise names.invalid(f"{what}.service {service!r} is not simulated; simulated are {', '.join(_SERVICES)}")
    tokens, categories = _SERVICES[service]
    if category not in categories:
        raise names.invalid(f"{what}.category {category!r} of {service} must be one of {', '.join(categories)}")
    resource = str(source.get("resource"))
    if not any(call.store.get(token, resource) for token in tokens):
        kinds = " or ".join(token.rpartition(":")[2] for token in tokens)
        raise names.not_found(f"{what}.resource", resource, f"the OCID of an existing {kinds}")
    # The same page: a category of a resource is logged once.
    for other in call.others(LOG):
        known = names.within(names.within(other.outputs, "configuration"), "source")
        if (known.get("resource"), known.get("category")) == (resource, category):
            raise RefusedError(f"409-Conflict, {what}: {category} of {resource!r} is already logged by {other.id!r}")


def _group_empty(call: Call) -> None:
    # Logging API, DeleteLogGroup: refused while it has logs.
    names.refuse_while_used(call, {LOG: "logGroupId"})


def _times(call: Call) -> Properties:
    del call
    return {"state": "ACTIVE", "timeCreated": names.CREATED, "timeLastModified": names.CREATED}


def _log_outputs(call: Call) -> Properties:
    return {**_times(call), "compartmentId": _group_of(call).outputs["compartmentId"], "tenancyId": names.TENANCY}


KINDS = (
    Kind(
        LOG_GROUP,
        identify=names.ocid("loggroup"),
        planned=lambda call: {**names.plan(call), **names.chosen(call, description="")},
        rules=(names.in_compartment, _name_is_free),
        in_use=(_group_empty,),
        create=_times,
        perpetual=names.tags_never_settle,
    ),
    Kind(
        LOG,
        identify=names.ocid("log"),
        replaces=frozenset({"logType", "configuration"}),  # ForceNew of oci_logging_log
        planned=lambda call: {**names.plan(call), **names.chosen(call, isEnabled=True, retentionDuration=30)},
        rules=(_name_is_free, _log_rules),
        create=_log_outputs,
        perpetual=names.tags_never_settle,
    ),
)
