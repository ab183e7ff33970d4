"""Workspaces of Azure Monitor and diagnostic settings in the simulated Azure.

Owns: their limits, and which logs an AKS cluster has. Does not own: any log.
"""

import re

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import CLUSTER, DIAGNOSTICS, WORKSPACE
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.wire import Properties

# "Naming rules and restrictions for Azure resources" (learn.microsoft.com), Microsoft.OperationalInsights and Insights.
_WORKSPACE_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$")
_SETTING_NAME = re.compile(r"^[^*<>%&:\\?+/]{1,260}$")
_SKUS = ("PerGB2018", "CapacityReservation", "LACluster", "Standalone", "PerNode", "Free", "Standard", "Premium")
_DAYS = range(30, 731)
# "Supported logs for Microsoft.ContainerService/managedClusters" (learn.microsoft.com).
AKS_LOGS = (
    "cloud-controller-manager",
    "cluster-autoscaler",
    "csi-azuredisk-controller",
    "csi-azurefile-controller",
    "csi-snapshot-controller",
    "fleet-member-agent",
    "fleet-member-net-controller-manager",
    "fleet-mcs-controller-manager",
    "guard",
    "kube-apiserver",
    "kube-audit",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
)
_GROUPS = ("allLogs", "audit")
_MOST = 5


def _workspace(call: Call) -> None:
    name, sku = str(call.inputs["workspaceName"]), ids.within(call.inputs, "sku").get("name", "PerGB2018")
    if not _WORKSPACE_NAME.match(name):
        message = f"workspaceName '{name}' has 4 to 63 letters, digits and hyphens, no hyphen at an end."
        raise ids.invalid("InvalidResourceName", message)
    if sku not in _SKUS:
        raise ids.invalid("InvalidParameter", f"sku.name '{sku}' must be one of {', '.join(_SKUS)}.")
    # "Manage data retention in a Log Analytics workspace" (learn.microsoft.com).
    days = call.inputs.get("retentionInDays", _DAYS.start)
    if days not in _DAYS:
        message = f"'RetentionInDays' property doesn't match the SKU limits: {days} must be 30 to 730."
        raise ids.invalid("InvalidParameter", message)


def _workspace_state(call: Call) -> Properties:
    return {
        "customerId": call.old.get("customerId") or ids.fresh_guid(call, "workspace"),
        "sku": {"name": "PerGB2018", **ids.within(call.inputs, "sku")},
        "retentionInDays": call.inputs.get("retentionInDays", _DAYS.start),
        "provisioningState": "Succeeded",
        "publicNetworkAccessForIngestion": call.inputs.get("publicNetworkAccessForIngestion", "Enabled"),
        "publicNetworkAccessForQuery": call.inputs.get("publicNetworkAccessForQuery", "Enabled"),
    }


def _setting(call: Call) -> None:
    name, target = str(call.inputs["name"]), call.inputs["resourceUri"]
    if not _SETTING_NAME.match(name):
        raise ids.invalid("BadRequest", f"name '{name}' has 1 to 260 characters and none of *<>%&:\\?+/.")
    if ids.find(call.store, CLUSTER, target) is None:
        raise ids.not_found(str(target))
    # "Diagnostic settings in Azure Monitor" (learn.microsoft.com): a destination, something to send, five at most.
    destinations = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    if not any(call.inputs.get(each) for each in destinations):
        raise ids.invalid("BadRequest", f"At least one data sink needs to be specified: {', '.join(destinations)}.")
    if call.inputs.get("workspaceId"):
        ids.must_find(call.store, WORKSPACE, call.inputs["workspaceId"], "workspaceId")
    beside = [each for each in call.others(DIAGNOSTICS) if ids.same(each.inputs["resourceUri"], target)]
    if len(beside) >= _MOST and not call.old:
        raise ids.invalid("BadRequest", f"{target} has {_MOST} diagnostic settings, which is the limit.")
    _categories(call)
    _one_way(call)


def _categories(call: Call) -> None:
    logs, metrics = ids.listed(call.inputs, "logs"), ids.listed(call.inputs, "metrics")
    if not logs and not metrics:
        raise ids.invalid("BadRequest", "logs and metrics: at least one category must be named.")
    for index, each in enumerate(logs):
        category, group = each.get("category"), each.get("categoryGroup")
        if (category is None) == (group is None):
            message = f"logs[{index}]: exactly one of category and categoryGroup is needed."
            raise ids.invalid("BadRequest", message)
        if (category is not None and category not in AKS_LOGS) or (group is not None and group not in _GROUPS):
            message = f"logs[{index}]: Category '{category or group}' is not supported; supported are {AKS_LOGS}."
            raise ids.invalid("BadRequest", message)
        # "Retention policy is being deprecated": refused since 30 September 2025.
        if ids.within(each, "retentionPolicy").get("days"):
            raise ids.invalid("BadRequest", f"logs[{index}]: Diagnostic settings does not support retention any more.")


def _one_way(call: Call) -> None:
    # "Troubleshoot diagnostic settings": one category goes to one sink only once.
    for other in call.others(DIAGNOSTICS):
        same_sink = call.inputs.get("workspaceId") and ids.same(
            other.inputs.get("workspaceId"), call.inputs.get("workspaceId")
        )
        if same_sink and ids.same(other.inputs["resourceUri"], call.inputs["resourceUri"]):
            mine = {each.get("category") for each in ids.listed(call.inputs, "logs") if each.get("enabled")}
            theirs = {each.get("category") for each in ids.listed(other.inputs, "logs") if each.get("enabled")}
            if mine & theirs:
                message = (
                    f"Data sink '{call.inputs['workspaceId']}' is already used in diagnostic setting "
                    f"'{other.outputs['name']}' for category '{sorted(mine & theirs)[0]}'. Data sinks can't be reused "
                    "in different settings on the same category for the same resource."
                )
                raise ids.refused(409, "Conflict", message)


KINDS = (
    ArmKind(
        WORKSPACE,
        identify=ids.in_group("Microsoft.OperationalInsights/workspaces/{workspaceName}"),
        # `location` is create-only by its x-ms-mutability (common-types TrackedResource).
        replaces=frozenset({"resourceGroupName", "workspaceName", "location"}),
        named_by="workspaceName",
        planned=ids.named(WORKSPACE, "workspaceName"),
        rules=(_workspace,),
        create=_workspace_state,
        update=_workspace_state,
    ),
    ArmKind(
        DIAGNOSTICS,
        identify=ids.on_scope("resourceUri", "Microsoft.Insights/diagnosticSettings/{name}"),
        replaces=frozenset({"resourceUri", "name"}),
        named_by="name",
        planned=ids.named(DIAGNOSTICS, "name"),
        rules=(_setting,),
    ),
)
