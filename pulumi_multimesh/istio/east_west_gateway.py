"""The east-west gateway: where the other clusters' traffic comes in.

Owns: the gateway's release and whom it admits. Does not own: who the peers are, load balancers in general.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.gateway_chart import gateway_values, selector
from pulumi_multimesh.istio.installed import STATUS_PORT, Installed
from pulumi_multimesh.load_balancer import address_of, balancer_annotations, source_ranges
from pulumi_multimesh.plan.revisions import UNNAMED

GATEWAY = "istio-eastwestgateway"
"""The name gives the label `istio: eastwestgateway`, by which the cross-network Gateway selects it."""

SELECTOR = selector(GATEWAY)
"""Of its pods."""

_PORT = 15443


class IstioEastWestGatewayArgs(TypedDict):
    """The gateway of one cluster."""

    network: str
    """The cluster's mesh network."""
    cloud: str
    """`gcp`, `aws`, `azure`, `oci` or `none`: decides the load balancer's annotations."""
    admitted_ips: pulumi.Input[list[str]]
    """The peers' egress addresses or, on private roads, their ranges; nothing else is admitted."""
    revision: NotRequired[str]
    """The revision of its proxies; that of the control plane without a name unless given."""
    private: NotRequired[bool]
    """A load balancer inside the cluster's network, which peers reach by a private road; false unless given."""
    shows_services: NotRequired[bool]
    """Whether to configure it to lead to the clusters' services; true unless given.

    False in a cluster from which no control plane reads configuration: the primary's counts for it too.
    """
    annotations: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further annotations of the load balancer."""
    min_replicas: NotRequired[int]
    """2 unless given."""
    max_replicas: NotRequired[int]
    """5 unless given."""
    drain_seconds: NotRequired[int]
    """How long one that ends goes on for its connections, in seconds; as its chart has it, five, unless given."""


class IstioEastWestGateway(pulumi.ComponentResource):
    """A gateway that passes the mesh's encrypted connections through to the services they name."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        control_plane: Installed,
        args: IstioEastWestGatewayArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioEastWestGateway", name, {**args}, opts)
        values = gateway_values(
            GATEWAY,
            {
                **balancer_annotations(args["cloud"], private=args.get("private", False), http_port=STATUS_PORT),
                **args.get("annotations", {}),
            },
            pulumi.Output.from_input(args["admitted_ips"]).apply(source_ranges),
            (args.get("min_replicas", 2), args.get("max_replicas", 5)),
            args.get("revision", UNNAMED),
            args.get("drain_seconds", 0),
        )
        values["networkGateway"] = args["network"]
        self.release = control_plane.charts.release(
            f"{name}-gateway",
            "gateway",
            GATEWAY,
            values,
            # Its pods ask istiod for their image, and its Service holds a load balancer of the cloud.
            cluster.inside(self, depends_on=[control_plane.injects], goes_first=True),
        )
        """Ready once the load balancer has an address."""
        self._name, self._cluster, self._namespace = name, cluster, control_plane.charts.namespace
        if args.get("shows_services", True):
            self._show_services(control_plane)
        self.register_outputs({})

    def address(self) -> pulumi.Output[str]:
        """The load balancer's IPv4 address, read once it has one.

        Raises `pulumi.RunError` where the cloud gave it a host name.
        """
        # Of all that the release says, its id alone stays known in the preview of a change to it.
        place = self.release.id.apply(lambda _: f"{self._namespace}/{GATEWAY}")
        service = k8s.core.v1.Service.get(
            f"{self._name}-address", place, opts=pulumi.ResourceOptions(parent=self, provider=self._cluster.provider)
        )
        return service.status.apply(lambda status: address_of(GATEWAY, status))

    def _show_services(self, control_plane: Installed) -> None:
        k8s.apiextensions.CustomResource(
            f"{self._name}-cross-network",
            api_version="networking.istio.io/v1",
            kind="Gateway",
            metadata={"name": "cross-network-gateway", "namespace": self._namespace},
            spec={
                "selector": SELECTOR,
                "servers": [
                    {
                        "port": {"number": _PORT, "name": "tls", "protocol": "TLS"},
                        # The gateway sees the name of the service and nothing else; both ends are workloads.
                        "tls": {"mode": "AUTO_PASSTHROUGH"},
                        "hosts": ["*.local"],
                    }
                ],
            },
            opts=self._cluster.inside(self, depends_on=[control_plane.injects]),
        )
