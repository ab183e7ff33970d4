"""Who may call whom in Consul's words, what is exported, and where calls go when nobody answers.

Owns: ServiceIntentions, ServiceDefaults, ExportedServices, ServiceResolver of a plan. Does not own: what was decided
(plan/security.py), and the resources (policy_resources.py).

With ACLs Consul denies what no intention allows. Of several that fit, the one that names the destination wins over one
for all, so that a default that allows is denied again beside the rules of a service.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pulumi_multimesh.consul.datacenter import API
from pulumi_multimesh.plan.consul import DEFAULT_INTENTIONS
from pulumi_multimesh.plan.security import ANYBODY, Rule, SecurityPlan
from pulumi_multimesh.policy_resources import Policy

_ALL = "*"


def default_intentions(security: SecurityPlan, peers: Sequence[str]) -> list[Policy]:
    """The whole datacenter's: nothing is said where calls are denied by default."""
    if security.deny_by_default:
        return []
    return [
        _intentions(DEFAULT_INTENTIONS, _ALL, [_source(_ALL, peer, {"action": "allow"}) for peer in (None, *peers)])
    ]


def namespace_policies(security: SecurityPlan, namespace: str, peers: Sequence[str]) -> list[Policy]:
    """The rules of a namespace's services."""
    found: list[Policy] = []
    for app, rules in sorted(security.rules_for(namespace).items(), key=lambda item: item[0] or ""):
        if app is None:
            continue
        if any(rule.methods or rule.paths for rule in rules):
            found.append(_policy("ServiceDefaults", app, {"protocol": "http"}))
        sources = _sources(rules, peers)
        if not security.deny_by_default and not any(source["name"] == _ALL for source in sources):
            sources += [_source(_ALL, peer, {"action": "deny"}) for peer in (None, *peers)]
        found.append(_intentions(app, app, sources))
    return found


def all_policies(security: SecurityPlan, peers: Sequence[str]) -> list[Policy]:
    """The rules of all namespaces, enrolled or not: a rule that is left out is a service that others can call."""
    namespaces = sorted({rule.to.namespace for rule in security.rules})
    return [policy for namespace in namespaces for policy in namespace_policies(security, namespace, peers)]


def exported(services: Iterable[str], peers: Sequence[str]) -> list[Policy]:
    """What the peers may know of, in one resource, as Consul has one for a datacenter."""
    consumers = [{"peer": peer} for peer in peers]
    names = sorted({service.rpartition("/")[2] for service in services})
    if not names or not peers:
        return []
    spec = {"services": [{"name": name, "consumers": consumers} for name in names]}
    return [_policy("ExportedServices", "default", spec)]


def resolver(service: str, others: Sequence[str], *, by_peer: bool) -> Policy:
    """Calls stay in their own datacenter while anybody there answers, and go to the others when nobody does."""
    key = "peer" if by_peer else "datacenter"
    return _policy("ServiceResolver", service, {"failover": {"*": {"targets": [{key: other} for other in others]}}})


def _sources(rules: Iterable[Rule], peers: Sequence[str]) -> list[dict[str, Any]]:
    """One entry for a caller, here and in each peer: Consul takes none twice."""
    allowed: dict[str, list[Rule]] = {}
    for rule in rules:
        for caller in rule.callers:
            allowed.setdefault(_ALL if caller == ANYBODY else caller.rpartition("/")[2], []).append(rule)
    return [
        _source(caller, peer, _what(theirs)) for caller, theirs in sorted(allowed.items()) for peer in (None, *peers)
    ]


def _what(rules: Sequence[Rule]) -> dict[str, Any]:
    if any(not rule.methods and not rule.paths for rule in rules):
        return {"action": "allow"}
    permissions = [
        {"action": "allow", "http": {**path, **({"methods": list(rule.methods)} if rule.methods else {})}}
        for rule in rules
        for path in ([_path(each) for each in rule.paths] or [{"pathPrefix": "/"}])
    ]
    return {"permissions": permissions}


def _path(pattern: str) -> dict[str, str]:
    if pattern.endswith("*"):
        return {"pathPrefix": pattern[:-1] or "/"}
    if pattern.startswith("*"):
        return {"pathRegex": f".*{re.escape(pattern[1:])}"}
    return {"pathExact": pattern}


def _source(name: str, peer: str | None, what: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, **({"peer": peer} if peer else {}), **what}


def _intentions(name: str, destination: str, sources: list[dict[str, Any]]) -> Policy:
    return _policy("ServiceIntentions", name, {"destination": {"name": destination}, "sources": sources})


def _policy(kind: str, name: str, spec: dict[str, Any]) -> Policy:
    return {"api_version": API, "kind": kind, "name": name, "spec": spec}
