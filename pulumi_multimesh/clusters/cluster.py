"""The cluster contract: what every kind of cluster offers to the rest of the library.

Owns: the contract, the kubeconfig's form and the Kubernetes provider. Does not own: how a cloud makes a cluster.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.fixed_addresses import FixedAddresses
from pulumi_multimesh.plan.alone import ranges_alone
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.mesh_plan import Ranges


class KubernetesCluster(pulumi.ComponentResource):
    """A cluster of the mesh, whoever made it.

    `provider` is the one Kubernetes provider for what is installed in it; its cluster identifier changes only when
    the cluster is another one, so no new endpoint or token replaces what is installed.
    """

    cluster_name: pulumi.Output[str]
    """The cloud's name of the cluster."""
    api_server: pulumi.Output[str]
    """The API server's URL."""
    api_ca: pulumi.Output[str]
    """The API server's authority: PEM in base64, as a kubeconfig holds it; empty for a public one."""
    kubeconfig: pulumi.Output[str]
    """A kubeconfig as JSON, a secret; a cloud's cluster has one with the cloud's login command and no credential."""
    egress_ips: pulumi.Output[list[str]]
    """Addresses from which the cluster's traffic reaches others."""
    identity: pulumi.Output[str]
    """The issuer (EKS) or workload pool (GKE) of workload identities; empty where there is none."""

    def __init__(self, token: str, name: str, args: Mapping[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"multimesh:index:{token}", name, dict(args), opts)
        self._name = name
        self._lost = args.get("lost") is True
        self._unreachable = self._lost or args.get("unreachable") is True

    def _offer(
        self,
        *,
        cluster_name: pulumi.Input[str],
        api_server: pulumi.Output[str],
        api_ca: pulumi.Output[str],
        kubeconfig: pulumi.Output[str],
        cluster_identifier: pulumi.Input[str],
        egress_ips: pulumi.Input[list[str]],
        identity: pulumi.Input[str],
        made_by: pulumi.Resource | None,
        nodes: Sequence[pulumi.Resource],
    ) -> None:
        """Set every part of the contract and make the provider; the last act of each kind's constructor."""
        self.cluster_name = pulumi.Output.from_input(cluster_name)
        self.api_server = api_server
        self.api_ca = api_ca
        self.kubeconfig = pulumi.Output.secret(kubeconfig)
        self.egress_ips = pulumi.Output.from_input(egress_ips)
        self.identity = pulumi.Output.from_input(identity)
        self.made_by = made_by
        """The cluster's own resource; what is in the cluster goes with it. None: it stays when the mesh goes."""
        self.nodes = tuple(nodes)
        """What must be there before pods can run."""
        self.provider = k8s.Provider(
            self._name,
            kubeconfig=self.kubeconfig,
            cluster_identifier=cluster_identifier,
            # A rotated certificate or token is a new value of the same object, not another object.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
            # What cannot be reached stays as it is; what is lost is forgotten as soon as it is taken out, or refreshed.
            skip_update_unreachable=self._unreachable or None,
            delete_unreachable=self._lost or None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "apiServer": self.api_server,
                "egressIps": self.egress_ips,
                "identity": self.identity,
            }
        )

    def admit(self, ranges: Sequence[str]) -> None:
        """Let these ranges reach pods and nodes, at any port: for a flat mesh, where pods call each other directly.

        No ranges: nobody is let in.
        Nothing to do where a cloud lets in whatever comes by a private road, as Azure does.
        """
        del ranges

    def fixed_addresses(self, name: str, parent: pulumi.Resource) -> FixedAddresses | None:
        """Addresses for one public load balancer, where the cloud would show only a host name of it; None elsewhere."""
        del name, parent

    def inside(
        self,
        parent: pulumi.Resource | None = None,
        *,
        depends_on: Sequence[pulumi.Resource] = (),
        goes_first: bool = False,
    ) -> pulumi.ResourceOptions:
        """Options for something installed in this cluster.

        `goes_first`: it holds something of the cloud (a load balancer), so it is deleted before the cluster and not
        merely forgotten with it; else the cluster's network could not be deleted.
        """
        return pulumi.ResourceOptions(
            parent=parent,
            provider=self.provider,
            depends_on=[*self.nodes, *depends_on],
            # From a cluster that cannot be reached nothing can be deleted; its load balancers go with it, or stay.
            deleted_with=None if goes_first and not self._unreachable else self.made_by,
            # The provider passes over objects by itself, but would still upgrade releases.
            ignore_changes=["*"] if self._unreachable else None,
        )


def checked_ranges(kind: str, name: str, args: Mapping[str, Any]) -> Ranges:
    """The ranges of a cluster with valid arguments; raises `pulumi.RunError` with every fault of them.

    Each kind's constructor calls it first, so that nothing is registered before.
    """
    try:
        return ranges_alone(kind, name, args)
    except ConfigurationFaults as found:
        raise pulumi.RunError(str(found)) from None


def exec_kubeconfig(name: str, server: str, ca: str, command: Mapping[str, Any]) -> str:
    """A kubeconfig that gets its token from a command; `ca` is base64, empty for a server with a public certificate."""
    cluster: dict[str, Any] = {"server": server}
    if ca:
        cluster["certificate-authority-data"] = ca
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "interactiveMode": "Never",
            **command,
        }
    }
    return kubeconfig(name, cluster, user)


def kubeconfig(name: str, cluster: Mapping[str, Any], user: Mapping[str, Any]) -> str:
    """A kubeconfig of one cluster, as JSON; cluster, user and context are all called `name`."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )


def cidr_of(address: str) -> str:
    """A single address as a range."""
    return f"{address}/128" if ":" in address else f"{address}/32"
