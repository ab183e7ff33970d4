"""Rules of the sign-on at the ingress.

Owns: values under `security.sign_on`. Does not own: what follows from them (plan/sign_on.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import meshes, reading
from pulumi_multimesh.plan.data_plane import AMBIENT, data_plane
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.text import is_label, is_path
from pulumi_multimesh.plan.security import DENY, listed, target

_PATH = "security.sign_on"
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""RFC 9110 §5.1."""
_LAST_PORT = 65535


def sign_on_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the sign-on."""
    security = reading.record(args, "security")
    if "sign_on" not in security:
        return
    wish = reading.record(security, "sign_on")
    if "ingress" not in reading.record(args, "istio"):
        problem = "is about calls from outside, and the mesh has no ingress"
        yield Fault(_PATH, None, problem, "a mesh with an ingress gateway", "declare  istio.ingress , or remove it")
    if data_plane(args) == AMBIENT:
        problem = "has not been tried in an ambient mesh"
        yield Fault(_PATH, None, problem, "a mesh with sidecars", "remove it, or write  istio.data_plane: sidecar")
    yield from _service_faults(wish)
    yield from _reach_faults(args, security, wish)
    yield from _host_faults(wish)
    for position, path in enumerate(reading.texts(wish, "public_paths")):
        where = f"{_PATH}.public_paths[{position}]"
        if path in ("*", "/*"):
            yield Fault(where, path, "is every path, so that nobody signs on", "some paths", "remove the sign-on")
        elif not is_path(path):
            allowed = "a path from / on, with a * at its beginning or its end or nowhere"
            yield Fault(where, path, "is not a path", allowed, "write it like  /health")
    for position, header in enumerate(reading.texts(wish, "headers")):
        if not _HEADER.fullmatch(header):
            where = f"{_PATH}.headers[{position}]"
            yield Fault(where, header, "is not a header's name", "letters, digits and dashes", "correct it")
        elif header.lower() == "host":
            problem = "is what routes are chosen by, which no answer may change"
            yield Fault(f"{_PATH}.headers[{position}]", header, problem, "headers about who signed on", "remove it")


def _host_faults(wish: Record) -> Iterator[Fault]:
    hosts = reading.texts(wish, "hosts")
    if "hosts" in wish and reading.is_list(wish["hosts"]) and not hosts:
        allowed, remedy = "at least one host, or no key", "name one, or remove the key so that every host asks"
        yield Fault(f"{_PATH}.hosts", None, "is empty, so that nobody signs on", allowed, remedy)
    if hosts and reading.texts(wish, "open_hosts"):
        problem = "says nothing beside hosts, since all that are not named there are open"
        yield Fault(f"{_PATH}.open_hosts", None, problem, "hosts or open_hosts", "remove one of the two")
    for key in ("hosts", "open_hosts"):
        for position, host in enumerate(reading.texts(wish, key)):
            if not _HOST.fullmatch(host):
                allowed = "a host name in lower case, with *. before it for all below it, without a port"
                remedy = "write it like  shop.example.com"
                yield Fault(f"{_PATH}.{key}[{position}]", host, "is not a host", allowed, remedy)


def _service_faults(wish: Record) -> Iterator[Fault]:
    service, port = reading.text(wish, "service"), reading.integer(wish, "port")
    if service is not None:
        namespace, _, name = service.partition("/")
        if not is_label(namespace) or not is_label(name):
            allowed = "NAMESPACE/SERVICE of what is asked"
            yield Fault(f"{_PATH}.service", service, "is not a service", allowed, "write it like  sign-on/oauth2-proxy")
    if port is not None and not 1 <= port <= _LAST_PORT:
        yield Fault(f"{_PATH}.port", port, "is not a port", "1 to 65535", "write the Service's port")


def _reach_faults(args: Record, security: Record, wish: Record) -> Iterator[Fault]:
    """Where calls are denied by default the gateway has to be let in, or nobody could sign on."""
    namespace = (reading.text(wish, "service") or "").partition("/")[0]
    there = {target(reading.text(rule, "to") or "").namespace for rule in listed(security)}
    if reading.text(security, "default") == DENY and namespace not in there:
        system = meshes.namespace(args)
        caller = f"{system}/istio-ingressgateway"
        problem = "would not be reached: calls are denied by default, and no rule lets the ingress gateway in"
        remedy = f"add to security.allow  {{callers: [{caller}], to: {namespace}}}"
        yield Fault(f"{_PATH}.service", None, problem, "a service that the ingress gateway may call", remedy)
