"""The east-west gateway: where the other clusters' traffic comes in.

Owns: the gateway's release, its load balancer's annotations and whom it admits. Does not own: who the peers are.
"""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster, cidr_of
from pulumi_multimesh.istio.charts import NAMESPACE
from pulumi_multimesh.istio.installed import Installed
from pulumi_multimesh.istio.tuning_values import spread

GATEWAY = "istio-eastwestgateway"
"""The name gives the label `istio: eastwestgateway`, by which the cross-network Gateway selects it."""

SELECTOR = {"istio": GATEWAY.removeprefix("istio-")}
"""Of its pods."""

_PORT = 15443

_ANNOTATIONS: dict[str, dict[str, str]] = {
    # A passthrough balancer on a backend service, the kind that Google recommends and keeps developing.
    "gcp": {"cloud.google.com/l4-rbs": "enabled"},
    # A network balancer: its addresses are stable for each zone, a classic one's are not.
    "aws": {
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
        # What EKS itself would take; the AWS Load Balancer Controller, where it is installed, would not.
        "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
        "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled": "true",
    },
    # An HTTP probe of "/" would find every gateway ill.
    "azure": {"service.beta.kubernetes.io/port_15021_health-probe_protocol": "tcp"},
    # OKE writes the rules that let the peers in and the balancer through into security groups of its own.
    "oci": {
        "oci.oraclecloud.com/load-balancer-type": "nlb",
        "oci.oraclecloud.com/security-rule-management-mode": "NSG",
    },
    "none": {},
}
"""Of a public balancer."""

_PRIVATE_ANNOTATIONS: dict[str, dict[str, str]] = {
    "gcp": {
        "networking.gke.io/load-balancer-type": "Internal",
        # Peers come from other regions and through VPN gateways, which a regional balancer would not answer.
        "networking.gke.io/internal-load-balancer-allow-global-access": "true",
    },
    "aws": {
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
        # The first is for EKS itself, the second for the AWS Load Balancer Controller, where it is installed.
        "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
        "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
        "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled": "true",
    },
    "azure": {
        "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
        "service.beta.kubernetes.io/port_15021_health-probe_protocol": "tcp",
    },
    "oci": {
        "oci.oraclecloud.com/load-balancer-type": "nlb",
        "oci-network-load-balancer.oraclecloud.com/internal": "true",
        "oci.oraclecloud.com/security-rule-management-mode": "NSG",
    },
}
"""Of a balancer inside the network, for private roads; an existing cluster has none."""


class IstioEastWestGatewayArgs(TypedDict):
    """The gateway of one cluster."""

    network: str
    """The cluster's mesh network."""
    cloud: str
    """`gcp`, `aws`, `azure`, `oci` or `none`: decides the load balancer's annotations."""
    admitted_ips: pulumi.Input[list[str]]
    """The peers' egress addresses or, on private roads, their ranges; nothing else is admitted."""
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
        replicas = args.get("min_replicas", 2)
        ranges = pulumi.Output.from_input(args["admitted_ips"]).apply(_source_ranges)
        values: dict[str, Any] = {
            "name": GATEWAY,
            "networkGateway": args["network"],
            "service": {
                "annotations": {
                    **(_PRIVATE_ANNOTATIONS if args.get("private", False) else _ANNOTATIONS)[args["cloud"]],
                    **args.get("annotations", {}),
                },
                "loadBalancerSourceRanges": ranges,
            },
            "autoscaling": {"minReplicas": replicas, "maxReplicas": args.get("max_replicas", 5)},
        }
        values["topologySpreadConstraints"] = spread(SELECTOR)
        if replicas > 1:
            values["podDisruptionBudget"] = {"minAvailable": 1}
        self.release = control_plane.charts.release(
            f"{name}-gateway",
            "gateway",
            GATEWAY,
            values,
            # Its pods ask istiod for their image, and its Service holds a load balancer of the cloud.
            cluster.inside(self, depends_on=[control_plane.injects], goes_first=True),
        )
        """Ready once the load balancer has an address."""
        self._name, self._cluster = name, cluster
        if args.get("shows_services", True):
            self._show_services(control_plane)
        self.register_outputs({})

    def address(self) -> pulumi.Output[str]:
        """The load balancer's IPv4 address, read once it has one.

        Raises `pulumi.RunError` where the cloud gave it a host name.
        """
        # Of all that the release says, its id alone stays known in the preview of a change to it.
        place = self.release.id.apply(lambda _: f"{NAMESPACE}/{GATEWAY}")
        service = k8s.core.v1.Service.get(
            f"{self._name}-address", place, opts=pulumi.ResourceOptions(parent=self, provider=self._cluster.provider)
        )
        return service.status.apply(_address_of)

    def _show_services(self, control_plane: Installed) -> None:
        k8s.apiextensions.CustomResource(
            f"{self._name}-cross-network",
            api_version="networking.istio.io/v1",
            kind="Gateway",
            metadata={"name": "cross-network-gateway", "namespace": NAMESPACE},
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


def _address_of(status: k8s.core.v1.outputs.ServiceStatus | None) -> str:
    found = status.load_balancer.ingress if status and status.load_balancer else None
    address = found[0].ip if found else None
    if not address:
        called = found[0].hostname if found else None
        raise pulumi.RunError(
            f"the load balancer of {GATEWAY} has {f'the host name {called}' if called else 'nothing'} in place of an "
            "address, but remotes need the address of their control plane; "
            "make another cluster the primary, or write  topology: multi-primary"
        )
    return address


def _source_ranges(ips: list[str]) -> list[str]:
    """Kubernetes takes an empty list for "everybody", which is the opposite of what it would mean here."""
    if not ips:
        raise pulumi.RunError(
            "admitted_ips is empty: the load balancer would admit everybody; name the peers' egress addresses"
        )
    return sorted(ip if "/" in ip else cidr_of(ip) for ip in ips)
