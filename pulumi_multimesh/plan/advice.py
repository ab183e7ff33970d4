"""Which mesh fits what is asked for: written rules, so that nobody has to believe anybody.

Owns: the rules. Does not own: the facts behind them (mesh_facts.py), and whether an argument is right for the chosen
mesh (rules/), which refuses what it cannot keep.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pulumi_multimesh.plan import consul, linkerd_routes, meshes, reading, roles, security
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


@dataclass(frozen=True)
class Need:
    """Something that arguments may ask for and not every mesh keeps."""

    what: str
    """Continues "asked for here: "."""
    kept_by: tuple[str, ...]
    is_asked: Callable[[Record], bool]


@dataclass(frozen=True)
class Advice:
    """What follows from the needs."""

    chosen: str
    needs: tuple[Need, ...]
    """Those that are asked for."""
    fitting: tuple[str, ...]
    """The meshes that keep all of them, the one with the least effort first; none where no mesh does."""


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


NEEDS = (
    Need("rules for all ports of what is called", (ISTIO, CONSUL), _any_rule_is_for_all_ports),
    Need("paths told by their end, or by a part of a segment", (ISTIO, CONSUL), _any_path_is_open),
    Need("calls told apart by the pods' port", (LINKERD, ISTIO), _any_rule_has("ports")),
    Need("rules for one app's name in two namespaces", (LINKERD, ISTIO), _two_of_one_name),
    Need("tokens of users, checked by the mesh", (ISTIO,), _any_rule_has("token", "claims")),
    Need("zones of namespaces", (ISTIO,), _security_has("zones", "crossings")),
    Need("one sign-on at the ingress", (ISTIO,), _security_has("sign_on")),
    Need("ingress gateways of the mesh", (ISTIO,), lambda args: "ingress" in reading.record(args, "istio")),
    Need("one control plane for several clusters", (ISTIO,), _has_one_control_plane),
    Need("proxies of nodes in place of sidecars", (ISTIO,), lambda args: data_plane(args) == AMBIENT),
    Need("pods that call each other without gateways", (LINKERD, ISTIO), lambda args: args.get("flat") is True),
    Need("machines outside Kubernetes", (CONSUL,), lambda args: bool(reading.record(args, "consul").get("machines"))),
    Need("one datacenter that decides for all", (CONSUL,), lambda args: consul.topology(args) == consul.FEDERATION),
)
"""In the order in which they are told."""


def advice(args: Record) -> Advice:
    """What fits the arguments of a mesh."""
    asked = tuple(need for need in NEEDS if need.is_asked(args))
    fitting = tuple(mesh for mesh in BY_EFFORT if all(mesh in need.kept_by for need in asked))
    return Advice(meshes.chosen(args), asked, fitting)


def sentences(found: Advice) -> list[str]:
    """The advice for whoever reads a plan."""
    lines = [f"asked for here: {need.what}; kept by {' and '.join(need.kept_by)}" for need in found.needs]
    if not found.needs:
        lines.append("nothing here asks for more than every mesh keeps")
    first, *others = found.fitting or (found.chosen,)
    told = f"{first} leaves the least to run" + (f", before {' and '.join(others)}" if others else "")
    lines.append(f"of those that fit, {told}" if others else f"{first} alone fits all of that")
    lines.append(f"chosen: {found.chosen}, which {FITS[found.chosen]}")
    return lines
