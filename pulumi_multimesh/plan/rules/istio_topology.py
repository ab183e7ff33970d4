"""Rules of Istio's topologies: who may be the one primary of a mesh, and what its remotes need of it.

Owns: `istio.topology` and `istio.primary`. Does not own: links and roads (topology.py, connectivity.py).
"""

from collections.abc import Iterator
from itertools import combinations

from pulumi_multimesh.plan import links, reading, roles
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record

_ALTERNATIVES = "make a cluster of another cloud the primary, or write  topology: multi-primary"


def istio_topology_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the topology."""
    istio = reading.record(args, "istio")
    topology = roles.topology(args)
    if topology not in roles.TOPOLOGIES:
        allowed = ", ".join(roles.TOPOLOGIES)
        remedy = f"write  {roles.MULTI_PRIMARY}"
        yield Fault("istio.topology", topology, "is not a known topology", allowed, remedy)
    elif topology == roles.PRIMARY_REMOTE:
        yield from _primary_faults(args)
    elif "primary" in istio:
        problem = f"has no effect with topology: {topology}, in which every cluster has a control plane"
        allowed = f"only beside topology: {roles.PRIMARY_REMOTE}"
        remedy = f"remove it, or write  topology: {roles.PRIMARY_REMOTE}"
        yield Fault("istio.primary", None, problem, allowed, remedy)


def _primary_faults(args: Record) -> Iterator[Fault]:
    clouds = clouds_of(args)
    name = reading.text(reading.record(args, "istio"), "primary")
    allowed = f"a cluster of the mesh: {', '.join(sorted(clouds)) or 'there is none'}"
    if name is None:
        problem = "is missing: one cluster's control plane serves all"
        yield Fault("istio.primary", None, problem, allowed, f"add  primary: {min(clouds, default='…')}")
        return
    if name not in clouds:
        yield Fault("istio.primary", name, "is not a cluster of the mesh", allowed, "correct the name")
        return
    if args.get("flat") is True:
        problem = (
            "has no way for remotes to its control plane: a flat mesh has no gateways, which would show it to them"
        )
        allowed = f"several networks, or topology: {roles.MULTI_PRIMARY}"
        yield Fault("istio.primary", name, problem, allowed, "remove  flat , or write  topology: multi-primary")
    yield from _link_faults(args, clouds)
    yield from _address_faults(args, name, clouds[name])


def _link_faults(args: Record, clouds: dict[str, str]) -> Iterator[Fault]:
    """One istiod tells every proxy of every cluster's endpoints, so each must be reachable from each."""
    missing = sorted(set(combinations(sorted(clouds), 2)) - set(links.joined(args, clouds)))
    if missing:
        named = ", ".join(f"{first}–{second}" for first, second in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        problem = f"leaves {named}{more} unlinked, but one control plane tells all clusters of each other's endpoints"
        yield Fault("links", None, problem, "a link between every two clusters", "write  topology: full-mesh")


def _address_faults(args: Record, name: str, cloud: str) -> Iterator[Fault]:
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
    elif links.is_private(args):
        problem = "has an internal load balancer of AWS, which EKS itself gives no fixed address, but remotes need one"
    elif "network" in wish:
        problem = "is in a VPC of yours: how many fixed addresses its load balancer takes is the number of its subnets"
    if problem is not None:
        allowed = "a primary whose east-west gateway has an address: on GKE, AKS, OKE, or on EKS in a VPC made here"
        yield Fault("istio.primary", name, problem, allowed, _ALTERNATIVES)
