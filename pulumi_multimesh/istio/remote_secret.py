"""Remote secrets: what lets one cluster's istiod read the services and endpoints of another.

Owns: the reader's token in the one cluster and the secret in the other. Does not own: which pairs need one
(plan). The form is that of `istioctl create-remote-secret`; a cloud's own kubeconfig cannot serve, because istiod
refuses login commands.
"""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.account_token import account_kubeconfig
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.installed import Housed, Installed
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.readers import DEFAULT

_READER = "istio-reader-service-account"


class IstioReaderTokenArgs(TypedDict):
    """The reader of one cluster."""

    cluster_id: str
    """The cluster's id in the mesh."""
    tokens: NotRequired[list[str]]
    """The names of its tokens, of which the last is used; `default` alone unless given."""


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
        account = (control_plane.charts.namespace, _READER)
        self.kubeconfig = account_kubeconfig(
            f"{name}-reader",
            cluster,
            self,
            account,
            args["cluster_id"],
            [control_plane.base],
            args.get("tokens", [DEFAULT]),
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
        control_plane: Housed,
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
                "namespace": control_plane.charts.namespace,
                "labels": {"istio/multiCluster": "true"},
                "annotations": {"networking.istio.io/cluster": other},
            },
            # The key is the cluster id; it must be what that cluster's own istiod calls itself.
            string_data={other: reader.kubeconfig},
            opts=into.inside(self, depends_on=[control_plane.namespace]),
        )
        self.register_outputs({})
