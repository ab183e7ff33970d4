"""What a user may write: one shallow family of dictionaries, the same in Python, in a stack and in YAML.

Owns: every key, its type and its meaning. Does not own: whether values fit together (plan.validate) nor what is
made of them (plan, components). The classes are read at run time, by the validator and by the multi-language host.
"""

from typing import Any, NotRequired, TypedDict

import pulumi


class RangesArgs(TypedDict, total=False):
    """Address ranges that a cluster is pinned to, as CIDR strings; what is left out comes from the address plan."""

    nodes: str
    """Nodes; on EKS the whole VPC, from which pods take their addresses too."""
    pods: str
    """Pods; not on EKS, where they share the VPC's range."""
    services: str
    """Cluster IPs of Services."""
    control_plane: str
    """GKE's control plane, a /28."""


class NodePoolArgs(TypedDict, total=False):
    """The machines of a cluster."""

    machine_type: str
    """The cloud's machine type; `e2-standard-4` (GCP) or `m6i.large` (AWS) unless given: for istiod and a gateway."""
    min_size: int
    """Fewest nodes in the whole pool, at least 1; 2 unless given, so that one can be drained."""
    max_size: int
    """Most nodes in the whole pool; 4 unless given."""
    disk_size_gb: int
    """Boot disk in GiB; 50 unless given."""


class GkeArgs(TypedDict):
    """A GKE cluster in a VPC of its own, with private nodes."""

    project: str
    """The Google Cloud project."""
    region: str
    """The region, such as `europe-west4`; the control plane and the nodes are regional."""
    release_channel: NotRequired[str]
    """`RAPID`, `REGULAR`, `STABLE` or `EXTENDED`; `REGULAR` unless given."""
    node_pool: NotRequired[NodePoolArgs]
    """The machines."""
    ranges: NotRequired[RangesArgs]
    """Ranges to pin."""
    deletion_protection: NotRequired[bool]
    """Refuse to delete the cluster until this is false again; false unless given."""


class EksArgs(TypedDict):
    """An EKS cluster in a VPC of its own, with private nodes."""

    region: str
    """The region, such as `us-east-1`."""
    kubernetes_version: NotRequired[str]
    """Minor version such as `1.34`; `versions.EKS_KUBERNETES` unless given: never "the newest", which would drift."""
    zones: NotRequired[list[str]]
    """Availability zones, two or three; the region's first three unless given."""
    node_pool: NotRequired[NodePoolArgs]
    """The machines."""
    ranges: NotRequired[RangesArgs]
    """Ranges to pin."""
    deletion_protection: NotRequired[bool]
    """Refuse to delete the cluster until this is false again; false unless given."""


class ExistingArgs(TypedDict):
    """A cluster that is already there."""

    kubeconfig: NotRequired[pulumi.Input[str]]
    """The kubeconfig's text, best as a secret.

    Left out, the reference program takes it from the secret `multimesh:kubeconfig-NAME`.
    """
    cloud: NotRequired[str]
    """`gcp`, `aws`, `azure`, `oci` or `none` (unless given): decides the gateway's load-balancer annotations."""
    region: NotRequired[str]
    """Where it runs; only shown."""
    egress_ips: list[str]
    """Addresses from which its traffic reaches the other clusters; their gateways and API servers admit these."""
    ranges: NotRequired[RangesArgs]
    """Ranges that it uses, so that no other cluster gets them."""


class AddressesArgs(TypedDict, total=False):
    """Where the address plan takes its ranges from."""

    supernet: str
    """All ranges come from here; `10.0.0.0/8` unless given."""
    reserved: dict[str, str]
    """Ranges in use elsewhere, by owner: `{"office": "10.0.0.0/16"}`; nothing is placed in them."""


class PkiArgs(TypedDict, total=False):
    """The mesh's own certificate authorities."""

    algorithm: str
    """`ECDSA` (P-256) or `RSA`; `ECDSA` unless given: smaller certificates and faster handshakes."""
    rsa_bits: int
    """Bits of an RSA key: 2048, 3072 or 4096; 4096 unless given."""
    organization: str
    """The subject's organization; `Istio` unless given."""
    root_validity_days: int
    """Life of the root; 3650 unless given."""
    intermediate_validity_days: int
    """Life of each cluster's intermediate; 730 unless given. It cannot outlive the root."""


class ChartsArgs(TypedDict, total=False):
    """Where the mesh's charts come from."""

    repository: str
    """A Helm repository's URL; the project's own unless given. For a mirror inside a company."""
    version: str
    """The charts' version; the one in `versions.ISTIO` unless given."""


class IstioGatewayArgs(TypedDict, total=False):
    """The east-west gateways."""

    min_replicas: int
    """Fewest gateway pods; 2 unless given, so that one can be drained."""
    max_replicas: int
    """Most gateway pods; 5 unless given."""


class IstioArgs(TypedDict, total=False):
    """Istio as the mesh."""

    topology: str
    """`multi-primary` (unless given): a control plane in each cluster, each cluster a network of its own."""
    mesh_id: str
    """Istio's mesh id; the component's name unless given."""
    trust_domain: str
    """SPIFFE trust domain of the whole mesh; `cluster.local` unless given, Istio's own default."""
    charts: ChartsArgs
    """Where the charts come from."""
    gateway: IstioGatewayArgs
    """The east-west gateways."""
    values: dict[str, dict[str, Any]]
    """Further chart values by chart (`base`, `istiod`, `gateway`), merged over the library's own."""


class MeshArgs(TypedDict, total=False):
    """A whole mesh.

    Clusters are keyed by kind and then by name; a name is unique in the mesh and is its cluster id everywhere.
    """

    gke: dict[str, GkeArgs]
    """GKE clusters by name."""
    eks: dict[str, EksArgs]
    """EKS clusters by name."""
    existing: dict[str, ExistingArgs]
    """Clusters that are already there, by name."""
    istio: IstioArgs
    """Istio as the mesh; exactly one mesh must be given."""
    api_access: dict[str, str]
    """Ranges that may reach the API servers of the clusters made here, by name: `{"office": "203.0.113.0/24"}`.

    The machine that runs Pulumi must be in one. The clusters admit each other by themselves.
    """
    addresses: AddressesArgs
    """The address plan's room."""
    pki: PkiArgs
    """The certificate authorities."""
    tags: dict[str, str]
    """Tags (AWS) and labels (GCP) on all that can carry them."""
