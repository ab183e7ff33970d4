"""The authority of an istiod, as the Secret that it reads.

Owns: the Secret. Does not own: keys and certificates (pki).
"""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.plan import names


def cacerts(
    name: str,
    cluster: KubernetesCluster,
    authority: Authority,
    namespace: str,
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource],
) -> k8s.core.v1.Secret:
    """`cacerts` in istiod's namespace; it has to be there before istiod starts, or istiod signs with one of its own."""
    metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": "cacerts", "namespace": namespace}
    if authority.annotations:
        metadata["annotations"] = authority.annotations
    return k8s.core.v1.Secret(
        names.cacerts(name),
        metadata=metadata,
        string_data={
            "ca-cert.pem": authority.certificate,
            "ca-key.pem": authority.key,
            "root-cert.pem": authority.root,
            "cert-chain.pem": authority.chain,
        },
        opts=cluster.inside(parent, depends_on=after),
    )
