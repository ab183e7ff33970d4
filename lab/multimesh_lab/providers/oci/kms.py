"""Vaults and keys of the simulated Oracle Cloud.

Owns: their forms, and that their deletion is only scheduled. Does not own: who may use a key (policies).
The provider takes a scheduled deletion for a deletion, so nothing of it is left in the inventory; what is scheduled is
noted in a file beside it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from multimesh_lab import files
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.oci.tokens import KEY, VAULT
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

_TYPES = ("DEFAULT", "VIRTUAL_PRIVATE")
# SDK documentation of KeyShape.length, in bytes.
_LENGTHS = {"AES": (16, 24, 32), "RSA": (256, 384, 512), "ECDSA": (32, 48, 66)}
_LEAST, _MOST = timedelta(days=7), timedelta(days=30)
_TOLERANCE = timedelta(minutes=5)


def pending(store: Store) -> Mapping[str, str]:
    """The OCIDs of vaults and keys in PENDING_DELETION, with the times at which they go."""
    return {each: str(entry["time"]) for each, entry in _scheduled(store).items()}


def _scheduled(store: Store) -> dict[str, dict[str, str]]:
    return cast("dict[str, dict[str, str]]", files.read_json(_file(store), {}))


def _file(store: Store) -> Path:
    return store.folder / "pending_deletion.json"


def _time_of_deletion(call: Call) -> datetime:
    text = call.inputs.get("timeOfDeletion")
    if text is None:
        return datetime.now(UTC) + _MOST
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as error:
        raise RefusedError(f"timeOfDeletion {text!r} is not an RFC 3339 time: {error}") from error


def _deletable(call: Call) -> None:
    # docs.oracle.com/en-us/iaas/Content/KeyManagement/Tasks/managingvaults_topic-To_delete_a_vault.htm: a scheduled
    # deletion is 7 to 30 days away, 30 unless given.
    when, now = _time_of_deletion(call), datetime.now(UTC)
    if not _LEAST - _TOLERANCE <= when - now <= _MOST + _TOLERANCE:
        raise names.invalid(f"timeOfDeletion {when.isoformat()} must be 7 to 30 days from now ({now.isoformat()})")
    # ScheduleVaultDeletion (KMS API): rejected with 409 if a key of the vault would go after it.
    for each, entry in _scheduled(call.store).items():
        if entry.get("vault") == call.id and datetime.fromisoformat(entry["time"]) > when + _TOLERANCE:
            raise RefusedError(f"409-Conflict, the key {each!r} of the vault is scheduled to be deleted later, {entry}")


def _schedule(call: Call) -> None:
    known = _scheduled(call.store)
    entry = {"time": _time_of_deletion(call).isoformat(), "vault": str(call.old.get("vaultId") or "")}
    files.write_json(_file(call.store), {**known, call.id: entry})


def _vault_type(call: Call) -> None:
    # KMS API, CreateVaultDetails.vaultType; an EXTERNAL vault needs a key manager outside, which the lab lacks.
    if call.inputs.get("vaultType") not in _TYPES:
        raise names.invalid(f"vaultType {call.inputs.get('vaultType')!r}: simulated are {' and '.join(_TYPES)}")


def _vault_outputs(call: Call) -> Properties:
    region, own = names.region(call), call.id[-12:]
    return {
        "managementEndpoint": f"https://{own}-management.kms.{region}.oraclecloud.com",
        "cryptoEndpoint": f"https://{own}-crypto.kms.{region}.oraclecloud.com",
        "isPrimary": True,
        "isVaultReplicable": call.inputs["vaultType"] == "VIRTUAL_PRIVATE",
        "restoredFromVaultId": "",
        "replicaDetails": [],
        "externalKeyManagerMetadataSummaries": [],
        "state": "ACTIVE",
        "timeCreated": names.CREATED,
    }


def _vault_of(call: Call) -> Record:
    endpoint = call.inputs.get("managementEndpoint")
    for vault in call.store.all(VAULT):
        if vault.outputs.get("managementEndpoint") == endpoint:
            return vault
    raise names.not_found("managementEndpoint", endpoint, "the managementEndpoint of an existing vault")


def _key_rules(call: Call) -> None:
    _vault_of(call)
    shape = names.within(call.inputs, "keyShape")
    algorithm, length = str(shape.get("algorithm")), shape.get("length")
    if length not in _LENGTHS.get(algorithm, ()):
        raise names.invalid(f"keyShape: {algorithm} with a length of {length} bytes; allowed are {_LENGTHS}")
    if call.inputs.get("protectionMode", "HSM") not in ("HSM", "SOFTWARE"):
        raise names.invalid(f"protectionMode {call.inputs['protectionMode']!r}: simulated are HSM and SOFTWARE")
    # KmsKeyResourceCrud.Create in oracle/terraform-provider-oci, kms_key_resource.go.
    if not call.old and call.inputs.get("desiredState", "ENABLED") != "ENABLED":
        raise RefusedError("oci_kms_keys can only be created in ENABLED state; change desiredState afterwards")


def _key_outputs(call: Call) -> Properties:
    return {
        "vaultId": _vault_of(call).id,
        "currentKeyVersion": f"ocid1.keyversion.oc1.{names.region(call)}.{names.fresh(call)}",
        "isPrimary": True,
        "restoredFromKeyId": "",
        "replicaDetails": [],
        "externalKeyReferenceDetails": [],
        "state": "ENABLED",
        "timeCreated": names.CREATED,
    }


KINDS = (
    Kind(
        VAULT,
        identify=names.ocid("vault"),
        replaces=frozenset({"vaultType", "externalKeyManagerMetadata"}),  # ForceNew of oci_kms_vault
        planned=names.plan,
        rules=(names.in_compartment, _vault_type),
        in_use=(_deletable,),
        create=_vault_outputs,
        delete=_schedule,
        perpetual=names.tags_never_settle,
    ),
    Kind(
        KEY,
        identify=names.ocid("key"),
        # ForceNew of oci_kms_key.
        replaces=frozenset({"keyShape", "managementEndpoint", "protectionMode", "externalKeyReference"}),
        planned=lambda call: {
            **names.plan(call),
            **names.chosen(call, protectionMode="HSM", desiredState="ENABLED", isAutoRotationEnabled=False),
        },
        rules=(names.in_compartment, _key_rules),
        in_use=(_deletable,),
        create=_key_outputs,
        update=lambda call: {"state": call.inputs.get("desiredState") or call.old.get("state")},
        delete=_schedule,
        perpetual=names.tags_never_settle,
    ),
)
