"""Who may call whom in Linkerd's words.

Owns: Server, MeshTLSAuthentication and AuthorizationPolicy of a plan. Does not own: what was decided
(plan/security.py), and the resources (policy_resources.py).

A port that a Server is for takes no calls but those that a policy allows; all others follow the default.
"""

from collections.abc import Sequence
from typing import Any

from pulumi_multimesh.plan import linkerd_names
from pulumi_multimesh.plan.security import ANYBODY, Rule, SecurityPlan
from pulumi_multimesh.policy_resources import Policy

_GROUP = "policy.linkerd.io"
DENY, MESHED, ANYBODY_AT_ALL = "deny", "all-authenticated", "all-unauthenticated"
"""Default policies of Linkerd: nobody; whoever is in the mesh; everybody, with an identity or without."""


def default_policy(security: SecurityPlan) -> str:
    """The whole mesh's: without rules only who is in the mesh is let in, so that nothing is taken in plain text."""
    return DENY if security.deny_by_default else MESHED


def namespace_policies(security: SecurityPlan, namespace: str, trust_domain: str) -> list[Policy]:
    """The rules of a namespace: three resources for each port of an app, named by both."""
    served: dict[tuple[str | None, str], set[str]] = {}
    for rule in _rules(security, namespace):
        for port in rule.ports:
            served.setdefault((rule.to.app, port), set()).update(rule.callers)
    return [
        policy
        for (app, port), callers in sorted(served.items(), key=lambda item: (item[0][0] or "", int(item[0][1])))
        for policy in _port(app, port, sorted(callers), trust_domain)
    ]


def _rules(security: SecurityPlan, namespace: str) -> Sequence[Rule]:
    return [rule for rules in security.rules_for(namespace).values() for rule in rules]


def _port(app: str | None, port: str, callers: Sequence[str], trust_domain: str) -> list[Policy]:
    name = f"{app or 'all'}-{port}"
    selector: dict[str, Any] = {"matchLabels": {"app": app}} if app else {}
    identities = ["*"] if ANYBODY in callers else [_identity(caller, trust_domain) for caller in callers]
    return [
        {
            "api_version": f"{_GROUP}/v1beta3",
            "kind": "Server",
            "name": name,
            "spec": {"podSelector": selector, "port": int(port)},
        },
        {
            "api_version": f"{_GROUP}/v1alpha1",
            "kind": "MeshTLSAuthentication",
            "name": name,
            "spec": {"identities": identities},
        },
        {
            "api_version": f"{_GROUP}/v1alpha1",
            "kind": "AuthorizationPolicy",
            "name": name,
            "spec": {
                "targetRef": {"group": _GROUP, "kind": "Server", "name": name},
                "requiredAuthenticationRefs": [{"group": _GROUP, "kind": "MeshTLSAuthentication", "name": name}],
            },
        },
    ]


def _identity(caller: str, trust_domain: str) -> str:
    namespace, slash, account = caller.partition("/")
    return linkerd_names.workload_identity(account if slash else "*", namespace, trust_domain)
