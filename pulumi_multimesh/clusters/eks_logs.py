"""The control-plane logs of an EKS cluster.

Owns: the log group, so that its logs end some day. Does not own: what is logged (eks.py).
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

DEFAULT_RETENTION_DAYS = 30
"""A month, in which an incident is usually found; EKS's own log group keeps everything for ever."""


def log_group(
    parent: pulumi.Resource, name: str, region: str, cluster_name: pulumi.Input[str], days: int, tags: Mapping[str, str]
) -> aws.cloudwatch.LogGroup:
    """The group that EKS writes to, made before the cluster: EKS would make it without an end of its logs."""
    return aws.cloudwatch.LogGroup(
        name,
        region=region,
        name=pulumi.Output.from_input(cluster_name).apply(lambda known: f"/aws/eks/{known}/cluster"),
        retention_in_days=days,
        tags=dict(tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )
