"""Key vaults of the simulated Azure and their keys.

Owns: their forms, and that a deleted vault is kept. Does not own: who may use a key (authorization).
A deleted vault is no resource any more, so nothing of it is left in the inventory; its name is noted in a file beside
it.
"""

import re
from pathlib import Path
from typing import cast

from multimesh_lab import files
from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.kind import ArmKind, Naming
from multimesh_lab.providers.azure_native.tokens import KEY, VAULT
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Store
from multimesh_lab.providers.wire import Properties

# "Naming rules and restrictions for Azure resources" (learn.microsoft.com), Microsoft.KeyVault.
_NAME = re.compile(r"^[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]$")
_KEY_NAME = re.compile(r"^[A-Za-z0-9-]{1,127}$")
_DAYS = range(7, 91)
_SIZES = {"RSA": (2048, 3072, 4096), "RSA-HSM": (2048, 3072, 4096)}
_TYPES = ("RSA", "RSA-HSM", "EC", "EC-HSM")


def soft_deleted(store: Store) -> dict[str, str]:
    """Names of deleted vaults that are kept, with the ids that they had."""
    return cast("dict[str, str]", files.read_json(_file(store), {}))


def _file(store: Store) -> Path:
    return store.folder / "deleted_vaults.json"


def _check(call: Call) -> None:
    name, given = str(call.inputs["vaultName"]), ids.within(call.inputs, "properties")
    if not _NAME.match(name):
        message = (
            f"The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The "
            "name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens."
        )
        raise ids.invalid("VaultNameNotValid", message)
    if ids.within(given, "sku").get("family") != "A":
        raise ids.invalid("InvalidParameter", "properties.sku.family must be A.")
    # "Azure Key Vault soft-delete overview" (learn.microsoft.com): always on, for 7 to 90 days, never changed.
    days = given.get("softDeleteRetentionInDays", 90)
    if days not in _DAYS:
        raise ids.invalid("BadRequest", f"properties.softDeleteRetentionInDays {days} must be 7 to 90.")
    if given.get("enableSoftDelete") is False:
        message = 'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling is final.'
        raise ids.invalid("BadRequest", message)
    if given.get("enablePurgeProtection") is False:  # the words are those of hashicorp/terraform-provider-azurerm#5344
        message = (
            'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is '
            "an irreversible action."
        )
        raise ids.invalid("BadRequest", message)


def _change(call: Call) -> None:
    before, after = ids.within(call.old, "properties"), ids.within(call.inputs, "properties")
    if not before:
        return
    if before.get("enablePurgeProtection") and not after.get("enablePurgeProtection"):
        message = "properties.enablePurgeProtection: purge protection is enabled and an irreversible action."
        raise ids.invalid("BadRequest", message)
    old, new = (each.get("softDeleteRetentionInDays", 90) for each in (before, after))
    if old != new:
        message = f'The property "softDeleteRetentionInDays" has been set already, to {old}; it cannot become {new}.'
        raise ids.invalid("BadRequest", message)


def _name_is_free(call: Call) -> None:
    # "Key Vault recovery overview" (learn.microsoft.com): a deleted vault's name stays taken, in all of Azure.
    name = str(call.inputs["vaultName"]).lower()
    if call.old:
        return
    if name in soft_deleted(call.store):
        message = (
            f"A vault with the same name already exists in deleted state: '{name}'. You need to either recover or "
            "purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745."
        )
        raise ids.refused(409, "ConflictError", message)
    if any(ids.same(each.outputs.get("name"), name) for each in call.others(VAULT)):
        message = f"The vault name '{name}' is already in use. Vault names are globally unique."
        raise ids.refused(409, "VaultAlreadyExists", message)


def _vault(call: Call) -> Properties:
    name = call.inputs["vaultName"]
    given = {key: value for key, value in ids.within(call.inputs, "properties").items() if value is not None}
    chosen = {
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "publicNetworkAccess": "Enabled",
        "accessPolicies": [],
        "provisioningState": "Succeeded",
        "vaultUri": f"https://{name}.vault.azure.net/",
    }
    return {"properties": {**chosen, **given}}


def _delete(call: Call) -> None:
    files.write_json(_file(call.store), {**soft_deleted(call.store), str(call.inputs["vaultName"]).lower(): call.id})


_key_url = ids.in_group("Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}")


def _check_key(call: Call) -> None:
    call.id = call.id or _key_url(call)
    ids.parent_of(call, VAULT)
    given = ids.within(call.inputs, "properties")
    kind, size = given.get("kty"), given.get("keySize")
    if not _KEY_NAME.match(str(call.inputs["keyName"])):
        message = f"keyName '{call.inputs['keyName']}' has 1 to 127 letters, digits and hyphens."
        raise ids.invalid("BadParameter", message)
    # "About keys" (learn.microsoft.com).
    if kind not in _TYPES:
        raise ids.invalid("BadParameter", f"properties.kty '{kind}' must be one of {', '.join(_TYPES)}.")
    if kind in _SIZES and size not in (None, *_SIZES[kind]):
        raise ids.invalid("BadParameter", f"properties.keySize {size} must be one of {_SIZES[kind]} for {kind}.")


def _key_stays(call: Call) -> None:
    # REST API, Keys - Create If Not Exist: "this operation does not perform subsequent updates".
    if call.old:
        message = "Keys - Create If Not Exist: an existing key is not changed by this API."
        raise ids.refused(409, "Conflict", message)


def _key(call: Call) -> Properties:
    vault = ids.parent_of(call, VAULT)
    given = ids.within(call.inputs, "properties")
    uri = f"https://{vault.outputs['name']}.vault.azure.net/keys/{call.inputs['keyName']}"
    return {
        "keyUri": uri,
        "keyUriWithVersion": f"{uri}/{ids.fresh_guid(call, 'key').replace('-', '')}",
        "kty": given["kty"],
        "keySize": given.get("keySize", 2048) if given["kty"] in _SIZES else None,
        "keyOps": given.get("keyOps", ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]),
        "attributes": {"enabled": True, "exportable": False, **ids.within(given, "attributes")},
        "location": vault.outputs["location"],
    }


KINDS = (
    ArmKind(
        VAULT,
        identify=ids.in_group("Microsoft.KeyVault/vaults/{vaultName}"),
        # `location` is no property that forces another vault in the provider; ARM refuses to move it.
        replaces=frozenset({"resourceGroupName", "vaultName"}),
        named_by="vaultName",
        planned=ids.named(VAULT, "vaultName"),
        rules=(_check, _change, _name_is_free),
        create=_vault,
        update=_vault,
        delete=_delete,
        create_minutes=0.5,
    ),
    ArmKind(
        KEY,
        identify=_key_url,
        replaces=frozenset({"resourceGroupName", "vaultName", "keyName"}),
        named_by="keyName",
        naming=Naming.COPY,
        planned=ids.named(KEY, "keyName"),
        rules=(_check_key, _key_stays),
        create=_key,
    ),
)
