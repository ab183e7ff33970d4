"""Rules of who calls whom.

Owns: values under `istio.scopes`. Does not own: what follows from them (plan/scopes.py).
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import meshes, reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.namespaces import namespace_faults
from pulumi_multimesh.plan.rules.text import is_label

_ALLOWED = "a namespace, or NAMESPACE/SERVICE"


def scope_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the declarations."""
    system = meshes.namespace(args)
    for namespace, wish in reading.records(reading.record(args, "istio"), "scopes").items():
        path = f"istio.scopes.{namespace}"
        yield from namespace_faults(path, namespace, system, "scope", "remove it")
        seen: set[str] = set()
        for position, call in enumerate(reading.texts(wish, "calls")):
            yield from _call_faults(f"{path}.calls[{position}]", namespace, call, seen)
            seen.add(call)


def _call_faults(path: str, namespace: str, call: str, seen: set[str]) -> Iterator[Fault]:
    called, slash, service = call.partition("/")
    if "*" in call:
        remedy = "name the namespaces that are called; to tell proxies of everything, leave the namespace's scope out"
        yield Fault(path, call, "would tell the proxies of everything", _ALLOWED, remedy)
    elif not is_label(called) or (slash and not is_label(service)):
        yield Fault(path, call, "is neither a namespace nor a service", _ALLOWED, "write it like  payments/api")
    elif called == namespace:
        yield Fault(path, call, "is its own namespace, which it calls anyway", _ALLOWED, "remove it")
    elif call in seen:
        yield Fault(path, call, "is there twice", "each once", "remove one")
    elif slash and called in seen:
        yield Fault(path, call, f"is in {called}, which is called as a whole", "each once", "remove one of the two")
