"""AWS's Site-to-Site VPN: virtual private gateways, and the two tunnels of each connection.

Owns: reading them. Does not own: which routes a VPC takes from its gateway (aws.py). Source: "Tunnel options for your
AWS Site-to-Site VPN connection" (docs.aws.amazon.com/vpn/latest/s2svpn).
"""

from collections.abc import Iterator

from multimesh_lab.fabric.inventory import Inventory, label, listed, number, text, texts, trailing_number, value
from multimesh_lab.fabric.model import Declared, Gateway, Proposal, Service, TunnelEnd
from multimesh_lab.fabric.proposals import proposal
from multimesh_lab.providers.store import Record

VPC = "aws:ec2/vpc:Vpc"
_MORE_RANGES = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
_GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
_ATTACHMENT = "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment"
_CUSTOMER = "aws:ec2/customerGateway:CustomerGateway"
_CONNECTION = "aws:ec2/vpnConnection:VpnConnection"

_DEFAULT_ASN = 64512
_CIPHERS = ("AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16")
_HASHES = ("SHA1", "SHA2-256", "SHA2-384", "SHA2-512")
_GROUPS = {1: (2, *range(14, 25)), 2: (2, 5, *range(14, 25))}
"""By phase."""
_SECONDS = {1: 28800, 2: 3600}


def gateways(inventory: Inventory) -> list[Gateway]:
    """The virtual private gateways."""
    return [
        Gateway(
            id=record.id,
            cloud="aws",
            site=vpc_of(inventory, record),
            name=f"aws vpnGateway {label(record)}",
            asn=_asn(record),
            services=(Service(vpc_of(inventory, record)),),
            # "AWS VPN CloudHub": what one customer gateway announces is announced again to the others.
            passes_on=True,
            addresses=(),
        )
        for record in inventory.all(_GATEWAY)
    ]


def vpc_of(inventory: Inventory, gateway: Record) -> str:
    """The VPC that the gateway is attached to; the gateway's own id while there is none."""
    attached = [text(each, "vpcId") for each in inventory.where(_ATTACHMENT, "vpnGatewayId", gateway.id)]
    return text(gateway, "vpcId") or next(iter(attached), gateway.id)


def ends(inventory: Inventory) -> list[TunnelEnd]:
    """Both ends of each connection to a virtual private gateway."""
    found: list[TunnelEnd] = []
    for connection in inventory.all(_CONNECTION):
        gateway = inventory.get(_GATEWAY, value(connection, "vpnGatewayId"))
        customer = inventory.get(_CUSTOMER, value(connection, "customerGatewayId"))
        if gateway is not None:
            found += [_end(inventory, connection, gateway, customer, which) for which in (1, 2)]
    return found


def _end(inventory: Inventory, connection: Record, gateway: Record, customer: Record | None, which: int) -> TunnelEnd:
    vpc, tunnel = vpc_of(inventory, gateway), f"tunnel{which}"
    return TunnelEnd(
        cloud="aws",
        site=vpc,
        gateway=gateway.id,
        name=f"aws vpnConnection {label(connection)} {tunnel}",
        number=2 * trailing_number(label(connection)) + which - 1,
        connection=connection.id,
        own_public=text(connection, f"{tunnel}Address"),
        peer_public=text(customer, "ipAddress"),
        own_inside=text(connection, f"{tunnel}VgwInsideAddress") or None,
        peer_inside=text(connection, f"{tunnel}CgwInsideAddress") or None,
        own_asn=_asn(gateway),
        peer_asn=number(customer, "bgpAsnExtended") or number(customer, "bgpAsn"),
        key=text(connection, f"{tunnel}PresharedKey"),
        ike_versions=tuple(sorted(int(each.removeprefix("ikev")) for each in _versions(connection, tunnel))),
        ike=_proposal(connection, tunnel, 1),
        esp=_proposal(connection, tunnel, 2),
        ike_seconds=number(connection, f"{tunnel}Phase1LifetimeSeconds") or _SECONDS[1],
        esp_seconds=number(connection, f"{tunnel}Phase2LifetimeSeconds") or _SECONDS[2],
        # The startup action is `add` unless it is given: the customer gateway must start.
        starts=text(connection, f"{tunnel}StartupAction") == "start",
        answers=True,
        advertised=tuple(_advertised(inventory, vpc)),
        declared=_declared(connection, gateway, customer, tunnel),
        bgp_faults=tuple(_faults(inventory, connection, gateway, customer)),
    )


def _versions(connection: Record, tunnel: str) -> list[str]:
    return texts(connection, f"{tunnel}IkeVersions") or ["ikev1", "ikev2"]


def _proposal(connection: Record, tunnel: str, phase: int) -> Proposal:
    where = f"{tunnel}Phase{phase}"
    return proposal(
        texts(connection, f"{where}EncryptionAlgorithms") or _CIPHERS,
        texts(connection, f"{where}IntegrityAlgorithms") or _HASHES,
        listed(connection, f"{where}DhGroupNumbers") or _GROUPS[phase],
    )


def _asn(gateway: Record) -> int:
    return number(gateway, "amazonSideAsn") or _DEFAULT_ASN


def _advertised(inventory: Inventory, vpc: str) -> Iterator[str]:
    yield text(inventory.get(VPC, vpc), "cidrBlock")
    yield from (text(each, "cidrBlock") for each in inventory.where(_MORE_RANGES, "vpcId", vpc))


def _declared(connection: Record, gateway: Record, customer: Record | None, tunnel: str) -> Declared:
    own = f"aws vpnConnection {label(connection)}.{tunnel}"
    other = f"aws customerGateway {label(customer) if customer else '(none)'}"
    speaker = f"aws vpnGateway {label(gateway)}"
    return Declared(
        key=f"{own}PresharedKey",
        ike=f"{own}Phase1…",
        esp=f"{own}Phase2…",
        start=f"{own}StartupAction",
        own_inside=f"{own}VgwInsideAddress",
        peer_inside=f"{own}CgwInsideAddress",
        own_asn=f"{speaker}.amazonSideAsn",
        peer_asn=f"{other}.bgpAsn",
        advertised=f"{speaker}.vpcId",
    )


def _faults(inventory: Inventory, connection: Record, gateway: Record, customer: Record | None) -> Iterator[str]:
    if customer is None:
        yield f"aws vpnConnection {label(connection)}.customerGatewayId names no customerGateway that there is"
    if inventory.get(VPC, vpc_of(inventory, gateway)) is None:
        yield f"aws vpnGateway {label(gateway)} is attached to no VPC (vpcId)"
    if value(connection, "staticRoutesOnly") is True:
        yield f"aws vpnConnection {label(connection)}.staticRoutesOnly is true, so it has no BGP session"
