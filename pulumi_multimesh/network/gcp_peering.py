"""Peering of two of Google Cloud's networks: both sides, one after the other.

Owns: the peering. Does not own: which networks are peered (the plan).
Source: Google Cloud, "VPC Network Peering": subnets' routes are exchanged always, those learned by VPN on request.
"""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from pulumi_multimesh.network.handles import GcpNetwork


class GcpPeering(pulumi.ComponentResource):
    """A network on each side of which the other is named."""

    def __init__(
        self,
        name: str,
        first: GcpNetwork,
        second: GcpNetwork,
        *,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`after`: earlier peerings, since Google Cloud changes one peering of a network at a time."""
        super().__init__("multimesh:index:GcpPeering", name, {"between": [first.name, second.name]}, opts)
        there = _side(self, f"{name}-{first.name}", first, second, after)
        self.last = _side(self, f"{name}-{second.name}", second, first, [there])
        """The side that is made last; the next peering comes after it."""
        self.register_outputs({})


def _side(
    parent: pulumi.Resource, name: str, own: GcpNetwork, other: GcpNetwork, after: Sequence[pulumi.Resource]
) -> gcp.compute.NetworkPeering:
    return gcp.compute.NetworkPeering(
        name,
        network=own.network,
        peer_network=other.network,
        export_custom_routes=True,
        import_custom_routes=True,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[*own.after, *other.after, *after]),
    )
