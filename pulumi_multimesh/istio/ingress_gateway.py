"""The ingress gateway: where calls from outside the mesh come in.

Owns: the gateway's release, its load balancer and whom it admits. Does not own: what it serves, which is said by
Istio's `Gateway` resources or Gateway API's, with the selector `istio: ingressgateway`.
"""

from typing import NotRequired, TypedDict

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.gateway_chart import gateway_values
from pulumi_multimesh.istio.installed import STATUS_PORT, Installed
from pulumi_multimesh.load_balancer import balancer_annotations
from pulumi_multimesh.plan.revisions import UNNAMED

GATEWAY = "istio-ingressgateway"


class IstioIngressGatewayArgs(TypedDict):
    """The ingress gateway of one cluster."""

    cloud: str
    """`gcp`, `aws`, `azure`, `oci` or `none`: decides the load balancer's annotations."""
    admitted: NotRequired[list[str]]
    """The ranges that it admits; everybody unless given, as an ingress is for."""
    private: NotRequired[bool]
    """A load balancer inside the cluster's network; false unless given."""
    revision: NotRequired[str]
    """The revision of its proxies; that of the control plane without a name unless given."""
    min_replicas: NotRequired[int]
    """2 unless given."""
    max_replicas: NotRequired[int]
    """5 unless given."""
    drain_seconds: NotRequired[int]
    """How long one that ends goes on for its connections, in seconds; as its chart has it, five, unless given."""


class IstioIngressGateway(pulumi.ComponentResource):
    """A gateway with a load balancer for HTTP and HTTPS."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        control_plane: Installed,
        args: IstioIngressGatewayArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioIngressGateway", name, {**args}, opts)
        values = gateway_values(
            GATEWAY,
            balancer_annotations(args["cloud"], private=args.get("private", False), http_port=STATUS_PORT),
            sorted(args.get("admitted", [])) or None,
            (args.get("min_replicas", 2), args.get("max_replicas", 5)),
            args.get("revision", UNNAMED),
            args.get("drain_seconds", 0),
        )
        self.release = control_plane.charts.release(
            f"{name}-gateway",
            "gateway",
            GATEWAY,
            values,
            # Its pods ask istiod for their image, and its Service holds a load balancer of the cloud.
            cluster.inside(self, depends_on=[control_plane.injects], goes_first=True),
        )
        """Ready once the load balancer has an address."""
        self.register_outputs({})
