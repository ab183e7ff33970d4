"""From a cluster's plan and the user's arguments to its components.

Owns: which component a kind of cluster is, and the order network → egress addresses → cluster that lets the
clusters admit each other without a circle. Does not own: the components.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.config import EksArgs, ExistingArgs, GkeArgs, MeshArgs
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan


def make_clusters(parent: pulumi.Resource, plan: MeshPlan, args: MeshArgs) -> dict[str, KubernetesCluster]:
    """All clusters of the plan, by name; each admits the egress addresses of its peers."""
    makers = {name: _maker(parent, plan, cluster, args) for name, cluster in plan.clusters.items()}
    return {
        name: maker.cluster(_all(makers[peer].egress_ips for peer in plan.peers(name)))
        for name, maker in makers.items()
    }


def _all(addresses: Any) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*addresses).apply(lambda lists: sorted(ip for ips in lists for ip in ips))


class _Maker:
    """A cluster whose network, and so whose egress, is there before the cluster is."""

    egress_ips: pulumi.Input[list[str]]

    def __init__(self, parent: pulumi.Resource, plan: MeshPlan, cluster: ClusterPlan, args: MeshArgs) -> None:
        self.name = names.cluster(plan.name, cluster.name)
        self.child = pulumi.ResourceOptions(parent=parent)
        self.plan = cluster
        self.admitted = plan.api_access
        self.tags = args.get("tags", {})
        self.prepare(cast("Mapping[str, Mapping[str, Any]]", args)[cluster.kind][cluster.name])

    def prepare(self, wish: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        raise NotImplementedError


class _GkeMaker(_Maker):
    def prepare(self, wish: Mapping[str, Any]) -> None:
        from pulumi_multimesh.clusters.gke_network import GkeNetwork

        self.wish = cast("GkeArgs", wish)
        ranges = self.plan.ranges
        self.network = GkeNetwork(
            self.name,
            {
                "project": self.wish["project"],
                "region": self.wish["region"],
                "nodes": _planned(ranges.nodes),
                "pods": _planned(ranges.pods),
                "services": _planned(ranges.services),
            },
            self.child,
        )
        self.egress_ips = self.network.egress_ips

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        from pulumi_multimesh.clusters.gke import GkeCluster, GkeClusterArgs

        wish = self.wish
        args: GkeClusterArgs = {
            "project": wish["project"],
            "region": wish["region"],
            "network": self.network.network,
            "subnetwork": self.network.subnetwork,
            "egress_ips": self.network.egress_ips,
            "control_plane": _planned(self.plan.ranges.control_plane),
            "admitted": dict(self.admitted),
            "admitted_ips": admitted_ips,
            "release_channel": wish.get("release_channel", "REGULAR"),
            "node_pool": wish.get("node_pool", {}),
            "deletion_protection": wish.get("deletion_protection", False),
            "labels": dict(self.tags),
        }
        # Nodes without a way out cannot fetch an image, so the way out comes first and goes last.
        return GkeCluster(self.name, args, _after(self.child, [self.network]))


class _EksMaker(_Maker):
    def prepare(self, wish: Mapping[str, Any]) -> None:
        from pulumi_multimesh.clusters.eks_network import EksNetwork, EksNetworkArgs

        self.wish = cast("EksArgs", wish)
        args: EksNetworkArgs = {
            "region": self.wish["region"],
            "vpc": _planned(self.plan.ranges.nodes),
            "tags": dict(self.tags),
        }
        if "zones" in self.wish:
            args["zones"] = self.wish["zones"]
        self.network = EksNetwork(self.name, args, self.child)
        self.egress_ips = self.network.egress_ips

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        from pulumi_multimesh.clusters.eks import EksCluster, EksClusterArgs

        wish = self.wish
        args: EksClusterArgs = {
            "region": wish["region"],
            "subnet_ids": self.network.private_subnet_ids,
            "services": _planned(self.plan.ranges.services),
            "egress_ips": self.network.egress_ips,
            "admitted": dict(self.admitted),
            "admitted_ips": admitted_ips,
            "node_pool": wish.get("node_pool", {}),
            "deletion_protection": wish.get("deletion_protection", False),
            "tags": dict(self.tags),
        }
        if "kubernetes_version" in wish:
            args["kubernetes_version"] = wish["kubernetes_version"]
        return EksCluster(self.name, args, _after(self.child, [self.network]))


class _ExistingMaker(_Maker):
    def prepare(self, wish: Mapping[str, Any]) -> None:
        self.wish = cast("ExistingArgs", wish)
        self.egress_ips = list(self.wish["egress_ips"])

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        from pulumi_multimesh.clusters.existing import ExistingCluster

        # Whom its API server admits is its owner's affair; the mesh asks nothing of it.
        del admitted_ips
        kubeconfig = self.wish.get("kubeconfig")
        if kubeconfig is None:
            raise ValueError(f"existing.{self.plan.name}.kubeconfig is missing")
        return ExistingCluster(
            self.name,
            {
                "kubeconfig": kubeconfig,
                "egress_ips": list(self.wish["egress_ips"]),
                "cloud": self.plan.cloud,
            },
            self.child,
        )


_MAKERS: dict[str, type[_Maker]] = {"gke": _GkeMaker, "eks": _EksMaker, "existing": _ExistingMaker}


def _maker(parent: pulumi.Resource, plan: MeshPlan, cluster: ClusterPlan, args: MeshArgs) -> _Maker:
    return _MAKERS[cluster.kind](parent, plan, cluster, args)


def _planned(cidr: str | None) -> str:
    if cidr is None:
        raise ValueError("the plan has no range where this kind of cluster needs one")
    return cidr


def _after(child: pulumi.ResourceOptions, depends_on: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=child.parent, depends_on=depends_on)
