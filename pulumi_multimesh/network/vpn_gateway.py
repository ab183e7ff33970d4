"""The VPN contract: what each cloud's gateway offers, and what it is told of the other end.

Owns: the contract. Does not own: how a cloud makes a gateway or a connection (gcp_vpn.py, aws_vpn.py, azure_vpn.py,
oci_vpn.py), nor which ends are joined in which order (vpn_link.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi


@dataclass(frozen=True)
class TunnelEnd:
    """A tunnel as one of its ends sees it."""

    index: int
    """0, 1, … within the VPN; the suffix of the names of the tunnel's resources."""
    interface: int
    """0 or 1: which of the announced addresses; where addresses come by connection: which connection."""
    slot: int
    """0 or 1: which of the two tunnels of that connection."""
    inside: str
    """The /30 inside the tunnel."""
    own_ip: str
    """This end's address in it."""
    peer_ip: str
    """The other end's."""
    key: pulumi.Output[str]
    """The pre-shared key, a secret: letters and digits, at most 64, not starting with 0: valid on all four clouds."""


@dataclass(frozen=True)
class RemoteGateway:
    """The other end, whatever its cloud."""

    name: str
    """The other network's name in the plan."""
    cloud: str
    asn: int
    ranges: Sequence[str]
    """What lies behind it, as CIDR strings."""
    addresses: Mapping[int, pulumi.Input[str]]
    """Its public address for each tunnel, by the tunnel's index."""


class VpnGateway(pulumi.ComponentResource):
    """One network's VPN gateway, for all its connections."""

    asn: int
    """BGP's number."""
    addresses: Sequence[pulumi.Output[str]] | None
    """Its two public addresses, known before any connection; None where each connection has addresses of its own."""

    can_wait = False
    """Whether connections can be made before the other end's addresses are known."""

    def __init__(self, token: str, name: str, args: Mapping[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"multimesh:index:{token}", name, dict(args), opts)
        self._name = name

    @property
    def announces(self) -> bool:
        """Whether its addresses are known before any connection."""
        return self.addresses is not None

    def connect(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        """Make this end of a VPN: its resources are called `name` and `name-INDEX`, under `opts.parent`.

        Returns this end's public address of each tunnel, by the tunnel's index.
        """
        raise NotImplementedError

    def connect_later(
        self, name: str, tunnels: Sequence[TunnelEnd], opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        """Make this end before the other end's addresses are known, so that it is told them by `readdress`.

        Where neither end announces addresses, one of them must be able to do so; AWS's is.
        """
        raise NotImplementedError

    def readdress(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> None:
        """Tell connections that were made by `connect_later` the other end's addresses."""
        raise NotImplementedError
