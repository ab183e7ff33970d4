"""How to log in to an OKE cluster: by the OCI CLI, which signs a token with one's own credentials, or by OIDC.

Owns: the kubeconfig, and Oracle's words for a provider of OIDC. Does not own: who may do what in the cluster (policies
of the tenancy, and Kubernetes' roles).
"""

from dataclasses import dataclass
from typing import Any, cast

import pulumi
import yaml
from pulumi_oci import containerengine

from pulumi_multimesh.clusters.cluster import exec_kubeconfig
from pulumi_multimesh.clusters.oidc_login import OidcLogin
from pulumi_multimesh.clusters.oke_site import OkeSite
from pulumi_multimesh.config import LoginArgs

OpenId = containerengine.ClusterOptionsOpenIdConnectTokenAuthenticationConfigArgsDict


@dataclass(frozen=True)
class Door:
    """Where the API server is, and by which authority it is known."""

    server: pulumi.Output[str]
    ca: pulumi.Output[str]
    """PEM in base64."""


def door(site: OkeSite, cluster: containerengine.Cluster) -> Door:
    """What Oracle's own kubeconfig says; a cluster's resource does not tell its authority.

    It is asked for by id, which is known while a change of the cluster is previewed, so nothing turns unknown then.
    """
    answer = containerengine.get_cluster_kube_config_output(
        cluster_id=cluster.id, endpoint="PUBLIC_ENDPOINT", token_version="2.0.0", opts=site.asking([cluster])
    )
    entry = answer.content.apply(_cluster_of)
    return Door(
        entry.apply(lambda found: found["server"]), entry.apply(lambda found: found["certificate-authority-data"])
    )


def _cluster_of(content: str) -> dict[str, str]:
    document: Any = yaml.safe_load(content)
    return cast("dict[str, str]", document["clusters"][0]["cluster"])


def oci_kubeconfig(
    name: pulumi.Input[str], where: Door, cluster_id: pulumi.Input[str], region: str
) -> pulumi.Output[str]:
    """A kubeconfig without any credential."""
    return pulumi.Output.all(name, where.server, where.ca, cluster_id).apply(
        lambda facts: exec_kubeconfig(facts[0], facts[1], facts[2], _generate_token(facts[3], region))
    )


def token_authentication(args: LoginArgs | None) -> OpenId | None:
    """The cluster's option; None says nothing, and Oracle's provider then leaves what there is as it is."""
    if args is None:
        return None
    login = OidcLogin.of(args)
    if login is None:
        return {"is_open_id_connect_auth_enabled": False}
    option: OpenId = {
        "is_open_id_connect_auth_enabled": True,
        "issuer_url": login.issuer,
        "client_id": login.client_id,
        "username_claim": login.username_claim,
        "username_prefix": login.prefix,
        "groups_claim": login.groups_claim,
        "groups_prefix": login.prefix,
    }
    if login.required_claims:
        option["required_claims"] = [
            {"key": key, "value": login.required_claims[key]} for key in sorted(login.required_claims)
        ]
    return option


def _generate_token(cluster_id: str, region: str) -> dict[str, Any]:
    # Which profile or principal signs is told by the environment (OCI_CLI_PROFILE, OCI_CLI_AUTH).
    words = ["ce", "cluster", "generate-token", "--cluster-id", cluster_id, "--region", region]
    return {"command": "oci", "args": words}
