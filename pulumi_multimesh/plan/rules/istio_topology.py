"""Rules of Istio's topologies: who may have the one control plane of a mesh, and what those that it serves need of it.

Owns: `istio.topology`, `primary`, `management`, `config_cluster`. Does not own: links and roads (topology.py,
connectivity.py).
"""

from collections.abc import Iterator
from itertools import combinations

from pulumi_multimesh.plan import connectivity, links, reading, roles
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record

_ALTERNATIVES = "name a cluster of another cloud, or write  topology: multi-primary"


_KEYS = {"primary": roles.PRIMARY_REMOTE, "management": roles.EXTERNAL, "config_cluster": roles.EXTERNAL}
"""Key → the one topology that it belongs to."""


def istio_topology_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the topology."""
    istio = reading.record(args, "istio")
    topology = roles.topology(args)
    if topology not in roles.TOPOLOGIES:
        allowed = ", ".join(roles.TOPOLOGIES)
        remedy = f"write  {roles.MULTI_PRIMARY}"
        yield Fault("istio.topology", topology, "is not a known topology", allowed, remedy)
        return
    for key, its in _KEYS.items():
        if key in istio and topology != its:
            problem = f"has no effect with topology: {topology}"
            yield Fault(
                f"istio.{key}", None, problem, f"only beside topology: {its}", f"remove it, or write  topology: {its}"
            )
    if topology == roles.PRIMARY_REMOTE:
        yield from _server_faults(args, "primary")
        problem = (
            "has no way for remotes to its control plane: a flat mesh has no gateways, which would show it to them"
        )
        yield from _flat_faults(args, "primary", problem)
    elif topology == roles.EXTERNAL:
        yield from _server_faults(args, "management")
        yield from _flat_faults(args, "management", "has been proven for clusters on several networks only")
        yield from _config_cluster_faults(args)


def _server_faults(args: Record, key: str) -> Iterator[Fault]:
    """Faults of the one cluster with a control plane, which `key` names."""
    clouds = clouds_of(args)
    name = reading.text(reading.record(args, "istio"), key)
    allowed = f"a cluster of the mesh: {', '.join(sorted(clouds)) or 'there is none'}"
    if name is None:
        problem = "is missing: one cluster's control plane serves all"
        yield Fault(f"istio.{key}", None, problem, allowed, f"add  {key}: {min(clouds, default='…')}")
    elif name not in clouds:
        yield Fault(f"istio.{key}", name, "is not a cluster of the mesh", allowed, "correct the name")
    else:
        yield from _link_faults(args, clouds)
        yield from _address_faults(args, f"istio.{key}", name, clouds[name])


def _flat_faults(args: Record, key: str, problem: str) -> Iterator[Fault]:
    if args.get("flat") is True:
        name = reading.text(reading.record(args, "istio"), key)
        allowed = f"several networks, or topology: {roles.MULTI_PRIMARY}"
        yield Fault(f"istio.{key}", name, problem, allowed, "remove  flat , or write  topology: multi-primary")


def _config_cluster_faults(args: Record) -> Iterator[Fault]:
    istio = reading.record(args, "istio")
    management, name = reading.text(istio, "management"), reading.text(istio, "config_cluster")
    others = sorted(set(clouds_of(args)) - {management})
    if management is not None and not others:
        problem = "is the only cluster, so there is none that its control plane would serve"
        allowed = "a cluster beside at least one other"
        yield Fault(
            "istio.management", management, problem, allowed, "add a cluster, or write  topology: multi-primary"
        )
    elif name is not None and name not in others:
        problem = "has the control plane itself" if name == management else "is not a cluster of the mesh"
        allowed = f"one of the clusters that are served: {', '.join(others)}"
        yield Fault("istio.config_cluster", name, problem, allowed, f"leave it out for {others[0]}")


def _link_faults(args: Record, clouds: dict[str, str]) -> Iterator[Fault]:
    """One istiod tells every proxy of every cluster's endpoints, so each must be reachable from each."""
    missing = sorted(set(combinations(sorted(clouds), 2)) - set(links.joined(args, clouds)))
    if missing:
        named = ", ".join(f"{first}–{second}" for first, second in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        problem = f"leaves {named}{more} unlinked, but one control plane tells all clusters of each other's endpoints"
        yield Fault("links", None, problem, "a link between every two clusters", "write  topology: full-mesh")


def _address_faults(args: Record, path: str, name: str, cloud: str) -> Iterator[Fault]:
    """Remotes are told one address, and not a host name.

    A Service with a host name is one of type ExternalName, which API servers refuse for webhooks, so pods of the
    remotes would get no sidecar (kubernetes, staging/src/k8s.io/apiserver/pkg/util/proxy).
    """
    if cloud != "aws":
        return
    kind, wish = next((kind, wish) for kind, each, wish in reading.clusters(args) if each == name)
    problem = None
    if kind == "existing":
        problem = "is on AWS, whose load balancers have a host name, but remotes need an address"
    elif connectivity.is_private(args):
        problem = "has an internal load balancer of AWS, which EKS itself gives no fixed address, but remotes need one"
    elif "network" in wish:
        problem = "is in a VPC of yours: how many fixed addresses its load balancer takes is the number of its subnets"
    if problem is not None:
        allowed = "a cluster whose load balancer has an address: on GKE, AKS, OKE, or on EKS in a VPC made here"
        yield Fault(path, name, problem, allowed, _ALTERNATIVES)
