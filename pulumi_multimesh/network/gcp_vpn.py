"""Google Cloud's end of a VPN: an HA VPN gateway with its Cloud Router, and its tunnels.

Owns: these resources. Does not own: the other end (RemoteGateway), numbers and keys (the plan, vpn_keys.py).
Source of the shapes: Google Cloud, "HA VPN topologies" and "Create an HA VPN gateway to a peer VPN gateway".
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_gcp as gcp

from pulumi_multimesh.network.handles import GcpNetwork
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd, VpnGateway

_REDUNDANCY = {1: "SINGLE_IP_INTERNALLY_REDUNDANT", 2: "TWO_IPS_REDUNDANCY", 4: "FOUR_IPS_REDUNDANCY"}
"""By how many addresses the other end has."""
_CIPHERS: gcp.compute.VPNTunnelCipherSuiteArgsDict = {
    "phase1": {
        "encryptions": ["AES-CBC-256"],
        "integrities": ["HMAC-SHA2-256-128"],
        "prves": ["PRF-HMAC-SHA2-256"],
        "dhs": ["Group-14"],
    },
    "phase2": {"encryptions": ["AES-CBC-256"], "integrities": ["HMAC-SHA2-256-128"], "pfs": ["Group-14"]},
}
"""One choice for each transform, the one that all four clouds take: with many, a rekey's message is fragmented."""


class GcpVpnGateway(VpnGateway):
    """An HA VPN gateway with two addresses, and a router that advertises the network's subnets and pods."""

    def __init__(self, name: str, network: GcpNetwork, asn: int, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("GcpVpnGateway", name, {"network": network.name, "asn": asn}, opts)
        self._network = network
        self.asn = asn
        child = pulumi.ResourceOptions(parent=self)
        self._gateway = gcp.compute.HaVpnGateway(
            name,
            project=network.project,
            region=network.region,
            network=network.network,
            labels=network.tags,
            opts=child,
        )
        self._router = gcp.compute.Router(
            f"{name}-vpn",
            project=network.project,
            region=network.region,
            network=network.network,
            bgp={
                "asn": asn,
                "advertise_mode": "CUSTOM",
                # All subnets' ranges; those of pods, which are secondary ones, are named beside them to leave no doubt.
                "advertised_groups": ["ALL_SUBNETS"],
                "advertised_ip_ranges": [
                    {"range": cidr, "description": "reached through the network"} for cidr in network.pod_ranges
                ],
            },
            opts=child,
        )
        self._public = [
            self._gateway.vpn_interfaces.apply(lambda found, nth=nth: found[nth].ip_address or "") for nth in (0, 1)
        ]
        self.addresses = self._public
        self.register_outputs({"addresses": pulumi.Output.all(*self._public)})

    def connect(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        """See `VpnGateway.connect`."""
        places = _places(tunnels, remote)
        far = gcp.compute.ExternalVpnGateway(
            name,
            project=self._network.project,
            redundancy_type=_REDUNDANCY[len(set(places.values()))],
            interfaces=[
                {"id": place, "ip_address": remote.addresses[index]}
                for place, index in sorted({place: index for index, place in reversed(places.items())}.items())
            ],
            labels=self._network.tags,
            opts=opts,
        )
        for tunnel in tunnels:
            self._tunnel(f"{name}-{tunnel.index}", tunnel, far, places[tunnel.index], remote, opts)
        return {tunnel.index: self._public[tunnel.interface] for tunnel in tunnels}

    def _tunnel(
        self,
        name: str,
        end: TunnelEnd,
        far: gcp.compute.ExternalVpnGateway,
        place: int,
        remote: RemoteGateway,
        opts: pulumi.ResourceOptions,
    ) -> None:
        project, region = self._network.project, self._network.region
        # A new key is a new tunnel, and there cannot be two between the same addresses, nor two interfaces in a range.
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True))
        tunnel = gcp.compute.VPNTunnel(
            name,
            project=project,
            region=region,
            vpn_gateway=self._gateway.id,
            vpn_gateway_interface=end.interface,
            peer_external_gateway=far.id,
            peer_external_gateway_interface=place,
            router=self._router.id,
            ike_version=2,
            cipher_suite=_CIPHERS,
            shared_secret=end.key,
            labels=self._network.tags,
            opts=opts,
        )
        interface = gcp.compute.RouterInterface(
            name,
            project=project,
            region=region,
            router=self._router.name,
            ip_range=f"{end.own_ip}/30",
            vpn_tunnel=tunnel.name,
            opts=opts,
        )
        gcp.compute.RouterPeer(
            name,
            project=project,
            region=region,
            router=self._router.name,
            interface=interface.name,
            ip_address=end.own_ip,
            peer_ip_address=end.peer_ip,
            peer_asn=remote.asn,
            advertised_route_priority=100,
            opts=opts,
        )


def _places(tunnels: Sequence[TunnelEnd], remote: RemoteGateway) -> dict[int, int]:
    """By tunnel: which interface of the other end it leads to; tunnels to one address share one."""
    known: list[pulumi.Input[str]] = []
    places: dict[int, int] = {}
    for tunnel in tunnels:
        address = remote.addresses[tunnel.index]
        place = next((place for place, other in enumerate(known) if _same(other, address)), len(known))
        if place == len(known):
            known.append(address)
        places[tunnel.index] = place
    return places


def _same(one: pulumi.Input[str], other: pulumi.Input[str]) -> bool:
    """An output is known only as itself."""
    return one == other if isinstance(one, str) and isinstance(other, str) else one is other
