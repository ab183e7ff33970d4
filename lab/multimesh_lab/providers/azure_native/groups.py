"""Resource groups of the simulated Azure.

Owns: their rules. Does not own: what is in them, which goes with them (arm).
"""

import re

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import GROUP
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Record

# "Naming rules and restrictions for Azure resources" (learn.microsoft.com), Microsoft.Resources/resourceGroups.
_NAME = re.compile(r"^[\w.()-]{0,89}[\w()-]$")


def exists(call: Call) -> None:
    """Refuse a resource in a group that is not there, or without a place."""
    # "Troubleshoot common Azure deployment errors" (learn.microsoft.com): ResourceGroupNotFound, LocationRequired.
    name = str(call.inputs["resourceGroupName"])
    if group_named(call, name) is None:
        raise ids.refused(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def group_named(call: Call, name: str) -> Record | None:
    groups = call.store.all(GROUP)
    return next((each for each in groups if ids.same(each.outputs.get("name"), name)), None)


def _name(call: Call) -> None:
    name = str(call.inputs["resourceGroupName"])
    if not _NAME.match(name):
        message = (
            f"The provided resource group name '{name}' has these invalid characters or length: 1 to 90 letters, "
            "digits, underscores, hyphens, periods and parentheses are allowed, and no period at the end."
        )
        raise ids.invalid("InvalidResourceName", message)
    if not call.inputs.get("location"):
        raise ids.invalid("LocationRequired", "The location property is required for this definition.")


KIND = ArmKind(
    GROUP,
    identify=ids.in_subscription("/resourceGroups/{resourceGroupName}"),
    replaces=frozenset({"resourceGroupName", "location"}),  # forceNewMap, provider/pkg/gen/replacement.go
    named_by="resourceGroupName",
    planned=ids.named(GROUP, "resourceGroupName"),
    rules=(_name,),
    create=lambda call: {"properties": {"provisioningState": "Succeeded"}},
)
