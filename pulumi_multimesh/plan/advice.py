"""Which mesh fits what is asked for: written rules, so that nobody has to believe anybody.

Owns: the rules. Does not own: the facts behind them (mesh_facts.py), and whether an argument is right for the chosen
mesh (rules/), which refuses what it cannot keep.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pulumi_multimesh.plan import consul, linkerd_routes, links, meshes, reading, roles, security, trust
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.data_plane import AMBIENT, data_plane
from pulumi_multimesh.plan.meshes import CONSUL, ISTIO, LINKERD
from pulumi_multimesh.plan.reading import Record

FITS = {
    ISTIO: "fits most: several networks, fine traffic rules, one trust domain",
    LINKERD: "fits where little resource use and few settings matter most",
    CONSUL: "fits where machines outside Kubernetes belong to the mesh",
}
"""Known meshes and what each fits."""

BY_EFFORT = (LINKERD, ISTIO, CONSUL)
"""The meshes by what they leave to run and to keep, the least first.

Linkerd has no state of its own and the smallest proxies; Istio's control plane has no state either; Consul's servers
keep theirs on volumes, vote, and want backups.
"""

FEW_LINKS = 4
"""Links of one cluster up to which Linkerd comes first: with more it runs more mirrors there, one for each, than all
else that it has there, identity, destination, proxy-injector and the gateway. Istio reads any number by one istiod."""


LINKING = "what knows of another cluster"
"""The fact that this rests on."""


@dataclass(frozen=True)
class Need:
    """Something that arguments may ask for and not every mesh keeps."""

    what: str
    """Continues "asked for here: "."""
    kept_by: tuple[str, ...]
    is_asked: Callable[[Record], bool]
    fact: str
    """The one that it rests on, by its name in mesh_facts.py."""
    want: str = ""
    """The key under `wants` that asks for it whichever mesh is chosen; empty where a key of all meshes does."""
    unless_flat: bool = False
    """Whether Linkerd keeps it after all in a flat mesh, where it is not asked then."""


@dataclass(frozen=True)
class Advice:
    """What follows from the needs."""

    chosen: str
    needs: tuple[Need, ...]
    """Those that are asked for."""
    fitting: tuple[str, ...]
    """The meshes that keep all of them, the one with the least effort first; none where no mesh does."""
    linked: tuple[str, int]
    """The cluster with the most links, and how many it has; the first by name of several."""


def _any_rule_has(*keys: str) -> Callable[[Record], bool]:
    def asked(args: Record) -> bool:
        rules = security.listed(reading.record(args, "security"))
        return any(key in rule for rule in rules for key in keys)

    return asked


def _security_has(*keys: str) -> Callable[[Record], bool]:
    return lambda args: any(reading.record(args, "security").get(key) for key in keys)


def _any_rule_is_for_all_ports(args: Record) -> bool:
    return any("ports" not in rule for rule in security.listed(reading.record(args, "security")))


def _any_path_is_open(args: Record) -> bool:
    rules = security.listed(reading.record(args, "security"))
    return any(linkerd_routes.pattern(path) is None for rule in rules for path in reading.texts(rule, "paths"))


def _two_of_one_name(args: Record) -> bool:
    rules = security.listed(reading.record(args, "security"))
    targets = {security.target(reading.text(rule, "to") or "") for rule in rules}
    names = [target.app for target in targets if target.app]
    return len(names) > len(set(names))


def _has_one_control_plane(args: Record) -> bool:
    return roles.topology(args) != roles.MULTI_PRIMARY


def _wants(key: str) -> Callable[[Record], bool]:
    return lambda args: reading.record(args, "wants").get(key) is True


def _wants_unless_flat(key: str) -> Callable[[Record], bool]:
    return lambda args: _wants(key)(args) and args.get("flat") is not True


def _has_machines(args: Record) -> bool:
    return bool(reading.record(args, "consul").get("machines")) or _wants("machines")(args)


def _has_rsa(args: Record) -> bool:
    return reading.text(reading.record(args, "pki"), "algorithm") == trust.RSA


_APART = "what a rule can tell apart"
_MADE_HERE = "zones, sign-on, ingress gateways"
_PLANES = "control planes"
NEEDS = (
    Need("rules for all ports of what is called", (ISTIO, CONSUL), _any_rule_is_for_all_ports, _APART),
    Need("paths told by their end, or by a part of a segment", (ISTIO, CONSUL), _any_path_is_open, _APART),
    Need("calls told apart by the pods' port", (LINKERD, ISTIO), _any_rule_has("ports"), _APART),
    Need("rules for one app's name in two namespaces", (LINKERD, ISTIO), _two_of_one_name, _APART),
    Need("tokens of users, checked by the mesh", (ISTIO,), _any_rule_has("token", "claims"), _APART),
    Need("zones of namespaces", (ISTIO,), _security_has("zones", "crossings"), _MADE_HERE),
    Need("one sign-on at the ingress", (ISTIO,), _security_has("sign_on"), _MADE_HERE),
    Need("ingress gateways of the mesh", (ISTIO,), lambda args: "ingress" in reading.record(args, "istio"), _MADE_HERE),
    Need("keys of RSA", (ISTIO, CONSUL), _has_rsa, "keys that may sign workloads"),
    Need("one control plane for several clusters", (ISTIO,), _has_one_control_plane, _PLANES),
    Need(
        "one datacenter that decides for all",
        (CONSUL,),
        lambda args: consul.topology(args) == consul.FEDERATION,
        _PLANES,
    ),
    Need(
        "proxies of nodes in place of sidecars", (ISTIO,), lambda args: data_plane(args) == AMBIENT, "where proxies run"
    ),
    Need(
        "pods that call each other without gateways",
        (LINKERD, ISTIO),
        lambda args: args.get("flat") is True,
        "calls without gateways, where pods reach each other",
    ),
    Need(
        "callers of other clusters told apart, behind gateways",
        (ISTIO, CONSUL),
        _wants_unless_flat("callers_apart"),
        "the caller's identity behind a gateway",
        want="callers_apart",
        unless_flat=True,
    ),
    Need(
        "one service over several clusters, behind gateways",
        (ISTIO, CONSUL),
        _wants_unless_flat("one_service"),
        "name of a service elsewhere",
        want="one_service",
        unless_flat=True,
    ),
    Need("machines outside Kubernetes", (CONSUL,), _has_machines, "machines outside Kubernetes", want="machines"),
    Need(
        "an open-source licence", (LINKERD, ISTIO), _wants("open_source"), "of the project itself", want="open_source"
    ),
)
"""In the order in which they are told."""


def by_effort(linked: int) -> tuple[str, ...]:
    """The meshes by effort, the least first, where one cluster has so many links."""
    return BY_EFFORT if linked <= FEW_LINKS else (ISTIO, LINKERD, CONSUL)


def advice(args: Record) -> Advice:
    """What fits the arguments of a mesh."""
    asked = tuple(need for need in NEEDS if need.is_asked(args))
    linked = _most_linked(args)
    fitting = tuple(mesh for mesh in by_effort(linked[1]) if all(mesh in need.kept_by for need in asked))
    return Advice(meshes.chosen(args), asked, fitting, linked)


def _most_linked(args: Record) -> tuple[str, int]:
    clusters = sorted(clouds_of(args))
    ends = [name for pair in links.joined(args, clusters) for name in pair]
    return max(((name, ends.count(name)) for name in clusters), key=lambda each: each[1], default=("", 0))


def sentences(found: Advice) -> list[str]:
    """The advice for whoever reads a plan."""
    lines = [
        f"asked for here: {need.what}; kept by {' and '.join(need.kept_by)} (see: {need.fact})" for need in found.needs
    ]
    if not found.needs:
        lines.append("nothing here asks for more than every mesh keeps")
    name, linked = found.linked
    if linked > FEW_LINKS and LINKERD in found.fitting:
        lines.append(
            f"{name} is linked to {linked} others: Linkerd would run a mirror there for each, more than all else of it "
            f"(see: {LINKING})"
        )
    first, *others = found.fitting or (found.chosen,)
    told = f"{first} leaves the least to run" + (f", before {' and '.join(others)}" if others else "")
    lines.append(f"of those that fit, {told}" if others else f"{first} alone fits all of that")
    lines.append(f"chosen: {found.chosen}, which {FITS[found.chosen]}")
    return lines
