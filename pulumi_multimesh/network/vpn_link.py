"""A VPN between two networks of different clouds: both ends, in the order in which they learn of each other.

Owns: the order and the keys. Does not own: how a cloud makes its end (vpn_gateway.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd, VpnGateway
from pulumi_multimesh.network.vpn_keys import tunnel_keys
from pulumi_multimesh.plan.network_plan import TunnelPlan


@dataclass(frozen=True)
class VpnEnd:
    """One end of a VPN."""

    name: str
    """The network's, in the plan."""
    cloud: str
    gateway: VpnGateway
    ranges: Sequence[str]
    """What lies behind it, as CIDR strings."""

    def as_remote(self, addresses: Mapping[int, pulumi.Input[str]]) -> RemoteGateway:
        """This end as the other is told of it."""
        return RemoteGateway(self.name, self.cloud, self.gateway.asn, self.ranges, addresses)


class VpnLink(pulumi.ComponentResource):
    """Tunnels with BGP between two gateways, of which the plan's first is `first`.

    A gateway that announces its addresses is told to the other first, whose connections answer with theirs. Where
    neither does, the first that can is made before it knows the other, and is told later.
    """

    def __init__(
        self,
        name: str,
        first: VpnEnd,
        second: VpnEnd,
        tunnels: Sequence[TunnelPlan],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("multimesh:index:VpnLink", name, {"between": [first.name, second.name]}, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        keys = tunnel_keys(name, (tunnel.index for tunnel in tunnels), self._child)
        mine = [_end(tunnel, tunnel.first_ip, tunnel.second_ip, keys[tunnel.index]) for tunnel in tunnels]
        theirs = [_end(tunnel, tunnel.second_ip, tunnel.first_ip, keys[tunnel.index]) for tunnel in tunnels]
        if first.gateway.announces or (not second.gateway.announces and second.gateway.can_wait):
            self._join(first, mine, second, theirs)
        else:
            self._join(second, theirs, first, mine)
        self.register_outputs({})

    def _join(self, known: VpnEnd, its: Sequence[TunnelEnd], other: VpnEnd, others: Sequence[TunnelEnd]) -> None:
        """Make the other end, then the known one; where that is not known either, the other is told of it later."""
        addresses = known.gateway.addresses
        if addresses is not None:
            towards = known.as_remote({tunnel.index: addresses[tunnel.interface] for tunnel in its})
            answers = other.gateway.connect(self._part(other), others, towards, self._child)
            known.gateway.connect(self._part(known), its, other.as_remote(answers), self._child)
            return
        answers = other.gateway.connect_later(self._part(other), others, self._child)
        addresses = known.gateway.connect(self._part(known), its, other.as_remote(answers), self._child)
        other.gateway.readdress(self._part(other), others, known.as_remote(addresses), self._child)

    def _part(self, end: VpnEnd) -> str:
        return f"{self._name}-{end.cloud}"


def _end(tunnel: TunnelPlan, own_ip: str, peer_ip: str, key: pulumi.Output[str]) -> TunnelEnd:
    return TunnelEnd(tunnel.index, tunnel.interface, tunnel.slot, tunnel.inside, own_ip, peer_ip, key)
