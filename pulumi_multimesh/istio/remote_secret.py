"""Remote secrets: what lets one cluster's istiod read the services and endpoints of another.

Owns: the reader's token in the one cluster and the secret in the other. Does not own: which pairs need one
(plan). The form is that of `istioctl create-remote-secret`; a cloud's own kubeconfig cannot serve, because istiod
refuses login commands.
"""

import base64
from typing import TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster, kubeconfig
from pulumi_multimesh.istio.charts import NAMESPACE
from pulumi_multimesh.istio.installed import Installed
from pulumi_multimesh.plan import names

_READER = "istio-reader-service-account"


class IstioReaderTokenArgs(TypedDict):
    """The reader of one cluster."""

    cluster_id: str
    """The cluster's id in the mesh."""


class IstioReaderToken(pulumi.ComponentResource):
    """A token of the account that may only read what istiod needs, as Istio's charts define it."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        control_plane: Installed,
        args: IstioReaderTokenArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioReaderToken", name, {**args}, opts)
        secret = k8s.core.v1.Secret(
            f"{name}-reader",
            metadata={
                "name": f"{_READER}-istio-remote-secret-token",
                "namespace": NAMESPACE,
                "annotations": {"kubernetes.io/service-account.name": _READER},
            },
            type="kubernetes.io/service-account-token",
            opts=cluster.inside(self, depends_on=[control_plane.base]),
        )
        self.kubeconfig = pulumi.Output.secret(
            pulumi.Output.all(cluster.api_server, secret.data).apply(
                lambda facts: _reader_kubeconfig(args["cluster_id"], facts[0], facts[1] or {})
            )
        )
        """A kubeconfig with the token in it, a secret."""
        self.register_outputs({})


class IstioRemoteSecretArgs(TypedDict):
    """Whose credential it is."""

    cluster_id: str
    """The id of the cluster that becomes readable."""


class IstioRemoteSecret(pulumi.ComponentResource):
    """The other cluster's credential, in this cluster."""

    def __init__(
        self,
        name: str,
        into: KubernetesCluster,
        control_plane: Installed,
        reader: IstioReaderToken,
        args: IstioRemoteSecretArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:IstioRemoteSecret", name, {**args}, opts)
        other = args["cluster_id"]
        self.secret = k8s.core.v1.Secret(
            name,
            metadata={
                "name": names.remote_secret(other),
                "namespace": NAMESPACE,
                "labels": {"istio/multiCluster": "true"},
                "annotations": {"networking.istio.io/cluster": other},
            },
            # The key is the cluster id; it must be what that cluster's own istiod calls itself.
            string_data={other: reader.kubeconfig},
            opts=into.inside(self, depends_on=[control_plane.namespace]),
        )
        self.register_outputs({})


def _reader_kubeconfig(cluster_id: str, server: str, data: dict[str, str]) -> str:
    token = base64.b64decode(data["token"]).decode()
    cluster = {"server": server, "certificate-authority-data": data["ca.crt"]}
    return kubeconfig(cluster_id, cluster, {"token": token})
