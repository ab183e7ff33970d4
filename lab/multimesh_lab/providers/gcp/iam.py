"""Service accounts, grants, services and keys of the simulated Google Cloud; nothing is enforced.

Owns: their formats and references. Does not own: what a grant allows; the lab asks nobody for permission.
"""

import re

from multimesh_lab.providers.gcp import names
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.wire import Properties

ACCOUNT = "gcp:serviceaccount/account:Account"
KEY_RING = "gcp:kms/keyRing:KeyRing"
CRYPTO_KEY = "gcp:kms/cryptoKey:CryptoKey"
KEY_USER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
_ACCOUNT_ID = re.compile(r"^[a-z]([-a-z0-9]{4,28}[a-z0-9])$")
_ROLE = re.compile(r"^((projects|organizations)/[^/]+/)?roles/[A-Za-z0-9_.]+$")
_MEMBER = re.compile(
    r"^(allUsers|allAuthenticatedUsers|(user|group|domain|serviceAccount|principal|principalSet|deleted:\w+):.+)$"
)


def _email(call: Call) -> str:
    return f"{call.inputs['accountId']}@{names.project(call)}.iam.gserviceaccount.com"


def _account_plan(call: Call) -> Properties:
    known: Properties = {"project": names.project(call), "disabled": False}
    if isinstance(call.inputs.get("accountId"), str):
        # The real provider plans these too (resourceGoogleServiceAccount CustomizeDiff).
        known |= {"email": _email(call), "member": f"serviceAccount:{_email(call)}"}
    return known


def _account_id(call: Call) -> None:
    # 6-30 characters (IAM API, projects.serviceAccounts.create accountId).
    account = str(call.inputs["accountId"])
    if not _ACCOUNT_ID.match(account):
        raise RefusedError(
            f"accountId {account!r} must be 6 to 30 lower-case letters, digits and hyphens, beginning with a letter"
        )


def _account_outputs(call: Call) -> Properties:
    number = str(int.from_bytes(call.id.encode()[:8], "big"))
    return {
        "email": _email(call),
        "name": call.id,
        "uniqueId": number,
        "member": f"serviceAccount:{_email(call)}",
    }


def _grant_rules(call: Call) -> None:
    member, role = str(call.inputs["member"]), str(call.inputs["role"])
    # cloud.google.com/iam/docs/principal-identifiers and the provider's role validation.
    if not _MEMBER.match(member):
        raise RefusedError(f"Error 400: member {member!r} is not KIND:IDENTITY, such as 'serviceAccount:EMAIL'")
    if not _ROLE.match(role):
        raise RefusedError(f"Error 400: role {role!r} is not roles/NAME or projects/PROJECT/roles/NAME")
    _member_exists(call, member)


def _member_exists(call: Call, member: str) -> None:
    # "Service account X does not exist", badRequest (IAM API, setIamPolicy).
    kind, _, email = member.partition(":")
    if kind != "serviceAccount" or not email.endswith(".iam.gserviceaccount.com"):
        return
    project = email.partition("@")[2].removesuffix(".iam.gserviceaccount.com")
    accounts = call.store.all(ACCOUNT)
    ours = {str(record.outputs.get("project")) for record in accounts}
    if project in ours and email not in {record.outputs["email"] for record in accounts}:
        raise RefusedError(f"Error 400: Service account {email} does not exist., badRequest")


def _etag(call: Call) -> Properties:
    del call
    return {"etag": "BwXhqDVLn2c="}


def _project_plan(call: Call) -> Properties:
    return {"project": names.project(call)}


def _service_rules(call: Call) -> None:
    service = str(call.inputs["service"])
    if not service.endswith(".googleapis.com"):
        raise RefusedError(f"Error 400: service {service!r} is not a NAME.googleapis.com")


def _key_ring_exists(call: Call) -> None:
    if call.store.get(KEY_RING, str(call.inputs["keyRing"])) is None:
        raise RefusedError(f"Error 404: KeyRing {call.inputs['keyRing']!r} not found.")


def _account_exists(call: Call) -> None:
    if call.store.get(ACCOUNT, str(call.inputs["serviceAccountId"])) is None:
        raise RefusedError(f"Error 404: Unknown service account {call.inputs['serviceAccountId']!r}, notFound")


def _crypto_key_exists(call: Call) -> None:
    if call.store.get(CRYPTO_KEY, str(call.inputs["cryptoKeyId"])) is None:
        raise RefusedError(f"Error 404: CryptoKey {call.inputs['cryptoKeyId']!r} not found.")


def _grant(token: str, scope: str, *rules: object) -> Kind:
    """A non-authoritative grant: every property of it forces a new one (google_*_iam_member)."""
    return Kind(
        token,
        identify=lambda call: f"{call.inputs[scope]}/{call.inputs['role']}/{call.inputs['member']}",
        replaces=frozenset({scope, "role", "member", "condition"}),
        rules=(_grant_rules, *rules),  # pyright: ignore[reportArgumentType]
        create=_etag,
    )


KINDS = (
    Kind(
        ACCOUNT,
        identify=lambda call: f"projects/{names.project(call)}/serviceAccounts/{_email(call)}",
        replaces=frozenset({"accountId", "project"}),  # ForceNew of google_service_account
        autoname=Autoname("accountId", limit=30, lower=True),
        planned=_account_plan,
        rules=(_account_id,),
        create=_account_outputs,
    ),
    _grant("gcp:projects/iAMMember:IAMMember", "project"),
    _grant("gcp:serviceaccount/iAMMember:IAMMember", "serviceAccountId", _account_exists),
    _grant(KEY_USER, "cryptoKeyId", _crypto_key_exists),
    Kind(
        "gcp:projects/service:Service",
        identify=lambda call: f"{names.project(call)}/{call.inputs['service']}",
        replaces=frozenset({"project", "service"}),  # ForceNew of google_project_service
        planned=_project_plan,
        rules=(_service_rules,),
    ),
    Kind(
        KEY_RING,
        identify=lambda call: (
            f"projects/{names.project(call)}/locations/{call.inputs['location']}/keyRings/{call.inputs['name']}"
        ),
        replaces=frozenset({"name", "project", "location"}),  # ForceNew of google_kms_key_ring
        autoname=Autoname(limit=63, lower=True),
        planned=_project_plan,
        survives_delete=True,  # key rings cannot be deleted; destroy only forgets them (google_kms_key_ring)
    ),
    Kind(
        CRYPTO_KEY,
        identify=lambda call: f"{call.inputs['keyRing']}/cryptoKeys/{call.inputs['name']}",
        replaces=frozenset({"name", "keyRing", "purpose", "importOnly"}),  # ForceNew of google_kms_crypto_key
        autoname=Autoname(limit=63, lower=True),
        planned=lambda call: {"purpose": "ENCRYPT_DECRYPT", **names.labels(call)},
        rules=(_key_ring_exists,),
        create=lambda call: {"primaries": [{"name": f"{call.id}/cryptoKeyVersions/1", "state": "ENABLED"}]},
        private=names.LABEL_SECRETS,
        survives_delete=True,  # keys cannot be deleted either; their versions are destroyed
    ),
)
