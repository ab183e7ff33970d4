"""The keys of a whole mesh: its clusters, Istio, the certificate authorities.

Owns: these keys. Does not own: the keys of one kind of cluster or of the mesh itself (the modules beside this one).
"""

from typing import TypedDict

from pulumi_multimesh.config.aks import AksArgs
from pulumi_multimesh.config.clusters import AddressesArgs
from pulumi_multimesh.config.connectivity import LinksArgs
from pulumi_multimesh.config.eks import EksArgs
from pulumi_multimesh.config.existing import ExistingArgs
from pulumi_multimesh.config.gke import GkeArgs
from pulumi_multimesh.config.istio import IstioArgs
from pulumi_multimesh.config.oke import OkeArgs


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


class MeshArgs(TypedDict, total=False):
    """A whole mesh.

    Clusters are keyed by kind and then by name; a name is unique in the mesh and is its cluster id everywhere.
    """

    gke: dict[str, GkeArgs]
    """GKE clusters by name."""
    aks: dict[str, AksArgs]
    """AKS clusters by name."""
    eks: dict[str, EksArgs]
    """EKS clusters by name."""
    oke: dict[str, OkeArgs]
    """OKE clusters by name."""
    existing: dict[str, ExistingArgs]
    """Clusters that are already there, by name."""
    istio: IstioArgs
    """Istio as the mesh; exactly one mesh must be given."""
    api_access: dict[str, str]
    """Ranges that may reach the API servers of the clusters made here, by name: `{"office": "203.0.113.0/24"}`.

    The machine that runs Pulumi must be in one. The clusters admit each other by themselves.
    """
    connectivity: str
    """The roads between clusters: `gateways` (unless given), `peering` or `vpn`.

    `gateways`: public load balancers that admit the peers' egress alone; `peering`: private, within one cloud;
    `vpn`: private everywhere, by peering inside a cloud and by IPsec with BGP between clouds.
    """
    flat: bool
    """Pods reach each other without gateways, all clusters being one network; false unless given. Not on public roads.

    Needs pods that are routable: not with AKS's `overlay` nor with OKE's `flannel`.
    """
    links: LinksArgs
    """Which clusters are joined; every two unless given."""
    addresses: AddressesArgs
    """The address plan's room."""
    pki: PkiArgs
    """The certificate authorities."""
    unreachable: list[str]
    """Clusters whose API server cannot be reached: nothing in them is looked at or changed, so that the others can be.

    A cluster that is lost for good is named here for one `pulumi up`, and taken out with the next.
    """
    tags: dict[str, str]
    """Tags, on Google Cloud labels, on all that can carry them."""
