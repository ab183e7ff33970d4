"""Role assignments and locks of the simulated Azure.

Owns: who may do what, and what a lock forbids. Does not own: which right an operation needs.
"""

import re

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.kind import ArmKind, Naming
from multimesh_lab.providers.azure_native.tokens import GROUP, IDENTITY, LOCK, ROLE
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

# "Azure built-in roles" (learn.microsoft.com).
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
KEY_VAULT_CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
KEY_VAULT_CRYPTO_OFFICER = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"
KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
_KNOWN = frozenset(
    {
        OWNER,
        CONTRIBUTOR,
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",  # Reader
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",  # User Access Administrator
        NETWORK_CONTRIBUTOR,
        MANAGED_IDENTITY_OPERATOR,
        "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",  # Managed Identity Contributor
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",  # AcrPull
        "8311e382-0749-4cb8-b61a-304f252e45ec",  # AcrPush
        KEY_VAULT_CRYPTO_USER,
        KEY_VAULT_CRYPTO_OFFICER,
        "e147488a-f6f5-4113-8e2d-b22465e65bf6",  # Key Vault Crypto Service Encryption User
        KEY_VAULT_ADMINISTRATOR,
        "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",  # Azure Kubernetes Service RBAC Cluster Admin
        "3498e952-d568-435e-9b2c-8d77e338d7f7",  # Azure Kubernetes Service RBAC Admin
        "7f6c6a51-bcf8-42ba-9220-52d62157d7db",  # Azure Kubernetes Service RBAC Reader
        "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",  # Azure Kubernetes Service RBAC Writer
        "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",  # Azure Kubernetes Service Cluster User Role
        "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8",  # Azure Kubernetes Service Cluster Admin Role
    }
)
_DEFINITION = re.compile(
    r"^(/subscriptions/[^/]+)?/providers/Microsoft\.Authorization/roleDefinitions/([0-9a-f-]{36})$"
)
_GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_TYPES = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")
_LEVELS = ("CanNotDelete", "ReadOnly")


def may(store: Store, principal: object, roles: tuple[str, ...], target: str) -> bool:
    """Whether the principal has one of the roles on the resource or on something that it lies in."""
    for each in store.all(ROLE):
        role = str(each.outputs["roleDefinitionId"]).rpartition("/")[2].lower()
        fits = ids.same(each.outputs["principalId"], principal) and role in (*roles, OWNER)
        if fits and ids.lies_in(target, each.outputs["scope"]):
            return True
    return False


def not_locked(call: Call) -> None:
    """Refuse to delete what a lock protects: the resource, what it lies in, or what lies in it."""
    # "Lock your Azure resources to protect your infrastructure" (learn.microsoft.com): a lock holds for everything
    # within its scope, and a group with something locked in it cannot be deleted.
    found = [each for each in call.store.all(LOCK) if _concerns(each, call)]
    if found:
        scopes = ", ".join(sorted({str(each.inputs["scope"]) for each in found}))
        message = (
            f"The scope '{call.id}' cannot perform delete operation because following scope(s) are locked: '{scopes}'. "
            "Please remove the lock and try again."
        )
        raise ids.refused(409, "ScopeLocked", message)


def _concerns(lock: Record, call: Call) -> bool:
    scope = lock.inputs["scope"]
    return ids.lies_in(call.id, scope) or (call.type == GROUP and ids.lies_in(scope, call.id))


def _assignment(call: Call) -> None:
    # "Troubleshoot Azure RBAC" and "Assign Azure roles using the REST API" (learn.microsoft.com).
    role, principal = str(call.inputs["roleDefinitionId"]), str(call.inputs["principalId"])
    found = _DEFINITION.match(role)
    if found is None or found[2] not in _KNOWN:
        message = f"The specified role definition with ID '{role.rpartition('/')[2]}' does not exist."
        raise ids.refused(404, "RoleDefinitionDoesNotExist", message)
    if not _GUID.match(str(call.inputs["roleAssignmentName"])):
        message = f"The role assignment ID '{call.inputs['roleAssignmentName']}' is not valid. It must be a GUID."
        raise ids.invalid("InvalidRoleAssignmentId", message)
    kind = call.inputs.get("principalType", "User")
    if kind not in _TYPES:
        raise ids.invalid("BadRequest", f"principalType '{kind}' must be one of {', '.join(_TYPES)}.")
    identities = [each for each in call.store.all(IDENTITY) if ids.same(each.outputs.get("principalId"), principal)]
    if identities and kind != "ServicePrincipal":
        message = f"The PrincipalId '{principal}' has type 'ServicePrincipal', which is different from '{kind}'."
        raise ids.invalid("UnmatchedPrincipalType", message)


def _no_other(call: Call) -> None:
    # "Troubleshoot Azure RBAC" (learn.microsoft.com): RoleAssignmentExists.
    for other in call.others(ROLE):
        keys = ("scope", "principalId", "roleDefinitionId")
        if all(ids.same(other.outputs.get(key), call.inputs.get(key)) for key in keys):
            message = f"The role assignment already exists. The ID of the conflicting role assignment is {other.id}."
            raise ids.refused(409, "RoleAssignmentExists", message)


def _scope_exists(call: Call) -> None:
    scope = str(call.inputs["scope"])
    inner = scope.partition("/resourceGroups/")[2]
    known = [each for each in call.store.all() if ids.same(each.id, scope)]
    if inner and not known:
        raise (
            ids.not_found(scope)
            if "/providers/" in scope
            else ids.refused(404, "ResourceGroupNotFound", f"Resource group '{inner}' could not be found.")
        )


def _unchanged(call: Call) -> None:
    # "Assign Azure roles using the REST API": an assignment is made and deleted, never changed.
    if call.old and not ids.same(call.old.get("roleDefinitionId"), call.inputs["roleDefinitionId"]):
        message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise ids.invalid("RoleAssignmentUpdateNotPermitted", message)


def _assigned(call: Call) -> Properties:
    return {"createdOn": "2026-01-01T00:00:00.0000000Z", "principalType": call.inputs.get("principalType", "User")}


def _lock(call: Call) -> None:
    level = call.inputs["level"]
    if level not in _LEVELS:
        raise ids.invalid("BadRequest", f"level '{level}' must be one of {', '.join(_LEVELS)}.")


KINDS = (
    ArmKind(
        ROLE,
        identify=ids.on_scope("scope", "Microsoft.Authorization/roleAssignments/{roleAssignmentName}"),
        replaces=frozenset({"principalId", "scope", "roleAssignmentName"}),  # forceNewMap, replacement.go
        named_by="roleAssignmentName",
        naming=Naming.UUID,
        planned=ids.named(ROLE, "roleAssignmentName"),
        rules=(_scope_exists, _assignment, _no_other, _unchanged),
        create=_assigned,
    ),
    ArmKind(
        LOCK,
        identify=ids.on_scope("scope", "Microsoft.Authorization/locks/{lockName}"),
        replaces=frozenset({"scope", "lockName"}),
        named_by="lockName",
        planned=ids.named(LOCK, "lockName"),
        rules=(_scope_exists, _lock),
    ),
)
