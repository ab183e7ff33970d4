"""Rules of what Linkerd's routes can tell apart, and of the probes that have to be named beside them.

Owns: paths under `security.allow` as Linkerd has them, and `linkerd.probes`. Does not own: what follows from them
(plan/linkerd_routes.py), and what is no path at all (rules/security.py).
"""

from collections.abc import Iterator, Sequence

from pulumi_multimesh.plan import linkerd_routes, reading, security
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.text import is_path, port_faults

_PATH = "a whole path, or all below one by whole segments, as  /v1/*"


def route_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the routes that rules ask for."""
    rules = security.listed(reading.record(args, "security"))
    before = len(faults := list(_path_faults(rules)))
    faults += _probe_faults(reading.record(args, "linkerd"), rules)
    yield from faults
    if not before:
        yield from _clash_faults(args, rules)


def _path_faults(rules: Sequence[Record]) -> Iterator[Fault]:
    for position, rule in enumerate(rules):
        for place, path in enumerate(reading.texts(rule, "paths")):
            if is_path(path) and linkerd_routes.pattern(path) is None:
                problem = "is not a path that Linkerd's routes can have: they know whole segments from the first on"
                remedy = (
                    f"write  {path[:-1]}/*  for what is below it, or name the paths" if path[0] == "/" else "name them"
                )
                yield Fault(f"security.allow[{position}].paths[{place}]", path, problem, _PATH, remedy)


def _probe_faults(wish: Record, rules: Sequence[Record]) -> Iterator[Fault]:
    asked = {reading.text(rule, "to") for rule in rules if "methods" in rule or "paths" in rule}
    seen: set[str] = set()
    for position, probe in enumerate(reading.as_list(wish.get("probes"))):
        path, given = f"linkerd.probes[{position}]", reading.as_record(probe)
        to = reading.text(given, "to")
        if to is not None and to in seen:
            yield Fault(f"{path}.to", to, "is named twice", "one entry for a target", "put its paths into the first")
        elif to is not None and to not in asked:
            problem = "has no rule about methods or paths, so Linkerd answers its probes by itself"
            allowed = ", ".join(sorted(each for each in asked if each)) or "the target of such a rule"
            yield Fault(f"{path}.to", to, problem, allowed, "remove it, or correct the name")
        seen.add(to or "")
        paths = reading.texts(given, "paths")
        if reading.is_list(given.get("paths")) and not paths:
            problem = "names no path, so that it admits no probe"
            yield Fault(f"{path}.paths", None, problem, "at least one path", "name one, or remove the entry")
        for place, each in enumerate(paths):
            if not each.startswith("/") or "*" in each or not is_path(each):
                allowed = "a whole path from / on, as the pod's probe has it"
                yield Fault(f"{path}.paths[{place}]", each, "is not a probe's path", allowed, "write it like  /healthz")


def _clash_faults(args: Record, rules: Sequence[Record]) -> Iterator[Fault]:
    """A path and all below it are one to Linkerd where two routes are as long as each other."""
    valid = [rule for rule in rules if reading.text(rule, "to") and not list(port_faults("", _ports(rule)))]
    found = [security.rule(each) for each in valid]
    probed = linkerd_routes.probes(reading.record(args, "linkerd"))
    served = sorted({(rule.to.text, port) for rule in found for port in rule.ports})
    for to, port in served:
        here = [rule for rule in found if rule.to.text == to and port in rule.ports]
        for base in linkerd_routes.clashes(here, probed.get(to, ())):
            problem = (
                f"let other callers, methods or probes to {base} than to all below it, for port {port} of {to}: "
                "Linkerd cannot tell them apart"
            )
            allowed = f"the same for {base} and what is below it"
            remedy = f"let the rules that name  {base}  and  {base.rstrip('/')}/*  agree, or move one to another path"
            yield Fault("security.allow", None, problem, allowed, remedy)


def _ports(rule: Record) -> tuple[str, ...]:
    return tuple(reading.texts(rule, "ports"))
