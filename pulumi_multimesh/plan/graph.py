"""A plan as a graph: clusters in their networks, the roads between them, who signs whom, and how the mesh joins them.

Owns: nodes and edges, and their words. Does not own: how a graph is written (graph_text.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan
from pulumi_multimesh.plan.meshes import CONSUL, LINKERD
from pulumi_multimesh.plan.network_plan import GATEWAYS, LinkPlan
from pulumi_multimesh.plan.roles import PRIMARY

_CLOUDS = {"gcp": "Google Cloud", "aws": "AWS", "azure": "Azure", "oci": "Oracle Cloud", "none": "elsewhere"}


@dataclass(frozen=True)
class Node:
    """A cluster, or the root of trust."""

    name: str
    lines: tuple[str, ...]
    """What it says, the first line being its title."""


@dataclass(frozen=True)
class Group:
    """A cloud's network and what is in it."""

    title: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Edge:
    """From one node to another."""

    start: str
    end: str
    text: str
    both: bool
    """Whether it goes both ways."""
    dashed: bool
    """Whether it is about trust, and no road."""


@dataclass(frozen=True)
class Graph:
    """The whole picture."""

    title: str
    root: Node
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]


def graph(plan: MeshPlan) -> Graph:
    """Of a plan."""
    control = plan.control_plane
    groups = tuple(
        Group(
            f"{_CLOUDS[network.cloud]} {network.region}".rstrip(),
            tuple(_node(plan, plan.clusters[name]) for name in network.clusters),
        )
        for network in plan.networks.values()
    )
    roots = [each.name for each in plan.trust.roots.values()] if len(plan.trust.roots) > 1 else []
    root = Node("root of trust", ("root of trust", *roots, _domain(plan)))
    title = f"{plan.name}: {control.mesh} {control.chart_version}, {control.topology}"
    return Graph(title, root, groups, (*_signs(plan, root), *_roads(plan), *_reads(plan)))


def _domain(plan: MeshPlan) -> str:
    return "of the servers" if plan.control_plane.mesh == CONSUL else plan.trust.trust_domain


def _node(plan: MeshPlan, cluster: ClusterPlan) -> Node:
    kind = cluster.kind.upper() if cluster.kind != "existing" else "existing"
    lines = [cluster.name, f"{kind} {cluster.region}".rstrip()]
    if cluster.role != PRIMARY:
        lines.append(cluster.role)
    elif plan.consul is not None:
        primary = plan.consul.primary == cluster.name
        lines.append(f"{'primary ' if primary else ''}datacenter, {plan.consul.servers} servers")
    else:
        lines.append("control plane")
    return Node(cluster.name, tuple(lines))


def _signs(plan: MeshPlan, root: Node) -> Iterator[Edge]:
    for cluster in plan.trust.intermediates:
        yield Edge(root.name, cluster, "signs", both=False, dashed=True)


def _roads(plan: MeshPlan) -> Iterator[Edge]:
    for link in plan.links:
        yield Edge(link.first, link.second, f"{_joined(plan, link)}{_road(link)}", both=True, dashed=False)


def _road(link: LinkPlan) -> str:
    road = "public gateways" if link.road == GATEWAYS else link.road
    return f"{road} through {link.via}" if link.via else road


def _joined(plan: MeshPlan, link: LinkPlan) -> str:
    """How the mesh joins the two, before the road that it takes."""
    if plan.control_plane.mesh == LINKERD:
        return "linked over "
    if plan.consul is not None:
        pairs = {(each.acceptor, each.dialer) for each in plan.consul.peerings}
        return "peered over " if (link.first, link.second) in pairs else "federated over "
    return ""


def _reads(plan: MeshPlan) -> Iterator[Edge]:
    """Who reads whom, where it is not simply everybody everybody that it is linked to."""
    pairs = {(secret.into, secret.of) for secret in plan.remote_secrets}
    linked = {pair for link in plan.links for pair in ((link.first, link.second), (link.second, link.first))}
    if pairs != linked:
        for into, of in sorted(pairs):
            yield Edge(into, of, "reads", both=False, dashed=True)
