"""The checks as policies of a pack that the engine asks about each preview and update.

Owns: what the policy SDK is told, and reading what it shows. Does not own: any check (catalogue.py).
Needs the extra `policy`: pip install 'pulumi-multimesh[policy]'.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pulumi_policy as policy
from pulumi_policy.proxy import UnknownValueError  # the SDK has no public name for it

from pulumi_multimesh import __version__
from pulumi_multimesh.checks.catalogue import CATALOGUE
from pulumi_multimesh.checks.check import Check, Finding, Level, is_excepted
from pulumi_multimesh.checks.item import KUBERNETES, UNREAD, Item
from pulumi_multimesh.checks.state_secrets import STATE_ONLY

PACK = "multimesh"
Inputs = dict[str, Mapping[str, Any]]
"""By URN: what was asked for. A pack serves one preview or one update, in which a resource's do not change."""
_EXCEPT = "except"
_LEVELS = {Level.MANDATORY: policy.EnforcementLevel.MANDATORY, Level.ADVISORY: policy.EnforcementLevel.ADVISORY}
_SCHEMA = policy.PolicyConfigSchema(
    properties={
        _EXCEPT: {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of resources that it leaves alone, with * for any part.",
        }
    }
)


def pack() -> policy.PolicyPack:
    """Serve the engine; does not return before the engine is done."""
    inputs: Inputs = {}
    return policy.PolicyPack(
        PACK,
        [as_policy(check, inputs) for check in CATALOGUE if check.id not in STATE_ONLY],
        description="What a multi-cloud service mesh should not have, told before anything is changed.",
        display_name=f"pulumi-multimesh {__version__}",
    )


def as_policy(check: Check, inputs: Inputs) -> policy.Policy:
    """The check as the SDK's policy, of one resource or of all of a stack.

    `inputs` is filled by the former and read by the latter: of a resource whose provider is not there yet the engine
    shows nothing at a preview's end.
    """
    common: dict[str, Any] = {
        "name": check.id,
        "description": check.title,
        "enforcement_level": _LEVELS[check.level],
        "config_schema": _SCHEMA,
        "remediation_steps": check.remedy,
    }
    if check.survey is not None:
        return policy.StackValidationPolicy(validate=_surveying(check, inputs), **common)
    return policy.ResourceValidationPolicy(validate=_looking(check, inputs), **common)


def _looking(check: Check, inputs: Inputs) -> Callable[[policy.ResourceValidationArgs, policy.ReportViolation], None]:
    def validate(args: policy.ResourceValidationArgs, report: policy.ReportViolation) -> None:
        if args.urn not in inputs:
            inputs[args.urn] = _readable(args.props)
        seen = Item(args.resource_type, args.name, inputs[args.urn], _cluster(args.provider), args.urn)
        if not is_excepted(args.name, _excepted(args)):
            for finding in check.finds([seen]):
                report(_told(finding), None)

    return validate


def _surveying(check: Check, inputs: Inputs) -> Callable[[policy.StackValidationArgs, policy.ReportViolation], None]:
    def validate(args: policy.StackValidationArgs, report: policy.ReportViolation) -> None:
        seen = [
            Item(
                type=each.resource_type,
                name=each.name,
                properties={**_readable(each.props), **inputs.get(each.urn, {})},
                cluster=_cluster(each.provider),
                urn=each.urn,
            )
            for each in args.resources
        ]
        for finding in check.finds(seen):
            if not is_excepted(finding.item.name, _excepted(args)):
                report(_told(finding), finding.item.urn)

    return validate


def _told(finding: Finding) -> str:
    return f"{finding.item.name}: {finding.message}\n{finding.check.remedy}\nWhy: multimesh checks {finding.check.id}"


def _excepted(args: policy.ResourceValidationArgs | policy.StackValidationArgs) -> Sequence[str]:
    return cast("Sequence[str]", args.get_config().get(_EXCEPT, ()))


def _cluster(provider: policy.PolicyProviderResource | None) -> str:
    is_kubernetes = provider is not None and provider.resource_type == f"pulumi:providers:{KUBERNETES.rstrip(':')}"
    return provider.urn if provider is not None and is_kubernetes else ""


def _readable(value: Any) -> Any:
    """The same without the SDK's wrapping, which raises where it comes upon what a preview does not know yet."""
    if isinstance(value, Mapping):
        found = cast("Mapping[str, Any]", value)
        return {key: _taken(found, key) for key in found}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        several = cast("Sequence[Any]", value)
        return [_taken(several, position) for position in range(len(several))]
    return value


def _taken(holder: Any, key: Any) -> Any:
    try:
        return _readable(holder[key])
    except UnknownValueError:
        return UNREAD
