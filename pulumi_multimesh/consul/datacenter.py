"""Consul in one cluster: a datacenter of its own, with the cluster's name.

Owns: its namespace, its release, and what every proxy of it is told. Does not own: Secrets (trust.py), values
(datacenter_values.py), and how datacenters are joined (peering.py, federation in consul_mesh.py).
"""

from functools import cached_property
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.charts import Charts, merged
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.consul.datacenter_values import ConsulSettings, datacenter_values
from pulumi_multimesh.consul.keys import ConsulKeys
from pulumi_multimesh.consul.trust import ConsulTrust
from pulumi_multimesh.load_balancer import addresses_of
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan import consul_names, names
from pulumi_multimesh.policy_resources import Policy, make_policies
from pulumi_multimesh.versions import CONSUL

API = "consul.hashicorp.com/v1alpha1"


class ConsulDatacenterArgs(ConsulSettings, TypedDict):
    """Consul in one cluster."""

    chart_version: NotRequired[str]
    """Of the chart `consul`; `versions.CONSUL`'s unless given."""
    chart_repository: NotRequired[str]
    """`versions.CONSUL`'s unless given."""
    values: NotRequired[dict[str, dict[str, Any]]]
    """Values by chart on top of the library's; none unless given."""


class ConsulDatacenter(pulumi.ComponentResource):
    """The servers, the injector and the mesh gateways."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        authority: Authority,
        keys: ConsulKeys,
        args: ConsulDatacenterArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:ConsulDatacenter", name, _told(args), opts)
        self._name, self._cluster = name, cluster
        charts = Charts(
            repository=args.get("chart_repository", CONSUL.repository),
            version=args.get("chart_version", CONSUL.version),
            values=args.get("values", {}),
            namespace=consul_names.NAMESPACE,
        )
        self.namespace = k8s.core.v1.Namespace(
            f"{name}-system", metadata={"name": consul_names.NAMESPACE}, opts=cluster.inside(self)
        )
        self.trust = ConsulTrust(
            names.trust(name),
            cluster,
            authority,
            keys,
            args["datacenter"],
            self.namespace,
            pulumi.ResourceOptions(parent=self),
        )
        before = [*self.trust.parts, *self._replication(args)]
        self.release = charts.release(
            f"{name}-release",
            "consul",
            consul_names.RELEASE,
            merged(datacenter_values(args), self.trust.values),
            # Its gateways' Service holds a load balancer of the cloud.
            cluster.inside(self, depends_on=before, goes_first=True),
        )
        """Ready once servers have agreed and the gateways' load balancer has an address."""
        settled = make_policies(name, cluster, consul_names.NAMESPACE, _for_all(args), self, [self.release])
        self.ready: list[pulumi.Resource] = [self.release, *settled]
        """What has to be there before datacenters are joined."""
        # Of all that the release says, its id alone stays known in the preview of a change to it; that of what comes
        # with the first peer is unknown in that peer's preview, where neither gateway nor token are there to be read.
        told = (each.id for each in settled if isinstance(each, pulumi.CustomResource))
        self._joined: pulumi.Output[Any] = pulumi.Output.all(self.release.id, *told)
        self.register_outputs({})

    @cached_property
    def gateway_addresses(self) -> pulumi.Output[list[str]]:
        """Addresses or host names of the mesh gateways' load balancer, read once it has any."""
        return self._addresses("gateway", consul_names.GATEWAY)

    @cached_property
    def servers_addresses(self) -> pulumi.Output[list[str]]:
        """Where machines join: addresses of the servers' load balancer. With `shows_servers` alone; else `up` fails."""
        return self._addresses("servers", consul_names.SERVERS_SHOWN)

    def _addresses(self, key: str, service: str) -> pulumi.Output[list[str]]:
        place = self._joined.apply(lambda _: f"{consul_names.NAMESPACE}/{service}")
        found = k8s.core.v1.Service.get(
            f"{self._name}-{key}", place, opts=pulumi.ResourceOptions(parent=self, provider=self._cluster.provider)
        )
        return found.status.apply(addresses_of)

    @cached_property
    def replication_token(self) -> pulumi.Output[str]:
        """Of a primary datacenter: the token with which others copy its policies, made by it; in base64, a secret."""
        place = self._joined.apply(lambda _: f"{consul_names.NAMESPACE}/{consul_names.REPLICATION_TOKEN}")
        found = k8s.core.v1.Secret.get(
            f"{self._name}-replication-token",
            place,
            opts=pulumi.ResourceOptions(
                parent=self, provider=self._cluster.provider, additional_secret_outputs=["data"]
            ),
        )
        return pulumi.Output.secret(found.data.apply(lambda data: (data or {})["token"]))

    def _replication(self, args: ConsulDatacenterArgs) -> list[pulumi.Resource]:
        primary = args.get("primary")
        if primary is None:
            return []
        return [
            k8s.core.v1.Secret(
                f"{self._name}-replication",
                metadata={"name": consul_names.REPLICATION_TOKEN, "namespace": consul_names.NAMESPACE},
                data={"token": primary["replication_token"]},
                opts=self._cluster.inside(self, depends_on=[self.namespace]),
            )
        ]


def _told(args: ConsulDatacenterArgs) -> dict[str, Any]:
    """The component's inputs, which hold no secret."""
    return {key: value for key, value in args.items() if key != "primary"}


def _for_all(args: ConsulDatacenterArgs) -> list[Policy]:
    """Through gateways: peers' servers call each other, and proxies leave by their own cluster's.

    A datacenter alone has no gateway. A federation has one entry, which its primary keeps: from another datacenter it
    would go with that one.
    """
    if "admitted_ips" not in args or "primary" in args:
        return []
    defaults: Policy = {
        "api_version": API,
        "kind": "ProxyDefaults",
        "name": "global",
        "spec": {"meshGateway": {"mode": "local"}},
    }
    if args.get("federated", False):
        return [defaults]
    peers: Policy = {
        "api_version": API,
        "kind": "Mesh",
        "name": "mesh",
        "spec": {"peering": {"peerThroughMeshGateways": True}},
    }
    return [peers, defaults]
