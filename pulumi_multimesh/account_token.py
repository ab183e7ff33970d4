"""A credential of one of the mesh's accounts in a cluster, for a control plane in another.

Owns: the token and the kubeconfig around it. Does not own: the account, which the mesh's charts make. A cloud's own
kubeconfig cannot serve: control planes refuse login commands, or have no such programs.
"""

import base64
from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster, kubeconfig
from pulumi_multimesh.plan.readers import DEFAULT


def account_kubeconfig(
    name: str,
    cluster: KubernetesCluster,
    parent: pulumi.Resource,
    account: tuple[str, str],
    cluster_id: str,
    after: Sequence[pulumi.Resource],
    tokens: Sequence[str] = (DEFAULT,),
    called: str = "istio-remote-secret-token",
) -> pulumi.Output[str]:
    """A kubeconfig, secret, with a token of the account (namespace, name); cluster, user and context have the id.

    `tokens`: the names of all that there are to be; the last is the kubeconfig's. `called`: what follows the account in
    the names of their Secrets; as `istioctl` calls them unless given.
    """
    namespace, account_name = account
    made: list[k8s.core.v1.Secret] = []
    for token in tokens:
        suffix = "" if token == DEFAULT else f"-{token}"
        made.append(
            k8s.core.v1.Secret(
                f"{name}{suffix}",
                metadata={
                    "name": f"{account_name}-{called}{suffix}",
                    "namespace": namespace,
                    "annotations": {"kubernetes.io/service-account.name": account_name},
                },
                type="kubernetes.io/service-account-token",
                opts=cluster.inside(parent, depends_on=after),
            )
        )
    secret = made[-1]
    return pulumi.Output.secret(
        pulumi.Output.all(cluster.api_server, secret.data).apply(
            lambda facts: _token_kubeconfig(cluster_id, facts[0], facts[1] or {})
        )
    )


def _token_kubeconfig(cluster_id: str, server: str, data: dict[str, str]) -> str:
    token = base64.b64decode(data["token"]).decode()
    cluster = {"server": server, "certificate-authority-data": data["ca.crt"]}
    return kubeconfig(cluster_id, cluster, {"token": token})
