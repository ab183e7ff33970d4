"""A plan as text for a terminal.

Owns: the words and the layout. Does not own: the plan. There is nothing secret in a plan.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from pulumi_multimesh.plan import trust_rows
from pulumi_multimesh.plan.data_plane import AMBIENT
from pulumi_multimesh.plan.estimate import AS_OF, estimate
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan
from pulumi_multimesh.plan.network_plan import LinkPlan
from pulumi_multimesh.plan.networks import behind
from pulumi_multimesh.plan.roles import PRIMARY
from pulumi_multimesh.plan.zones import ANYBODY, INGRESS

_WIDTH = 100
_NOTHING = "–"
_ROADS = {"gateways": "public gateways", "same-network": "the network that they share"}
"""Roads whose word alone would not say enough."""
_CREDENTIALS = {
    "istio": "Remote secrets",
    "linkerd": "Credentials of links",
    "consul": "API servers that the primary asks",
}
"""By mesh: who may read another cluster's API server."""


def render(plan: MeshPlan) -> str:
    """The plan in sections; ends with a newline."""
    control = plan.control_plane
    head = (
        f'Mesh "{plan.name}": {_count(len(plan.clusters), "cluster")}, {_count(len(plan.links), "link")}; '
        f"{control.mesh} {control.chart_version}, {control.topology}{_of_istio(plan)}"
    )
    sections = [
        _section("Clusters", _clusters(plan)),
        _section(f"Addresses (from {plan.supernet})", _addresses(plan)),
        _section("Control planes side by side", _revisions(plan)),
        _section("Links", _links(plan)),
        _section("Peerings", _peerings(plan)),
        _section("VPN gateways", _gateways(plan)),
        _section("VPN tunnels", _tunnels(plan)),
        _section(f"Roads: cost and time (rough list prices of {AS_OF}, check them)", _costs(plan)),
        _section(trust_rows.title(plan), _table(trust_rows.HEADER, trust_rows.rows(plan))),
        _section(_CREDENTIALS[control.mesh], _remote_secrets(plan)),
        _section("Peerings of datacenters", _consul_peerings(plan)),
        _section("Who may call whom", _calls(plan)),
        _section("Zones", _zones(plan)),
        _section("What may cross into a zone", _crossings(plan)),
        _section("One sign-on for calls from outside", _sign_on(plan)),
        _section("Plain text, for a while", _exceptions(plan)),
        _section("API access", _table(("FROM", "RANGE"), plan.api_access.items())),
        _section("Who may do what in the clusters", _access(plan)),
        _section("Who logs in how", _logins(plan)),
        _section("Which mesh fits", _wrapped(plan.advice)),
        _section("Notes", _wrapped(plan.notes)),
    ]
    return "\n".join([head, *(section for section in sections if section)]) + "\n"


def _of_istio(plan: MeshPlan) -> str:
    if plan.istio is None:
        return ""
    return f"{f', {AMBIENT}' if plan.istio.data_plane == AMBIENT else ''}, mesh id {plan.istio.mesh_id}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _section(title: str, lines: Iterable[str]) -> str:
    body = [f"  {line}".rstrip() for line in lines]
    return "\n".join(["", title, *body]) if body else ""


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns aligned to the left; nothing at all when there are no rows."""
    lines = [tuple(header), *(tuple(cell or _NOTHING for cell in row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    padded = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return padded if len(padded) > 1 else []


def _calls(plan: MeshPlan) -> list[str]:
    security = plan.security
    header = ("TO", "CALLERS", "METHODS", "PATHS", "PORTS", "TOKEN OF")
    rows = [
        (
            f"{rule.to.namespace}/{rule.to.app}" if rule.to.app else rule.to.namespace,
            ", ".join(rule.callers),
            ", ".join(rule.methods),
            ", ".join(rule.paths),
            ", ".join(rule.ports),
            ", ".join([rule.token, *(f"{claim}={value}" for claim, value in rule.claims.items())])
            if rule.token
            else "",
        )
        for rule in security.rules
    ]
    if not rows and not security.deny_by_default:
        return []
    others = (
        "nobody calls what is not named here" if security.deny_by_default else "whoever is in the mesh calls the rest"
    )
    return [*_table(*_without_empty_columns(header, rows)), others]


def _sign_on(plan: MeshPlan) -> list[str]:
    wished = plan.security.sign_on
    if wished is None:
        return []
    row = (
        ", ".join(wished.hosts) or "every host",
        ", ".join([*wished.open_hosts, *wished.public_paths]),
        f"{wished.namespace}/{wished.service}:{wished.port}",
    )
    return _table(("HOSTS", "BUT FOR", "ASKED"), [row])


def _zones(plan: MeshPlan) -> list[str]:
    rows = ((zone, ", ".join(namespaces)) for zone, namespaces in plan.security.zones.zones.items())
    return _table(("ZONE", "NAMESPACES"), rows)


def _crossings(plan: MeshPlan) -> list[str]:
    """A row for each kind of caller, a column for each zone; what may not cross is told as well."""
    zones = plan.security.zones

    def cell(caller: str, zone: str) -> str:
        ports = zones.ports(caller, zone)
        if ports is None:
            return "no"
        return ", ".join(ports) or "all"

    callers = [*zones.zones, *([INGRESS] if plan.istio and plan.istio.ingress else []), ANYBODY]
    names = {ANYBODY: "others"}
    rows = [(names.get(caller, caller), *(cell(caller, zone) for zone in zones.zones)) for caller in callers]
    return _table(("FROM", *(f"TO {zone}" for zone in zones.zones)), rows) if zones.zones else []


def _exceptions(plan: MeshPlan) -> list[str]:
    rows = ((namespace, found.until, found.reason) for namespace, found in plan.security.plain_text.items())
    return _table(("NAMESPACE", "UNTIL", "WHY"), rows)


def _clusters(plan: MeshPlan) -> list[str]:
    def row(cluster: ClusterPlan) -> Sequence[str]:
        egress = ", ".join(cluster.egress_ips) or "made with the cluster"
        network = cluster.network if cluster.is_in_mesh else ""
        role = cluster.role if told_apart else ""
        return (cluster.name, cluster.kind, cluster.cloud, cluster.region, network, role, egress)

    told_apart = {cluster.role for cluster in plan.clusters.values()} != {PRIMARY}
    header = ("NAME", "KIND", "CLOUD", "REGION", "NETWORK", "ROLE", "EGRESS")
    # Where every cluster has a control plane there are no roles to tell apart.
    return _table(*_without_empty_columns(header, [row(cluster) for cluster in plan.clusters.values()]))


def _addresses(plan: MeshPlan) -> list[str]:
    def row(cluster: ClusterPlan) -> Sequence[str]:
        ranges = cluster.ranges
        pods = "in nodes" if cluster.kind == "eks" else ranges.pods or ""
        cells = (
            ranges.nodes or "",
            pods,
            ranges.services or "",
            ranges.control_plane or "",
            ranges.load_balancers or "",
            ranges.vpn_gateway or "",
        )
        return (cluster.name, *cells, "yes" if ranges.pinned else "no")

    header = ("CLUSTER", "NODES", "PODS", "SERVICES", "CONTROL PLANE", "LOAD BALANCERS", "VPN GATEWAY", "PINNED")
    return _table(*_without_empty_columns(header, [row(cluster) for cluster in plan.clusters.values()]))


def _without_empty_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The columns that say something of some cluster: load balancers have a range on OKE alone, gateways on AKS."""
    kept = [position for position, _ in enumerate(header) if any(row[position] for row in rows)]
    return [header[position] for position in kept], [[row[position] for position in kept] for row in rows]


def _links(plan: MeshPlan) -> list[str]:
    def road(link: LinkPlan) -> str:
        return f"{link.road} through {link.via}" if link.via else _ROADS.get(link.road, link.road)

    return _table(("BETWEEN", "AND", "ROAD"), ((link.first, link.second, road(link)) for link in plan.links))


def _peerings(plan: MeshPlan) -> list[str]:
    rows = (
        (
            peering.first,
            peering.second,
            peering.cloud,
            "one region" if peering.same_region else "two regions",
            f"that of {peering.transit}" if peering.transit else "",
        )
        for peering in plan.peerings
    )
    return _table(("NETWORK", "AND", "CLOUD", "ACROSS", "SHARED VPN GATEWAY"), rows)


def _revisions(plan: MeshPlan) -> list[str]:
    return _table(
        ("CLUSTER", "DEFAULT", "VERSION", "BESIDE IT"),
        (
            (
                cluster,
                found.default,
                found.versions[found.default],
                ", ".join(f"{name} ({its})" for name, its in found.versions.items() if name != found.default)
                or _NOTHING,
            )
            for cluster, found in (plan.istio.revisions if plan.istio else {}).items()
        ),
    )


def _gateways(plan: MeshPlan) -> list[str]:
    return _table(
        ("NETWORK", "CLOUD", "ASN", "TUNNELS", "ADVERTISES"),
        (
            (
                network.name,
                network.cloud,
                str(network.asn),
                str(sum(len(vpn.tunnels) for vpn in plan.vpns if network.name in (vpn.first, vpn.second))),
                ", ".join(behind(plan.networks, network.name)),
            )
            for network in plan.networks.values()
            if network.asn is not None
        ),
    )


def _tunnels(plan: MeshPlan) -> list[str]:
    rows = (
        (f"{vpn.first} ~ {vpn.second}", str(tunnel.index), tunnel.inside, tunnel.first_ip, tunnel.second_ip)
        for vpn in plan.vpns
        for tunnel in vpn.tunnels
    )
    return _table(("NETWORKS", "TUNNEL", "INSIDE", "FIRST HAS", "SECOND HAS"), rows)


def _costs(plan: MeshPlan) -> list[str]:
    found = estimate(plan)
    rows = [(item.what, str(item.count), f"{item.dollars:.0f} $") for item in found.items]
    if not rows:
        return []
    lines = _table(("WHAT", "COUNT", "A MONTH"), [*rows, ("in all, before transfer", "", f"{found.dollars:.0f} $")])
    if found.transfer:
        prices = ", ".join(f"{cloud} {price:g} $" for cloud, price in found.transfer.items())
        lines.append(f"each GB that leaves a cloud costs beside that: {prices}")
    return [*lines, f"ready some {found.minutes:.0f} minutes after their first part, beside the clusters"]


def _remote_secrets(plan: MeshPlan) -> list[str]:
    reads = {into: [secret.of for secret in plan.remote_secrets if secret.into == into] for into in plan.clusters}
    return _table(("IN", "READS"), ((into, ", ".join(of)) for into, of in reads.items() if of))


def _consul_peerings(plan: MeshPlan) -> list[str]:
    found = plan.consul.peerings if plan.consul else ()
    return _table(("TOKEN MADE IN", "TAKEN TO"), ((peering.acceptor, peering.dialer) for peering in found))


def _access(plan: MeshPlan) -> list[str]:
    found = plan.access
    rows = [
        ("run the mesh", ", ".join(found.operators), "everywhere"),
        ("look", ", ".join(found.readers), "everywhere"),
        *(
            (f"deploy ({name})", ", ".join(team.groups), ", ".join(team.namespaces))
            for name, team in found.teams.items()
        ),
    ]
    return _table(("MAY", "GROUPS", "WHERE"), (row for row in rows if row[1]))


def _logins(plan: MeshPlan) -> list[str]:
    found = plan.access
    if not found.is_asked and found.login is None:
        return []
    rows = ((cluster, way.by, way.groups) for cluster, ways in found.ways.items() for way in ways)
    return _table(("CLUSTER", "LOGIN OF", "ITS GROUPS"), rows)


def _wrapped(sentences: Iterable[str]) -> Iterator[str]:
    for note in sentences:
        # Options and names have hyphens, and are copied from here.
        yield from textwrap.wrap(note, _WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
