"""Peering of two of Azure's virtual networks: both sides, and the use of one's VPN gateway by the other.

Owns: the peering. Does not own: which networks are peered and whose gateway serves whom (the plan).
Source: Azure, "Virtual network peering" and "Configure VPN gateway transit for virtual network peering".
"""

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import network as arm

from pulumi_multimesh.network.azure_vpn import AzureVpnGateway
from pulumi_multimesh.network.handles import AzureNetwork

_TOLD_BY_AZURE = [
    "peeringState",
    "peeringSyncLevel",
    "localAddressSpace",
    "localVirtualNetworkAddressSpace",
    "remoteAddressSpace",
    "remoteVirtualNetworkAddressSpace",
]
"""What could be put and is never meant to be: it changes when the other side is made, and a refresh finds it."""


class AzurePeering(pulumi.ComponentResource):
    """A network on each side of which the other is named."""

    def __init__(
        self,
        name: str,
        first: AzureNetwork,
        second: AzureNetwork,
        *,
        shared: AzureVpnGateway | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`shared`: the VPN gateway of the one, which the other uses too; none unless given."""
        super().__init__("multimesh:index:AzurePeering", name, {"between": [first.name, second.name]}, opts)
        # The side that lends its gateway comes first: the borrower is refused before it is lent.
        lender, borrower = (second, first) if shared and shared.network_name == second.name else (first, second)
        lent = self._side(f"{name}-{lender.name}", lender, borrower, lends=shared is not None)
        after = [lent, shared.gateway] if shared else [lent]
        self._side(f"{name}-{borrower.name}", borrower, lender, borrows=shared is not None, after=after)
        self.register_outputs({})

    def _side(
        self,
        name: str,
        own: AzureNetwork,
        other: AzureNetwork,
        *,
        lends: bool = False,
        borrows: bool = False,
        after: Sequence[pulumi.Resource] = (),
    ) -> arm.VirtualNetworkPeering:
        return arm.VirtualNetworkPeering(
            name,
            resource_group_name=own.resource_group,
            virtual_network_name=own.network_name,
            remote_virtual_network={"id": other.network_id},
            allow_virtual_network_access=True,
            # What came to the other network by its gateway carries foreign addresses.
            allow_forwarded_traffic=True,
            allow_gateway_transit=lends,
            use_remote_gateways=borrows,
            # A network that grew tells its peers.
            sync_remote_address_space="true",
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*own.after, *other.after, *after], ignore_changes=_TOLD_BY_AZURE
            ),
        )
