"""From what the user wrote to the whole plan.

Owns: putting the plan together. Does not own: any decision in it (the other modules of this room).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pulumi_multimesh import versions
from pulumi_multimesh.plan import (
    access,
    connectivity,
    consul,
    data_plane,
    ingress,
    linkerd,
    links,
    meshes,
    names,
    networks,
    readers,
    reading,
    revisions,
    roles,
    security,
    trust,
    tuning,
    vpn,
)
from pulumi_multimesh.plan.addresses import SUPERNET, Placement
from pulumi_multimesh.plan.advice import advice, sentences
from pulumi_multimesh.plan.book import Book, unused
from pulumi_multimesh.plan.charts import charts
from pulumi_multimesh.plan.clouds import cloud_of
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.mesh_notes import mesh_notes
from pulumi_multimesh.plan.mesh_plan import (
    ClusterPlan,
    ControlPlanePlan,
    IstioPlan,
    MeshPlan,
    RemoteSecretPlan,
    TrustPlan,
)
from pulumi_multimesh.plan.network_plan import LinkPlan
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.agreement import Bookkeeping, agreement_faults
from pulumi_multimesh.plan.rules.numbers import number_faults
from pulumi_multimesh.plan.validate import placement, validate

UPDATE = "multimesh plan --update-book"
_CHARTS = {meshes.ISTIO: versions.ISTIO, meshes.LINKERD: versions.LINKERD, meshes.CONSUL: versions.CONSUL}


def plan(name: str, args: Mapping[str, Any], book: Book | None = None, command: str = UPDATE) -> MeshPlan:
    """The plan of a mesh, in which everybody keeps what the book says; `command` is what updates that.

    Raises `ConfigurationFaults` with every fault of the arguments, or with all that the book does not say.
    """
    result = plan_anew(name, args, book)
    file = book_file(args)
    if file is None:
        return result
    kept, pinned = book or Book(), pinned_by_network(reading.as_record(args), book)
    faults = agreement_faults(result, kept, pinned, Bookkeeping(file, command))
    if faults:
        raise ConfigurationFaults(name, faults)
    return replace(result, notes=(*result.notes, *_unused(unused(result, kept), command)))


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
    owners, pinned = networks.shared(given, kept.asns), pinned_by_network(given, kept)
    joined = links.links(given, clusters, owners)
    found = networks.with_gateways(
        networks.networks(given, clusters, owners),
        joined,
        {owners[cluster]: owners[other] for cluster, other in gateways_of(given).items()},
        {**kept.asns, **pinned},
        kept.freed_asns,
    )
    roads, without_inside = vpn.vpns(networks.vpn_pairs(found, joined), kept.tunnels, kept.freed_tunnels)
    faults = list(number_faults(found, without_inside, pinned))
    if faults:
        raise ConfigurationFaults(name, faults)
    return MeshPlan(
        name=name,
        clusters=clusters,
        control_plane=_control_plane(given),
        istio=_istio(name, given, clusters, joined),
        linkerd=linkerd.linkerd(given, clusters),
        consul=consul.consul(given, joined),
        connectivity=connectivity.connectivity(given),
        flat=given.get("flat") is True,
        networks=found,
        links=joined,
        peerings=networks.peerings(found, joined),
        vpns=roads,
        trust=_trust(given, clusters),
        access=access.access(given),
        security=security.security(given),
        remote_secrets=_remote_secrets(given, clusters, joined),
        api_access=reading.text_table(given, "api_access"),
        supernet=reading.text(reading.record(given, "addresses"), "supernet") or SUPERNET,
        advice=tuple(sentences(advice(given))),
        notes=(*_notes(given, clusters, placed), *mesh_notes(given, clusters)),
    )


def gateways_of(args: Record) -> dict[str, str]:
    """By cluster: the one whose VPN gateway serves it too."""
    return reading.text_table(reading.record(args, "links"), "gateways_of")


def pinned_by_network(args: Record, book: Book | None = None) -> dict[str, int]:
    """By network: the number that the user gave its gateway, by the name of one of its clusters."""
    owners = networks.shared(args, (book or Book()).asns)
    texts = reading.text_table(reading.record(args, "addresses"), "asns")
    return {owners[name]: int(text) for name, text in texts.items()}


def _clusters(args: Record, placed: Placement) -> dict[str, ClusterPlan]:
    flat = args.get("flat") is True
    servers, found = roles.served_by(args, placed.ranges), roles.roles(args, placed.ranges)
    plans = {
        name: replace(
            _cluster(kind, name, wish, placed, names.FLAT_NETWORK if flat else names.network(name)),
            served_by=servers[name],
            role=found[name],
        )
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
        served_by=name,
        role=roles.PRIMARY,
        ranges=placed.ranges[name],
        block=placed.blocks.get(name),
        egress_ips=reading.texts(wish, "egress_ips"),
    )


def _trust(args: Record, clusters: Mapping[str, ClusterPlan]) -> TrustPlan:
    mesh = reading.record(args, meshes.chosen(args))
    domain = reading.text(mesh, "trust_domain") or trust.TRUST_DOMAIN
    return trust.tree(
        [cluster.name for cluster in clusters.values() if cluster.is_primary],
        domain,
        {"organization": meshes.ORGANIZATIONS[meshes.chosen(args)], **reading.record(args, "pki")},
        mesh,
        issuer_names=meshes.issuer_names(args, domain),
    )


def _remote_secrets(
    args: Record, clusters: Mapping[str, ClusterPlan], joined: Iterable[LinkPlan]
) -> tuple[RemoteSecretPlan, ...]:
    """Consul's clusters tell each other of themselves, and but for a federation's primary none reads another."""
    if meshes.chosen(args) != meshes.CONSUL:
        return links.remote_secrets(joined, clusters)
    primary = consul.primary(args)
    return tuple(RemoteSecretPlan(of, primary) for of in clusters if primary not in (None, of))


def _control_plane(args: Record) -> ControlPlanePlan:
    mesh = meshes.chosen(args)
    found = charts(reading.record(args, mesh), _CHARTS[mesh])
    topologies = {meshes.ISTIO: roles.topology, meshes.CONSUL: consul.topology}
    return ControlPlanePlan(
        mesh=mesh,
        topology=topologies[mesh](args) if mesh in topologies else linkerd.TOPOLOGY,
        namespace=meshes.namespace(args),
        chart_repository=found.repository,
        chart_version=found.version,
    )


def _istio(
    name: str, args: Record, clusters: Mapping[str, ClusterPlan], joined: Iterable[LinkPlan]
) -> IstioPlan | None:
    if meshes.chosen(args) != meshes.ISTIO:
        return None
    istio = reading.record(args, "istio")
    read = links.remote_secrets(joined, clusters)
    served = {
        cluster.name: 1 + sum(secret.into == cluster.served_by for secret in read)
        for cluster in clusters.values()
        if cluster.role in (roles.PRIMARY, roles.CONFIG)
    }
    gateway = reading.record(istio, "gateway")
    return IstioPlan(
        data_plane=data_plane.data_plane(args),
        mesh_id=reading.text(istio, "mesh_id") or name,
        revisions=revisions.revisions(args, served, charts(istio, versions.ISTIO).version),
        gateway_min_replicas=reading.integer(gateway, "min_replicas") or 2,
        gateway_max_replicas=reading.integer(gateway, "max_replicas") or 5,
        tuning=tuning.tuning(args, served, meshes.namespace(args)),
        leaving=readers.leaving(args),
        readers=readers.readers(args),
        ingress=ingress.ingress(args, [cluster.name for cluster in clusters.values() if cluster.is_in_mesh]),
    )


def _notes(args: Record, clusters: Mapping[str, ClusterPlan], placed: Placement) -> Iterator[str]:
    if placed.by_name and reading.text(reading.record(args, "addresses"), "book") is None:
        yield (
            f"The ranges of {', '.join(placed.by_name)} follow from the clusters' names and are remembered "
            "nowhere: a cluster that is added later keeps clear of them unless its name wants the same block "
            "and sorts before, or its own `ranges` lie in it. Name a book under `addresses.book` to have them "
            "remembered."
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


def _unused(things: list[str], command: str) -> Iterator[str]:
    if things:
        yield (
            f"The address book remembers {', '.join(things)}, which the program does not have; what they had stays "
            f"theirs until `{command}`."
        )
