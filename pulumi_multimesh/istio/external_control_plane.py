"""Istio's control plane in a cluster that is not in its mesh.

Owns: its namespace, authority and credential, istiod, and the load balancer by which the mesh's clusters reach it.
Does not own: what it needs in the clusters (config_cluster.py, remote_control_plane.py). There is no published Helm
recipe; docs/decisions says how this one differs from Istio's guide, and why.
"""

from collections.abc import Mapping
from typing import Any, NotRequired

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.charts import Charts, merged
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.analysis import NOT_ALIKE
from pulumi_multimesh.istio.cacerts import cacerts
from pulumi_multimesh.istio.istiod import IstioControlPlaneArgs, istiod_values, shown
from pulumi_multimesh.istio.led_istiod import PORTS
from pulumi_multimesh.istio.system_namespace import system_namespace
from pulumi_multimesh.load_balancer import address_of, balancer_annotations, source_ranges
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan import names
from pulumi_multimesh.versions import ISTIO

_BALANCER = "istiod-external"
_MESH, _INJECTION = "mesh", "injection"


class IstioExternalControlPlaneArgs(IstioControlPlaneArgs):
    """A control plane; `cluster_id` and `network` are those of the config cluster."""

    kubeconfig: pulumi.Input[str]
    """By which it reads and writes in the config cluster; a secret."""
    cloud: str
    """`gcp`, `aws`, `azure`, `oci` or `none`, of the management cluster: decides the load balancer's annotations."""
    admitted_ips: pulumi.Input[list[str]]
    """The egress addresses of the clusters that it serves or, on private roads, their ranges."""
    namespace: NotRequired[str]
    """Its own, and Istio's in the clusters that it serves; `external-istiod` unless given."""
    private: NotRequired[bool]
    """A load balancer inside the cluster's network, reached by private roads; false unless given."""
    annotations: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further annotations of the load balancer."""
    address: NotRequired[pulumi.Output[str]]
    """The load balancer's address where it was fixed before; read from its Service unless given."""


class IstioExternalControlPlane(pulumi.ComponentResource):
    """istiod and its load balancer; nothing else of Istio's, and no rights in the cluster that it runs in."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        authority: Authority,
        args: IstioExternalControlPlaneArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        known = {key: value for key, value in shown(args).items() if key != "kubeconfig"}
        super().__init__("multimesh:index:IstioExternalControlPlane", name, known, opts)
        self._name, self._cluster = name, cluster
        self.charts = Charts(
            repository=args.get("chart_repository", ISTIO.repository),
            version=args.get("chart_version", ISTIO.version),
            values=args.get("values", {}),
            namespace=args.get("namespace", names.istio_namespace(external=True)),
        )
        self.namespace = system_namespace(name, cluster, None, self, called=self.charts.namespace)
        signs = cacerts(name, cluster, authority, self.charts.namespace, self, [self.namespace])
        self.istiod = self.charts.release(
            f"{name}-istiod",
            "istiod",
            "istiod",
            external_values(args, self.charts.namespace),
            cluster.inside(self, depends_on=[signs, self._credential(args["kubeconfig"])]),
        )
        """Ready once it has read the config cluster."""
        self.balancer = self._load_balancer(args)
        fixed = args.get("address")
        self.address = self._read_address() if fixed is None else fixed
        """The load balancer's IPv4 address, unknown until there is one; fails where the cloud gave it a host name."""
        self.register_outputs({})

    def _read_address(self) -> pulumi.Output[str]:
        return self.balancer.status.apply(lambda status: address_of(_BALANCER, status))

    def _credential(self, kubeconfig: pulumi.Input[str]) -> k8s.core.v1.Secret:
        return k8s.core.v1.Secret(
            f"{self._name}-kubeconfig",
            # The name and the key by which the chart mounts it where istiod looks for a cluster other than its own.
            metadata={"name": "istio-kubeconfig", "namespace": self.charts.namespace},
            string_data={"config": kubeconfig},
            opts=self._cluster.inside(self, depends_on=[self.namespace]),
        )

    def _load_balancer(self, args: IstioExternalControlPlaneArgs) -> k8s.core.v1.Service:
        return k8s.core.v1.Service(
            f"{self._name}-istiod",
            metadata={
                "name": _BALANCER,
                "namespace": self.charts.namespace,
                "annotations": {
                    **balancer_annotations(args["cloud"], private=args.get("private", False)),
                    **args.get("annotations", {}),
                },
            },
            spec={
                "type": "LoadBalancer",
                "selector": {"app": "istiod"},
                "ports": [{"name": called, "port": port} for called, port in PORTS.items()],
                "load_balancer_source_ranges": pulumi.Output.from_input(args["admitted_ips"]).apply(source_ranges),
            },
            # It holds a load balancer of the cloud.
            opts=self._cluster.inside(self, depends_on=[self.istiod], goes_first=True),
        )


def external_values(args: IstioExternalControlPlaneArgs, namespace: str) -> dict[str, Any]:
    """The values of the chart `istiod` for an external control plane."""
    volumes = {_MESH: ("istio", "/etc/istio/config"), _INJECTION: ("istio-sidecar-injector", "/var/lib/istio/inject")}
    return merged(
        istiod_values(args),
        {
            "global": {
                "istioNamespace": namespace,
                "externalIstiod": True,
                # Roles and webhooks belong into the clusters of the mesh; here istiod needs its own namespace only.
                "resourceScope": "namespace",
            },
            "serviceAnnotations": NOT_ALIKE,
            # Remote secrets lie beside istiod, and not in the config cluster, which it reads all else from.
            "env": {"LOCAL_CLUSTER_SECRET_WATCHER": "true"},
            # Both are read from files where there are any; from the config cluster, its users could change them.
            "volumes": [{"name": called, "configMap": {"name": source}} for called, (source, _) in volumes.items()],
            "volumeMounts": [
                {"name": called, "mountPath": path, "readOnly": True} for called, (_, path) in volumes.items()
            ],
        },
    )
