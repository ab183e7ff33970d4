"""The whole result of planning: frozen values, plain enough to print as JSON.

Owns: the shape of a plan. Does not own: how any value is decided (the other modules of this room).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from pulumi_multimesh.plan.access import AccessPlan
from pulumi_multimesh.plan.consul import ConsulPlan
from pulumi_multimesh.plan.ingress import IngressPlan
from pulumi_multimesh.plan.linkerd import LinkerdPlan
from pulumi_multimesh.plan.network_plan import GATEWAYS, LinkPlan, NetworkPlan, PeeringPlan, VpnPlan
from pulumi_multimesh.plan.revisions import ClusterRevisions
from pulumi_multimesh.plan.roles import CONFIG, MANAGEMENT
from pulumi_multimesh.plan.security import SecurityPlan
from pulumi_multimesh.plan.trust_settings import TrustSettings
from pulumi_multimesh.plan.tuning import TuningPlan


@dataclass(frozen=True)
class Ranges:
    """A cluster's address ranges as CIDR strings; None where its kind has no such range."""

    nodes: str | None
    """Nodes; on EKS the VPC."""
    pods: str | None
    """Pods; None on EKS, where they share the VPC."""
    services: str | None
    control_plane: str | None
    """GKE's /28, OKE's subnet of the API endpoint; None elsewhere."""
    load_balancers: str | None
    """OKE's subnet of load balancers; None elsewhere."""
    vpn_gateway: str | None
    """AKS's subnet of the VPN gateway, where there is one; None elsewhere."""
    pinned: bool
    """Whether the user gave any of them."""

    def as_args(self) -> dict[str, str]:
        """The ranges that there are, as a user would pin them."""
        given = {key: value for key, value in asdict(self).items() if key != "pinned"}
        return {key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True)
class ClusterPlan:
    """One cluster of the mesh."""

    name: str
    """The cluster id: in the control plane's values, the remote secret's name and key, the certificate's locality."""
    kind: str
    """`gke`, `eks`, `aks`, `oke` or `existing`."""
    cloud: str
    """`gcp`, `aws`, `azure`, `oci` or `none`."""
    region: str
    network: str
    """The mesh network: clusters of one network reach each other's pods, those of others go through gateways."""
    served_by: str
    """The cluster whose control plane serves it; its own name where it has one."""
    role: str
    """`primary`, `remote`, `config` or `management`; roles.py says what they mean."""
    ranges: Ranges
    block: str | None
    """What those of the ranges that are not pinned are cut from; None when there are none."""
    egress_ips: tuple[str, ...]
    """Only of existing clusters; the others' are made in the program."""

    @property
    def is_primary(self) -> bool:
        """Whether a control plane runs in it."""
        return self.served_by == self.name

    @property
    def is_in_mesh(self) -> bool:
        """Whether pods of it are in the mesh; those of a management cluster are not."""
        return self.role != MANAGEMENT


@dataclass(frozen=True)
class CertificatePlan:
    """One certificate authority."""

    name: str
    issuer: str | None
    """None: signs itself."""
    common_name: str
    organization: str
    locality: str | None
    algorithm: str
    """`ECDSA` or `RSA`."""
    ecdsa_curve: str | None
    rsa_bits: int | None
    validity_hours: int
    max_path_length: int
    """Authorities below it: 1 for the root; 0 for an intermediate, which signs workloads only."""
    dns_names: tuple[str, ...]


@dataclass(frozen=True)
class TrustPlan:
    """The certificate tree: who signs whom."""

    trust_domain: str
    source: str
    """Where the roots come from: `made` here or `brought`."""
    roots: dict[str, CertificatePlan]
    """All that are trusted by name, the oldest first."""
    issuing: str
    """The root that signs the intermediates."""
    intermediates: dict[str, CertificatePlan]
    """By cluster; only those with a control plane of their own sign."""
    generations: dict[str, int]
    """By cluster: which key its intermediate has; 1 is the first."""
    renewal_hours: int
    """How long before its end an intermediate is renewed."""
    warning_days: int
    """How long before its end a certificate is warned of."""
    settings: TrustSettings

    @property
    def root(self) -> CertificatePlan:
        """The root that signs the intermediates."""
        return self.roots[self.issuing]

    @property
    def issuer_names(self) -> tuple[str, ...]:
        """DNS names of the intermediates, alike in all of them."""
        return next((each.dns_names for each in self.intermediates.values()), ())


@dataclass(frozen=True)
class RemoteSecretPlan:
    """A credential for cluster `of` that lies in cluster `into`, so that its istiod finds endpoints there."""

    of: str
    into: str


@dataclass(frozen=True)
class ControlPlanePlan:
    """What every mesh installs in its clusters; the same everywhere but for the cluster's own name and network."""

    mesh: str
    """`istio`, `linkerd` or `consul`."""
    topology: str
    """How control planes are spread: Istio's word; Linkerd's `links`; Consul's `peering` or `federation`."""
    namespace: str
    """The mesh's own, of the same name in every cluster."""
    chart_repository: str
    chart_version: str


@dataclass(frozen=True)
class IstioPlan:
    """What Istio alone knows."""

    data_plane: str
    """`sidecar` or `ambient`."""
    mesh_id: str
    revisions: dict[str, ClusterRevisions]
    """By cluster; none where no revisions are declared."""
    gateway_min_replicas: int
    gateway_max_replicas: int
    tuning: TuningPlan
    ingress: IngressPlan | None
    leaving: tuple[str, ...]
    """Clusters of which control planes elsewhere hear nothing any more."""
    readers: dict[str, tuple[str, ...]]
    """By cluster, those that name any: the tokens by which others read it, of which the last is used."""


@dataclass(frozen=True)
class MeshPlan:
    """Everything that can be decided without a cloud."""

    name: str
    clusters: dict[str, ClusterPlan]
    """By name, in the order of the names."""
    control_plane: ControlPlanePlan
    istio: IstioPlan | None
    """None where another mesh is chosen; and so with the two below."""
    linkerd: LinkerdPlan | None
    consul: ConsulPlan | None
    connectivity: str
    """`gateways`, `peering` or `vpn`."""
    flat: bool
    """Whether pods reach each other without gateways."""
    networks: dict[str, NetworkPlan]
    """By name, that of the first of its clusters."""
    links: tuple[LinkPlan, ...]
    peerings: tuple[PeeringPlan, ...]
    vpns: tuple[VpnPlan, ...]
    trust: TrustPlan
    access: AccessPlan
    security: SecurityPlan
    remote_secrets: tuple[RemoteSecretPlan, ...]
    api_access: dict[str, str]
    supernet: str
    advice: tuple[str, ...]
    """Which mesh fits what is asked for."""
    notes: tuple[str, ...]
    """What a reader should know, such as which placement is by name only."""

    def as_dict(self) -> dict[str, Any]:
        """The plan as plain dictionaries and lists, for JSON."""
        return asdict(self)

    def decisions(self) -> dict[str, Any]:
        """The same without what is only told: other words are no difference."""
        return {key: value for key, value in self.as_dict().items() if key not in ("advice", "notes")}

    @property
    def of_istio(self) -> IstioPlan:
        """What Istio alone knows; raises `LookupError` where another mesh is chosen."""
        if self.istio is None:
            raise LookupError(f"the mesh is {self.control_plane.mesh}, not istio")
        return self.istio

    @property
    def of_linkerd(self) -> LinkerdPlan:
        """What Linkerd alone knows; raises `LookupError` where another mesh is chosen."""
        if self.linkerd is None:
            raise LookupError(f"the mesh is {self.control_plane.mesh}, not linkerd")
        return self.linkerd

    @property
    def of_consul(self) -> ConsulPlan:
        """What Consul alone knows; raises `LookupError` where another mesh is chosen."""
        if self.consul is None:
            raise LookupError(f"the mesh is {self.control_plane.mesh}, not consul")
        return self.consul

    def peers(self, cluster: str) -> tuple[str, ...]:
        """The other clusters that the cluster is linked to, in the order of their names."""
        pairs = [(link.first, link.second) for link in self.links if cluster in (link.first, link.second)]
        return tuple(sorted(second if first == cluster else first for first, second in pairs))

    def ranges_of(self, clusters: Iterable[str]) -> list[str]:
        """The ranges of the networks of these clusters, sorted."""
        return sorted({cidr for cluster in clusters for cidr in self.network_of(cluster).ranges})

    def readers(self, cluster: str) -> tuple[str, ...]:
        """The other clusters whose control plane reads the cluster, in the order of their names."""
        reading = {secret.into for secret in self.remote_secrets if secret.of == cluster}
        if self.clusters[cluster].role == CONFIG:
            reading.add(self.clusters[cluster].served_by)
        return tuple(sorted(reading))

    def admitted(self, cluster: str) -> tuple[str, ...]:
        """The other clusters that the cluster's API server lets knock: those that read it.

        With Consul those that it is linked to, as they would read it in another mesh: so that a change of the mesh
        changes no cluster. Whoever knocks has no credential by that.
        """
        reading = self.readers(cluster)
        return tuple(sorted({*reading, *self.peers(cluster)})) if self.consul else reading

    def mesh_peers(self, cluster: str) -> tuple[str, ...]:
        """Those of the peers whose pods are in the mesh; none of a cluster whose own are not."""
        if not self.clusters[cluster].is_in_mesh:
            return ()
        return tuple(peer for peer in self.peers(cluster) if self.clusters[peer].is_in_mesh)

    @property
    def config_cluster(self) -> str | None:
        """The cluster that an external control plane reads its configuration from; None in other topologies."""
        return next((name for name, cluster in self.clusters.items() if cluster.role == CONFIG), None)

    def remotes_of(self, cluster: str) -> tuple[str, ...]:
        """The other clusters that its control plane serves."""
        return tuple(name for name, each in self.clusters.items() if each.served_by == cluster and name != cluster)

    @property
    def is_private(self) -> bool:
        """Whether the roads between clusters are private ones."""
        return self.connectivity != GATEWAYS

    def network_of(self, cluster: str) -> NetworkPlan:
        """The cloud network that the cluster is in."""
        return next(network for network in self.networks.values() if cluster in network.clusters)
