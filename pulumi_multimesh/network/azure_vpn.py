"""Azure's end of a VPN: an active-active gateway with BGP, and a connection for each tunnel.

Owns: these resources, with the gateway's subnet and addresses. Does not own: the virtual network (clusters/
aks_network.py), the other end (RemoteGateway), numbers and keys (the plan, vpn_keys.py).
Source of the shapes: Azure, "Configure BGP for VPN Gateway" and "How to connect AWS and Azure using a BGP-enabled VPN".
"""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_azure_native import network as arm

from pulumi_multimesh.clusters.azure_facts import address_of
from pulumi_multimesh.network.handles import AzureNetwork
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd, VpnGateway

_SUBNET = "GatewaySubnet"
"""Azure's word: a gateway is in a subnet of this name and in no other."""
_SKU = "VpnGw1AZ"
"""The smallest with zones; Azure makes none without zones any more ("Gateway SKU consolidation")."""
_ZONES = ["1", "2", "3"]
_POLICY: arm.IpsecPolicyArgsDict = {
    "ike_encryption": "AES256",
    "ike_integrity": "SHA256",
    "dh_group": "DHGroup14",
    "ipsec_encryption": "AES256",
    "ipsec_integrity": "SHA256",
    "pfs_group": "PFS2048",
    "sa_life_time_seconds": 3600,
    # Azure's own default; time ends a key long before.
    "sa_data_size_kilobytes": 102400000,
}
"""The one proposal that all four clouds take; a policy is given whole or not at all."""


class AzureVpnGateway(VpnGateway):
    """A gateway of two instances, each with a public address of its own.

    The addresses are there long before the gateway, which takes some 45 minutes, so no other cloud waits for it.
    """

    def __init__(
        self,
        name: str,
        network: AzureNetwork,
        asn: int,
        inside: tuple[Sequence[str], Sequence[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`inside`: by instance, its inside addresses of all tunnels, which Azure keeps with the gateway."""
        super().__init__("AzureVpnGateway", name, {"network": network.name, "asn": asn}, opts)
        self.asn = asn
        self._network, self._inside = network, inside
        self.network_name = network.name
        """The network's, in the plan."""
        self._child = pulumi.ResourceOptions(parent=self)
        places = [self._address(instance) for instance in (0, 1)]
        self._public = [address_of(place, network.resource_group) for place in places]
        self.addresses = self._public
        self.gateway = self._gateway(self._subnet(), places)
        self.register_outputs({"addresses": pulumi.Output.all(*self._public)})

    def _address(self, instance: int) -> arm.PublicIPAddress:
        return arm.PublicIPAddress(
            f"{self._name}-{instance}",
            resource_group_name=self._network.resource_group,
            location=self._network.region,
            public_ip_allocation_method="Static",
            public_ip_address_version="IPv4",
            sku={"name": "Standard", "tier": "Regional"},
            zones=_ZONES,
            tags=self._network.tags,
            opts=self._child,
        )

    def _subnet(self) -> arm.Subnet:
        if self._network.gateway_range is None:
            raise ValueError(f"{self._network.name}: the plan gave no range of the VPN gateway's subnet")
        return arm.Subnet(
            f"{self._name}-subnet",
            subnet_name=_SUBNET,
            resource_group_name=self._network.resource_group,
            virtual_network_name=self._network.network_name,
            address_prefix=self._network.gateway_range,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._network.after), delete_before_replace=True),
        )

    def _gateway(self, subnet: arm.Subnet, places: Sequence[arm.PublicIPAddress]) -> arm.VirtualNetworkGateway:
        return arm.VirtualNetworkGateway(
            self._name,
            # A name of its own would be known too late: its configurations are called by it, within itself.
            virtual_network_gateway_name=self._name,
            resource_group_name=self._network.resource_group,
            location=self._network.region,
            gateway_type="Vpn",
            vpn_type="RouteBased",
            sku={"name": _SKU, "tier": _SKU},
            vpn_gateway_generation="Generation1",
            active_active=True,
            enable_bgp=True,
            ip_configurations=[
                {
                    "name": _configuration(instance),
                    "private_ip_allocation_method": "Dynamic",
                    "subnet": {"id": subnet.id},
                    "public_ip_address": {"id": place.id},
                }
                for instance, place in enumerate(places)
            ],
            bgp_settings={
                "asn": self.asn,
                "bgp_peering_addresses": [
                    {
                        "ipconfiguration_id": self._configuration_id(instance),
                        "custom_bgp_ip_addresses": list(self._inside[instance]),
                    }
                    for instance in (0, 1)
                ],
            },
            tags=self._network.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _configuration_id(self, instance: int) -> pulumi.Output[str]:
        """The id that Azure will give it, which it is called by before it is there."""

        def told(network_id: str, group: str) -> str:
            subscription = network_id.split("/")[2]
            gateways = f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network"
            return f"{gateways}/virtualNetworkGateways/{self._name}/ipConfigurations/{_configuration(instance)}"

        return pulumi.Output.all(self._network.network_id, self._network.resource_group).apply(
            lambda facts: told(facts[0], facts[1])
        )

    def connect(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        """See `VpnGateway.connect`."""
        for tunnel in tunnels:
            self._tunnel(f"{name}-{tunnel.index}", tunnel, remote, opts)
        return {tunnel.index: self._public[tunnel.interface] for tunnel in tunnels}

    def _tunnel(self, name: str, end: TunnelEnd, remote: RemoteGateway, opts: pulumi.ResourceOptions) -> None:
        far = arm.LocalNetworkGateway(
            name,
            resource_group_name=self._network.resource_group,
            location=self._network.region,
            gateway_ip_address=remote.addresses[end.index],
            # No address space beside it: BGP tells what lies behind.
            bgp_settings={"asn": remote.asn, "bgp_peering_address": end.peer_ip},
            tags=self._network.tags,
            opts=opts,
        )
        # The other instance's address is used by nobody, as the other end answers to one instance only, but Azure wants
        # one that the gateway has.
        other = self._inside[1 - end.interface][0]
        own = {end.interface: end.own_ip, 1 - end.interface: other}
        arm.VirtualNetworkGatewayConnection(
            name,
            resource_group_name=self._network.resource_group,
            location=self._network.region,
            connection_type="IPsec",
            connection_protocol="IKEv2",
            virtual_network_gateway1={"id": self.gateway.id},
            local_network_gateway2={"id": far.id},
            enable_bgp=True,
            shared_key=end.key,
            ipsec_policies=[_POLICY],
            gateway_custom_bgp_ip_addresses=[
                {"custom_bgp_ip_address": own[instance], "ip_configuration_id": self._configuration_id(instance)}
                for instance in (0, 1)
            ],
            tags=self._network.tags,
            opts=opts,
        )


def _configuration(instance: int) -> str:
    return f"c{instance}"
