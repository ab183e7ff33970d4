"""Rules of Consul: topology, sizes, charts, and what of the security its intentions can keep.

Owns: values under `consul`, and values elsewhere that Consul cannot have. Does not own: which mesh is chosen (mesh.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import consul, links, reading, security
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.charts import chart_faults
from pulumi_multimesh.plan.rules.text import is_label
from pulumi_multimesh.plan.rules.topology import name_faults

_CHARTS = ("consul",)
_SERVERS = (1, 3, 5)
"""An even number loses as many as the odd one below it; more than five are slower to agree."""


def consul_faults(args: Record) -> Iterator[Fault]:
    """Every fault of Consul; none where another mesh is chosen."""
    if "consul" not in args:
        return
    wish = reading.record(args, "consul")
    yield from chart_faults("consul", wish, _CHARTS, "2.0.3")
    yield from _topology_faults(args, wish)
    yield from _size_faults(args, wish)
    yield from _machine_faults(args, wish)
    for position, name in enumerate(reading.texts(wish, "gateway_api")):
        yield from name_faults(f"consul.gateway_api[{position}]", name, sorted(clouds_of(args)))
    if args.get("flat") is True:
        problem = "has no effect with Consul, whose clusters reach each other through mesh gateways"
        yield Fault("flat", True, problem, "only with istio or linkerd", "remove it; roads may be private all the same")
    yield from _export_faults(args, wish)
    yield from _security_faults(args)
    if "workload_minutes" in reading.record(args, "pki"):
        problem = "has no effect with Consul, which signs workloads by an authority of its own"
        yield Fault("pki.workload_minutes", None, problem, "only with istio or linkerd", "remove it")


def _machine_faults(args: Record, wish: Record) -> Iterator[Fault]:
    clouds = clouds_of(args)
    for position, text in enumerate(reading.texts(wish, "machines")):
        path, (name, service) = f"consul.machines[{position}]", consul.machines(text)
        yield from name_faults(path, name, sorted(clouds))
        if clouds.get(name) == "none":
            problem = "is on an unknown cloud, where its servers' load balancer may be one for everybody"
            yield Fault(path, name, problem, "a cluster whose cloud is known", f"add  cloud  to existing.{name}")
        if service is not None and not is_label(service):
            allowed = "CLUSTER or CLUSTER/SERVICE"
            yield Fault(path, text, "names no service", allowed, f"write it like  {name}/billing")


def _topology_faults(args: Record, wish: Record) -> Iterator[Fault]:
    topology = consul.topology(args)
    if topology not in consul.TOPOLOGIES:
        allowed = ", ".join(consul.TOPOLOGIES)
        yield Fault("consul.topology", topology, "is not a known topology", allowed, f"write  {consul.PEERING}")
        return
    clouds = clouds_of(args)
    if topology == consul.PEERING:
        if "primary" in wish:
            problem, allowed = "has no effect with topology: peering", "only beside topology: federation"
            yield Fault("consul.primary", None, problem, allowed, "remove it, or write  topology: federation")
        return
    primary = reading.text(wish, "primary")
    if primary is None:
        problem = "is missing: one datacenter decides for all"
        remedy = f"add  primary: {min(clouds, default='…')}"
        yield Fault("consul.primary", None, problem, ", ".join(sorted(clouds)), remedy)
        return
    yield from name_faults("consul.primary", primary, sorted(clouds))
    joined = set(links.joined(args, clouds))
    apart = sorted(name for name in clouds if name != primary and tuple(sorted((name, primary))) not in joined)
    if primary in clouds and apart:
        problem = f"leaves {', '.join(apart)} without a link to the primary {primary}"
        yield Fault("links", None, problem, "a link of every cluster to the primary", "write  topology: full-mesh")


def _size_faults(args: Record, wish: Record) -> Iterator[Fault]:
    servers = reading.integer(wish, "servers")
    if servers is not None and servers not in _SERVERS:
        yield Fault("consul.servers", servers, "is not a number of servers", "1, 3 or 5", "leave it out for 3")
    storage = reading.text(wish, "storage")
    if storage is not None and not re.fullmatch(r"[1-9]\d*(Mi|Gi|Ti)", storage):
        yield Fault("consul.storage", storage, "is not a size of storage", "such as 10Gi", "leave it out for 10Gi")
    replicas = reading.integer(reading.record(wish, "gateway"), "replicas")
    if replicas is not None and replicas < 1:
        allowed = "a whole number, at least 1"
        yield Fault("consul.gateway.replicas", replicas, "is too small", allowed, "leave it out for 2")
    single = consul.named_by_host(args)
    if replicas is not None and replicas > 1 and single:
        named = "; ".join(f"{name}: {why}" for name, why in sorted(single.items()))
        problem = f"is more than Envoy takes where a gateway has a host name alone ({named})"
        yield Fault("consul.gateway.replicas", replicas, problem, "1 there", "leave it out: those clusters then have 1")


def _export_faults(args: Record, wish: Record) -> Iterator[Fault]:
    if "exports" in wish and consul.topology(args) == consul.FEDERATION:
        problem = "has no effect in a federation, which shares all services"
        yield Fault("consul.exports", None, problem, "only beside topology: peering", "remove it")
    for position, text in enumerate(reading.texts(wish, "exports")):
        namespace, _, service = text.partition("/")
        if not (is_label(namespace) and is_label(service)):
            path = f"consul.exports[{position}]"
            yield Fault(path, text, "is not a service", "NAMESPACE/SERVICE", "write it like  web/api")


def _security_faults(args: Record) -> Iterator[Fault]:
    """Intentions know services by their names, which without Consul Enterprise are one space over all namespaces."""
    wish = reading.record(args, "security")
    yield from _target_faults(args, wish)
    for position, rule in enumerate(security.listed(wish)):
        path = f"security.allow[{position}]"
        for each, caller in enumerate(reading.texts(rule, "callers")):
            if caller != security.ANYBODY and "/" not in caller:
                problem = "names a namespace, but Consul's intentions are for services"
                allowed = "NAMESPACE/SERVICE-ACCOUNT, whose service has the account's name, or *"
                yield Fault(f"{path}.callers[{each}]", caller, problem, allowed, "name each service account")
        for key in ("ports", "token", "claims"):
            if key in rule:
                problem = "cannot be kept by Consul's intentions"
                allowed = "callers, to, methods, paths"
                yield Fault(f"{path}.{key}", None, problem, allowed, "remove it, or choose istio")
    for key in ("issuers", "zones", "crossings", "sign_on", "plain_text"):
        if key in wish:
            problem = "is not made for Consul in this version"
            yield Fault(f"security.{key}", None, problem, "default, allow", "remove it, or choose istio")


def _target_faults(args: Record, wish: Record) -> Iterator[Fault]:
    """Consul takes one intentions resource for a service, whatever its namespace."""
    first: dict[str, security.Target] = {}
    for position, rule in enumerate(security.listed(wish)):
        path = f"security.allow[{position}].to"
        target = security.target(reading.text(rule, "to") or "")
        if target.app is None:
            problem = "names a namespace, but Consul's intentions are for services"
            yield Fault(path, None, problem, "NAMESPACE/APP, whose service has the app's name", "name each app")
        elif first.setdefault(target.app, target) != target:
            problem = f"is for Consul the same service as {first[target.app].text}, which has rules of its own"
            allowed = "rules for an app's name in one namespace alone"
            remedy = f"rename the app and its service in {target.namespace}, or choose istio or linkerd"
            yield Fault(path, target.text, problem, allowed, remedy)
        elif (
            target.app == consul.DEFAULT_INTENTIONS
            and consul.primary(args)
            and reading.text(wish, "default") != security.DENY
        ):
            problem = "has the name of the rule by which a federation's calls are allowed"
            remedy = "rename the app, or write  default: deny"
            yield Fault(path, target.text, problem, f"an app that is not called {consul.DEFAULT_INTENTIONS}", remedy)
