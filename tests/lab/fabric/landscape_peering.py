"""Peerings between the places of a landscape, as the library provisions them.

Owns: both sides of each and the routes that lead there. Does not own: networks (landscape.py).
"""

from landscape import oci_send
from landscape_records import KINDS, Landscape, Place


def peer_gcp(land: Landscape, one: Place, other: Place) -> None:
    for own, peer in ((one, other), (other, one)):
        name = f"{own.name}-{peer.name}"
        links = {"network": f"https://www.googleapis.com/compute/v1/{own.network}", "peerNetwork": peer.network}
        land.add(KINDS["gcp"]["networkPeering"], name, f"{own.name}/{name}", **links)


def peer_aws(land: Landscape, one: Place, other: Place) -> None:
    kinds, name = KINDS["aws"], f"{one.name}-{other.name}"
    sides = {"vpcId": one.network, "peerVpcId": other.network}
    connection = land.add(kinds["vpcPeeringConnection"], name, f"pcx-{name}", **sides, acceptStatus="active")
    for own, peer in ((one, other), (other, one)):
        for zone in (0, 1):
            route = f"{name}-{own.name}-{zone}"
            where = {"routeTableId": f"rtb-{own.name}-private-{zone}", "destinationCidrBlock": peer.ranges[0]}
            land.add(kinds["route"], route, f"r-{route}", **where, vpcPeeringConnectionId=connection)


def peer_azure(land: Landscape, one: Place, other: Place) -> None:
    for own, peer in ((one, other), (other, one)):
        name = f"{own.name}-{peer.name}"
        remote = {"id": peer.network.upper()}
        where = f"{own.network}/virtualNetworkPeerings/{name}"
        land.add(KINDS["azure"]["virtualNetworkPeering"], name, where, remoteVirtualNetwork=remote)


def peer_oci(land: Landscape, one: Place, other: Place) -> None:
    """By the DRG that both are on already."""
    for own, peer in ((one, other), (other, one)):
        drg = land.find("oci drgAttachment", own.name).outputs["drgId"]
        oci_send(land, own, peer.ranges, drg)


def peer_oci_regions(land: Landscape, one: Place, other: Place) -> None:
    """By their DRGs, one of which names the other."""
    kind, peers = KINDS["oci"]["remotePeeringConnection"], ((one, other), (other, one))
    for own, peer in peers:
        name = f"{own.name}-{peer.name}"
        drg = land.find("oci drgAttachment", own.name).outputs["drgId"]
        asks = {"peerId": f"ocid1.rpc.{peer.name}-{own.name}", "peerRegionName": peer.region} if own == one else {}
        land.add(kind, name, f"ocid1.rpc.{name}", drgId=drg, **asks)
        oci_send(land, own, peer.ranges, drg)


def peer_oci_locally(land: Landscape, one: Place, other: Place) -> None:
    """By a gateway in each VCN, one of which names the other."""
    kind = KINDS["oci"]["localPeeringGateway"]
    for own, peer in ((one, other), (other, one)):
        name = f"{own.name}-{peer.name}"
        asks = {"peerId": f"ocid1.lpg.oc1.{peer.region}.{peer.name}-{own.name}"} if own == one else {}
        gateway = land.add(kind, name, f"ocid1.lpg.oc1.{own.region}.{name}", vcnId=own.network, **asks)
        oci_send(land, own, peer.ranges, gateway)
