"""What Linkerd's control plane in one cluster trusts and signs with, as the Secrets that its chart looks for.

Owns: the issuer, the roots, and the certificates of its three webhooks. Does not own: the authorities themselves (pki).

All of them are given, so that the chart makes none: what it makes itself is another at each rendering, is never
renewed, and ends after a year without a word. No key is among its values, where Helm would keep it.
"""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.pki.server_certificate import server_certificate
from pulumi_multimesh.plan import linkerd_names

_TLS = "kubernetes.io/tls"


class LinkerdTrust(pulumi.ComponentResource):
    """The Secrets and the ConfigMap; `authority` is the cluster's, with an ECDSA key on P-256 as Linkerd asks for."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        authority: Authority,
        namespace: k8s.core.v1.Namespace,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`namespace`: the control plane's own, which has to be there."""
        super().__init__("multimesh:index:LinkerdTrust", name, {}, opts)
        self._name, self._cluster, self._namespace = name, cluster, namespace
        issuer = {"tls.crt": authority.bundle, "tls.key": authority.key, "ca.crt": authority.root}
        roots = k8s.core.v1.ConfigMap(
            f"{name}-roots",
            metadata={"name": linkerd_names.ROOTS_CONFIG_MAP, "namespace": linkerd_names.NAMESPACE},
            data={"ca-bundle.crt": authority.root},
            opts=cluster.inside(self, depends_on=[namespace]),
        )
        self.parts: list[pulumi.Resource] = [roots, self._secret("issuer", linkerd_names.ISSUER_SECRET, issuer)]
        """What has to be there before the control plane is."""
        for webhook in linkerd_names.WEBHOOKS.values():
            made = server_certificate(f"{name}-{webhook}", authority, [linkerd_names.webhook_host(webhook)], self)
            pair = {"tls.crt": made.certificate, "tls.key": made.key}
            self.parts.append(self._secret(webhook, linkerd_names.webhook_secret(webhook), pair))
        self.values = values(authority.root)
        """Values of the chart `linkerd-control-plane` by which it takes all of that as it is."""
        self.register_outputs({})

    def _secret(self, key: str, called: str, data: dict[str, pulumi.Output[str]]) -> k8s.core.v1.Secret:
        return k8s.core.v1.Secret(
            f"{self._name}-{key}",
            type=_TLS,
            metadata={"name": called, "namespace": linkerd_names.NAMESPACE},
            string_data=data,
            opts=self._cluster.inside(self, depends_on=[self._namespace]),
        )


def values(roots: pulumi.Input[str]) -> dict[str, Any]:
    """`roots`: PEM, public; the API servers believe the webhooks by them."""
    given = {"externalSecret": True, "caBundle": roots}
    return {
        "identity": {"externalCA": True, "issuer": {"scheme": _TLS}},
        **{key: dict(given) for key in linkerd_names.WEBHOOKS},
    }
