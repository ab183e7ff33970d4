"""The east-west gateway of an ambient mesh: where the other clusters' node proxies come in.

Owns: the Gateway API object from which istiod makes the gateway, and what it is told about its Service and replicas.
Does not own: the kinds of Gateway API, which have to be in the cluster; who the peers are.
"""

import json

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.analysis import NOT_ALIKE
from pulumi_multimesh.istio.east_west_gateway import GATEWAY, IstioEastWestGatewayArgs
from pulumi_multimesh.istio.installed import STATUS_PORT, Installed
from pulumi_multimesh.load_balancer import balancer_annotations, source_ranges

_CLASS = "istio-east-west"
_PORT = 15008
"""Of HBONE, the tunnel of node proxies."""
_OPTIONS = f"{GATEWAY}-options"


class IstioAmbientGateway(pulumi.ComponentResource):
    """A gateway that ends the tunnels of other clusters and leads on to the services that are shared."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        control_plane: Installed,
        args: IstioEastWestGatewayArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioAmbientGateway", name, {**args}, opts)
        namespace = control_plane.charts.namespace
        options = k8s.core.v1.ConfigMap(
            f"{name}-options",
            metadata={"name": _OPTIONS, "namespace": namespace},
            data=_options(args),
            opts=cluster.inside(self, depends_on=[control_plane.namespace]),
        )
        self.gateway = k8s.apiextensions.CustomResource(
            f"{name}-gateway",
            api_version="gateway.networking.k8s.io/v1",
            kind="Gateway",
            metadata={
                "name": GATEWAY,
                "namespace": namespace,
                "labels": {"topology.istio.io/network": args["network"]},
            },
            spec={
                "gatewayClassName": _CLASS,
                "infrastructure": {
                    "annotations": {
                        **NOT_ALIKE,
                        **balancer_annotations(
                            args["cloud"], private=args.get("private", False), http_port=STATUS_PORT
                        ),
                        **args.get("annotations", {}),
                    },
                    "parametersRef": {"group": "", "kind": "ConfigMap", "name": _OPTIONS},
                },
                "listeners": [
                    {
                        "name": "mesh",
                        "port": _PORT,
                        "protocol": "HBONE",
                        "tls": {
                            "mode": "Terminate",
                            "options": {"gateway.istio.io/tls-terminate-mode": "ISTIO_MUTUAL"},
                        },
                    }
                ],
            },
            # Its Service holds a load balancer of the cloud.
            opts=cluster.inside(self, depends_on=[control_plane.injects, options], goes_first=True),
        )
        self.register_outputs({})


def _options(args: IstioEastWestGatewayArgs) -> dict[str, pulumi.Input[str]]:
    """What istiod lays over the objects that it makes, by their kind; as JSON, which is YAML too."""
    replicas = args.get("min_replicas", 2)
    ranges = pulumi.Output.from_input(args["admitted_ips"]).apply(source_ranges)
    scale = {"spec": {"minReplicas": replicas, "maxReplicas": args.get("max_replicas", 5)}}
    options: dict[str, pulumi.Input[str]] = {
        "service": ranges.apply(lambda found: json.dumps({"spec": {"loadBalancerSourceRanges": found}})),
        "horizontalPodAutoscaler": json.dumps(scale),
    }
    if replicas > 1:
        options["podDisruptionBudget"] = json.dumps({"spec": {"minAvailable": 1}})
    return options
