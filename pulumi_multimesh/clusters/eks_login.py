"""An OIDC provider for an EKS cluster.

Owns: its association with the cluster. Does not own: the logins by IAM (eks_access.py).
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from pulumi_multimesh.clusters.oidc_login import OidcLogin


def identity_provider(
    cluster: aws.eks.Cluster,
    parent: pulumi.Resource,
    name: str,
    region: str,
    login: OidcLogin,
    tags: Mapping[str, str],
    after: Sequence[pulumi.Resource],
) -> aws.eks.IdentityProviderConfig:
    """The one provider that the cluster can have; `after`: what must not wait for it.

    EKS changes its API servers for it, which takes a quarter to half an hour, and takes no other change of the cluster
    meanwhile; so it comes last, and nothing comes after it.
    """
    return aws.eks.IdentityProviderConfig(
        name,
        region=region,
        cluster_name=cluster.name,
        oidc={
            "identity_provider_config_name": name,
            "issuer_url": login.issuer,
            "client_id": login.client_id,
            "username_claim": login.username_claim,
            "username_prefix": login.prefix,
            "groups_claim": login.groups_claim,
            "groups_prefix": login.prefix,
            "required_claims": dict(login.required_claims) or None,
        },
        tags=dict(tags),
        # EKS has room for one, so that another has to wait until the old one is gone.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=after, delete_before_replace=True),
    )
