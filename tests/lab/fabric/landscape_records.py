"""Inventories of the four clouds written by hand, for tests to join and to spoil.

Owns: records by name, and what a place is. Does not own: places (landscape.py), VPNs (landscape_vpn.py) and
peerings (landscape_peering.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from multimesh_lab.providers.store import Record


@dataclass(frozen=True)
class Place:
    """A network with one cluster."""

    cloud: str
    name: str
    number: int
    region: str
    network: str
    """The cloud's id."""
    cluster: str
    """The cluster's id in the lab."""
    ranges: tuple[str, ...]
    """What others must find a way to."""
    pods: tuple[str, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    """Where internal load balancers are."""


@dataclass
class Landscape:
    """Records by type and logical name."""

    _records: dict[tuple[str, str], Record] = field(default_factory=dict[tuple[str, str], Record])
    _addresses: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def records(self) -> list[Record]:
        return list(self._records.values())

    def add(self, token: str, name: str, resource_id: str, /, **properties: Any) -> str:
        """Put a resource into its cloud; returns its id."""
        # What a cloud makes by itself has no logical name; here it still goes by one.
        logical = "" if token == KINDS["oci"]["ipsecConnectionTunnel"] else name
        record = Record(token, resource_id, f"urn:{name}", logical, properties, properties)
        self._records[token, name] = record
        return resource_id

    def put(self, record: Record) -> None:
        """Take over a record of another landscape."""
        self._records[record.type, record.urn.removeprefix("urn:")] = record

    def find(self, token: str, name: str) -> Record:
        return self._records[_whole(token), name]

    def drop(self, token: str, name: str) -> None:
        del self._records[_whole(token), name]

    def change(self, token: str, name: str, /, **properties: Any) -> None:
        """Change properties; `bgp__asn` stands for `bgp.asn`, and None takes a property away."""
        record = self.find(token, name)
        outputs = dict(record.outputs)
        for path, value in properties.items():
            outputs = _with(outputs, path.split("__"), value)
        self._records[record.type, name] = replace(record, inputs=outputs, outputs=outputs)

    def address(self, owner: str) -> str:
        """A public address, always the same for the same owner."""
        return self._addresses.setdefault(owner, f"198.51.100.{len(self._addresses) + 1}")


def _whole(token: str) -> str:
    """`gcp router` → the type's token."""
    cloud, _, kind = token.partition(" ")
    return KINDS[cloud][kind] if kind else token


def _with(properties: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    first, *rest = path
    inner = _with(cast("Mapping[str, Any]", properties.get(first) or {}), rest, value) if rest else value
    return {key: each for key, each in {**properties, first: inner}.items() if each is not None}


def _tokens(package: str, *tokens: str) -> dict[str, str]:
    """By the name that stands behind the slash, or that of the class in lower case."""
    found: dict[str, str] = {}
    for token in tokens:
        last = token.rpartition("/")[2].partition(":")[0] if "/" in token else token.rpartition(":")[2]
        found[last[0].lower() + last[1:]] = f"{package}:{token}"
    return found


KINDS = {
    "gcp": _tokens(
        "gcp",
        "compute/network:Network",
        "compute/subnetwork:Subnetwork",
        "compute/firewall:Firewall",
        "compute/router:Router",
        "compute/routerInterface:RouterInterface",
        "compute/routerPeer:RouterPeer",
        "compute/haVpnGateway:HaVpnGateway",
        "compute/externalVpnGateway:ExternalVpnGateway",
        "compute/vPNTunnel:VPNTunnel",
        "compute/networkPeering:NetworkPeering",
        "container/cluster:Cluster",
        "container/nodePool:NodePool",
    ),
    "aws": _tokens(
        "aws",
        "ec2/vpc:Vpc",
        "ec2/subnet:Subnet",
        "ec2/routeTable:RouteTable",
        "ec2/route:Route",
        "ec2/routeTableAssociation:RouteTableAssociation",
        "ec2/securityGroup:SecurityGroup",
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "ec2/vpnGateway:VpnGateway",
        "ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
        "ec2/customerGateway:CustomerGateway",
        "ec2/vpnConnection:VpnConnection",
        "ec2/vpcPeeringConnection:VpcPeeringConnection",
        "ec2/launchTemplate:LaunchTemplate",
        "eks/cluster:Cluster",
        "eks/nodeGroup:NodeGroup",
    ),
    "azure": _tokens(
        "azure-native",
        "network:VirtualNetwork",
        "network:Subnet",
        "network:PublicIPAddress",
        "network:RouteTable",
        "network:VirtualNetworkGateway",
        "network:LocalNetworkGateway",
        "network:VirtualNetworkGatewayConnection",
        "network:VirtualNetworkPeering",
        "containerservice:ManagedCluster",
    ),
    "oci": _tokens(
        "oci",
        "Core/vcn:Vcn",
        "Core/subnet:Subnet",
        "Core/routeTable:RouteTable",
        "Core/networkSecurityGroup:NetworkSecurityGroup",
        "Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule",
        "Core/drg:Drg",
        "Core/drgAttachment:DrgAttachment",
        "Core/cpe:Cpe",
        "Core/ipsec:Ipsec",
        "Core/ipsecConnectionTunnel:IpsecConnectionTunnel",
        "Core/ipsecConnectionTunnelManagement:IpsecConnectionTunnelManagement",
        "Core/remotePeeringConnection:RemotePeeringConnection",
        "Core/localPeeringGateway:LocalPeeringGateway",
        "ContainerEngine/cluster:Cluster",
        "ContainerEngine/nodePool:NodePool",
    ),
}
