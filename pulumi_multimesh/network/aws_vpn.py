"""AWS's end of a VPN: a virtual private gateway, and a customer gateway and a VPN connection for each connection.

Owns: that end, with routes learnt from BGP in every route table. Does not own: how a connection whose other end is
known only afterwards gets its real customer gateway (aws_readdress.py), nor what is admitted (aws_admission.py).
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from pulumi_multimesh.network.aws_readdress import AwsReaddressing, Move
from pulumi_multimesh.network.handles import AwsNetwork
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd, VpnGateway

_ENCRYPTION, _INTEGRITY, _GROUP = "AES256", "SHA2-256", 14
_PHASE_1_SECONDS, _PHASE_2_SECONDS = 28800, 3600
"""The most that AWS takes, whoever the peer is."""
_PLACEHOLDERS = ("192.0.2.1", "192.0.2.2")
"""Addresses of documentation (RFC 5737), by interface: nobody answers there."""
_PLACEHOLDER_ASN = 65000
"""AWS's own default for a customer gateway; no BGP session is ever opened to a placeholder."""


class AwsVpnGateway(VpnGateway):
    """A virtual private gateway; its addresses come with each connection."""

    can_wait = True

    def __init__(self, name: str, network: AwsNetwork, asn: int, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("AwsVpnGateway", name, {}, opts)
        self.asn, self.addresses = asn, None
        self._network = network
        self._later: dict[str, dict[int, tuple[aws.ec2.CustomerGateway, aws.ec2.VpnConnection]]] = {}
        self._readdressing: AwsReaddressing | None = None
        child = pulumi.ResourceOptions(parent=self)
        self._gateway = aws.ec2.VpnGateway(
            name,
            region=network.region,
            vpc_id=network.vpc_id,
            amazon_side_asn=str(asn),
            tags=self._tagged(name),
            opts=child,
        )
        for position, table in enumerate(network.route_tables):
            aws.ec2.VpnGatewayRoutePropagation(
                f"{name}-{position}",
                region=network.region,
                route_table_id=table,
                vpn_gateway_id=self._gateway.id,
                opts=child,
            )
        self.register_outputs({})

    def connect(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        addresses: dict[int, pulumi.Output[str]] = {}
        for interface, ends in _by_interface(tunnels).items():
            customer = self._customer_gateway(f"{name}-{interface}", remote, ends, opts)
            connection = self._connection(f"{name}-{interface}", ends, customer, opts)
            addresses |= _addresses(connection, ends)
        return addresses

    def connect_later(
        self, name: str, tunnels: Sequence[TunnelEnd], opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        """See `VpnGateway`: the connections lead to placeholders until `readdress` is called with the same name."""
        addresses: dict[int, pulumi.Output[str]] = {}
        # From here on `readdress` decides which customer gateway it is.
        ignoring = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["customerGatewayId"]))
        for interface, ends in _by_interface(tunnels).items():
            placeholder = self._gateway_at(
                f"{name}-{interface}-placeholder", _PLACEHOLDERS[interface], _PLACEHOLDER_ASN, opts
            )
            connection = self._connection(f"{name}-{interface}", ends, placeholder, ignoring)
            self._later.setdefault(name, {})[interface] = (placeholder, connection)
            addresses |= _addresses(connection, ends)
        return addresses

    def readdress(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> None:
        """See `VpnGateway`. Raises `KeyError` if `connect_later` made no connections of this name."""
        moves: dict[int, Move] = {}
        for interface, ends in _by_interface(tunnels).items():
            placeholder, connection = self._later[name][interface]
            customer = self._customer_gateway(f"{name}-{interface}", remote, ends, opts)
            moves[interface] = Move(connection, placeholder, customer)
        if self._readdressing is None:
            self._readdressing = AwsReaddressing(
                f"{self._name}-readdress", self._network, pulumi.ResourceOptions(parent=self)
            )
        self._readdressing.move(name, moves, self._gateway.arn, opts)

    def _customer_gateway(
        self, name: str, remote: RemoteGateway, ends: Sequence[TunnelEnd], opts: pulumi.ResourceOptions
    ) -> aws.ec2.CustomerGateway:
        return self._gateway_at(name, remote.addresses[ends[0].index], remote.asn, opts)

    def _gateway_at(
        self, name: str, address: pulumi.Input[str], asn: int, opts: pulumi.ResourceOptions
    ) -> aws.ec2.CustomerGateway:
        return aws.ec2.CustomerGateway(
            name,
            region=self._network.region,
            type="ipsec.1",
            bgp_asn=str(asn),
            ip_address=address,
            # AWS answers a request for an identical customer gateway with the one that it has, which may be another
            # stack's; the name of the device tells them apart.
            device_name=self._gateway.id.apply(lambda gateway: f"{name}-{gateway}"),
            tags=self._tagged(name),
            opts=opts,
        )

    def _connection(
        self,
        name: str,
        ends: Sequence[TunnelEnd],
        customer: aws.ec2.CustomerGateway,
        opts: pulumi.ResourceOptions,
    ) -> aws.ec2.VpnConnection:
        args = aws.ec2.VpnConnectionArgs(
            region=self._network.region,
            type="ipsec.1",
            customer_gateway_id=customer.id,
            vpn_gateway_id=self._gateway.id,
            tags=self._tagged(name),
        )
        _in_both_slots(args)
        for end in ends:
            (_first_tunnel, _second_tunnel)[end.slot](args, end)
        return aws.ec2.VpnConnection(name, args, opts)

    def _tagged(self, name: str) -> dict[str, str]:
        return {**self._network.tags, "Name": name}


def _by_interface(tunnels: Sequence[TunnelEnd]) -> Mapping[int, Sequence[TunnelEnd]]:
    interfaces = sorted({end.interface for end in tunnels})
    return {interface: [end for end in tunnels if end.interface == interface] for interface in interfaces}


def _addresses(connection: aws.ec2.VpnConnection, ends: Sequence[TunnelEnd]) -> dict[int, pulumi.Output[str]]:
    return {end.index: (connection.tunnel1_address, connection.tunnel2_address)[end.slot] for end in ends}


def _in_both_slots(args: aws.ec2.VpnConnectionArgs) -> None:
    """What is agreed on, also in a slot without a tunnel, where AWS would take IKEv1, SHA-1 and group 2 of anybody.

    One choice for each transform: with several, the proposal that Google Cloud sends when it renews a key is split into
    fragments, and the renewal fails.
    """
    args.tunnel1_ike_versions = args.tunnel2_ike_versions = ["ikev2"]
    args.tunnel1_phase1_encryption_algorithms = args.tunnel2_phase1_encryption_algorithms = [_ENCRYPTION]
    args.tunnel1_phase1_integrity_algorithms = args.tunnel2_phase1_integrity_algorithms = [_INTEGRITY]
    args.tunnel1_phase1_dh_group_numbers = args.tunnel2_phase1_dh_group_numbers = [_GROUP]
    args.tunnel1_phase2_encryption_algorithms = args.tunnel2_phase2_encryption_algorithms = [_ENCRYPTION]
    args.tunnel1_phase2_integrity_algorithms = args.tunnel2_phase2_integrity_algorithms = [_INTEGRITY]
    args.tunnel1_phase2_dh_group_numbers = args.tunnel2_phase2_dh_group_numbers = [_GROUP]


def _first_tunnel(args: aws.ec2.VpnConnectionArgs, end: TunnelEnd) -> None:
    args.tunnel1_inside_cidr = end.inside
    args.tunnel1_preshared_key = end.key
    args.tunnel1_phase1_lifetime_seconds = _PHASE_1_SECONDS
    args.tunnel1_phase2_lifetime_seconds = _PHASE_2_SECONDS
    args.tunnel1_startup_action = "start"
    args.tunnel1_dpd_timeout_action = "restart"


def _second_tunnel(args: aws.ec2.VpnConnectionArgs, end: TunnelEnd) -> None:
    args.tunnel2_inside_cidr = end.inside
    args.tunnel2_preshared_key = end.key
    args.tunnel2_phase1_lifetime_seconds = _PHASE_1_SECONDS
    args.tunnel2_phase2_lifetime_seconds = _PHASE_2_SECONDS
    args.tunnel2_startup_action = "start"
    args.tunnel2_dpd_timeout_action = "restart"
