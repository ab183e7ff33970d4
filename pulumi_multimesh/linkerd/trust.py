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
from pulumi_multimesh.pki.fingerprint import CERTIFICATES, fingerprint
from pulumi_multimesh.pki.server_certificate import server_certificate
from pulumi_multimesh.plan import linkerd_names, names, rotation

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
        self._cluster, self._namespace = cluster, namespace
        issuer = {"tls.crt": authority.bundle, "tls.key": authority.key, "ca.crt": authority.root}
        said = authority.annotations
        roots = k8s.core.v1.ConfigMap(
            names.roots(name),
            metadata=_metadata(linkerd_names.ROOTS_CONFIG_MAP, rotation.of_roots(said)),
            data={"ca-bundle.crt": authority.root},
            opts=cluster.inside(self, depends_on=[namespace]),
        )
        signs = self._secret(names.issuer(name), linkerd_names.ISSUER_SECRET, issuer, rotation.of_issuer(said))
        self.parts: list[pulumi.Resource] = [roots, signs]
        """What has to be there before the control plane is."""
        ends: dict[str, pulumi.Output[str]] = {}
        for webhook in linkerd_names.WEBHOOKS.values():
            made = server_certificate(f"{name}-{webhook}", authority, [linkerd_names.webhook_host(webhook)], self)
            pair, ends[webhook] = {"tls.crt": made.certificate, "tls.key": made.key}, made.ends
            self.parts.append(self._secret(f"{name}-{webhook}", linkerd_names.webhook_secret(webhook), pair))
        self.pod_annotations = {CERTIFICATES: fingerprint(authority.root)}
        """Of pods that know the roots they were started with, and have to start anew with others."""
        self.values = {**values(authority.root), "podAnnotations": self.pod_annotations}
        """Values of the chart `linkerd-control-plane` by which it takes all of that as it is."""
        self.ends: pulumi.Output[dict[str, str]] = pulumi.Output.all(**ends)
        """When the webhooks' certificates end, by RFC 3339."""
        self.register_outputs({"ends": self.ends})

    def _secret(
        self,
        name: str,
        called: str,
        data: dict[str, pulumi.Output[str]],
        annotations: dict[str, str] | None = None,
    ) -> k8s.core.v1.Secret:
        return k8s.core.v1.Secret(
            name,
            type=_TLS,
            metadata=_metadata(called, annotations or {}),
            string_data=data,
            opts=self._cluster.inside(self, depends_on=[self._namespace]),
        )


def _metadata(name: str, annotations: dict[str, str]) -> k8s.meta.v1.ObjectMetaArgsDict:
    metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": name, "namespace": linkerd_names.NAMESPACE}
    if annotations:
        metadata["annotations"] = annotations
    return metadata


def values(roots: pulumi.Input[str]) -> dict[str, Any]:
    """`roots`: PEM, public; the API servers believe the webhooks by them."""
    given = {"externalSecret": True, "caBundle": roots}
    return {
        "identity": {"externalCA": True, "issuer": {"scheme": _TLS}},
        **{key: dict(given) for key in linkerd_names.WEBHOOKS},
    }
