"""Lambda functions of the simulated AWS, and the provider's calls of them.

Owns: their rules, and that a call runs the function's own code. Does not own: what the code may use (function_runner,
ec2_client). Only Python that the program holds as text is simulated, and calls with the scope CRUD.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from multimesh_lab.providers.aws import function_call, names
from multimesh_lab.providers.aws.iam import ROLE
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import ARCHIVE, ASSET, SIGNATURE, Properties

FUNCTION = "aws:lambda/function:Function"
INVOCATION = "aws:lambda/invocation:Invocation"
_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
_LATEST = "$LATEST"
_SECONDS, _MEGABYTES = (1, 900), (128, 10240)
_SOURCES = ("code", "imageUri", "s3Bucket")


def _function_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_lambda_function: ExactlyOneOf for the sources, validFunctionName, IntBetween for the sizes.
    given = [key for key in _SOURCES if inputs.get(key) is not None]
    if len(given) != 1:
        yield InputFault("code", f"exactly one of {', '.join(_SOURCES)} must be given, there are {len(given)}")
    if isinstance(inputs.get("name"), str) and not _NAME.match(str(inputs["name"])):
        yield InputFault("name", f"{inputs['name']!r} must match {_NAME.pattern}")
    for key, (low, high) in {"timeout": _SECONDS, "memorySize": _MEGABYTES}.items():
        value = inputs.get(key)
        if isinstance(value, int) and not low <= value <= high:
            yield InputFault(key, f"expected {key} to be in the range ({low} - {high}), got {value}")


def _function_rules(call: Call) -> None:
    role = names.by_output(call, ROLE, "arn", call.inputs["role"])
    # Lambda API, CreateFunction: the role must trust lambda.amazonaws.com.
    if role is None or "lambda.amazonaws.com" not in _trusted(role):
        raise RefusedError(
            "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."
        )
    if call.inputs.get("runtime") is None or call.inputs.get("handler") is None:
        raise RefusedError(
            "InvalidParameterValueException: Runtime and Handler are mandatory parameters for functions created with "
            "deployment packages."
        )
    if not str(call.inputs["runtime"]).startswith("python3."):
        raise RefusedError(f"a function in {call.inputs['runtime']} is not simulated; simulated is Python")
    files(call.inputs)


def _trusted(role: Record) -> list[str]:
    statements = cast("list[dict[str, Any]]", json.loads(str(role.inputs["assumeRolePolicy"])).get("Statement", []))
    services = [statement.get("Principal", {}).get("Service", []) for statement in statements]
    return [name for each in services for name in ([each] if isinstance(each, str) else each)]


def files(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The function's files by name, as the program holds them."""
    code = cast("Properties", inputs.get("code") or {})
    assets = cast("dict[str, Properties]", code.get("assets") or {})
    texts = {name: asset.get("text") if asset.get(SIGNATURE) == ASSET else None for name, asset in assets.items()}
    if code.get(SIGNATURE) != ARCHIVE or not texts or None in texts.values():
        raise RefusedError("code: only an archive of texts (AssetArchive of StringAssets) is simulated")
    return {name: str(text) for name, text in texts.items()}


def _function_outputs(call: Call) -> Properties:
    arn = names.arn(call, "lambda", f"function:{call.id}")
    source = json.dumps(files(call.inputs), sort_keys=True).encode()
    digest = base64.b64encode(hashlib.sha256(source).digest()).decode()
    invoke = f"arn:aws:apigateway:{names.region(call)}:lambda:path/2015-03-31/functions"
    return {
        "arn": arn,
        "qualifiedArn": f"{arn}:{_LATEST}",
        "invokeArn": f"{invoke}/{arn}/invocations",
        "qualifiedInvokeArn": f"{invoke}/{arn}:{_LATEST}/invocations",
        "responseStreamingInvokeArn": f"{invoke}/{arn}/response-streaming-invocations",
        "version": _LATEST,
        "lastModified": names.CREATED,
        "sourceCodeSize": len(source),
        "codeSha256": digest,
        "signingJobArn": "",
        "signingProfileVersionArn": "",
    }


def _invocation_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_lambda_invocation: StringIsJSON, and an object where the provider adds the event.
    text = inputs.get("input")
    if not isinstance(text, str):
        return
    try:
        event = json.loads(text)
    except ValueError as error:
        yield InputFault("input", f"contains an invalid JSON: {error}")
        return
    if not isinstance(event, dict):
        yield InputFault("input", 'lifecycle_scope other than "CREATE_ONLY" requires input to be a JSON object')


def _invocation_rules(call: Call) -> None:
    if call.inputs.get("lifecycleScope") != "CRUD":
        raise RefusedError("lifecycleScope: a call of another scope than CRUD is not simulated")
    _function_of(call)


def _function_of(call: Call) -> Record:
    name = str(call.inputs["functionName"])
    found = next((r for r in call.store.all(FUNCTION) if name in (r.id, r.outputs.get("arn"))), None)
    if found is None or found.outputs.get("region") != names.region(call):
        arn = names.arn(call, "lambda", f"function:{name}")
        raise RefusedError(f"ResourceNotFoundException: Function not found: {arn}")
    return found


def _invocation_id(call: Call) -> str:
    digest = hashlib.md5(_event(call, "create").encode(), usedforsecurity=False).hexdigest()
    return ",".join([str(call.inputs["functionName"]), str(call.inputs.get("qualifier", _LATEST)), digest])


def _event(call: Call, action: str) -> str:
    """The program's input and what happens to the resource, as aws_lambda_invocation says it with the scope CRUD."""
    event = cast("Properties", json.loads(str(call.inputs["input"])))
    before = str(call.old_inputs.get("input") or call.inputs["input"]) if action != "create" else None
    key = str(call.inputs.get("terraformKey", "tf"))
    return json.dumps({**event, key: {"action": action, "prev_input": json.loads(before) if before else None}})


def _invoke(call: Call, action: str) -> Properties:
    function = _function_of(call)
    order = function_call.Order(
        files=files(function.inputs),
        handler=str(function.inputs["handler"]),
        event=_event(call, action),
        seconds=int(function.outputs.get("timeout", _SECONDS[0])),
        region=names.region(call),
        role=str(function.inputs["role"]),
        name=function.id,
    )
    answer = function_call.run(call.store.home, order)
    if answer.fault is not None:
        raise RefusedError(f"invoking Lambda Function ({function.id}): {answer.fault}")
    return {"result": answer.result}


def _made_anew(call: Call) -> Iterable[str]:
    return ("result",) if call.inputs.get("input") != call.old_inputs.get("input") else ()


def _call_on_delete(call: Call) -> None:
    _invoke(call, "delete")


KINDS = (
    Kind(
        FUNCTION,
        identify=lambda call: str(call.inputs["name"]),
        replaces=frozenset({"name", "packageType", "tenancyConfig", "region"}),  # ForceNew of aws_lambda_function
        autoname=Autoname(limit=64),
        planned=lambda call: {
            **names.plan(call),
            "timeout": 3,
            "memorySize": 128,
            "packageType": "Zip",
            "publish": False,
            "reservedConcurrentExecutions": -1,
            "skipDestroy": False,
            "architectures": ["x86_64"],
        },
        check=_function_check,
        rules=(_function_rules,),
        create=_function_outputs,
        update=_function_outputs,
        create_minutes=0.2,
    ),
    Kind(
        INVOCATION,
        identify=_invocation_id,
        # ForceNew of aws_lambda_invocation with the scope CRUD; the real id follows the input.
        replaces=frozenset({"functionName", "qualifier", "triggers", "region"}),
        planned=lambda call: {"region": names.region(call), "qualifier": _LATEST, "terraformKey": "tf"},
        check=_invocation_check,
        rules=(_invocation_rules,),
        create=lambda call: _invoke(call, "create"),
        update=lambda call: _invoke(call, "update"),
        made_anew=_made_anew,
        delete=_call_on_delete,
        # As long as the function takes.
        create_minutes=0,
        delete_minutes=0,
    ),
)
