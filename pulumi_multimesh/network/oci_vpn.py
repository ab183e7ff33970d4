"""Oracle Cloud's end of a VPN: for each connection the other end's address (CPE) and an IPSec connection to the DRG.

Owns: these resources. Does not own: the DRG and the routes to it (clusters/oke_roads.py), the other end
(RemoteGateway), numbers and keys (the plan, vpn_keys.py).
Source of the shapes: Oracle, "Setting Up Site-to-Site VPN", "VPN Connection to Google", "… to Azure" and "… to AWS".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_oci import core

from pulumi_multimesh.network.handles import OciNetwork
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd, VpnGateway

_NOWHERE = "192.0.2.0/24"
"""A range of documentation (RFC 5737). A connection is refused without a static route, and a tunnel that stays static,
as the second one does where the other end has a single address, would draw to it whatever the route says."""


@dataclass(frozen=True)
class _Lifetimes:
    """Of keys, in seconds."""

    phase_one: int
    phase_two: int


_LIFETIMES = _Lifetimes(28800, 3600)
_LIFETIMES_WITH = {"gcp": _Lifetimes(36000, 10800)}
"""Cloud VPN's own, which cannot be set there; Oracle asks for the same ones."""


class OciVpnGateway(VpnGateway):
    """A network's DRG as a VPN gateway; its addresses come with each connection."""

    def __init__(self, name: str, network: OciNetwork, asn: int, opts: pulumi.ResourceOptions | None = None) -> None:
        """`asn` is Oracle's own number for the region, which nobody can change.

        Raises `ValueError` if the network has no DRG.
        """
        if network.drg_id is None:
            raise ValueError(f"{name}: the network {network.name} has no DRG, so that no VPN can lead to it")
        super().__init__("OciVpnGateway", name, {"network": network.name, "asn": asn}, opts)
        self.asn, self.addresses = asn, None
        self._network, self._drg_id = network, network.drg_id
        self.register_outputs({})

    def connect(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        """See `VpnGateway.connect`."""
        own = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=self._network.provider))
        addresses: dict[int, pulumi.Output[str]] = {}
        for interface in sorted({end.interface for end in tunnels}):
            ends = [end for end in tunnels if end.interface == interface]
            connection = self._connection(f"{name}-{interface}", remote.addresses[ends[0].index], own)
            slots = self._slots(connection)
            for end in ends:
                slot = slots.apply(lambda found, end=end: found[end.slot])
                self._tunnel(f"{name}-{end.index}", end, connection, slot.id, remote, own)
                addresses[end.index] = slot.vpn_ip
        return addresses

    def _connection(self, name: str, address: pulumi.Input[str], opts: pulumi.ResourceOptions) -> core.Ipsec:
        compartment, tags = self._network.compartment_id, self._network.tags
        other = core.Cpe(
            name, compartment_id=compartment, ip_address=address, display_name=name, freeform_tags=tags, opts=opts
        )
        return core.Ipsec(
            name,
            compartment_id=compartment,
            cpe_id=other.id,
            drg_id=self._drg_id,
            static_routes=[_NOWHERE],
            display_name=name,
            freeform_tags=tags,
            opts=opts,
        )

    def _slots(
        self, connection: core.Ipsec
    ) -> pulumi.Output[list[core.outputs.GetIpsecConnectionTunnelsIpSecConnectionTunnelResult]]:
        """The connection's two tunnels; Oracle lists them in no order, so that their ids decide."""
        asking = pulumi.InvokeOutputOptions(provider=self._network.provider)
        found = core.get_ipsec_connection_tunnels_output(ipsec_id=connection.id, opts=asking)
        return found.ip_sec_connection_tunnels.apply(lambda tunnels: sorted(tunnels, key=lambda tunnel: tunnel.id))

    def _tunnel(
        self,
        name: str,
        end: TunnelEnd,
        connection: core.Ipsec,
        tunnel_id: pulumi.Input[str],
        remote: RemoteGateway,
        opts: pulumi.ResourceOptions,
    ) -> None:
        lifetimes = _LIFETIMES_WITH.get(remote.cloud, _LIFETIMES)
        core.IpsecConnectionTunnelManagement(
            name,
            ipsec_id=connection.id,
            tunnel_id=tunnel_id,
            display_name=name,
            routing="BGP",
            bgp_session_info={
                "customer_bgp_asn": str(remote.asn),
                "customer_interface_ip": f"{end.peer_ip}/30",
                "oracle_interface_ip": f"{end.own_ip}/30",
            },
            shared_secret=end.key,
            ike_version="V2",
            oracle_can_initiate="INITIATOR_OR_RESPONDER",
            phase_one_details=_phase_one(lifetimes),
            phase_two_details=_phase_two(lifetimes),
            opts=pulumi.ResourceOptions.merge(
                opts,
                # Told of another tunnel, the provider's update does not send the key again: Oracle's would stay.
                pulumi.ResourceOptions(replace_on_changes=["tunnelId"]),
            ),
        )


def _phase_one(lifetimes: _Lifetimes) -> core.IpsecConnectionTunnelManagementPhaseOneDetailsArgsDict:
    return {
        "is_custom_phase_one_config": True,
        "custom_encryption_algorithm": "AES_256_CBC",
        "custom_authentication_algorithm": "SHA2_256",
        "custom_dh_group": "GROUP14",
        "lifetime": lifetimes.phase_one,
    }


def _phase_two(lifetimes: _Lifetimes) -> core.IpsecConnectionTunnelManagementPhaseTwoDetailsArgsDict:
    # Oracle's own group, 5, is one that Azure does not have.
    return {
        "is_custom_phase_two_config": True,
        "custom_encryption_algorithm": "AES_256_CBC",
        "custom_authentication_algorithm": "HMAC_SHA2_256_128",
        "is_pfs_enabled": True,
        "dh_group": "GROUP14",
        "lifetime": lifetimes.phase_two,
    }
