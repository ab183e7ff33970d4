"""The keys of a whole mesh: its clusters, which mesh, the certificate authorities.

Owns: these keys. Does not own: the keys of one kind of cluster or of the mesh itself (the modules beside this one).
"""

from typing import TypedDict

from pulumi_multimesh.config.access import AccessArgs
from pulumi_multimesh.config.aks import AksArgs
from pulumi_multimesh.config.clusters import AddressesArgs
from pulumi_multimesh.config.connectivity import LinksArgs
from pulumi_multimesh.config.consul import ConsulArgs
from pulumi_multimesh.config.eks import EksArgs
from pulumi_multimesh.config.existing import ExistingArgs
from pulumi_multimesh.config.gke import GkeArgs
from pulumi_multimesh.config.istio import IstioArgs
from pulumi_multimesh.config.linkerd import LinkerdArgs
from pulumi_multimesh.config.oke import OkeArgs
from pulumi_multimesh.config.pki import PkiArgs
from pulumi_multimesh.config.security import SecurityArgs
from pulumi_multimesh.config.wants import WantsArgs


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
    """Istio as the mesh; exactly one mesh must be given, and docs/meshes.md says which fits what."""
    linkerd: LinkerdArgs
    """Linkerd as the mesh."""
    consul: ConsulArgs
    """Consul as the mesh."""
    wants: WantsArgs
    """What the mesh has to keep, whichever it is; nothing unless given."""
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
    access: AccessArgs
    """Who may do what in the clusters, by groups and Kubernetes' own roles; nothing is made unless given."""
    security: SecurityArgs
    """Who may call whom; everybody in the mesh everybody unless given."""
    unreachable: list[str]
    """Clusters whose API server cannot be reached: nothing in them is looked at or changed, but the others can be."""
    lost: list[str]
    """Clusters that are gone for good: named here for one `pulumi up`, and taken out with the next.

    What was in them is then forgotten, and so it is by a refresh while they are named.
    """
    tags: dict[str, str]
    """Tags, on Google Cloud labels, on all that can carry them."""
