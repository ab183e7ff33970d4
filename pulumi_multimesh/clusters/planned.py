"""From a cluster's plan and the user's arguments to its components.

Owns: which component a kind of cluster is, and the order network → egress addresses → cluster that lets the
clusters admit each other without a circle. Does not own: the components.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.config import AksArgs, AloneArgs, EksArgs, ExistingArgs, GkeArgs, MeshArgs, OkeArgs, RangesArgs
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan
from pulumi_multimesh.plan.needs import needed
from pulumi_multimesh.plan.subnets import MOST_ZONES


def make_clusters(parent: pulumi.Resource, plan: MeshPlan, args: MeshArgs) -> dict[str, KubernetesCluster]:
    """All clusters of the plan, by name; each admits the egress addresses of its peers."""
    makers = {name: _maker(parent, plan, cluster, args) for name, cluster in plan.clusters.items()}
    for name, maker in makers.items():
        maker.peers = [makers[peer] for peer in plan.peers(name)]
    return {
        name: maker.cluster(_all(makers[peer].egress_ips for peer in plan.peers(name)))
        for name, maker in makers.items()
    }


def _all(addresses: Any) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*addresses).apply(lambda lists: sorted(ip for ips in lists for ip in ips))


class _Maker:
    """A cluster whose network, and so whose egress, is there before the cluster is."""

    egress_ips: pulumi.Input[list[str]]
    egress_count = 1
    """How many addresses a network made here leaves by."""
    peers: "Sequence[_Maker]" = ()
    """Those of the clusters that reach this one's API server."""

    def __init__(self, parent: pulumi.Resource, plan: MeshPlan, cluster: ClusterPlan, args: MeshArgs) -> None:
        self.name = names.cluster(plan.name, cluster.name)
        self.parent = parent
        self.child = pulumi.ResourceOptions(parent=parent)
        self.plan = cluster
        self.api_access = plan.api_access
        self.tags = args.get("tags", {})
        wish = cast("Mapping[str, Mapping[str, Any]]", args)[cluster.kind][cluster.name]
        kept = needed(cluster.kind, {**wish, "network": {}})
        self.ranges = cast("RangesArgs", {key: cidr for key, cidr in cluster.ranges.as_args().items() if key in kept})
        """What the cluster's component is pinned to, its network being there already."""
        self.wishes = wish
        self.prepare(wish)

    def prepare(self, wish: Mapping[str, Any]) -> None:
        """Make the network, unless the user named one, and set `egress_ips`."""
        raise NotImplementedError

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        """Make the cluster, which admits these addresses beside the mesh's `api_access`."""
        raise NotImplementedError

    def each_address(self) -> list[pulumi.Input[str]]:
        """The egress addresses one by one, their number plain: for a cloud that needs a resource for each."""
        addresses, count = self.egress_ips, self.egress_count
        if isinstance(addresses, list):
            return [*addresses]
        if "network" in self.wishes:
            raise pulumi.RunError(
                f"{self.plan.kind}.{self.plan.name}.network.egress_ips is an output of a list, and an OKE cluster "
                "of the mesh makes a security rule for each address, so their number must be plain; "
                "allowed: a list of texts; remedy: write the addresses of the NAT gateway"
            )

        def nth(found: list[str], position: int) -> str:
            if len(found) != count:
                raise ValueError(
                    f"{self.name} leaves by {len(found)} addresses, not {count}; its peers would miss some"
                )
            return found[position]

        known = pulumi.Output.from_input(addresses)
        return [known.apply(lambda found, nth_of=position: nth(found, nth_of)) for position in range(count)]

    def told(self, admitted_ips: pulumi.Output[list[str]]) -> AloneArgs:
        return {"api_access": dict(self.api_access), "admitted_ips": admitted_ips, "tags": dict(self.tags)}

    def after(self, networks: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        """Nodes without a way out cannot fetch an image, so the way out comes first and goes last."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=networks)


class _GkeMaker(_Maker):
    def prepare(self, wish: Mapping[str, Any]) -> None:
        from pulumi_multimesh.clusters.gke_network import GkeNetwork

        self.wish = cast("GkeArgs", wish)
        self.networks: list[GkeNetwork] = []
        if "network" not in self.wish:
            self.networks.append(GkeNetwork.of(self.name, self.wish, self.plan.ranges, self.child))
        self.ids = self.wish.get("network") or self.networks[0].ids
        self.egress_ips = self.ids["egress_ips"]

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        from pulumi_multimesh.clusters.gke import GkeCluster, GkeClusterArgs

        args: GkeClusterArgs = {**self.wish, **self.told(admitted_ips), "network": self.ids, "ranges": self.ranges}
        return GkeCluster(self.name, args, self.after(self.networks))


class _EksMaker(_Maker):
    def prepare(self, wish: Mapping[str, Any]) -> None:
        from pulumi_multimesh.clusters.eks_network import EksNetwork

        self.wish = cast("EksArgs", wish)
        self.networks: list[EksNetwork] = []
        if "network" not in self.wish:
            self.networks.append(EksNetwork.of(self.name, self.wish, self.plan.ranges, self.tags, self.child))
        self.ids = self.wish.get("network") or self.networks[0].ids
        self.egress_ips = self.ids["egress_ips"]
        self.egress_count = len(self.wish.get("zones", ())) or MOST_ZONES

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        from pulumi_multimesh.clusters.eks import EksCluster, EksClusterArgs

        args: EksClusterArgs = {**self.wish, **self.told(admitted_ips), "network": self.ids, "ranges": self.ranges}
        return EksCluster(self.name, args, self.after(self.networks))


class _AksMaker(_Maker):
    def prepare(self, wish: Mapping[str, Any]) -> None:
        from pulumi_multimesh.clusters.aks_network import AksNetwork

        self.wish = cast("AksArgs", wish)
        self.networks: list[AksNetwork] = []
        if "network" not in self.wish:
            self.networks.append(AksNetwork.of(self.name, self.wish, self.plan.ranges, self.tags, self.child))
        self.ids = self.wish.get("network") or self.networks[0].ids
        self.egress_ips = self.ids["egress_ips"]

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        from pulumi_multimesh.clusters.aks import AksCluster, AksClusterArgs

        args: AksClusterArgs = {**self.wish, **self.told(admitted_ips), "network": self.ids, "ranges": self.ranges}
        return AksCluster(self.name, args, self.after(self.networks))


class _OkeMaker(_Maker):
    def prepare(self, wish: Mapping[str, Any]) -> None:
        from pulumi_multimesh.clusters.oke_network import OkeNetwork

        self.wish = cast("OkeArgs", wish)
        self.networks: list[OkeNetwork] = []
        if "network" not in self.wish:
            self.networks.append(OkeNetwork.of(self.name, self.wish, self.plan.ranges, self.tags, self.child))
        self.ids = self.wish.get("network") or self.networks[0].ids
        self.egress_ips = self.ids["egress_ips"]

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        from pulumi_multimesh.clusters.oke import OkeCluster, OkeClusterArgs

        args: OkeClusterArgs = {**self.wish, **self.told(admitted_ips), "network": self.ids, "ranges": self.ranges}
        # A security rule for each address, so that their number has to be plain.
        args["admitted_ips"] = cast("list[str]", [ip for peer in self.peers for ip in peer.each_address()])
        return OkeCluster(self.name, args, self.after(self.networks))


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


_MAKERS: dict[str, type[_Maker]] = {
    "gke": _GkeMaker,
    "eks": _EksMaker,
    "aks": _AksMaker,
    "oke": _OkeMaker,
    "existing": _ExistingMaker,
}


def _maker(parent: pulumi.Resource, plan: MeshPlan, cluster: ClusterPlan, args: MeshArgs) -> _Maker:
    return _MAKERS[cluster.kind](parent, plan, cluster, args)
