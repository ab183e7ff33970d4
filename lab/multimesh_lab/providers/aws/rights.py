"""What a role of the simulated AWS may do, by its inline policies.

Owns: their evaluation for a function's calls. Does not own: AWS's own policies, whose text the lab does not have, and
conditions, so a role that needs either may do nothing here. The lab asks nobody else for permission.
"""

import fnmatch
import json
from typing import Any, cast

from multimesh_lab.providers.aws.iam import INLINE
from multimesh_lab.providers.store import Store


def allow(store: Store, role_arn: str, action: str, resource: str) -> bool:
    """Whether a statement allows the action on the resource and none denies it.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    role = role_arn.rpartition("/")[2]
    policies = [json.loads(str(r.inputs["policy"])) for r in store.all(INLINE) if r.inputs["role"] == role]
    statements = [each for policy in policies for each in _several(policy["Statement"])]
    effects = {each["Effect"] for each in statements if _applies(each, action, resource)}
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: dict[str, Any], action: str, resource: str) -> bool:
    # Names of actions do not distinguish between capital and small letters.
    actions = [str(each).lower() for each in _several(statement.get("Action"))]
    resources = [str(each) for each in _several(statement.get("Resource"))]
    conditional = statement["Effect"] == "Allow" and "Condition" in statement
    return not conditional and _matches(action.lower(), actions) and _matches(resource, resources)


def _matches(text: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]
