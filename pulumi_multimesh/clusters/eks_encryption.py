"""The key for Kubernetes secrets of an EKS cluster.

Owns: the key, unless one is brought. Does not own: the cluster.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

PROVIDER = "provider"
"""What `encryption_key` says for AWS's own key."""


def secrets_key(
    parent: pulumi.Resource,
    name: str,
    region: str,
    wish: pulumi.Input[str] | None,
    tags: Mapping[str, str],
) -> pulumi.Input[str] | None:
    """The ARN of the key that encrypts Kubernetes secrets; None for AWS's own, with which EKS always encrypts."""
    if wish == PROVIDER:
        return None
    if wish is not None:
        return wish
    key = aws.kms.Key(
        name,
        region=region,
        description=f"Kubernetes secrets of {name}",
        enable_key_rotation=True,
        tags=dict(tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return key.arn
