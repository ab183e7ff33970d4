"""User-assigned identities of the simulated Azure.

Owns: what Entra gives them. Does not own: their rights (authorization).
"""

import re

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import IDENTITY
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.wire import Properties

# "Naming rules and restrictions for Azure resources" (learn.microsoft.com), Microsoft.ManagedIdentity.
_NAME = re.compile(r"^[A-Za-z0-9][\w-]{2,127}$")


def _name(call: Call) -> None:
    name = str(call.inputs["resourceName"])
    if not _NAME.match(name):
        message = (
            f"The resource name '{name}' is invalid: 3 to 128 letters, digits, hyphens and underscores are allowed, "
            "beginning with a letter or digit."
        )
        raise ids.invalid("InvalidResourceName", message)


def _made(call: Call) -> Properties:
    return {
        "principalId": ids.fresh_guid(call, "principal"),
        "clientId": ids.fresh_guid(call, "client"),
        "tenantId": ids.TENANT,
    }


# Deleting one that a cluster uses is not refused by ARM: "Delete a user-assigned managed identity"
# (learn.microsoft.com) says that references stay, and fail later.
KIND = ArmKind(
    IDENTITY,
    identify=ids.in_group("Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"),
    # `location` is create-only by its x-ms-mutability (common-types TrackedResource).
    replaces=frozenset({"resourceGroupName", "resourceName", "location"}),
    named_by="resourceName",
    planned=ids.named(IDENTITY, "resourceName"),
    rules=(_name,),
    create=_made,
)
