"""Rules of Linkerd: its trust domain, sizes, charts, keys that it can use, and what of the security it can keep.

Owns: values under `linkerd`, and values elsewhere that Linkerd cannot have. Does not own: which mesh is chosen
(mesh.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading, security, trust
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.charts import chart_faults
from pulumi_multimesh.plan.rules.kubernetes import too_old_faults
from pulumi_multimesh.plan.rules.linkerd_routes import route_faults

_CHARTS = ("linkerd-crds", "linkerd-control-plane", "linkerd-multicluster", "linkerd-viz")
_LEAST_KUBERNETES = (1, 31)
"""`kubeVersion` of the first three charts, in their Chart.yaml; the fourth asks for less."""
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"


def linkerd_faults(args: Record) -> Iterator[Fault]:
    """Every fault of Linkerd; none where another mesh is chosen."""
    if "linkerd" not in args:
        return
    wish = reading.record(args, "linkerd")
    yield from chart_faults("linkerd", wish, _CHARTS, "2026.6.3")
    domain = reading.text(wish, "trust_domain")
    # The schema of MeshTLSAuthentication takes identities that are DNS names, and RFC 1035 253 characters of one; the
    # rest of an identity has 190 at most.
    if domain is not None and not (re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", domain) and len(domain) <= 63):
        allowed = "a DNS name of lower-case letters, digits, dashes and dots, at most 63 characters"
        remedy = f"leave it out for {trust.TRUST_DOMAIN}, or write it like  prod.example.com"
        yield Fault("linkerd.trust_domain", domain, "is not a domain of Linkerd's identities", allowed, remedy)
    replicas = reading.integer(reading.record(wish, "gateway"), "replicas")
    if replicas is not None and replicas < 1:
        allowed = "a whole number, at least 1"
        yield Fault("linkerd.gateway.replicas", replicas, "is too small", allowed, "leave it out for 3")
    if args.get("flat") is True and "gateway" in wish:
        problem = "has no effect: a flat mesh has no gateways"
        yield Fault("linkerd.gateway", None, problem, "only where the mesh is not flat", "remove it")
    if wish.get("viz") is not True and "linkerd-viz" in reading.record(wish, "values"):
        allowed = "values of charts that are installed"
        yield Fault("linkerd.values.linkerd-viz", None, "has no effect without viz", allowed, "write  viz: true")
    known = sorted(clouds_of(args))
    for position, name in enumerate(reading.texts(wish, "gateway_api")):
        if name not in known:
            path = f"linkerd.gateway_api[{position}]"
            yield Fault(path, name, "is not a cluster of the mesh", ", ".join(known), "correct the name, or remove it")
    yield from _key_faults(args)
    yield from too_old_faults(args, "Linkerd's charts", _LEAST_KUBERNETES)
    yield from _security_faults(args)
    yield from route_faults(args)


def _key_faults(args: Record) -> Iterator[Fault]:
    """The identity controller takes an issuer on P-256 alone (linkerd2, pkg/issuercerts)."""
    if reading.text(reading.record(args, "pki"), "algorithm") == trust.RSA:
        problem = "is a key with which Linkerd's clusters cannot sign"
        yield Fault("pki.algorithm", trust.RSA, problem, trust.ECDSA, "leave it out")


def _security_faults(args: Record) -> Iterator[Fault]:
    """Linkerd's policies are for a port of some pods, and know identities, methods and paths of a call."""
    wish = reading.record(args, "security")
    served: dict[tuple[str, str], set[str | None]] = {}
    for position, rule in enumerate(security.listed(wish)):
        path = f"security.allow[{position}]"
        for key in ("token", "claims"):
            if key in rule:
                problem = "cannot be kept by Linkerd, which reads no tokens"
                allowed = "callers, to, ports, methods, paths"
                yield Fault(f"{path}.{key}", None, problem, allowed, "remove it, or choose istio")
        ports = reading.texts(rule, "ports")
        if not ports:
            problem = "is missing: a policy of Linkerd is for a port"
            yield Fault(f"{path}.ports", None, problem, "one port or more", 'add  ports: ["8080"]')
        target = security.target(reading.text(rule, "to") or "")
        for port in ports:
            served.setdefault((target.namespace, port), set()).add(target.app)
    for (namespace, port), apps in sorted(served.items()):
        if None in apps and len(apps) > 1:
            named = ", ".join(sorted(f"{namespace}/{app}" for app in apps if app))
            problem = f"has rules for port {port} of all pods of {namespace} and for that of {named}"
            allowed = "one way to name them: Linkerd takes one Server for a port of a pod"
            yield Fault("security.allow", None, problem, allowed, "name the apps one by one")
    for key in ("issuers", "zones", "crossings", "sign_on"):
        if key in wish:
            problem = "is not made for Linkerd in this version"
            yield Fault(f"security.{key}", None, problem, "default, allow, plain_text", "remove it, or choose istio")
