"""A multi-cloud service mesh from one `pulumi up`.

The public names, nothing else. They load on first use, so that planning (`multimesh plan`) needs neither the engine
nor a cloud's SDK, and a program that uses two clouds needs only their two SDKs.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_multimesh.clusters.aks import AksCluster as AksCluster
    from pulumi_multimesh.clusters.aks_network import AksNetwork as AksNetwork
    from pulumi_multimesh.clusters.cluster import KubernetesCluster as KubernetesCluster
    from pulumi_multimesh.clusters.eks import EksCluster as EksCluster
    from pulumi_multimesh.clusters.eks_network import EksNetwork as EksNetwork
    from pulumi_multimesh.clusters.existing import ExistingCluster as ExistingCluster
    from pulumi_multimesh.clusters.gke import GkeCluster as GkeCluster
    from pulumi_multimesh.clusters.gke_network import GkeNetwork as GkeNetwork
    from pulumi_multimesh.clusters.oke import OkeCluster as OkeCluster
    from pulumi_multimesh.clusters.oke_network import OkeNetwork as OkeNetwork
    from pulumi_multimesh.config import MeshArgs as MeshArgs
    from pulumi_multimesh.consul.datacenter import ConsulDatacenter as ConsulDatacenter
    from pulumi_multimesh.consul.keys import ConsulKeys as ConsulKeys
    from pulumi_multimesh.consul.keys import consul_keys as consul_keys
    from pulumi_multimesh.consul.peering import ConsulPeering as ConsulPeering
    from pulumi_multimesh.istio.control_plane import IstioControlPlane as IstioControlPlane
    from pulumi_multimesh.istio.east_west_gateway import IstioEastWestGateway as IstioEastWestGateway
    from pulumi_multimesh.istio.remote_secret import IstioRemoteSecret as IstioRemoteSecret
    from pulumi_multimesh.linkerd.control_plane import LinkerdControlPlane as LinkerdControlPlane
    from pulumi_multimesh.linkerd.link import LinkerdLink as LinkerdLink
    from pulumi_multimesh.linkerd.multicluster import LinkerdMulticluster as LinkerdMulticluster
    from pulumi_multimesh.linkerd.viz import LinkerdViz as LinkerdViz
    from pulumi_multimesh.mesh import MultiCloudMesh as MultiCloudMesh
    from pulumi_multimesh.pki.mesh_pki import MeshPki as MeshPki

__version__ = "0.1.0"

_HOMES = {
    "AksCluster": "clusters.aks",
    "AksNetwork": "clusters.aks_network",
    "ConsulDatacenter": "consul.datacenter",
    "ConsulKeys": "consul.keys",
    "ConsulPeering": "consul.peering",
    "EksCluster": "clusters.eks",
    "EksNetwork": "clusters.eks_network",
    "ExistingCluster": "clusters.existing",
    "GkeCluster": "clusters.gke",
    "GkeNetwork": "clusters.gke_network",
    "IstioControlPlane": "istio.control_plane",
    "IstioEastWestGateway": "istio.east_west_gateway",
    "IstioRemoteSecret": "istio.remote_secret",
    "KubernetesCluster": "clusters.cluster",
    "LinkerdControlPlane": "linkerd.control_plane",
    "LinkerdLink": "linkerd.link",
    "LinkerdMulticluster": "linkerd.multicluster",
    "LinkerdViz": "linkerd.viz",
    "MeshArgs": "config",
    "MeshPki": "pki.mesh_pki",
    "MultiCloudMesh": "mesh",
    "OkeCluster": "clusters.oke",
    "OkeNetwork": "clusters.oke_network",
    "consul_keys": "consul.keys",
}

__all__ = [
    "AksCluster",
    "AksNetwork",
    "ConsulDatacenter",
    "ConsulKeys",
    "ConsulPeering",
    "EksCluster",
    "EksNetwork",
    "ExistingCluster",
    "GkeCluster",
    "GkeNetwork",
    "IstioControlPlane",
    "IstioEastWestGateway",
    "IstioRemoteSecret",
    "KubernetesCluster",
    "LinkerdControlPlane",
    "LinkerdLink",
    "LinkerdMulticluster",
    "LinkerdViz",
    "MeshArgs",
    "MeshPki",
    "MultiCloudMesh",
    "OkeCluster",
    "OkeNetwork",
    "consul_keys",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
