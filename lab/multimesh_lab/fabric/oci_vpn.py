"""Oracle Cloud's Site-to-Site VPN: DRGs, and the ends of connections' tunnels.

Owns: reading them. A connection brings two tunnels, which the cloud keeps; one that no program manages stays as Oracle
made it, with static routing and a key of Oracle's own. Sources: "Supported IPSec Parameters", "Setting Up Site-to-Site
VPN" and "Dynamic Routing Gateways" (docs.oracle.com/en-us/iaas/Content/Network).
"""

from collections.abc import Iterator

from multimesh_lab.fabric.inventory import Inventory, label, number, text, trailing_number, value
from multimesh_lab.fabric.model import Declared, Gateway, Proposal, Service, TunnelEnd
from multimesh_lab.fabric.oci_names import DRG, announced, attached, region_of
from multimesh_lab.fabric.proposals import proposal
from multimesh_lab.providers.store import Record

_CPE = "oci:Core/cpe:Cpe"
_CONNECTION = "oci:Core/ipsec:Ipsec"
_TUNNEL = "oci:Core/ipsecConnectionTunnel:IpsecConnectionTunnel"
"""No program makes one; what it says is what Oracle's headend does."""
_MANAGEMENT = "oci:Core/ipsecConnectionTunnelManagement:IpsecConnectionTunnelManagement"

_ASN, _ASN_OF = 31898, {"eu-jovanovac-1": 14544}
"""Oracle's own numbers ("Setting Up Site-to-Site VPN", "BGP ASN")."""
_IKE = proposal(
    ("AES_256_CBC", "AES_192_CBC", "AES_128_CBC"), ("SHA2_384", "SHA2_256", "SHA1_96"), (20, 19, 14, 5, 2, 24)
)
_ESP = proposal(
    ("AES_256_GCM", "AES_192_GCM", "AES_128_GCM", "AES_256_CBC", "AES_192_CBC", "AES_128_CBC"),
    ("HMAC_SHA2_256_128", "HMAC_SHA1_128"),
    # Perfect forward secrecy is on, with group 5, unless the tunnel says otherwise.
    (5,),
)
_IKE_SECONDS, _ESP_SECONDS = 28800, 3600


def gateways(inventory: Inventory) -> list[Gateway]:
    """The DRGs."""
    found: list[Gateway] = []
    for drg in inventory.all(DRG):
        vcns = [vcn.id for vcn in attached(inventory, drg.id)]
        found.append(
            Gateway(
                id=drg.id,
                cloud="oci",
                site=_site(inventory, drg.id),
                name=f"oci drg {label(drg)}",
                asn=_asn(drg.id),
                services=tuple(Service(vcn) for vcn in vcns),
                # Route distribution of the default tables for VPN: VCNs' routes only.
                passes_on=False,
                addresses=(),
            )
        )
    return found


def ends(inventory: Inventory) -> list[TunnelEnd]:
    """The end of each tunnel."""
    found = (_end(inventory, tunnel) for tunnel in inventory.all(_TUNNEL))
    return [end for end in found if end is not None]


def _site(inventory: Inventory, drg: str) -> str:
    """The first VCN on the DRG; the DRG's own id while there is none."""
    return next((vcn.id for vcn in attached(inventory, drg)), drg)


def _asn(drg: str) -> int:
    return _ASN_OF.get(region_of(drg), _ASN)


def _end(inventory: Inventory, tunnel: Record) -> TunnelEnd | None:
    connection = inventory.get(_CONNECTION, text(tunnel, "ipsecId"))
    drg = inventory.get(DRG, text(connection, "drgId"))
    if connection is None or drg is None:
        return None
    cpe = inventory.get(_CPE, text(connection, "cpeId"))
    session, is_bgp, name = "bgpSessionInfo", text(tunnel, "routing").upper() == "BGP", _name(inventory, tunnel)
    own, _, prefix = text(tunnel, f"{session}.oracleInterfaceIp").partition("/")
    peer = text(tunnel, f"{session}.customerInterfaceIp").partition("/")[0]
    first, second = "phaseOneDetails", "phaseTwoDetails"
    return TunnelEnd(
        cloud="oci",
        site=_site(inventory, drg.id),
        gateway=drg.id,
        name=f"oci tunnel {name}",
        number=trailing_number(name) if _managing(inventory, tunnel) else 0,
        connection=connection.id,
        own_public=text(tunnel, "vpnIp"),
        peer_public=text(cpe, "ipAddress") or text(tunnel, "cpeIp"),
        own_inside=(own or None) if is_bgp else None,
        peer_inside=(peer or None) if is_bgp else None,
        own_asn=_asn(drg.id),
        peer_asn=number(tunnel, f"{session}.customerBgpAsn"),
        key=text(tunnel, "sharedSecret"),
        ike_versions=(2,) if text(tunnel, "ikeVersion").upper() == "V2" else (1,),
        ike=_phase_one(tunnel),
        esp=_phase_two(tunnel),
        ike_seconds=number(tunnel, f"{first}.lifetime") or _IKE_SECONDS,
        esp_seconds=number(tunnel, f"{second}.lifetime") or _ESP_SECONDS,
        starts=text(tunnel, "oracleCanInitiate").upper() != "RESPONDER_ONLY",
        answers=True,
        advertised=tuple(announced(inventory, drg.id)),
        declared=_declared(name, drg),
        bgp_faults=tuple(_faults(tunnel, name, cpe)),
        inside_prefix=int(prefix or 30),
    )


def _name(inventory: Inventory, tunnel: Record) -> str:
    """What the resource is called that manages the tunnel; what Oracle calls it where none does."""
    managing = _managing(inventory, tunnel)
    return label(managing) if managing else text(tunnel, "displayName") or tunnel.id


def _managing(inventory: Inventory, tunnel: Record) -> Record | None:
    return next(iter(inventory.where(_MANAGEMENT, "tunnelId", tunnel.id)), None)


def _phase_one(tunnel: Record) -> Proposal:
    details = "phaseOneDetails"
    if value(tunnel, f"{details}.isCustomPhaseOneConfig") is not True:
        return _IKE
    cipher, digest = (text(tunnel, f"{details}.custom{each}Algorithm") for each in ("Encryption", "Authentication"))
    dh = text(tunnel, f"{details}.customDhGroup")
    return proposal(
        [cipher] if cipher else _IKE.encryption, [digest] if digest else _IKE.integrity, [dh] if dh else _IKE.groups
    )


def _phase_two(tunnel: Record) -> Proposal:
    details = "phaseTwoDetails"
    if value(tunnel, f"{details}.isCustomPhaseTwoConfig") is not True:
        return _ESP
    cipher, digest = (text(tunnel, f"{details}.custom{each}Algorithm") for each in ("Encryption", "Authentication"))
    has_pfs = value(tunnel, f"{details}.isPfsEnabled") is not False
    dh = text(tunnel, f"{details}.dhGroup") if has_pfs else "None"
    return proposal(
        [cipher] if cipher else _ESP.encryption, [digest] if digest else _ESP.integrity, [dh] if dh else _ESP.groups
    )


def _declared(name: str, drg: Record) -> Declared:
    own = f"oci tunnel {name}"
    return Declared(
        key=f"{own}.sharedSecret",
        ike=f"{own}.phaseOneDetails",
        esp=f"{own}.phaseTwoDetails",
        start=f"{own}.oracleCanInitiate",
        own_inside=f"{own}.bgpSessionInfo.oracleInterfaceIp",
        peer_inside=f"{own}.bgpSessionInfo.customerInterfaceIp",
        own_asn=f"oci drg {label(drg)}",
        peer_asn=f"{own}.bgpSessionInfo.customerBgpAsn",
        advertised=f"oci drgAttachment on drg {label(drg)}",
    )


def _faults(tunnel: Record, name: str, cpe: Record | None) -> Iterator[str]:
    routing = text(tunnel, "routing").upper() or "STATIC"
    if cpe is None:
        yield f"oci tunnel {name}: its connection's cpeId names no cpe that there is"
    if routing != "BGP":
        yield f"oci tunnel {name}.routing is {routing}, so it has no BGP session"
