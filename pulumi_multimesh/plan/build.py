"""From what the user wrote to the whole plan.

Owns: putting the plan together. Does not own: any decision in it (the other modules of this room).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pulumi_multimesh import versions
from pulumi_multimesh.plan import links, names, networks, reading, trust, vpn
from pulumi_multimesh.plan.addresses import SUPERNET, Placement
from pulumi_multimesh.plan.book import Book, lacking
from pulumi_multimesh.plan.clouds import cloud_of
from pulumi_multimesh.plan.fault import ConfigurationFaults, Fault
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, ControlPlanePlan, MeshPlan
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.mesh import MULTI_PRIMARY
from pulumi_multimesh.plan.validate import placement, validate


def plan(name: str, args: Mapping[str, Any], book: Book | None = None) -> MeshPlan:
    """The plan of a mesh, in which everybody keeps what the book says.

    Raises `ConfigurationFaults` with every fault of the arguments, or with all that the book does not say.
    """
    result = plan_anew(name, args, book)
    file = book_file(args)
    if file is not None and (faults := lacking(result, book or Book(), file)):
        raise ConfigurationFaults(name, faults)
    return result


def book_file(args: Mapping[str, Any]) -> str | None:
    """The address book that the arguments name."""
    return reading.text(reading.record(reading.as_record(args), "addresses"), "book")


def plan_anew(name: str, args: Mapping[str, Any], book: Book | None = None) -> MeshPlan:
    """The plan from which the next book follows: who is in the book keeps what it has, others are given something.

    Raises `ConfigurationFaults` with every fault of the arguments.
    """
    kept = book or Book()
    faults = validate(name, args, kept)
    if faults:
        raise ConfigurationFaults(name, faults)
    given = reading.as_record(args)
    placed = placement(given, kept)
    clusters = _clusters(given, placed)
    istio = reading.record(given, "istio")
    owners = networks.shared(given)
    joined = links.links(given, clusters, owners)
    found = networks.with_gateways(
        networks.networks(given, clusters),
        joined,
        {owners[cluster]: owners[other] for cluster, other in gateways_of(given).items()},
        {**kept.asns, **{owners[cluster]: number for cluster, number in pinned_asns(given).items()}},
        kept.freed_asns,
    )
    roads, without_numbers = vpn.vpns(networks.vpn_pairs(found, joined), kept.tunnels, kept.freed_tunnels)
    if without_numbers or any(network.gateway == name and network.asn is None for name, network in found.items()):
        raise ConfigurationFaults(name, [no_numbers(without_numbers)])
    return MeshPlan(
        name=name,
        clusters=clusters,
        control_plane=_control_plane(name, istio),
        connectivity=links.connectivity(given),
        flat=given.get("flat") is True,
        networks=found,
        links=joined,
        peerings=networks.peerings(found, joined),
        vpns=roads,
        trust=trust.tree(
            clusters, reading.text(istio, "trust_domain") or trust.TRUST_DOMAIN, reading.record(given, "pki")
        ),
        remote_secrets=links.remote_secrets(joined),
        api_access=reading.text_table(given, "api_access"),
        supernet=reading.text(reading.record(given, "addresses"), "supernet") or SUPERNET,
        notes=tuple(_notes(given, clusters, placed, kept)),
    )


def gateways_of(args: Record) -> dict[str, str]:
    """By cluster: the one whose VPN gateway serves it too."""
    return reading.text_table(reading.record(args, "links"), "gateways_of")


def pinned_asns(args: Record) -> dict[str, int]:
    """By cluster: the number that the user gave its network's gateway."""
    texts = reading.text_table(reading.record(args, "addresses"), "asns")
    return {name: int(text) for name, text in texts.items()}


def _clusters(args: Record, placed: Placement) -> dict[str, ClusterPlan]:
    flat = args.get("flat") is True
    plans = {
        name: _cluster(kind, name, wish, placed, names.FLAT_NETWORK if flat else names.network(name))
        for kind, name, wish in reading.clusters(args)
    }
    return dict(sorted(plans.items()))


def _cluster(kind: str, name: str, wish: Record, placed: Placement, network: str) -> ClusterPlan:
    return ClusterPlan(
        name=name,
        kind=kind,
        cloud=cloud_of(kind, wish),
        region=reading.text(wish, "region") or "",
        network=network,
        ranges=placed.ranges[name],
        block=placed.blocks.get(name),
        egress_ips=reading.texts(wish, "egress_ips"),
    )


def _control_plane(name: str, istio: Record) -> ControlPlanePlan:
    charts, gateway = reading.record(istio, "charts"), reading.record(istio, "gateway")
    return ControlPlanePlan(
        mesh="istio",
        topology=reading.text(istio, "topology") or MULTI_PRIMARY,
        mesh_id=reading.text(istio, "mesh_id") or name,
        chart_repository=reading.text(charts, "repository") or versions.ISTIO.repository,
        chart_version=reading.text(charts, "version") or versions.ISTIO.version,
        gateway_min_replicas=reading.integer(gateway, "min_replicas") or 2,
        gateway_max_replicas=reading.integer(gateway, "max_replicas") or 5,
    )


def _notes(args: Record, clusters: Mapping[str, ClusterPlan], placed: Placement, book: Book) -> Iterator[str]:
    if placed.by_name and reading.text(reading.record(args, "addresses"), "book") is None:
        yield (
            f"The ranges of {', '.join(placed.by_name)} follow from the clusters' names and are remembered "
            "nowhere: a cluster that is added later keeps clear of them unless its name wants the same block "
            "and sorts before, or its own `ranges` lie in it. Name a book under `addresses.book` to have them "
            "remembered."
        )
    gone = sorted(set(book.clusters) - set(clusters))
    if gone:
        yield (
            f"The address book remembers {', '.join(gone)}, which the program does not have; their room stays theirs "
            "until `multimesh plan --update-book`."
        )
    for name in placed.displaced:
        yield (
            f"The block that the name {name} wants is taken, so {name} lies in the next free one; "
            "it would move if the other went. Pin its `ranges`."
        )
    for name, cluster in clusters.items():
        if cluster.kind == "existing" and not cluster.ranges.pinned:
            yield f"{name} declares no `ranges`, so another cluster may be placed in those that it uses."
    for owner, cidr in reading.text_table(args, "api_access").items():
        if cidr.endswith("/0"):
            yield f"api_access.{owner} ({cidr}) lets every address knock at the API servers."
    if len(clusters) == 1:
        yield "A cluster alone needs no gateway and no remote secret; they are made when there is another."


def no_numbers(tunnels: Iterable[str]) -> Fault:
    """The fault that tunnels, or gateways, outnumber what there is."""
    told = ", ".join(tunnels)
    return Fault(
        "links",
        None,
        f"ask for more tunnels than there are inside ranges; none is left for {told}"
        if told
        else "ask for too many gateways",
        "128 tunnels with an Azure end and 512 others; some hundred gateways of a cloud",
        "join fewer pairs:  links: {topology: hub-and-spokes, hub: …}  or a list",
    )
