"""The keys of an EKS cluster."""

from typing import NotRequired, TypedDict

import pulumi

from pulumi_multimesh.config.clusters import NodePoolArgs, RangesArgs


class EksNetworkIds(TypedDict):
    """A VPC that is there, made by the program or long before; pin its range as `ranges.nodes`."""

    vpc_id: pulumi.Input[str]
    """The VPC."""
    private_subnet_ids: pulumi.Input[list[str]]
    """Subnets of nodes and pods, in two zones or more, with a way out through NAT."""
    public_subnet_ids: NotRequired[pulumi.Input[list[str]]]
    """Subnets of public load balancers; those that their tags show unless given."""
    private_route_table_ids: NotRequired[list[pulumi.Input[str]]]
    """Route tables of the private subnets; needed for private roads (`connectivity: peering` or `vpn`)."""
    egress_ips: pulumi.Input[list[str]]
    """Addresses of the NAT through which the private subnets' traffic leaves; the other clusters admit these."""


class LoadBalancerControllerArgs(TypedDict, total=False):
    """The AWS Load Balancer Controller, installed by its chart."""

    repository: str
    """A Helm repository's URL; the project's own unless given."""
    version: str
    """The chart's version; the one in `versions.AWS_LOAD_BALANCER_CONTROLLER` unless given."""


class EksGroupArgs(TypedDict):
    """A group of Kubernetes, and who of AWS is in it."""

    roles: list[pulumi.Input[str]]
    """ARNs of IAM roles; whoever has taken one is in the group."""


class EksArgs(TypedDict):
    """An EKS cluster with private nodes."""

    region: str
    """The region, such as `us-east-1`."""
    kubernetes_version: NotRequired[str]
    """Minor version such as `1.34`; `versions.EKS_KUBERNETES` unless given: never "the newest", which would drift."""
    zones: NotRequired[list[str]]
    """Availability zones, two or three; the region's first three unless given."""
    network: NotRequired[EksNetworkIds]
    """A VPC that is there; one of its own unless given."""
    node_pools: NotRequired[dict[str, NodePoolArgs]]
    """The machines, by the pools' names; one pool named `default` unless given."""
    admins: NotRequired[list[pulumi.Input[str]]]
    """ARNs of IAM roles or users that administer the cluster, beside the identity that creates it."""
    groups: NotRequired[dict[str, EksGroupArgs]]
    """Groups of Kubernetes that IAM roles are in: `{mesh-operators: {roles: [ARN]}}`; none unless given."""
    encryption_key: NotRequired[pulumi.Input[str]]
    """The KMS key for Kubernetes secrets: its ARN; `provider` for AWS's own; one made here unless given."""
    control_plane_logs: NotRequired[bool]
    """Logs of the control plane in CloudWatch; true unless given."""
    log_retention_days: NotRequired[int]
    """How long they are kept; 30 unless given."""
    load_balancer_controller: NotRequired[LoadBalancerControllerArgs]
    """Install the AWS Load Balancer Controller; not unless given: the gateways' NLBs need no more than EKS itself."""
    ranges: NotRequired[RangesArgs]
    """Ranges to pin."""
    deletion_protection: NotRequired[bool]
    """Refuse to delete the cluster until this is false again; false unless given."""
