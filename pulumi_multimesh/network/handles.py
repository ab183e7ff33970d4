"""A cloud's network as its VPN gateway and its peerings need it, made here or named by the user.

Owns: what a gateway or a peering must be told of a network. Does not own: how it is made (clusters/*_network.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True)
class GcpNetwork:
    """A VPC."""

    name: str
    """In the plan."""
    project: str
    region: str
    network: pulumi.Input[str]
    """Id or self link."""
    pod_ranges: Sequence[str] = ()
    """Secondary ranges that must be advertised beside the subnets, as CIDR strings."""
    after: Sequence[pulumi.Resource] = ()
    """What must be there before the network is peered: its subnets, whose routes the peers are told."""
    tags: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class AwsNetwork:
    """A VPC and the route tables of its private subnets."""

    name: str
    region: str
    vpc_id: pulumi.Input[str]
    route_tables: Sequence[pulumi.Input[str]]
    ranges: Sequence[str]
    tags: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class AzureNetwork:
    """A virtual network and where its gateway's subnet goes."""

    name: str
    region: str
    resource_group: pulumi.Input[str]
    network_name: pulumi.Input[str]
    network_id: pulumi.Input[str]
    gateway_range: str | None
    """The range of the subnet `GatewaySubnet`; None where no VPN gateway is made."""
    after: Sequence[pulumi.Resource] = ()
    """The network's subnets: Azure changes one subnet of a network at a time."""
    tags: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class OciNetwork:
    """A VCN that is attached to a DRG."""

    name: str
    region: str
    compartment_id: str
    vcn_id: pulumi.Input[str]
    drg_id: pulumi.Input[str] | None
    """None where neither a VPN nor a peering to another region is made."""
    provider: pulumi.ProviderResource
    """Oracle Cloud in the network's region."""
    after: Sequence[pulumi.Resource] = ()
    """The attachment, without which nothing passes."""
    neighbours: Sequence[str] = ()
    """Networks that it is joined with already, by local peering gateways."""
    tags: dict[str, str] = field(default_factory=dict[str, str])


PrivateNetwork = GcpNetwork | AwsNetwork | AzureNetwork | OciNetwork
"""A network of any cloud."""
