"""From a cluster's plan and the user's arguments to its components.

Owns: which component a kind of cluster is, and the order network → egress addresses → cluster that lets the
clusters admit each other without a circle. Does not own: the components.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.config import (
    AksArgs,
    AloneArgs,
    EksArgs,
    ExistingArgs,
    GkeArgs,
    LoginArgs,
    MeshArgs,
    OkeArgs,
    RangesArgs,
)
from pulumi_multimesh.network.handles import AwsNetwork, AzureNetwork, GcpNetwork, PrivateNetwork
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.login import TAKES_OIDC
from pulumi_multimesh.plan.mesh_plan import ClusterPlan, MeshPlan
from pulumi_multimesh.plan.needs import needed
from pulumi_multimesh.plan.network_plan import NetworkPlan
from pulumi_multimesh.plan.networks import sought
from pulumi_multimesh.plan.subnets import MOST_ZONES

if TYPE_CHECKING:
    from pulumi_multimesh.clusters.aks_network import AksNetwork
    from pulumi_multimesh.clusters.oke import OkeCluster
    from pulumi_multimesh.clusters.oke_network import OkeNetwork
    from pulumi_multimesh.clusters.oke_roads import OkeRoadsArgs


def make_networks(parent: pulumi.Resource, plan: MeshPlan, args: MeshArgs) -> dict[str, "Maker"]:
    """The networks of all clusters of the plan, each with the maker of its cluster, by the cluster's name."""
    makers: dict[str, Maker] = {}
    for name, cluster in plan.clusters.items():
        makers[name] = _MAKERS[cluster.kind](parent, plan, cluster, args, dict(makers))
    for name, maker in makers.items():
        maker.admitted = [makers[reader] for reader in plan.admitted(name)]
    return makers


def make_clusters(plan: MeshPlan, makers: Mapping[str, "Maker"]) -> dict[str, KubernetesCluster]:
    """All clusters of the plan, by name; each admits the egress addresses of those that may knock."""
    for name, maker in makers.items():
        maker.made = maker.cluster(_all(makers[reader].egress_ips for reader in plan.admitted(name)))
    return {name: maker.made for name, maker in makers.items()}


def private_networks(plan: MeshPlan, makers: Mapping[str, "Maker"]) -> dict[str, PrivateNetwork]:
    """The networks as private roads need them, by name; none where roads are public ones."""
    if not plan.is_private:
        return {}
    return {name: makers[name].private_network(network) for name, network in plan.networks.items()}


def _login_of(plan: MeshPlan, cluster: str, args: MeshArgs) -> LoginArgs | None:
    """The OIDC provider as the cluster is told of it, turned off where it is declared for others; None for nothing."""
    access = args.get("access", {})
    if "login" not in access:
        return None
    told = access["login"].copy()
    told["clusters"] = []
    if plan.access.takes_login(cluster):
        del told["clusters"]
    return told


def _all(addresses: Any) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*addresses).apply(lambda lists: sorted(ip for ips in lists for ip in ips))


class Maker:
    """A cluster whose network, and so whose egress, is there before the cluster is."""

    egress_ips: pulumi.Input[list[str]]
    egress_count = 1
    """How many addresses a network made here leaves by."""
    admitted: "Sequence[Maker]" = ()
    """Those of the clusters that reach this one's API server."""
    made: KubernetesCluster
    """The cluster, once it is made."""

    def __init__(
        self,
        parent: pulumi.Resource,
        plan: MeshPlan,
        cluster: ClusterPlan,
        args: MeshArgs,
        before: "Mapping[str, Maker]",
    ) -> None:
        """`before`: the makers whose networks are there already, by cluster, always in the order of names."""
        self.mesh, self.before = plan, before
        self.name = names.cluster(plan.name, cluster.name)
        self.parent = parent
        self.child = pulumi.ResourceOptions(parent=parent)
        self.plan = cluster
        self.api_access = plan.api_access
        self.tags = args.get("tags", {})
        self.unreachable = cluster.name in args.get("unreachable", [])
        """Whether nothing in the cluster can be looked at or changed."""
        self.lost = cluster.name in args.get("lost", [])
        """Whether that will never be otherwise."""
        kind = cast("Mapping[str, Mapping[str, Any]]", args)[cluster.kind]
        wish = kind[cluster.name]
        self.all_wishes: Mapping[str, Mapping[str, Any]] = kind
        """Of all clusters of the kind, by name."""
        kept = needed(cluster.kind, {**wish, "network": {}})
        self.login = _login_of(plan, cluster.name, args)
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

    def private_network(self, network: NetworkPlan) -> PrivateNetwork:
        """The network as private roads need it; only the makers of a cloud's clusters have one."""
        raise ValueError(f"{network.name} has no network that the mesh knows")

    def each_address(self) -> list[pulumi.Input[str]]:
        """The egress addresses one by one, their number plain: for a cloud that needs a resource for each."""
        addresses, count = self.egress_ips, self.egress_count
        if isinstance(addresses, list):
            return [*addresses]
        if "network" in self.wishes:
            raise ValueError(f"{self.name}: how many addresses its network leaves by is not known yet")

        def nth(found: list[str], position: int) -> str:
            if len(found) != count:
                raise ValueError(
                    f"{self.name} leaves by {len(found)} addresses, not {count}; its peers would miss some"
                )
            return found[position]

        known = pulumi.Output.from_input(addresses)
        return [known.apply(lambda found, nth_of=position: nth(found, nth_of)) for position in range(count)]

    def told(self, admitted_ips: pulumi.Output[list[str]]) -> AloneArgs:
        told: AloneArgs = {
            "api_access": dict(self.api_access),
            "admitted_ips": admitted_ips,
            "tags": dict(self.tags),
        }
        if self.unreachable:
            told["unreachable"] = True
        if self.lost:
            told["lost"] = True
        return told

    def after(self, networks: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        """Nodes without a way out cannot fetch an image, so the way out comes first and goes last."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=networks)


class _MadeHere(Maker):
    """A cluster that the library makes, in a network of its own unless the user named one."""

    def prepare(self, wish: Mapping[str, Any]) -> None:
        network = None if "network" in wish else self.own_network(wish)
        self.networks: list[pulumi.Resource] = [] if network is None else [network]
        self.ids: Any = wish["network"] if network is None else network.ids
        self.egress_ips = self.ids["egress_ips"]

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        args = {**self.wishes, **self.told(admitted_ips), "network": self.ids, "ranges": self.ranges}
        if self.login is not None and self.plan.kind in TAKES_OIDC:
            args["oidc_login"] = self.login
        return self.cluster_of(args, self.after(self.networks))

    def own_network(self, wish: Mapping[str, Any]) -> Any:
        """The kind's network component, which has `ids`."""
        raise NotImplementedError

    def cluster_of(self, args: Mapping[str, Any], opts: pulumi.ResourceOptions) -> KubernetesCluster:
        """The kind's cluster component, with the arguments that it takes when it stands alone."""
        raise NotImplementedError


class _GkeMaker(_MadeHere):
    def own_network(self, wish: Mapping[str, Any]) -> Any:
        from pulumi_multimesh.clusters.gke_network import GkeNetwork

        return GkeNetwork.of(self.name, cast("GkeArgs", wish), self.plan.ranges, self.child)

    def cluster_of(self, args: Mapping[str, Any], opts: pulumi.ResourceOptions) -> KubernetesCluster:
        from pulumi_multimesh.clusters.gke import GkeCluster, GkeClusterArgs

        return GkeCluster(self.name, cast("GkeClusterArgs", args), opts)

    def private_network(self, network: NetworkPlan) -> PrivateNetwork:
        return GcpNetwork(
            name=network.name,
            project=self.wishes["project"],
            region=network.region,
            network=self.ids["network"],
            pod_ranges=network.pod_ranges,
            after=self.networks,
            tags=dict(self.tags),
        )


class _EksMaker(_MadeHere):
    def own_network(self, wish: Mapping[str, Any]) -> Any:
        from pulumi_multimesh.clusters.eks_network import EksNetwork

        self.egress_count = len(wish.get("zones", ())) or MOST_ZONES
        return EksNetwork.of(self.name, cast("EksArgs", wish), self.plan.ranges, self.tags, self.child)

    def cluster_of(self, args: Mapping[str, Any], opts: pulumi.ResourceOptions) -> KubernetesCluster:
        from pulumi_multimesh.clusters.eks import EksCluster, EksClusterArgs

        return EksCluster(self.name, cast("EksClusterArgs", args), opts)

    def private_network(self, network: NetworkPlan) -> PrivateNetwork:
        return AwsNetwork(
            name=network.name,
            region=network.region,
            vpc_id=self.ids["vpc_id"],
            route_tables=self.ids["private_route_table_ids"],
            ranges=network.ranges,
            tags=dict(self.tags),
        )


class _AksMaker(_MadeHere):
    def own_network(self, wish: Mapping[str, Any]) -> Any:
        from pulumi_multimesh.clusters.aks_network import AksNetwork

        return AksNetwork.of(self.name, cast("AksArgs", wish), self.plan.ranges, self.tags, self.child)

    def cluster_of(self, args: Mapping[str, Any], opts: pulumi.ResourceOptions) -> KubernetesCluster:
        from pulumi_multimesh.clusters.aks import AksCluster, AksClusterArgs

        return AksCluster(self.name, cast("AksClusterArgs", args), opts)

    def private_network(self, network: NetworkPlan) -> PrivateNetwork:
        # A subnet's id begins with its network's.
        known = self.ids.get("network_id", self.ids["nodes_subnet_id"])
        space = pulumi.Output.from_input(known).apply(lambda text: text.partition("/subnets/")[0])
        return AzureNetwork(
            name=network.name,
            region=network.region,
            resource_group=space.apply(lambda text: text.split("/")[4]),
            network_name=space.apply(lambda text: text.split("/")[8]),
            network_id=space,
            gateway_range=self.plan.ranges.vpn_gateway,
            after=[subnet for made in self.networks for subnet in cast("AksNetwork", made).subnets],
            tags=dict(self.tags),
        )


class _OkeMaker(_MadeHere):
    network: "OkeNetwork | None" = None
    """None where the user named one."""

    def own_network(self, wish: Mapping[str, Any]) -> Any:
        from pulumi_multimesh.clusters.oke_network import OkeNetwork

        self.network = OkeNetwork.of(
            self.name, cast("OkeArgs", wish), self.plan.ranges, self.tags, self.child, self._roads()
        )
        return self.network

    def _roads(self) -> "OkeRoadsArgs":
        """Peers of the region by local gateways where their networks are made here too; all others through a DRG."""
        from pulumi_multimesh.clusters.oke_roads import neighbours

        far, near = sought(self.mesh.networks, self.mesh.links, self.plan.name)
        local = {name: ranges for name, ranges in near.items() if self._is_neighbour(name)}
        through = {*far, *(cidr for name, ranges in near.items() if name not in local for cidr in ranges)}
        made = {
            name: maker.network.gateways
            for name, maker in self.before.items()
            if isinstance(maker, _OkeMaker) and maker.network is not None
        }
        return {"drg_ranges": sorted(through), "neighbours": neighbours(self.plan.name, local, made)}

    def _is_neighbour(self, name: str) -> bool:
        other = self.mesh.networks[name]
        named = any("network" in self.all_wishes[cluster] for cluster in other.clusters)
        return not named and other.region == self.plan.region

    def private_network(self, network: NetworkPlan) -> PrivateNetwork:
        if self.network is not None:
            return self.network.handle(network.name)
        return cast("OkeCluster", self.made).handle(network.name)

    def cluster_of(self, args: Mapping[str, Any], opts: pulumi.ResourceOptions) -> KubernetesCluster:
        from pulumi_multimesh.clusters.oke import OkeCluster, OkeClusterArgs

        # A security rule for each address, so that their number has to be plain.
        single = [ip for reader in self.admitted for ip in reader.each_address()]
        return OkeCluster(self.name, cast("OkeClusterArgs", {**args, "admitted_ips": single}), opts)


class _ExistingMaker(Maker):
    def prepare(self, wish: Mapping[str, Any]) -> None:
        self.wish = cast("ExistingArgs", wish)
        self.egress_ips = list(self.wish["egress_ips"])

    def cluster(self, admitted_ips: pulumi.Output[list[str]]) -> KubernetesCluster:
        from pulumi_multimesh.clusters.existing import ExistingCluster, ExistingClusterArgs

        # Whom its API server admits is its owner's affair; the mesh asks nothing of it.
        del admitted_ips
        kubeconfig = self.wish.get("kubeconfig")
        if kubeconfig is None:
            raise ValueError(f"existing.{self.plan.name}.kubeconfig is missing")
        told: ExistingClusterArgs = {
            "kubeconfig": kubeconfig,
            "egress_ips": list(self.wish["egress_ips"]),
            "cloud": self.plan.cloud,
        }
        if self.unreachable:
            told["unreachable"] = True
        if self.lost:
            told["lost"] = True
        return ExistingCluster(self.name, told, self.child)


_MAKERS: dict[str, type[Maker]] = {
    "gke": _GkeMaker,
    "eks": _EksMaker,
    "aks": _AksMaker,
    "oke": _OkeMaker,
    "existing": _ExistingMaker,
}
