"""Rules of who may call whom: identities, targets, what a call may be, tokens, and exceptions that come to an end.

Owns: values under `security`. Does not own: what follows from them (plan/security.py).
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from pulumi_multimesh.plan import meshes, reading
from pulumi_multimesh.plan.data_plane import AMBIENT, data_plane
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.namespaces import namespace_faults
from pulumi_multimesh.plan.rules.text import is_label, is_path, port_faults
from pulumi_multimesh.plan.security import ANYBODY, DEFAULTS, DENY, last_day, listed, target

METHODS = ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
"""RFC 9110 §9.3 and RFC 5789."""
PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
"""Of a JSON Web Key, public keys have none of these: RFC 7518 §6.2.2, §6.3.2 and §6.4.1; RFC 8037 §2 takes `d` too."""
LONGEST = timedelta(days=366)
"""Of an exception, from today on: it is to be agreed on anew, and not forgotten."""
_LAYER_7 = ("methods", "paths", "token", "claims")


def security_faults(args: Record, today: date | None = None) -> Iterator[Fault]:
    """Every fault of the security; `today` decides which exceptions are over, the machine's day unless given."""
    wish = reading.record(args, "security")
    system = meshes.namespace(args)
    default = reading.text(wish, "default")
    if default is not None and default not in DEFAULTS:
        yield Fault("security.default", default, "is not a default", ", ".join(DEFAULTS), "write  deny")
    if default == DENY and data_plane(args) == AMBIENT:
        problem = "has not been tried in an ambient mesh, whose gateways have rules of their own"
        yield Fault("security.default", default, problem, "allow", "leave it out, or write  istio.data_plane: sidecar")
    issuers, exceptions = reading.records(wish, "issuers"), reading.records(wish, "plain_text")
    for position, rule in enumerate(listed(wish)):
        path = f"security.allow[{position}]"
        yield from _caller_faults(path, rule)
        yield from _target_faults(path, rule, system)
        yield from _call_faults(path, rule)
        yield from _token_faults(path, rule, issuers)
        yield from _bypass_faults(path, rule, exceptions)
        if data_plane(args) == AMBIENT:
            yield from _ambient_faults(path, rule)
    for name, issuer in issuers.items():
        yield from _issuer_faults(f"security.issuers.{name}", issuer)
    for namespace, exception in exceptions.items():
        yield from _exception_faults(namespace, exception, system, today or date.today())


def _caller_faults(path: str, rule: Record) -> Iterator[Fault]:
    callers = reading.texts(rule, "callers")
    if "callers" in rule and reading.is_list(rule["callers"]) and not callers:
        problem = "names nobody, so that the rule allows nothing"
        yield Fault(f"{path}.callers", None, problem, "at least one identity", "name one, or remove the rule")
    for position, caller in enumerate(callers):
        namespace, slash, account = caller.partition("/")
        if caller != ANYBODY and (not is_label(namespace) or (slash and not is_label(account))):
            allowed = "NAMESPACE/SERVICE-ACCOUNT, NAMESPACE, or * for any identity of the mesh"
            remedy = "write it like  web/frontend"
            yield Fault(f"{path}.callers[{position}]", caller, "is not an identity", allowed, remedy)


def _target_faults(path: str, rule: Record, system: str) -> Iterator[Fault]:
    to = reading.text(rule, "to")
    if to is None:
        return
    namespace, slash, app = to.partition("/")
    if not is_label(namespace) or (slash and not is_label(app)):
        allowed = "NAMESPACE, or NAMESPACE/APP for pods with the label app: APP"
        yield Fault(f"{path}.to", to, "is not a target", allowed, "write it like  payments/api")
    elif namespace == system:
        problem = "is the mesh's own namespace, whose rules would be every namespace's"
        yield Fault(f"{path}.to", to, problem, "a namespace of workloads", "name the namespace that is called")


def _call_faults(path: str, rule: Record) -> Iterator[Fault]:
    for position, method in enumerate(reading.texts(rule, "methods")):
        if method not in METHODS:
            remedy = f"write  {method.upper()}" if method.upper() in METHODS else "correct it"
            yield Fault(f"{path}.methods[{position}]", method, "is not a method", ", ".join(METHODS), remedy)
    for position, one in enumerate(reading.texts(rule, "paths")):
        if not is_path(one):
            allowed = "a path from / on, with a * at its beginning or its end or nowhere"
            yield Fault(f"{path}.paths[{position}]", one, "is not a path", allowed, "write it like  /v1/*")
    yield from port_faults(path, reading.texts(rule, "ports"))


def _token_faults(path: str, rule: Record, issuers: dict[str, Record]) -> Iterator[Fault]:
    token = reading.text(rule, "token")
    if token is not None and token not in issuers:
        there = ", ".join(issuers) or "none"
        remedy = f"declare it under  security.issuers.{token} , or correct it"
        yield Fault(f"{path}.token", token, "is not an issuer", f"one of security.issuers: {there}", remedy)
    if token is None and rule.get("claims"):
        problem = "asks for claims of a token that it does not ask for"
        yield Fault(f"{path}.claims", None, problem, "claims beside a token", "add  token: ISSUER")


def _bypass_faults(path: str, rule: Record, exceptions: Collection[str]) -> Iterator[Fault]:
    """A caller without mTLS has no identity beside which a token could be asked for."""
    namespace = target(reading.text(rule, "to") or "").namespace
    if "token" in rule and namespace in exceptions:
        problem = f"is asked for in {namespace}, where whoever leaves mTLS out would not have to show it"
        allowed = "tokens in namespaces that take no calls without mTLS"
        remedy = f"remove  security.plain_text.{namespace} , or move what takes such calls to a namespace of its own"
        yield Fault(f"{path}.token", reading.text(rule, "token"), problem, allowed, remedy)


def _ambient_faults(path: str, rule: Record) -> Iterator[Fault]:
    for key in _LAYER_7:
        if key in rule:
            problem = (
                "is about HTTP, which the node proxies of an ambient mesh do not read: they would refuse every call"
            )
            remedy = "leave it out, or write  istio.data_plane: sidecar"
            yield Fault(f"{path}.{key}", None, problem, "callers, to and ports", remedy)


def _issuer_faults(path: str, issuer: Record) -> Iterator[Fault]:
    if reading.text(issuer, "issuer") == "":
        yield Fault(f"{path}.issuer", "", "is empty", "the claim iss of its tokens", "write it")
    where, keys = reading.text(issuer, "jwks_uri"), reading.text(issuer, "jwks")
    if ("jwks_uri" in issuer) == ("jwks" in issuer):
        problem = "has two sources of keys" if "jwks" in issuer else "has no keys by which a token could be checked"
        yield Fault(path, None, problem, "jwks_uri or jwks", "give one of the two")
    if where is not None and not re.fullmatch(r"https://[^/\s]+(/\S*)?", where):
        problem = "is not an https address, so anybody on the way could change the keys"
        yield Fault(f"{path}.jwks_uri", where, problem, "an address that starts with https://", "correct it")
    if keys is not None and _key_set(keys) is None:
        yield Fault(f"{path}.jwks", None, "is not a key set", 'JSON with a list "keys"', "paste what jwks_uri shows")
    elif keys is not None and (secret := _private_members(keys)):
        # The keys themselves are told nowhere, and neither is which text they were in.
        problem = f"has private parts of keys ({', '.join(secret)}), which everybody reads in the state and the cluster"
        remedy = "paste what jwks_uri shows, and have the issuer replace the key, since it has been seen"
        yield Fault(f"{path}.jwks", None, problem, "public keys", remedy)


def _key_set(text: str) -> Sequence[object] | None:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    keys = reading.as_record(found).get("keys") if isinstance(found, dict) else None
    return reading.as_list(keys) if isinstance(keys, list) else None


def _private_members(text: str) -> list[str]:
    keys = [reading.as_record(each) for each in _key_set(text) or () if isinstance(each, dict)]
    return [member for member in PRIVATE_MEMBERS if any(member in key for key in keys)]


def _exception_faults(namespace: str, wish: Record, system: str, today: date) -> Iterator[Fault]:
    path = f"security.plain_text.{namespace}"
    yield from namespace_faults(path, namespace, system, "exception", "name the namespaces that need it")
    if reading.text(wish, "reason") == "":
        yield Fault(f"{path}.reason", "", "is empty", "why, for whoever reviews it", "write it")
    until = reading.text(wish, "until")
    if until is None:
        return
    day = last_day(until)
    if day is None:
        yield Fault(f"{path}.until", until, "is not a day", "a day such as 2027-03-31", "correct it")
    elif day < today:
        problem = f"is over since {until}: the namespace would go on taking calls that anybody can read"
        remedy = "remove the exception; what still calls it without mTLS will be refused. Or agree on another day"
        yield Fault(f"{path}.until", None, problem, f"a day from {today.isoformat()} on", remedy)
    elif day > today + LONGEST:
        problem = "is more than a year away: by then nobody knows why it was agreed on"
        allowed = f"a day from {today.isoformat()} to {(today + LONGEST).isoformat()}"
        yield Fault(f"{path}.until", until, problem, allowed, "agree on a nearer day, and on another when it comes")
