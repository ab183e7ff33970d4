"""From a plan to its private roads: VPN gateways, the links between them, and peerings.

Owns: which component makes which road, and what must come after what. Does not own: the components. Nothing else of the
mesh waits for a road: it is there when its packets are, and Azure's gateway alone takes the better part of an hour.
"""

from collections.abc import Mapping, Sequence

import pulumi

from pulumi_multimesh.network.handles import AwsNetwork, AzureNetwork, GcpNetwork, OciNetwork, PrivateNetwork
from pulumi_multimesh.network.vpn_gateway import VpnGateway
from pulumi_multimesh.network.vpn_link import VpnEnd, VpnLink
from pulumi_multimesh.plan import names
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.network_plan import PeeringPlan
from pulumi_multimesh.plan.networks import behind


def make_roads(parent: pulumi.Resource, plan: MeshPlan, networks: Mapping[str, PrivateNetwork]) -> None:
    """All private roads of a plan; none where roads are public ones."""
    child = pulumi.ResourceOptions(parent=parent)
    gateways = {
        name: _gateway(plan, networks[name], network.asn, child)
        for name, network in plan.networks.items()
        if network.asn is not None
    }
    for vpn in plan.vpns:
        first, second = (
            VpnEnd(name, plan.networks[name].cloud, gateways[name], behind(plan.networks, name))
            for name in (vpn.first, vpn.second)
        )
        VpnLink(names.vpn(plan.name, vpn.first, vpn.second), first, second, vpn.tunnels, child)
    last: list[pulumi.Resource] = []
    for peering in plan.peerings:
        last = _peer(plan, peering, networks, gateways, last, child)


def _gateway(plan: MeshPlan, network: PrivateNetwork, asn: int, opts: pulumi.ResourceOptions) -> VpnGateway:
    name = names.child(names.cluster(plan.name, network.name), "vpn")
    match network:
        case GcpNetwork():
            from pulumi_multimesh.network.gcp_vpn import GcpVpnGateway

            return GcpVpnGateway(name, network, asn, opts)
        case AwsNetwork():
            from pulumi_multimesh.network.aws_vpn import AwsVpnGateway

            return AwsVpnGateway(name, network, asn, opts)
        case AzureNetwork():
            from pulumi_multimesh.network.azure_vpn import AzureVpnGateway

            return AzureVpnGateway(name, network, asn, _inside(plan, network.name), opts)
        case OciNetwork():
            from pulumi_multimesh.network.oci_vpn import OciVpnGateway

            return OciVpnGateway(name, network, asn, opts)


def _inside(plan: MeshPlan, name: str) -> tuple[list[str], list[str]]:
    """A gateway's own inside addresses by interface, which Azure wants to know before any tunnel."""
    found: tuple[list[str], list[str]] = ([], [])
    for vpn in plan.vpns:
        for tunnel in vpn.tunnels:
            if name in (vpn.first, vpn.second):
                found[tunnel.interface].append(tunnel.first_ip if name == vpn.first else tunnel.second_ip)
    return found


def _peer(
    plan: MeshPlan,
    peering: PeeringPlan,
    networks: Mapping[str, PrivateNetwork],
    gateways: Mapping[str, VpnGateway],
    last: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """One peering; returns what the next one of Google Cloud comes after, as that changes one peering at a time."""
    name = names.vpn(plan.name, peering.first, peering.second)
    match (networks[peering.first], networks[peering.second]):
        case (GcpNetwork() as first, GcpNetwork() as second):
            from pulumi_multimesh.network.gcp_peering import GcpPeering

            return [GcpPeering(name, first, second, after=last, opts=opts).last]
        case (AwsNetwork() as first, AwsNetwork() as second):
            from pulumi_multimesh.network.aws_peering import AwsPeering

            AwsPeering(name, first, second, opts=opts)
        case (AzureNetwork() as first, AzureNetwork() as second):
            from pulumi_multimesh.network.azure_peering import AzurePeering
            from pulumi_multimesh.network.azure_vpn import AzureVpnGateway

            shared = gateways.get(peering.transit) if peering.transit else None
            lent = shared if isinstance(shared, AzureVpnGateway) else None
            AzurePeering(name, first, second, shared=lent, opts=opts)
        case (OciNetwork() as first, OciNetwork() as second):
            from pulumi_multimesh.network.oci_peering import OciPeering

            if second.name not in first.neighbours:
                OciPeering(name, first, second, opts)
        case (first, second):
            raise ValueError(f"{first.name} and {second.name} are of different clouds, which cannot be peered")
    return list(last)
