"""Two datacenters of Consul, joined: each knows what the other exports.

Owns: both ends of the peering, and the way of its token from one to the other. Does not own: which datacenters are
peered (plan), and what is exported (exports.py).
"""

from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.consul.datacenter import API, ConsulDatacenter
from pulumi_multimesh.plan import consul_names

_KEY = "data"


class ConsulPeeringArgs(TypedDict):
    """The two datacenters, by their names."""

    acceptor: str
    """The one that makes the token."""
    dialer: str
    """The one that takes it."""


class ConsulPeering(pulumi.ComponentResource):
    """The token is made by the acceptor's servers in the same `up`, read once it is there, and taken to the dialer."""

    def __init__(
        self,
        name: str,
        clusters: tuple[KubernetesCluster, KubernetesCluster],
        datacenters: tuple[ConsulDatacenter, ConsulDatacenter],
        args: ConsulPeeringArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`clusters`, `datacenters`: the acceptor's and the dialer's."""
        super().__init__("multimesh:index:ConsulPeering", name, {**args}, opts)
        self._name = name
        (at_home, away), (accepting, dialing) = clusters, datacenters
        made, taken = (consul_names.peering_secret(args[end]) for end in ("dialer", "acceptor"))
        # Its servers write the token and then say so.
        acceptor = self._end("acceptor", args["dialer"], made, at_home, [*accepting.ready, *dialing.ready])
        # In a preview of a new peering the id is unknown, so that nothing is looked for that is not there yet.
        place = acceptor.id.apply(lambda _: f"{consul_names.NAMESPACE}/{made}")
        token = k8s.core.v1.Secret.get(
            f"{name}-token",
            place,
            opts=pulumi.ResourceOptions(parent=self, provider=at_home.provider, additional_secret_outputs=["data"]),
        )
        carried = k8s.core.v1.Secret(
            f"{name}-carried",
            metadata={
                "name": taken,
                "namespace": consul_names.NAMESPACE,
                # By it the dialer's injector sees that the token is another.
                "labels": {"consul.hashicorp.com/peering-token": "true"},
            },
            data=pulumi.Output.secret(token.data.apply(lambda data: {_KEY: (data or {})[_KEY]})),
            opts=away.inside(self, depends_on=dialing.ready),
        )
        self.dialer = self._end("dialer", args["acceptor"], taken, away, [carried])
        """Ready once the two have met."""
        self.register_outputs({})

    def _end(
        self, end: str, other: str, secret: str, cluster: KubernetesCluster, after: Sequence[pulumi.Resource]
    ) -> k8s.apiextensions.CustomResource:
        """One end of the peering, which has the other's name; ready once Consul says that it has dealt with it."""
        return k8s.apiextensions.CustomResource(
            f"{self._name}-{end}",
            api_version=API,
            kind=f"Peering{end.capitalize()}",
            metadata={
                "name": other,
                "namespace": consul_names.NAMESPACE,
                "annotations": {"pulumi.com/waitFor": "condition=Synced"},
            },
            spec={"peer": {"secret": {"name": secret, "key": _KEY, "backend": "kubernetes"}}},
            opts=cluster.inside(self, depends_on=after),
        )
