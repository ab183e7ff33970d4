"""Elastic IPs for a network load balancer, one for each of its zones.

Owns: the addresses. Does not own: the load balancer, which EKS makes for a Service.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from pulumi_multimesh.clusters.fixed_addresses import FixedAddresses


def fixed_addresses(
    name: str,
    region: str,
    public_subnets: pulumi.Input[list[str]],
    zones: int,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> FixedAddresses:
    """As many as there are zones: a network load balancer takes exactly one for each of its subnets."""
    addresses = [
        aws.ec2.Eip(
            f"{name}-{zone}",
            region=region,
            domain="vpc",
            tags={**tags, "Name": f"{name}-{zone}"},
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for zone in range(zones)
    ]
    allocations = pulumi.Output.all(*(address.allocation_id for address in addresses))
    return FixedAddresses(
        first=addresses[0].public_ip,
        annotations={
            # Their order must be that of the subnets, which are named for that reason.
            "service.beta.kubernetes.io/aws-load-balancer-eip-allocations": allocations.apply(",".join),
            "service.beta.kubernetes.io/aws-load-balancer-subnets": pulumi.Output.from_input(public_subnets).apply(
                ",".join
            ),
        },
    )
