"""Roles, identity providers, keys and log groups of the simulated AWS: bookkeeping, nothing is enforced.

Owns: their formats and references. Does not own: what a policy allows; the lab asks nobody for permission.
"""

import json
import re
import uuid
from collections.abc import Iterable

from multimesh_lab.providers.aws import names
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.wire import Properties

ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
KEY = "aws:kms/key:Key"
_ROLE_NAME = re.compile(r"^[\w+=,.@-]{1,64}$")
INLINE = "aws:iam/rolePolicy:RolePolicy"
_INLINE_LIMIT = 10240
_RETENTIONS = (
    0,
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
_POLICY = re.compile(r"^arn:aws[\w-]*:iam::(aws|\d{12}):policy/.+$")


def _role_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_iam_role: assume_role_policy must be JSON.
    policy = inputs.get("assumeRolePolicy")
    if isinstance(policy, str):
        try:
            json.loads(policy)
        except ValueError as error:
            yield InputFault("assumeRolePolicy", f"contains an invalid JSON policy: {error}")


def _role_name(call: Call) -> None:
    # docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    if not _ROLE_NAME.match(str(call.inputs["name"])):
        raise RefusedError(f"ValidationError: role name {call.inputs['name']!r} must match {_ROLE_NAME.pattern}")


def _role_outputs(call: Call) -> Properties:
    path = str(call.inputs.get("path", "/"))
    return {
        "arn": f"arn:aws:iam::{names.ACCOUNT}:role{path}{call.inputs['name']}",
        "uniqueId": "AROA" + uuid.uuid4().hex[:17].upper(),
        "createDate": names.CREATED,
    }


def _role_detached(call: Call) -> None:
    if not call.inputs.get("forceDetachPolicies"):
        names.refuse_while_used(
            call, {ATTACHMENT: "role", INLINE: "role"}, "DeleteConflict: must detach all policies first"
        )


def _attachment_rules(call: Call) -> None:
    role = call.store.get(ROLE, str(call.inputs["role"]))
    if role is None:
        raise RefusedError(f"NoSuchEntity: The role with name {call.inputs['role']} cannot be found.")
    if not _POLICY.match(str(call.inputs["policyArn"])):
        raise RefusedError(
            f"InvalidInput: ARN {call.inputs['policyArn']!r} is not valid; it must match {_POLICY.pattern}"
        )


def _oidc_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_iam_openid_connect_provider: the URL must be https.
    url = inputs.get("url")
    if isinstance(url, str) and not url.startswith("https://"):
        yield InputFault("url", f"{url!r} must begin with https://")


def _oidc_id(call: Call) -> str:
    return f"arn:aws:iam::{names.ACCOUNT}:oidc-provider/{str(call.inputs['url']).removeprefix('https://')}"


def _inline_rules(call: Call) -> None:
    if call.store.get(ROLE, str(call.inputs["role"])) is None:
        raise RefusedError(f"NoSuchEntity: The role with name {call.inputs['role']} cannot be found.")
    # docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 10,240 characters, white space not counted.
    size = len("".join(str(call.inputs["policy"]).split()))
    if size > _INLINE_LIMIT:
        raise RefusedError(f"LimitExceeded: Maximum policy size of {_INLINE_LIMIT} bytes exceeded; it has {size}")


def _inline_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_iam_role_policy: policy must be JSON.
    policy = inputs.get("policy")
    if isinstance(policy, str):
        try:
            json.loads(policy)
        except ValueError as error:
            yield InputFault("policy", f"contains an invalid JSON policy: {error}")


def _retention_check(inputs: Properties) -> Iterable[InputFault]:
    # Validation of aws_cloudwatch_log_group, after CloudWatch Logs API, PutRetentionPolicy; 0 is for ever.
    days = inputs.get("retentionInDays")
    if isinstance(days, int) and days not in _RETENTIONS:
        yield InputFault("retentionInDays", f"{days}; allowed are {', '.join(map(str, _RETENTIONS))}")


def _key_outputs(call: Call) -> Properties:
    return {"arn": names.arn(call, "kms", f"key/{call.id}"), "keyId": call.id, "multiRegion": False}


def _alias_check(inputs: Properties) -> Iterable[InputFault]:
    name = inputs.get("name")
    if isinstance(name, str) and not name.startswith("alias/"):
        yield InputFault("name", f"{name!r} must begin with 'alias/'")


def _key_of_alias(call: Call) -> str:
    target = str(call.inputs["targetKeyId"])
    for record in call.store.all(KEY):
        if target in (record.id, record.outputs.get("arn")):
            return str(record.outputs["arn"])
    raise RefusedError(f"NotFoundException: Key {target!r} does not exist")


KINDS = (
    Kind(
        ROLE,
        identify=lambda call: str(call.inputs["name"]),
        replaces=frozenset({"name", "namePrefix", "path"}),  # ForceNew of aws_iam_role
        autoname=Autoname(limit=64),
        planned=lambda call: {
            **names.tags(call),
            "path": "/",
            "maxSessionDuration": 3600,
            "forceDetachPolicies": False,
        },
        check=_role_check,
        rules=(_role_name,),
        in_use=(_role_detached,),
        create=_role_outputs,
    ),
    Kind(
        ATTACHMENT,
        identify=lambda call: f"{call.inputs['role']}/{call.inputs['policyArn']}",
        replaces=frozenset({"role", "policyArn"}),  # ForceNew of aws_iam_role_policy_attachment
        rules=(_attachment_rules,),
    ),
    Kind(
        INLINE,
        identify=lambda call: f"{call.inputs['role']}:{call.inputs['name']}",
        replaces=frozenset({"role", "name", "namePrefix"}),  # ForceNew of aws_iam_role_policy
        autoname=Autoname(limit=128),
        check=_inline_check,
        rules=(_inline_rules,),
    ),
    Kind(
        OIDC,
        identify=_oidc_id,
        replaces=frozenset({"url"}),  # ForceNew of aws_iam_openid_connect_provider
        planned=names.tags,
        check=_oidc_check,
        create=lambda call: {"arn": call.id, "thumbprintLists": call.inputs.get("thumbprintLists", [])},
    ),
    Kind(
        KEY,
        identify=lambda call: str(uuid.uuid4()),
        # ForceNew of aws_kms_key.
        replaces=frozenset({"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "region"}),
        planned=lambda call: {**names.plan(call), "isEnabled": True, "keyUsage": "ENCRYPT_DECRYPT"},
        create=_key_outputs,
    ),
    Kind(
        "aws:kms/alias:Alias",
        identify=lambda call: str(call.inputs["name"]),
        replaces=frozenset({"name", "namePrefix", "region"}),  # ForceNew of aws_kms_alias
        autoname=Autoname(limit=250, prefix="alias/"),
        planned=lambda call: {"region": names.region(call)},
        check=_alias_check,
        create=lambda call: {
            "arn": names.arn(call, "kms", str(call.inputs["name"])),
            "targetKeyArn": _key_of_alias(call),
        },
    ),
    Kind(
        "aws:cloudwatch/logGroup:LogGroup",
        identify=lambda call: str(call.inputs["name"]),
        replaces=frozenset({"name", "namePrefix", "logGroupClass", "region"}),  # ForceNew of aws_cloudwatch_log_group
        autoname=Autoname(limit=512),
        planned=lambda call: {**names.plan(call), "skipDestroy": False, "retentionInDays": 0},
        check=_retention_check,
        create=lambda call: {"arn": names.arn(call, "logs", f"log-group:{call.inputs['name']}")},
    ),
)
