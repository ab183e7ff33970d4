"""What the fabric asks of each cloud.

Owns: the questions. Does not own: the answers (gcp.py, aws.py, azure.py, oci.py).
"""

from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import Protocol

from multimesh_lab.fabric.model import Gateway, Member, Part, Peering, Site, TunnelEnd


class Cloud(Protocol):
    """One cloud's inventory, in the words of the model."""

    def sites(self) -> Sequence[Site]: ...

    def gateways(self) -> Sequence[Gateway]: ...

    def ends(self) -> Sequence[TunnelEnd]: ...

    def peerings(self) -> Sequence[Peering]: ...

    def not_sent_to_gateway(
        self, part: Part, target: IPv4Network, learned: IPv4Network, gateway: Gateway
    ) -> Sequence[str]:
        """Why packets from the part for the target do not go to the VPN gateway, which learned the way to `learned`."""
        ...

    def not_sent_to_peer(self, part: Part, target: IPv4Network, next_hop: str) -> Sequence[str]:
        """Why packets from the part for the target do not go to the peering, or whatever leads to it."""
        ...

    def not_let_out(self, source: Member, destination: Member) -> Sequence[str]:
        """Why a firewall of the source stops its pods on their way to the destination's."""
        ...

    def not_let_in(self, destination: Member, source: Member) -> Sequence[str]:
        """Why a firewall of the destination stops the source's pods before they reach its own."""
        ...
